"""Rows of lists and tables: a soft ground where they are chosen or pointed at, and room to breathe."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Slot
from PySide6.QtGui import QBrush, QColor, QPalette
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.gui.theme import GRID, colours

ROW_HEIGHT = GRID * 4  # of a row with one line
_Index = QModelIndex | QPersistentModelIndex
_UNMARKED = ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver)


class RowDelegate(QStyledItemDelegate):
    """Paints whole rows; follows the mouse. Its view calls `leave` in its `leaveEvent`."""

    def __init__(self, view: QAbstractItemView, height: int = ROW_HEIGHT) -> None:
        super().__init__(view)
        self._view = view
        self.height = height
        """Of a row, in pixels."""
        self._pointed: tuple[int, QModelIndex] | None = None
        view.setMouseTracking(True)
        view.entered.connect(self._point)
        view.viewportEntered.connect(self.leave)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), self.height)

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        soften(option)
        state = option.state
        option.state = state & _UNMARKED
        pointed = self._pointed is not None and self._pointed == (index.row(), index.parent())
        if pointed and not state & QStyle.StateFlag.State_Selected:
            option.backgroundBrush = QBrush(QColor(colours().hover))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        editor = super().createEditor(parent, option, index)
        editor.setStyleSheet("padding: 0 4px;")  # the row is lower than a field elsewhere
        return editor

    @Slot()
    def leave(self) -> None:
        """The mouse is no longer over a row. The view says so."""
        self._pointed = None
        self._view.viewport().update()

    @Slot(QModelIndex)
    def _point(self, index: QModelIndex) -> None:
        self._pointed = (index.row(), index.parent())
        self._view.viewport().update()


def soften(option: QStyleOptionViewItem) -> None:
    """A chosen row has a soft ground, and its text and icons keep their colours."""
    palette = option.palette
    palette.setColor(QPalette.ColorRole.Highlight, QColor(colours().accent_soft))
    palette.setColor(QPalette.ColorRole.HighlightedText, palette.color(QPalette.ColorRole.Text))
    option.palette = palette
