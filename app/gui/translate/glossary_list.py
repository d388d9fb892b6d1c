"""The glossaries by name, with what can be done with them as a whole."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.labels import plain_tip
from app.gui.row_delegate import RowDelegate
from app.gui.theme import GRID, set_role
from app.gui.translate.wording import counted, pair_name
from app.storage.glossaries import Glossary

_GLOSSARY = Qt.ItemDataRole.UserRole


class GlossaryList(QWidget):
    """Two lines each: the name, then languages and number of terms."""

    chosen = Signal(object)
    """The current `Glossary`, or None."""

    file_chosen = Signal(object)
    """A `Path` to import."""

    remove_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = _List()
        self.list.setAccessibleName(self.tr("Glossaries"))
        self.list.currentItemChanged.connect(self._tell)
        self.list.delete_pressed.connect(self._remove)
        self.import_button = QPushButton(icon("file-plus"), self.tr("Import…"), autoDefault=False)
        self.import_button.clicked.connect(self._choose)
        self.remove_button = icon_button("trash", self.tr("Remove the glossary"))
        self.remove_button.clicked.connect(self._remove)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self.import_button)
        foot.addStretch(1)
        foot.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID)
        column.addWidget(self.list, 1)
        column.addLayout(foot)

    @property
    def current(self) -> Glossary | None:
        item = self.list.currentItem()
        found = item.data(_GLOSSARY) if item is not None else None
        return found if isinstance(found, Glossary) else None

    def show_glossaries(self, glossaries: Sequence[Glossary], choose: int = 0) -> None:
        """`choose`: the id to choose; left out, what was chosen stays so."""
        wanted = choose or (self.current.id if self.current is not None else 0)
        with QSignalBlocker(self.list):
            self.list.clear()
            for each in glossaries:
                terms = counted(each.terms, self.tr("1 term"), self.tr("{n} terms"))
                pair = pair_name(each.source_language, each.target_language)
                item = QListWidgetItem(f"{each.name}\n{pair} · {terms}", self.list)
                item.setToolTip(plain_tip(each.name))
                item.setData(_GLOSSARY, each)
                if each.id == wanted:
                    self.list.setCurrentItem(item)
            if self.list.currentItem() is None and glossaries:
                self.list.setCurrentRow(0)
        self._tell()

    @Slot()
    def _tell(self) -> None:
        self.remove_button.setEnabled(self.current is not None)
        self.chosen.emit(self.current)

    @Slot()
    def _remove(self) -> None:
        if self.current is not None:
            self.remove_wanted.emit(self.current)

    @Slot()
    def _choose(self) -> None:
        kinds = self.tr("Glossaries (*.csv *.tsv *.txt *.tbx *.xml);;All files (*)")
        file, _ = QFileDialog.getOpenFileName(self, self.tr("Import a glossary"), "", kinds)
        if file:
            self.file_chosen.emit(Path(file))


class _List(QListWidget):
    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "side")
        self._delegate = RowDelegate(self, 2 * self.fontMetrics().lineSpacing() + GRID)
        self.setItemDelegate(self._delegate)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._delegate.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)
