"""Which models go into an offline kit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import GRID, HALF, set_role
from app.models.disk import in_words

if TYPE_CHECKING:
    from app.models.installed import InstalledModel
    from app.models.kit_folders import FolderModel

_ROW_HEIGHT = GRID * 3 + HALF
_MODEL = Qt.ItemDataRole.UserRole


class KitDialog(QDialog):
    """A list to tick, and how much room the kit takes. The folder is asked for afterwards."""

    chosen = Signal(object)
    """A list of `InstalledModel` and `FolderModel`."""

    def __init__(
        self, models: "Sequence[InstalledModel | FolderModel]", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Export an offline kit"))
        hint = QLabel(
            self.tr("The chosen models are copied with their checksums into a folder or onto a stick. A computer without "
                    "a network installs them from there."),
            wordWrap=True,
        )  # fmt: skip
        set_role(hint, "muted")
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Models for the kit"))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        for model in models:
            item = QListWidgetItem(f"{model.name} · {in_words(model.bytes)}", self.list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            item.setData(_MODEL, model)
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
        self._total = QLabel()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go_on = buttons.addButton(self.tr("Choose the folder…"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go_on.setDefault(True)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self.list.itemChanged.connect(self._show_total)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        for each in (hint, self.list, self._total, buttons):
            column.addWidget(each)
        self.resize(520, 380)
        self._show_total()

    def checked(self) -> "list[InstalledModel | FolderModel]":
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item.data(_MODEL) for item in items if item.checkState() == Qt.CheckState.Checked]

    @Slot()
    def _show_total(self) -> None:
        models = self.checked()
        self.go_on.setEnabled(bool(models))
        size = in_words(sum(each.bytes for each in models))
        self._total.setText(
            self.tr("The kit takes {size}.").format(size=size)
            if models
            else self.tr("Tick the models to take along.")
        )

    @Slot()
    def _accept(self) -> None:
        self.chosen.emit(self.checked())
        self.accept()
