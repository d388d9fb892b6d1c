"""The table of repositories that a hub has found."""

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QDate, QEvent, QItemSelectionModel, QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.gui.icons import icon
from app.gui.labels import plain_tip
from app.gui.row_delegate import RowDelegate
from app.gui.theme import GRID, set_role
from app.models.hub_search import HubRepository

_ROW_HEIGHT = GRID * 4
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    NAME = 0
    DOWNLOADS = 1
    LICENCE = 2
    ACCESS = 3
    UPDATED = 4


_LETTERS = ((Column.DOWNLOADS, 13), (Column.LICENCE, 18), (Column.ACCESS, 25), (Column.UPDATED, 12))


class HubResults(QTreeWidget):
    """One row a repository, in the hub's order. Enter or a double click takes it."""

    taken = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Found repositories"))
        self.setHeaderLabels(
            [
                self.tr("Repository"),
                self.tr("Downloads"),
                self.tr("Licence"),
                self.tr("Access"),
                self.tr("Updated"),
            ]
        )
        self._delegate = RowDelegate(self, _ROW_HEIGHT)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        set_role(self, "rows")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(16, 16))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.itemActivated.connect(lambda item: self.taken.emit(item.text(Column.NAME)))
        across = self.header()
        across.setStretchLastSection(False)
        across.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        across.setStyleSheet("QHeaderView::section { padding: 6px 4px; }")  # in line with the cells
        letter = self.fontMetrics().averageCharWidth()
        for column, letters in _LETTERS:
            self.setColumnWidth(column, letters * letter)
        self.headerItem().setTextAlignment(Column.DOWNLOADS, _RIGHT)
        self.headerItem().setToolTip(Column.DOWNLOADS, self.tr("In the last 30 days"))

    @property
    def selected(self) -> str:
        """The chosen repository, or ""."""
        items = self.selectedItems()
        return items[0].text(Column.NAME) if items else ""

    def show_found(self, found: Sequence[HubRepository]) -> None:
        """The first one is chosen, so that Enter is enough."""
        self.clear()
        self.addTopLevelItems([self._row(each) for each in found])
        first = self.topLevelItem(0)
        if first is not None:
            flag = QItemSelectionModel.SelectionFlag
            self.setCurrentItem(first, 0, flag.ClearAndSelect | flag.Rows)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._delegate.leave()

    def _row(self, found: HubRepository) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setText(Column.NAME, found.repository)
        item.setToolTip(Column.NAME, plain_tip(found.repository))
        item.setText(Column.DOWNLOADS, QLocale().toString(found.downloads))
        item.setTextAlignment(Column.DOWNLOADS, _RIGHT)
        item.setText(Column.LICENCE, found.licence)
        item.setToolTip(Column.LICENCE, plain_tip(found.licence))
        if found.gated:
            item.setIcon(Column.ACCESS, icon("lock", "muted"))
            item.setText(Column.ACCESS, self.tr("needs an account"))
            item.setToolTip(
                Column.ACCESS,
                self.tr(
                    "Given to accounts that accepted its licence. Enter your access token in the settings."
                ),
            )
        if found.updated is not None:
            day = QDate(found.updated.year, found.updated.month, found.updated.day)
            item.setText(Column.UPDATED, QLocale().toString(day, "MMM yyyy"))
        return item
