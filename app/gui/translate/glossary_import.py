"""What an imported glossary is called, which languages it has, and what it is used for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, set_role
from app.gui.translate.language_boxes import source_box, target_box


@dataclass(frozen=True, slots=True)
class ImportWish:
    """`source`, `target`: codes; `collection` "": for all documents."""

    file: Path
    name: str
    source: str
    target: str
    collection: str


class GlossaryImport(QDialog):
    """Asked before a file of terms is read."""

    chosen = Signal(object)
    """An `ImportWish`."""

    def __init__(
        self, file: Path, target: str, collections: Sequence[str], parent: QWidget | None = None
    ) -> None:
        """`target`: the language that is offered first."""
        super().__init__(parent)
        self._file = file
        self.setWindowTitle(self.tr("Import a glossary"))
        hint = WrappedLabel(
            self.tr("{name}: the first column holds the terms, the second their translations.").format(name=file.name)
        )  # fmt: skip
        set_role(hint, "muted")
        self.name = QLineEdit(file.stem, maxLength=100)
        self.source_box = source_box(self.tr("Language of the terms"))
        self.source_box.removeItem(0)
        self.source_box.choose("en")
        self.target_box = target_box(self.tr("Language of their translations"))
        self.target_box.choose("de" if target == "en" else target)
        self.collection = QComboBox()
        self.collection.addItem(self.tr("All documents"), "")
        for each in collections:
            self.collection.addItem(self.tr("“{name}”").format(name=each), each)
        self.import_button = QPushButton(self.tr("Import"))
        self._lay_out(hint)

    def _lay_out(self, hint: QWidget) -> None:
        grid = QGridLayout()
        grid.setSpacing(GRID + GRID // 2)
        grid.setColumnStretch(1, 1)
        for row, (text, field) in enumerate(
            (
                (self.tr("&Name"), self.name),
                (self.tr("&Terms in"), self.source_box),
                (self.tr("T&ranslations in"), self.target_box),
                (self.tr("&Used for"), self.collection),
            )
        ):
            label = QLabel(text)
            label.setBuddy(field)
            field.setAccessibleName(text.replace("&", ""))
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.import_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.import_button.setDefault(True)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        column.addWidget(hint)
        column.addLayout(grid)
        column.addWidget(buttons)
        self.resize(GRID * 60, 0)

    @Slot()
    def _accept(self) -> None:
        self.chosen.emit(
            ImportWish(
                self._file,
                self.name.text(),
                self.source_box.code,
                self.target_box.code,
                self.collection.currentData(),
            )
        )
        self.accept()
