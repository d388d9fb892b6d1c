"""How a conversation looks in the list."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.gui.theme import GRID, colours

ID = Qt.ItemDataRole.UserRole
SNIPPET = Qt.ItemDataRole.UserRole + 1
RUNNING = Qt.ItemDataRole.UserRole + 2
_Index = QModelIndex | QPersistentModelIndex


class ConversationDelegate(QStyledItemDelegate):
    """A title, below it the words that were found, and a dot while an answer is being written."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        line = option.fontMetrics.height()
        lines = 2 if index.data(SNIPPET) else 1
        return QSize(0, lines * line + 2 * GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        now = colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self._ground(option)
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 6, 6)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(now.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(option.rect.adjusted(1, 1, -1, -2), 6, 6)
        box = option.rect.adjusted(GRID, 0, -GRID, 0)
        if index.data(RUNNING):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.accent))
            painter.drawEllipse(QPoint(box.right() - 3, box.center().y()), 4, 4)
            box.adjust(0, 0, -2 * GRID, 0)
        self._write(painter, option, index, box)
        painter.restore()

    def _ground(self, option: QStyleOptionViewItem) -> str:
        if option.state & QStyle.StateFlag.State_Selected:
            return colours().accent_soft
        return colours().hover if option.state & QStyle.StateFlag.State_MouseOver else ""

    def _write(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, box: QRect) -> None:
        snippet = str(index.data(SNIPPET) or "")
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold if snippet else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(colours().text))
        line = option.fontMetrics.height()
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        top = QRect(box.left(), box.top() + GRID, box.width(), line) if snippet else box
        title = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(top, left, title)
        if snippet:
            painter.setFont(option.font)
            painter.setPen(QColor(colours().muted))
            below = option.fontMetrics.elidedText(snippet, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(top.translated(0, line), left, below)
