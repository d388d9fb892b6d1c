"""Models that other apps keep on this computer, to be used where they lie."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QProgressBar,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from app.base.jobs import CancelToken
from app.gui.jobs import Jobs
from app.gui.labels import plain_tip
from app.gui.theme import GRID, HALF, set_role
from app.models.disk import in_words

if TYPE_CHECKING:
    from app.models.discover import Discovered

_ROW_HEIGHT = GRID * 3 + HALF
_FOUND = Qt.ItemDataRole.UserRole


class DiscoverDialog(QDialog):
    """Looks while it is open; what cannot be used says why."""

    chosen = Signal(object)
    """A list of `Discovered`."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Models of other apps"))
        hint = QLabel(
            self.tr("Alcove can use these models where they lie. Nothing of the other apps is changed, and nothing is "
                    "copied."),
            wordWrap=True,
        )  # fmt: skip
        set_role(hint, "muted")
        self._state = QLabel(self.tr("Looking…"), wordWrap=True)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(self.tr("Looking"))
        self.tree = self._make_tree()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use = buttons.addButton(self.tr("Use in place"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.use.setDefault(True)
        self.use.setEnabled(False)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        for each in (hint, self.tree, self._state, self._bar, buttons):
            column.addWidget(each)
        self.resize(640, 440)
        self._job = jobs.run(_look, on_event=self._add, on_done=self._end, on_error=self._fail)
        self.finished.connect(lambda: self._job.stop())

    @property
    def text(self) -> str:
        """What the line below the list says."""
        return self._state.text()

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName(self.tr("Models of other apps"))
        tree.setFrameShape(QTreeWidget.Shape.NoFrame)
        set_role(tree, "rows")
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setIndentation(GRID * 2)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, tree.header().ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, tree.header().ResizeMode.ResizeToContents)
        tree.itemChanged.connect(self._show_choice)
        return tree

    @Slot(object)
    def _add(self, found: "Discovered") -> None:
        item = QTreeWidgetItem([found.name or str(found.file), in_words(found.bytes) if found.bytes else ""])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setToolTip(0, plain_tip(str(found.file)))
        item.setSizeHint(0, QSize(0, _ROW_HEIGHT))
        item.setData(0, _FOUND, found)
        if found.usable:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(0, Qt.CheckState.Unchecked)
        else:
            item.setFlags(Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren)
            item.setText(0, f"{item.text(0)}: {found.reason}")
            item.setToolTip(0, plain_tip(f"{found.file}\n{found.reason}"))
        self._group(found.app).addChild(item)

    def _group(self, app: str) -> QTreeWidgetItem:
        for number in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(number)
            if item is not None and item.text(0) == app:
                return item
        item = QTreeWidgetItem([app])
        item.setSizeHint(0, QSize(0, _ROW_HEIGHT))
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.tree.addTopLevelItem(item)
        item.setExpanded(True)
        return item

    def checked(self) -> "list[Discovered]":
        """What the person wants to use."""
        found = []
        iterator = QTreeWidgetItemIterator(self.tree)
        while (item := iterator.value()) is not None:
            if item.checkState(0) == Qt.CheckState.Checked and item.data(0, _FOUND) is not None:
                found.append(item.data(0, _FOUND))
            iterator += 1
        return found

    @Slot()
    def _show_choice(self) -> None:
        self.use.setEnabled(bool(self.checked()))

    @Slot()
    def _end(self) -> None:
        self._bar.hide()
        if self.tree.topLevelItemCount():
            self._state.setText(self.tr("Tick the models to use."))
        else:
            self._state.setText(
                self.tr("No app that Alcove knows keeps models here: Ollama, LM Studio, GPT4All, Jan, llama.cpp and "
                        "the Hugging Face cache were looked for. Other files can be imported.")
            )  # fmt: skip

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        self._bar.hide()
        self._state.setText(str(error))

    @Slot()
    def _accept(self) -> None:
        self.chosen.emit(self.checked())
        self.accept()


def _look(cancel: CancelToken) -> "Iterator[Discovered]":
    from app.models.discover import discover
    from app.models.places import places_here

    return discover(places_here(), cancel)
