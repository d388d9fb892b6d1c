"""Pages below each other that can be scrolled and zoomed; what is on them is painted by `PdfView`."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.gui.theme import set_role
from app.gui.viewer.page_layout import ZOOMS, next_zoom
from app.gui.viewer.page_strip import PageStrip

_POINTS_PER_INCH = 72


class PageScroller(QAbstractScrollArea):
    """Pages count from 0, their sizes are in points. `moved`: other pages, or other parts of them, are in view."""

    page_changed = Signal(int)
    zoom_changed = Signal()
    moved = Signal()

    def __init__(self, sizes: Sequence[QSizeF], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "document")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().setSingleStep(48)
        self.horizontalScrollBar().setSingleStep(48)
        self.page = 0
        self.strip = PageStrip(sizes)
        self._placing = False
        self._lay_out()

    @property
    def zoom(self) -> float:
        """Of the current page; 1.0 is life size."""
        return self.strip.zoom_of(self.page)

    @property
    def scrolled(self) -> QPointF:
        """What part of the pages, in pixels, is at the top left corner of the view."""
        return QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def set_zoom(self, zoom: float | None, at: QPointF | None = None) -> None:
        """None fits the width. What is at the height of `at` in the viewport stays there."""
        if at is not None:
            self.strip.aim_at_point(self.scrolled, at)
        self.strip.set_zoom(None if zoom is None else max(ZOOMS[0], min(zoom, ZOOMS[-1])))
        self._lay_out()

    def step_zoom(self, direction: int, at: QPointF | None = None) -> None:
        self.set_zoom(next_zoom(self.zoom, direction), at)

    def scale_zoom(self, factor: float, at: QPointF | None = None) -> None:
        self.set_zoom(self.zoom * factor, at)

    def go_to_page(self, page: int) -> None:
        self.strip.aim_at_page(page)
        self._place()
        if page != self.page and 0 <= page < len(self.strip.sizes):
            self._read(page)  # the end of the document can keep its last pages from the top

    def go_to_lines(self, page: int, lines: Sequence[QRectF]) -> None:
        """Bring the first of the lines (in points) to a third of the height."""
        if lines:
            self.strip.aim_at_lines(page, lines)
            self._place()
        else:
            self.go_to_page(page)

    def _lay_out(self) -> None:
        self.strip.lay_out(self.viewport().size(), self.logicalDpiY() / _POINTS_PER_INCH)
        self._place()
        self.zoom_changed.emit()

    def _place(self) -> None:
        """Set the scroll bars so that the anchor stands where it should."""
        self._placing = True
        for bar, most, step in (
            (self.verticalScrollBar(), self.strip.range().height(), self.viewport().height()),
            (self.horizontalScrollBar(), self.strip.range().width(), self.viewport().width()),
        ):
            bar.setRange(0, most)
            bar.setPageStep(step)
        across = self.horizontalScrollBar()
        if across.maximum() and not across.value():
            across.setValue(across.maximum() // 2)
        self.verticalScrollBar().setValue(self.strip.scroll_position())
        self._placing = False
        self._show_place()

    def _show_place(self) -> None:
        self._read(self.strip.page_read(self.verticalScrollBar().value()))
        self.moved.emit()
        self.viewport().update()

    def _read(self, page: int) -> None:
        changed, self.page = page != self.page, page
        count = len(self.strip.sizes)
        self.setAccessibleName(self.tr("Page {number} of {count}").format(number=page + 1, count=count))
        if changed:
            self.page_changed.emit(page)
            self.zoom_changed.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if not self._placing:
            self.strip.aim_at(self.verticalScrollBar().value())
            self._show_place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_Home:
            bar.setValue(bar.minimum())
        elif event.key() == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        elif event.key() == Qt.Key.Key_Space:
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            bar.setValue(bar.value() + (-bar.pageStep() if back else bar.pageStep()))
        else:
            super().keyPressEvent(event)
