"""A PDF as a strip of pages with marked words."""

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.gui.theme import LIGHT, colours
from app.gui.viewer.highlights import Highlight
from app.gui.viewer.page_images import PageImages
from app.gui.viewer.page_layout import next_zoom
from app.gui.viewer.page_strip import PageStrip

_POINTS_PER_INCH = 72


class PdfView(QAbstractScrollArea):
    """Shows an open document and owns it. Pages count from 0."""

    page_changed = Signal(int)
    zoom_changed = Signal()

    def __init__(self, document: QPdfDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().setSingleStep(48)
        self.horizontalScrollBar().setSingleStep(48)
        self.document = document
        self.page = 0
        self.strip = PageStrip([document.pagePointSize(page) for page in range(document.pageCount())])
        self._images = PageImages(document, self)
        self._images.arrived.connect(self._show_picture)
        self._placing = False
        self._lay_out()

    @property
    def zoom(self) -> float:
        """Of the current page; 1.0 is life size."""
        return self.strip.zoom_of(self.page)

    def set_zoom(self, zoom: float | None) -> None:
        """None fits the width."""
        self.strip.set_zoom(zoom)
        self._lay_out()

    def step_zoom(self, direction: int) -> None:
        self.set_zoom(next_zoom(self.zoom, direction))

    def go_to_page(self, page: int) -> None:
        self.strip.aim_at_page(page)
        self._place()
        if page != self.page and 0 <= page < len(self.strip.sizes):
            self._read(page)  # the end of the document can keep its last pages from the top

    def show_highlight(self, highlight: Highlight | None) -> None:
        """Mark the words and bring the first line to a third of the height."""
        self.strip.highlight = highlight
        self.strip.aim_at_highlight()
        self._place()

    def highlight_boxes(self) -> list[QRectF]:
        """The marked lines in the viewport's coordinates."""
        return self.strip.highlight_boxes(self._offset(), self.devicePixelRatioF())

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
        self._scrolled()

    def _scrolled(self) -> None:
        scrolled = self.verticalScrollBar().value()
        self._read(self.strip.page_read(scrolled))
        if self.isVisible():
            self._images.want([(page, self._pixels(page)) for page in self.strip.pages_to_draw(scrolled)])
        self.viewport().update()

    def _read(self, page: int) -> None:
        changed, self.page = page != self.page, page
        count = len(self.strip.sizes)
        self.setAccessibleName(self.tr("Page {number} of {count}").format(number=page + 1, count=count))
        if changed:
            self.page_changed.emit(page)
            self.zoom_changed.emit()

    def _offset(self) -> QPointF:
        return QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _pixels(self, page: int) -> QSize:
        """How large its picture must be to be sharp."""
        ratio, layout = self.devicePixelRatioF(), self.strip.layout
        return QSizeF(layout.widths[page] * ratio, layout.heights[page] * ratio).toSize()

    @Slot(int)
    def _show_picture(self, page: int) -> None:
        box = self.strip.page_box(page, self._offset(), self.devicePixelRatioF())
        self.viewport().update(box.toAlignedRect())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if not self._placing:
            self.strip.aim_at(self.verticalScrollBar().value())
            self._scrolled()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._scrolled()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        now = colours()
        painter.fillRect(event.rect(), QColor(now.code if now.dark else now.hover))
        top = self.verticalScrollBar().value()
        for page in self.strip.layout.pages_between(top + event.rect().top(), top + event.rect().bottom()):
            box = self.strip.page_box(page, self._offset(), self.devicePixelRatioF())
            self._paint_page(painter, page, box)
        painter.end()

    def _paint_page(self, painter: QPainter, page: int, box: QRectF) -> None:
        painter.fillRect(box, Qt.GlobalColor.white)
        picture = self._images.picture(page)
        if picture is not None:
            sharp = picture.size() == self._pixels(page)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not sharp)
            size = QSizeF(picture.size()) / self.devicePixelRatioF() if sharp else box.size()
            painter.drawImage(QRectF(box.topLeft(), size), picture)
        elif self._images.broken(page):
            painter.setPen(QColor(LIGHT.muted))
            painter.drawText(box, self.tr("This page cannot be shown."), Qt.AlignmentFlag.AlignCenter)
        if self.strip.highlight is not None and self.strip.highlight.page == page:
            self._paint_highlight(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours().border), 0))
        painter.drawRect(box)

    def _paint_highlight(self, painter: QPainter) -> None:
        """Paper is white in both themes, so the marker is the light theme's; letters show through."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(LIGHT.marker))
        for box in self.highlight_boxes():
            painter.drawRoundedRect(box, 2, 2)
        painter.restore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step_zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

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
