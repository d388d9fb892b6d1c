"""A PDF as a strip of pages with marked words."""

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QWidget

from app.gui.theme import LIGHT, colours
from app.gui.viewer.finding import DocumentSearch
from app.gui.viewer.page_images import PageImages
from app.gui.viewer.page_marks import Mark, PageMarks, paint_marks
from app.gui.viewer.page_scroller import PageScroller
from app.gui.viewer.page_selection import PageSelection
from app.gui.viewer.zoom import ZoomGestures

_MARGIN = 0.1  # of the height
_GROWN = 2  # pixels by which a mark is wider than its words


class PdfView(PageScroller):
    """Shows an open document and owns it. Pages count from 0."""

    def __init__(self, document: QPdfDocument, search: DocumentSearch, parent: QWidget | None = None) -> None:
        super().__init__([document.pagePointSize(page) for page in range(document.pageCount())], parent)
        self.document = document
        self.marks = PageMarks(document, search)
        self.selection = PageSelection(document, self)
        self._images = PageImages(document, self)
        self._images.arrived.connect(self._show_picture)
        gestures = ZoomGestures(self.viewport())
        gestures.stepped.connect(self.step_zoom)
        gestures.scaled.connect(self.scale_zoom)
        self.moved.connect(self._draw)
        self.selection.changed.connect(self.viewport().update)
        search.changed.connect(self.viewport().update)

    def highlight_boxes(self) -> list[QRectF]:
        """The lines of the quote in the viewport's coordinates."""
        quote = self.marks.quote
        return [] if quote is None else self._boxes(quote.page, quote.lines)

    def shows(self, page: int, lines: tuple[QRectF, ...]) -> bool:
        """Whether the first of the lines (in points) is well within the view."""
        view = QRectF(self.viewport().rect())
        margin = view.height() * _MARGIN
        return any(view.adjusted(0, margin, 0, -margin).contains(box) for box in self._boxes(page, lines[:1]))

    def _boxes(self, page: int, lines: tuple[QRectF, ...]) -> list[QRectF]:
        return self.strip.boxes(page, lines, self.scrolled, self.devicePixelRatioF(), _GROWN)

    def _pixels(self, page: int) -> QSize:
        """How large its picture must be to be sharp."""
        ratio, layout = self.devicePixelRatioF(), self.strip.layout
        return QSizeF(layout.widths[page] * ratio, layout.heights[page] * ratio).toSize()

    @Slot()
    def _draw(self) -> None:
        if self.isVisible():
            pages = self.strip.pages_to_draw(self.verticalScrollBar().value())
            self._images.want([(page, self._pixels(page)) for page in pages])

    @Slot(int)
    def _show_picture(self, page: int) -> None:
        box = self.strip.page_box(page, self.scrolled, self.devicePixelRatioF())
        self.viewport().update(box.toAlignedRect())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        now = colours()
        painter.fillRect(event.rect(), QColor(now.code if now.dark else now.hover))
        top = self.verticalScrollBar().value()
        for page in self.strip.layout.pages_between(top + event.rect().top(), top + event.rect().bottom()):
            box = self.strip.page_box(page, self.scrolled, self.devicePixelRatioF())
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
        selected = Mark("selected", tuple(self.selection.on_page(page)))
        for mark in (*self.marks.on_page(page), selected):
            paint_marks(painter, mark.look, self._boxes(page, mark.lines))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours().border), 0))
        painter.drawRect(box)
