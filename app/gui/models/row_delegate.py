"""How a row of the list of models looks: name and facts at the left, a badge at the right."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.gui.models.entries import ModelEntry
from app.gui.models.model_rows import ENTRY
from app.gui.models.wording import BADGE_COLOURS, badge, facts_line, speed, state_of
from app.gui.theme import GRID, HALF, RADIUS, colours

_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ModelRowDelegate(QStyledItemDelegate):
    """Two lines for a model, one for a heading."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        line = option.fontMetrics.height()
        return QSize(0, 2 * line + GRID * 2 + HALF if index.data(ENTRY) is not None else line + GRID * 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry = index.data(ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(entry, ModelEntry):
            self._paint_model(painter, option, entry)
        else:
            self._paint_heading(painter, option, str(index.data() or ""))
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        painter.setFont(_bold(option.font))
        painter.setPen(QColor(colours().muted))
        painter.drawText(option.rect.adjusted(GRID, HALF, -GRID, 0), int(_LEFT), text)

    def _paint_model(self, painter: QPainter, option: QStyleOptionViewItem, entry: ModelEntry) -> None:
        now = colours()
        _paint_ground(painter, option)
        inner = option.rect.adjusted(GRID, GRID, -GRID, -GRID)
        right = _paint_badge(painter, option, entry, inner)
        dim = state_of(entry) in ("cannot run", "not offered")
        line = option.fontMetrics.height()
        name = QRect(inner.left(), inner.top(), right - inner.left(), line)
        font = _bold(option.font)
        painter.setFont(font)
        painter.setPen(QColor(now.muted) if dim else option.palette.color(QPalette.ColorRole.Text))
        painter.drawText(name, int(_LEFT), _elided(QFontMetrics(font), entry.name, name.width()))
        facts = QRect(inner.left(), inner.bottom() - line + 1, inner.width(), line)
        painter.setFont(option.font)
        painter.setPen(QColor(now.muted))
        quick = speed(entry)
        painter.drawText(facts, int(_RIGHT), quick)
        if quick:
            facts.adjust(0, 0, -option.fontMetrics.horizontalAdvance(quick) - GRID, 0)
        painter.drawText(facts, int(_LEFT), _elided(option.fontMetrics, facts_line(entry), facts.width()))


def _paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
    now, state = colours(), QStyle.StateFlag
    box = QRectF(option.rect).adjusted(0.5, 1, -0.5, -1)
    painter.setPen(Qt.PenStyle.NoPen)
    if option.state & state.State_Selected:
        painter.setBrush(QColor(now.accent_soft))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
    elif option.state & state.State_MouseOver:
        painter.setBrush(QColor(now.hover))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
    if option.state & state.State_HasFocus:
        painter.setPen(QColor(now.accent))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0, -0.5, 0), RADIUS, RADIUS)


def _paint_badge(painter: QPainter, option: QStyleOptionViewItem, entry: ModelEntry, inner: QRect) -> int:
    """Returns where the name has to end."""
    text = badge(entry)
    if not text:
        return inner.right()
    words, ground = BADGE_COLOURS[state_of(entry)]
    font = _bold(option.font)
    font.setPointSizeF(font.pointSizeF() * 0.85)
    size = QFontMetrics(font)
    width = size.horizontalAdvance(text) + GRID * 2 - HALF
    box = QRectF(inner.right() - width + 1, inner.top() - 1, width, size.height() + HALF)
    now = colours()
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    painter.setPen(Qt.PenStyle.NoPen)
    # a soft ground on the soft ground of a chosen row would not be seen
    painter.setBrush(QColor(now.raised if selected and ground == "accent_soft" else getattr(now, ground)))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setFont(font)
    painter.setPen(QColor(getattr(now, words)))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
    return int(box.left()) - GRID


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made


def _elided(metrics: QFontMetrics, text: str, width: int) -> str:
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
