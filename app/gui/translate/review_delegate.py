"""How a segment is painted in the table, and edited in its cell."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QTextCursor, QTextLayout
from PySide6.QtWidgets import (
    QAbstractItemView,
    QPlainTextEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.gui.icons import icon
from app.gui.row_delegate import RowDelegate
from app.gui.theme import GRID, HALF, colours, set_look, set_role
from app.gui.translate.review_model import SEGMENT, Column
from app.gui.translate.tag_marks import TagHighlighter, marked, option_for

_Index = QModelIndex | QPersistentModelIndex
_LINES = 2
_EDITED_LINES = 5
_LONGEST = 400  # characters that can fit into the lines of a cell
_ICON = 14


class ReviewDelegate(RowDelegate):
    """Two lines of each text, the rest elided; tags as small marks; each column in its own direction."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view, _LINES * view.fontMetrics().lineSpacing() + 2 * GRID)
        self._directions = [Qt.LayoutDirection.LeftToRight] * len(Column)

    def set_directions(self, source: Qt.LayoutDirection, target: Qt.LayoutDirection) -> None:
        self._directions[Column.SOURCE], self._directions[Column.TARGET] = source, target

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        text, ground.text = ground.text, ""
        ground.widget.style().drawControl(
            QStyle.ControlElement.CE_ItemViewItem, ground, painter, ground.widget
        )
        now = colours()
        painter.save()
        painter.setPen(QColor(now.border))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        box = option.rect.adjusted(GRID, GRID - 1, -GRID, -GRID)
        if index.column() == Column.FLAGS:
            box = self._paint_flag(painter, box, index)
        else:
            painter.setPen(QColor(now.text))
        painter.setClipRect(box)
        self._paint_text(painter, box, text, ground, self._directions[index.column()])
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(GRID * 10, self.height)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        return _CellEditor(parent, self._directions[index.column()], self.tr("Translation"))

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        if isinstance(editor, _CellEditor) and editor.document().isEmpty():
            editor.setPlainText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.moveCursor(QTextCursor.MoveOperation.End)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        if isinstance(editor, _CellEditor):
            model.setData(index, editor.toPlainText(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:
        """Higher than its row, but within the table."""
        room = self._view.viewport().height()
        height = max(option.rect.height(), _EDITED_LINES * editor.fontMetrics().lineSpacing() + GRID)
        top = max(0, min(option.rect.top(), room - height))
        editor.setGeometry(option.rect.left(), top, option.rect.width(), min(height, room))

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter accepts as in a spreadsheet; Shift+Enter begins a new line."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.commitData.emit(editor)
                self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
                return True
        return super().eventFilter(editor, event)

    def _paint_flag(self, painter: QPainter, box: QRect, index: _Index) -> QRect:
        """A warning where something was found. Returns what is left for the words."""
        now = colours()
        if not index.data(SEGMENT).findings:
            painter.setPen(QColor(now.muted))
            return box
        top = box.top() + (painter.fontMetrics().lineSpacing() - _ICON) // 2
        icon("warning", "warning").paint(painter, box.left(), top, _ICON, _ICON)
        painter.setPen(QColor(now.warning))
        return box.adjusted(_ICON + HALF + 2, 0, 0, 0)

    def _paint_text(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        option: QStyleOptionViewItem,
        direction: Qt.LayoutDirection,
    ) -> None:
        shown, ranges = marked(text[:_LONGEST], option.font)
        layout = QTextLayout(shown, option.font)
        layout.setTextOption(option_for(direction))
        layout.setFormats(ranges)
        layout.beginLayout()
        spacing, lines, rest = option.fontMetrics.lineSpacing(), 0, ""
        while (line := layout.createLine()).isValid():
            line.setLineWidth(box.width())
            line.setPosition(QPointF(0, lines * spacing))
            lines += 1
            end = line.textStart() + line.textLength()
            if lines == _LINES and end < len(shown):
                rest = shown[line.textStart() :]
                line.setNumColumns(0)
                break
        layout.endLayout()
        layout.draw(painter, QPointF(box.topLeft()))
        if rest:
            rtl = direction == Qt.LayoutDirection.RightToLeft
            side = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
            painter.setLayoutDirection(direction)
            last = QRect(box.left(), box.top() + (_LINES - 1) * spacing, box.width(), spacing)
            elided = option.fontMetrics.elidedText(rest, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(
                last, int(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignTop), elided
            )


class _CellEditor(QPlainTextEdit):
    """Tags are text here, set back by their colour."""

    def __init__(self, parent: QWidget, direction: Qt.LayoutDirection, name: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        set_role(self, "card")
        set_look(self, "active", "true")
        self.document().setDefaultTextOption(option_for(direction))
        self._tags = TagHighlighter(self.document(), self.font)
