"""The table of segments: source, translation, notes."""

from PySide6.QtCore import QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from app.assistants.translate.events import TranslatedSegment
from app.gui.row_table import RowTable
from app.gui.translate.review_delegate import ReviewDelegate
from app.gui.translate.review_model import Column, ReviewModel
from app.gui.translate.wording import direction_of

_NOTES_LETTERS = 22


class ReviewTable(RowTable):
    """Rows of one height, painted as they come into view. F2, Enter or a double click edits the translation."""

    chosen = Signal(object)
    """The `TranslatedSegment` of the current row, or None."""

    _delegate: ReviewDelegate

    def __init__(self, model: ReviewModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent, ReviewDelegate)
        self._model = model
        self._kept = ""
        self.setAccessibleName(self.tr("Segments"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self._set_up_header()
        self.selectionModel().currentChanged.connect(self._tell)
        model.dataChanged.connect(self._tell)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)

    @property
    def current(self) -> TranslatedSegment | None:
        index = self.currentIndex()
        return self._model.rows.at(index.row()) if index.isValid() else None

    def set_languages(self, source: str, target: str) -> None:
        self._delegate.set_directions(direction_of(source), direction_of(target))
        self.viewport().update()

    def go_to(self, row: int) -> None:
        if 0 <= row < self._model.rowCount():
            flags = QItemSelectionModel.SelectionFlag
            index = self._model.index(row, Column.TARGET)
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index)

    @Slot()
    def go_to_next_flagged(self) -> None:
        self.go_to(self._model.rows.next_flagged(self.currentIndex().row()))

    def _set_up_header(self) -> None:
        across = self.horizontalHeader()
        across.setStyleSheet("")  # its cells stand further in
        across.setSectionsMovable(False)
        for column in (Column.SOURCE, Column.TARGET):
            across.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        across.setSectionResizeMode(Column.FLAGS, QHeaderView.ResizeMode.Fixed)
        self.setColumnWidth(Column.FLAGS, _NOTES_LETTERS * self.fontMetrics().averageCharWidth())

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit(self.current)

    @Slot()
    def _remember(self) -> None:
        self._kept = self.current.key if self.current is not None else ""

    @Slot()
    def _restore(self) -> None:
        """The same segment stays chosen although its row moved."""
        self.go_to(max(0, self._model.rows.row_of(self._kept) if self._kept else 0))
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        edit = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
        index = self.currentIndex()
        if edit and index.isValid() and self.state() != QAbstractItemView.State.EditingState:
            self.edit(index.siblingAtColumn(Column.TARGET))
        else:
            super().keyPressEvent(event)
