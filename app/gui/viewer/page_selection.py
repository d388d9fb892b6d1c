"""Text of a PDF that is selected with the mouse.

PDFium only knows the letter under a point, so points in margins and gaps are first moved onto the nearest line.
"""

import re
from functools import lru_cache

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtPdf import QPdfDocument, QPdfSelection

from app.gui.viewer.highlights import lines_of
from app.gui.viewer.page_scroller import PageScroller

_INSET = 0.5  # points: on the edge of a letter is not yet on it
_ACROSS = 3.0  # a line further down is nearer than words as far aside
_AROUND = 100  # characters in which a word is looked for
_SCROLL_MS = 40
_DIVIDED = re.compile("\ufffe(?=[^\\W\\d_A-Z])")
_AT_END = re.compile(r"[^\W_]*\Z")
_AT_START = re.compile(r"[^\W_]*")

Point = tuple[int, QPointF]  # a page, and a point of it in points


def as_copied(text: str) -> str:
    """What PDFium reads from a page, with its own mark for a hyphen at the end of a line resolved."""
    return _DIVIDED.sub("", text).replace("\ufffe", "-").replace("\r\n", "\n")


class PageSelection(QObject):
    """Listens to the viewport of a view of pages."""

    changed = Signal()

    def __init__(self, document: QPdfDocument, view: PageScroller) -> None:
        super().__init__(view)
        self._document = document
        self._view = view
        self._from: Point | None = None
        self._parts: dict[int, QPdfSelection] = {}
        self._mouse = QPointF()
        self._lines = lru_cache(16)(self._find_lines)
        self._timer = QTimer(self, interval=_SCROLL_MS)
        self._timer.timeout.connect(self._scroll)
        view.viewport().installEventFilter(self)
        view.viewport().setCursor(Qt.CursorShape.IBeamCursor)

    @property
    def text(self) -> str:
        """What is selected, "" for nothing."""
        return "\n".join(as_copied(each.text()) for each in self._parts.values())

    def on_page(self, page: int) -> list[QRectF]:
        """The lines, in points."""
        part = self._parts.get(page)
        return [] if part is None else lines_of(each.boundingRect() for each in part.bounds())

    def clear(self) -> None:
        self._select({})

    def select(self, page: int, words: QPdfSelection) -> None:
        self._select({page: words})

    def select_page(self, page: int) -> None:
        self.select(page, self._document.getAllText(page))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        kind, left = event.type(), Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseButtonPress and event.button() == left:
            self._from = self._point(event.position())
            self.clear()
        elif kind == QEvent.Type.MouseButtonDblClick and event.button() == left:
            self._select_word(self._point(event.position()))
        elif kind == QEvent.Type.MouseMove and event.buttons() & left and self._from is not None:
            self._drag_to(event.position())
        elif kind == QEvent.Type.MouseButtonRelease and event.button() == left:
            self._from = None
            self._timer.stop()
        return False

    def _point(self, at: QPointF) -> Point:
        return self._view.strip.point_at(self._view.scrolled, at)

    def _drag_to(self, at: QPointF) -> None:
        self._mouse = at
        if 0 <= at.y() <= self._view.viewport().height():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
        if self._from is not None:
            self._select(self._between(self._from, self._point(at)))

    @Slot()
    def _scroll(self) -> None:
        """The mouse is held above or below the view."""
        height = self._view.viewport().height()
        beyond = min(self._mouse.y(), 0) + max(self._mouse.y() - height, 0)
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + round(beyond / 2))
        self._drag_to(self._mouse)

    def _select(self, parts: dict[int, QPdfSelection]) -> None:
        self._parts = {page: part for page, part in parts.items() if part.isValid()}
        self.changed.emit()

    def _between(self, one: Point, other: Point) -> dict[int, QPdfSelection]:
        first, last = sorted((one, other), key=lambda each: (each[0], each[1].y()))
        if first[0] == last[0]:
            return {first[0]: self._on_page(first[0], first[1], last[1])}
        parts = {first[0]: self._on_page(first[0], first[1], None)}
        parts |= {page: self._document.getAllText(page) for page in range(first[0] + 1, last[0])}
        return parts | {last[0]: self._on_page(last[0], None, last[1])}

    def _on_page(self, page: int, start: QPointF | None, end: QPointF | None) -> QPdfSelection:
        """From the beginning or to the end of the page where a point is None."""
        lines = self._lines(page)
        if not lines:
            return self._document.getAllText(page)
        first = _inside(lines[0]).topLeft() if start is None else _nearest(lines, start)
        last = _inside(lines[-1]).bottomRight() if end is None else _nearest(lines, end)
        return self._document.getSelection(page, first, last)

    def _select_word(self, point: Point) -> None:
        page, at = point
        lines = self._lines(page)
        if not lines:
            return
        near = _nearest(lines, at)
        line = next(each for each in lines if each.contains(near))
        index = self._document.getSelection(page, _inside(line).topLeft(), near).endIndex()
        low = max(0, index - _AROUND)
        before = self._document.getSelectionAtIndex(page, low, index - low).text()
        after = self._document.getSelectionAtIndex(page, index, _AROUND).text()
        head, tail = _AT_END.search(before), _AT_START.match(after)
        left, right = len(head.group()) if head else 0, len(tail.group()) if tail else 0
        if left + right:
            self.select(page, self._document.getSelectionAtIndex(page, index - left, left + right))

    def _find_lines(self, page: int) -> list[QRectF]:
        return lines_of(each.boundingRect() for each in self._document.getAllText(page).bounds())


def _inside(line: QRectF) -> QRectF:
    inset_x, inset_y = min(_INSET, line.width() / 2), min(_INSET, line.height() / 2)
    return line.adjusted(inset_x, inset_y, -inset_x, -inset_y)


def _nearest(lines: list[QRectF], at: QPointF) -> QPointF:
    """The point on a line that is nearest to `at`."""

    def moved(line: QRectF) -> QPointF:
        box = _inside(line)
        return QPointF(max(box.left(), min(at.x(), box.right())), max(box.top(), min(at.y(), box.bottom())))

    return min(
        (moved(each) for each in lines),
        key=lambda point: abs(point.x() - at.x()) + _ACROSS * abs(point.y() - at.y()),
    )
