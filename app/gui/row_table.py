"""What tables of rows share: how they look, and how they are walked through."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QItemSelectionModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.gui.row_delegate import RowDelegate
from app.gui.row_model import RowModel
from app.gui.theme import GRID


class RowTable(QTableView):
    """Rows of one height without a grid, chosen as a whole, painted as they come into view."""

    def __init__(
        self,
        model: RowModel,
        parent: QWidget | None = None,
        delegate: Callable[[QTableView], RowDelegate] = RowDelegate,
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        down, across = self.verticalHeader(), self.horizontalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setMinimumSectionSize(1)
        across.setHighlightSections(False)
        # of its own: with the table's the header asks at each painting whether all rows are chosen, one by one
        across.setSelectionModel(QItemSelectionModel(model, self))
        across.setStyleSheet("QHeaderView::section { padding: 6px 4px; }")  # in line with the cells
        self._delegate = delegate(self)
        self.setItemDelegate(self._delegate)
        down.setDefaultSectionSize(self._delegate.height)

    def set_widths(self, letters: Iterable[tuple[int, int]]) -> None:
        """Columns, and how many letters of average width fit into each."""
        letter = self.fontMetrics().averageCharWidth()
        self.horizontalHeader().setMinimumSectionSize(GRID * 8)
        for column, count in letters:
            self.setColumnWidth(column, count * letter)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._delegate.leave()
