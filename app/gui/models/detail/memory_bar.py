"""The memory a model takes, part by part, against what is free."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.assistants.choose_model import in_gb, parts
from app.gui.theme import GRID, HALF, colours, set_role
from app.hardware.fit import Memory

_STRENGTHS = (1.0, 0.62, 0.36, 0.2)  # of the accent over the ground: weights, context, computing, other
_BAR = GRID * 2
_MARK = 2
_WIDEST = "888 MB"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the bar, in shares of its width from 0 to 1. `part`: which of the memory's parts."""

    part: int
    start: float
    end: float
    over: bool


def spans(memory: Memory, free: int) -> Iterator[Span]:
    """The parts from left to right; one that crosses the mark comes as two, the second `over` it."""
    whole, mark = max(memory.total, free, 1), free_mark(memory, free)
    begin = 0
    for part, (_, count) in enumerate(parts(memory)):
        start, end = begin / whole, (begin + count) / whole
        begin += count
        if start < mark:
            yield Span(part, start, min(end, mark), over=False)
        if end > mark:
            yield Span(part, max(start, mark), end, over=True)


def free_mark(memory: Memory, free: int) -> float:
    """Where the free memory ends, as a share of the bar."""
    return free / max(memory.total, free, 1)


def part_names() -> tuple[str, ...]:
    """The parts as they are shown, in the order of `choose_model.parts`."""
    return (
        QCoreApplication.translate("MemoryBar", "Weights"),
        QCoreApplication.translate("MemoryBar", "Context"),
        QCoreApplication.translate("MemoryBar", "Computing"),
        QCoreApplication.translate("MemoryBar", "Other"),
    )


def part_colour(part: int, *, over: bool = False) -> QColor:
    """From strong to pale; red where there is no memory for it."""
    now = colours()
    ink, ground = QColor(now.danger if over else now.accent), QColor(now.raised)
    pairs = zip(
        (ink.red(), ink.green(), ink.blue()), (ground.red(), ground.green(), ground.blue()), strict=True
    )
    strength = _STRENGTHS[part]
    return QColor(*(round(strength * one + (1 - strength) * other) for one, other in pairs))


class MemoryBar(QWidget):
    """The painted bar, with the free memory marked and named above it. Screen readers hear its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._memory: Memory | None = None
        self._free = 0
        self._caption = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_memory(self, memory: Memory, free: int, *, on_card: bool = False) -> None:
        """`free`: bytes that the model may use up, on the graphics card or in main memory."""
        self._memory, self._free = memory, free
        said = self.tr("{free} free on the graphics card") if on_card else self.tr("{free} free")
        self._caption = said.format(free=in_gb(free))
        shares = ", ".join(
            f"{name} {in_gb(count)}" for name, (_, count) in zip(part_names(), parts(memory), strict=True)
        )
        name = self.tr("Memory: {total} needed, {free}. {shares}")
        self.setAccessibleName(name.format(total=in_gb(memory.total), free=self._caption, shares=shares))
        self.update()

    @property
    def caption(self) -> str:
        return self._caption

    def sizeHint(self) -> QSize:
        return QSize(GRID * 30, self.fontMetrics().height() + HALF + _BAR + HALF)

    def minimumSizeHint(self) -> QSize:
        return QSize(GRID * 12, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._memory is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = self.fontMetrics().height() + HALF
        bar = QRectF(0, top, self.width(), _BAR)
        self._paint_parts(painter, bar, self._memory)
        mark = min(bar.width() - _MARK, bar.width() * free_mark(self._memory, self._free))
        painter.fillRect(QRectF(mark, top - HALF, _MARK, _BAR + 2 * HALF), QColor(colours().text))
        self._paint_caption(painter, mark)

    def _paint_parts(self, painter: QPainter, bar: QRectF, memory: Memory) -> None:
        outline = QPainterPath()
        outline.addRoundedRect(bar, HALF, HALF)
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(bar, QColor(colours().hover))
        for span in spans(memory, self._free):
            left, right = span.start * bar.width(), span.end * bar.width()
            gap = 1 if right - left > 2 else 0  # parts stay apart for eyes that do not tell the shades
            painter.fillRect(
                QRectF(left, bar.top(), right - left - gap, bar.height()),
                part_colour(span.part, over=span.over),
            )
        painter.restore()

    def _paint_caption(self, painter: QPainter, mark: float) -> None:
        """Beside the mark, on the side where there is room."""
        painter.setPen(QColor(colours().muted))
        width = self.fontMetrics().horizontalAdvance(self._caption) + 1
        left = min(max(0.0, mark + _MARK - width), self.width() - width)
        painter.drawText(
            QRectF(left, 0, width, self.fontMetrics().height()), Qt.AlignmentFlag.AlignLeft, self._caption
        )


class _Swatch(QWidget):
    """The colour of one part."""

    def __init__(self, part: int) -> None:
        super().__init__()
        self._part = part
        self.setFixedSize(GRID + 2, GRID + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours().border))
        painter.setBrush(part_colour(self._part))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)


class MemoryLegend(QWidget):
    """What each colour stands for, with its number; in two columns where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers: list[QLabel] = []
        self._cells: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GRID * 2)
        self._grid.setVerticalSpacing(HALF)
        for part, name in enumerate(part_names()):
            self._cells.append(self._make_cell(part, name))
        self._columns = 0
        self._arrange(2)

    def show_memory(self, memory: Memory) -> None:
        for label, (_, count) in zip(self._numbers, parts(memory), strict=True):
            label.setText(in_gb(count))
        self._arrange(self._wanted_columns())

    @property
    def texts(self) -> list[str]:
        return [label.text() for label in self._numbers]

    def minimumSizeHint(self) -> QSize:
        return QSize(max(cell.sizeHint().width() for cell in self._cells), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self._wanted_columns())

    def _wanted_columns(self) -> int:
        return 2 if self.width() >= 2 * self.minimumSizeHint().width() + self._grid.horizontalSpacing() else 1

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for cell in self._cells:
            self._grid.removeWidget(cell)
        for part, cell in enumerate(self._cells):
            self._grid.addWidget(cell, part // columns, part % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self.updateGeometry()

    def _make_cell(self, part: int, name: str) -> QWidget:
        label, number = QLabel(name), QLabel()
        set_role(label, "muted")
        # so that the columns stay as they are while the numbers change
        number.setMinimumWidth(number.fontMetrics().horizontalAdvance(_WIDEST))
        number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._numbers.append(number)
        cell = QWidget()
        row = QHBoxLayout(cell)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(_Swatch(part))
        row.addWidget(label)
        row.addStretch(1)
        row.addWidget(number)
        return cell
