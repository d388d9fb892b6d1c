"""One glossary: its name, what it is used for, and its terms."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.icons import icon
from app.gui.row_table import RowTable
from app.gui.theme import GRID, set_role
from app.gui.translate.terms_model import TermColumn, TermsModel
from app.gui.translate.wording import pair_name
from app.storage.glossaries import Glossary, Term

_PAUSE_MS = 700


class TermsPane(QWidget):
    """Changes are handed over when the typing pauses, and by `flush`."""

    renamed = Signal(object, str)
    collection_chosen = Signal(object, str)
    terms_changed = Signal(object, object)
    """Each with the `Glossary`."""

    def __init__(self, collections: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._glossary: Glossary | None = None
        self.name = QLineEdit(maxLength=100)
        self.name.setAccessibleName(self.tr("Name of the glossary"))
        self.languages = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self.languages, "muted")
        self.collection = QComboBox()
        self.collection.setAccessibleName(self.tr("Used for"))
        self.collection.setToolTip(self.tr("Which documents it is used for without being chosen"))
        self.collection.addItem(self.tr("For all documents"), "")
        for each in collections:
            self.collection.addItem(self.tr("For “{name}”").format(name=each), each)
        self.search = QLineEdit(placeholderText=self.tr("Search terms"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search terms"))
        self.search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        set_role(self.search, "search")
        self.model = TermsModel(self)
        self.table = _TermsTable(self.model)
        self.add_button = QPushButton(icon("plus"), self.tr("Add term"), autoDefault=False)
        self.remove_button = QPushButton(icon("trash"), self.tr("Remove term"), autoDefault=False)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._lay_out()
        self._connect()
        self.setEnabled(False)

    @property
    def glossary(self) -> Glossary | None:
        """What is shown."""
        return self._glossary

    def show_glossary(self, glossary: Glossary | None, terms: Sequence[Term]) -> None:
        self.flush()
        self.show_details(glossary)
        self.search.clear()
        self.model.show_terms(terms)

    def show_details(self, glossary: Glossary | None) -> None:
        """All but the terms: those may be under edit."""
        self._glossary = glossary
        self.setEnabled(glossary is not None)
        self.name.setText(glossary.name if glossary is not None else "")
        self.name.setCursorPosition(0)
        pair = pair_name(glossary.source_language, glossary.target_language) if glossary is not None else ""
        self.languages.setText(pair)
        place = self.collection.findData(glossary.collection) if glossary is not None else 0
        if glossary is not None and place < 0:  # its collection was removed
            self.collection.addItem(
                self.tr("For “{name}”").format(name=glossary.collection), glossary.collection
            )
            place = self.collection.count() - 1
        self.collection.setCurrentIndex(place)

    @Slot()
    def flush(self) -> None:
        """Hand over what was changed and not yet told."""
        if self._pause.isActive() and self._glossary is not None:
            self._pause.stop()
            self.terms_changed.emit(self._glossary, self.model.terms)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(self.name, 2)
        head.addWidget(self.collection, 1)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.languages, 1)
        self.search.setMaximumWidth(GRID * 28)
        line.addWidget(self.search, 1)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self.add_button)
        foot.addWidget(self.remove_button)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addLayout(line)
        column.addWidget(self.table, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.name.editingFinished.connect(self._rename)
        self.collection.activated.connect(self._choose_collection)
        self.search.textChanged.connect(self.model.show_only)
        self.model.edited.connect(self._pause.start)
        self._pause.timeout.connect(self._hand_over)
        self.add_button.clicked.connect(self._add)
        self.remove_button.clicked.connect(self._remove)
        self.table.delete_pressed.connect(self._remove)

    @Slot()
    def _hand_over(self) -> None:
        if self._glossary is not None:
            self.terms_changed.emit(self._glossary, self.model.terms)

    @Slot()
    def _rename(self) -> None:
        if self._glossary is not None and self.name.text().strip() != self._glossary.name:
            self.renamed.emit(self._glossary, self.name.text())

    @Slot()
    def _choose_collection(self) -> None:
        if self._glossary is not None:
            self.collection_chosen.emit(self._glossary, self.collection.currentData())

    @Slot()
    def _add(self) -> None:
        self.search.clear()
        index = self.model.add()
        self.table.setCurrentIndex(index)
        self.table.scrollTo(index)
        self.table.edit(index)

    @Slot()
    def _remove(self) -> None:
        self.model.remove({index.row() for index in self.table.selectionModel().selectedRows()})


class _TermsTable(RowTable):
    """Typing begins to edit; Del removes the chosen rows."""

    delete_pressed = Signal()

    def __init__(self, model: TermsModel) -> None:
        super().__init__(model)
        self.setAccessibleName(self.tr("Terms"))
        self.setTabKeyNavigation(True)  # one types from cell to cell
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        across = self.horizontalHeader()
        for column in (TermColumn.SOURCE, TermColumn.TARGET, TermColumn.NOTE):
            across.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        across.setSectionResizeMode(TermColumn.LOCKED, QHeaderView.ResizeMode.ResizeToContents)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.matches(QKeySequence.StandardKey.Delete) and not editing:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)
