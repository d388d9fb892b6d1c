"""What every document answered, as a table in the transcript: each row opens the viewer at its quote."""

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.assistants.ask_each.events import Asking, RowFound
from app.assistants.tables import Table
from app.gui.buttons import IconLabel
from app.gui.chat.table_model import Column, TableModel
from app.gui.icons import icon
from app.gui.labels import WrappedLabel
from app.gui.row_delegate import ROW_HEIGHT
from app.gui.row_table import RowTable
from app.gui.theme import GRID, HALF, set_role

_MOST_ROWS = 12  # at once; more are scrolled to
_LETTERS = ((Column.DOCUMENT, 24), (Column.PLACE, 12), (Column.ANSWER, 24))
_LEAST_QUOTE = 24 * GRID


class RowsView(RowTable):
    """Enter or a double click opens the quote, Ctrl+C copies the chosen rows."""

    opened = Signal(object)

    def __init__(self, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._model = model
        self.setAccessibleName(self.tr("Answers of the documents"))
        self.setStyleSheet("QTableView { background: transparent; }")  # that of the card
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        self.set_widths(_LETTERS)
        self._set_up_header()
        for changed in (model.rowsInserted, model.modelReset):
            changed.connect(self._fit)
        model.modelReset.connect(self._sort_again)
        self._fit()

    @Slot()
    def copy(self) -> None:
        """The chosen rows, or all when none is chosen."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        numbers = chosen or range(self._model.rowCount())
        QGuiApplication.clipboard().setText(self._model.as_lines(numbers))

    def _set_up_header(self) -> None:
        across = self.horizontalHeader()
        across.sectionResized.connect(self._resized)
        across.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)  # the order the rows come in
        across.setSortIndicatorClearable(False)
        self.setSortingEnabled(True)

    @Slot()
    def _fit(self) -> None:
        """As tall as its rows, up to a limit; a column of places that says nothing is left out."""
        self.setColumnHidden(Column.PLACE, not self._model.has_places)
        self._share_width()

    @Slot()
    def _sort_again(self) -> None:
        """The order that the person chose outlasts the end of the work."""
        across = self.horizontalHeader()
        self._model.sort(across.sortIndicatorSection(), across.sortIndicatorOrder())

    @Slot(int)
    def _resized(self, column: int) -> None:
        if column != Column.QUOTE:
            self._share_width()

    def _share_width(self) -> None:
        """The quotes take what the other columns leave; where that is too little, the table is scrolled sideways.

        Then the answer stands beside its document, in view before anything is scrolled.
        """
        across = self.horizontalHeader()
        others = sum(self.columnWidth(each) for each in Column if each is not Column.QUOTE)
        roomy = self.width() - others >= _LEAST_QUOTE
        across.moveSection(across.visualIndex(Column.ANSWER), 2 if roomy else 1)
        across.setStretchLastSection(roomy)
        if not roomy and self.columnWidth(Column.QUOTE) < _LEAST_QUOTE:
            self.setColumnWidth(Column.QUOTE, _LEAST_QUOTE)
        rows = max(1, min(self._model.rowCount(), _MOST_ROWS))
        bar = 0 if roomy else self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(across.sizeHint().height() + rows * ROW_HEIGHT + bar + 2)

    def _open(self, number: int) -> None:
        self.opened.emit(self._model.row_at(number).row.source)

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            source = self._model.row_at(index.row()).row.source  # rows may come while the menu is open
            menu = QMenu(self)
            menu.addAction(
                icon("eye"), self.tr("Show in the document\tEnter"), lambda: self.opened.emit(source)
            )
            menu.addAction(icon("copy"), self.tr("Copy\tCtrl+C"), self.copy)
            menu.exec(self.viewport().mapToGlobal(at))
            menu.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self._open(current.row())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)


class AnswerTable(QFrame):
    """What was asked of each document, the rows, how many there are of each kind, and the way to a file."""

    opened = Signal(object)
    """A source to show in the viewer."""

    export_wanted = Signal(object)
    """The `Table`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._table: Table | None = None
        self.model = TableModel(self)
        self.rows = RowsView(self.model)
        self.rows.opened.connect(self.opened)
        self._asked = WrappedLabel()
        set_role(self._asked, "title")
        self._told = WrappedLabel()
        set_role(self._told, "muted")
        self._export = QPushButton(icon("download"), self.tr("Save as CSV…"))
        self._export.setAccessibleName(self.tr("Save the table as a CSV file"))
        self._export.clicked.connect(lambda: self.export_wanted.emit(self._table))
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(IconLabel("list", "accent"), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._asked, 1)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self._told, 1)
        foot.addWidget(self._export)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + HALF, GRID * 2, GRID + HALF)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.rows)
        column.addLayout(foot)
        self.rows.hide()
        self._export.hide()

    @property
    def text(self) -> str:
        """What stands below the rows."""
        return self._told.text()

    def show_asking(self, event: Asking) -> None:
        self._show_asked(event.asked, event.condition)

    def add(self, event: RowFound) -> None:
        self.model.add(event.row, sure=event.sure)
        self.rows.show()
        count = self.model.rowCount()
        found = self.tr("1 row so far") if count == 1 else self.tr("{n} rows so far")
        self._told.setText(found.format(n=count))

    def show_table(self, table: Table) -> None:
        """It is done, or was stopped: all that was found, in its order."""
        self._table = table
        self._show_asked(table.asked, table.condition)
        self.model.show_table(table)
        self.rows.setVisible(self.model.rowCount() > 0)
        self._export.setVisible(self.model.rowCount() > 0)
        self._told.setText(self._said(table))

    @Slot()
    def copy(self) -> None:
        self.rows.copy()

    def _show_asked(self, asked: str, condition: str) -> None:
        if condition:
            said = self.tr("Asked of each document: {asked} Wanted: {condition}.")
        else:
            said = self.tr("Asked of each document: {asked}")
        self._asked.setText(said.format(asked=asked, condition=condition))

    def _said(self, table: Table) -> str:
        if table.documents < table.total:
            asked = self.tr("{n} of {total} documents asked").format(n=table.documents, total=table.total)
        else:
            asked = self.tr("Documents asked: {n}").format(n=table.documents)
        found = self.tr("in the table: {n}").format(n=len(table.rows))
        counts = (
            (len(table.unsure), self.tr("not sure: {n}")),
            (table.outside, self.tr("not “{condition}”: {n}")),
            (table.without, self.tr("no answer: {n}")),
        )
        said = [text.format(n=count, condition=table.condition) for count, text in counts if count]
        if table.unapplied:
            said.append(self.tr("no condition applied"))
        took = self.tr("{s} s").format(s=f"{table.seconds:.1f}")
        return " · ".join([asked, found, *said, took])
