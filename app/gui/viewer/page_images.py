"""Pages of a PDF as pictures, drawn on Qt's own rendering thread, one at a time and nearest first.

QtPdf holds one lock around PDFium, so asking for text here while a page is being drawn is safe, if slow.
"""

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPdf import QPdfDocument, QPdfDocumentRenderOptions, QPdfPageRenderer

_KEPT_BYTES = 160 * 1024 * 1024
_MOST_PIXELS = 24_000_000  # of one picture; beyond it the page is drawn smaller and scaled


class PageImages(QObject):
    """Owns the document and keeps the newest picture of each page while there is room.

    `arrived` names a page that is ready, or was found to be broken.
    """

    arrived = Signal(int)

    def __init__(self, document: QPdfDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: OrderedDict[int, QImage] = OrderedDict()
        self._wanted: list[tuple[int, QSize]] = []
        self._broken: set[int] = set()
        self._under_way: tuple[int, QSize] | None = None
        self._renderer = QPdfPageRenderer(self)
        self._renderer.setRenderMode(QPdfPageRenderer.RenderMode.MultiThreaded)
        self._renderer.setDocument(document)
        document.setParent(self)  # children go in order: the renderer, which waits for its thread, then this
        self._renderer.pageRendered.connect(self._take)

    def picture(self, page: int) -> QImage | None:
        """The newest picture of the page, perhaps of another size than wanted now."""
        found = self._pictures.get(page)
        if found is not None:
            self._pictures.move_to_end(page)
        return found

    def broken(self, page: int) -> bool:
        """Whether the page cannot be drawn."""
        return page in self._broken

    def want(self, pages: Sequence[tuple[int, QSize]]) -> None:
        """These pages, in pixels, most urgent first; earlier wishes not yet begun are dropped."""
        self._wanted = [
            (page, wanted)
            for page, wanted in ((page, _bounded(size)) for page, size in pages)
            if page not in self._broken and not wanted.isEmpty() and self._size(page) != wanted
        ]
        self._next()

    def _size(self, page: int) -> QSize | None:
        picture = self._pictures.get(page)
        return None if picture is None else picture.size()

    def _next(self) -> None:
        if self._under_way is None and self._wanted:
            self._under_way = self._wanted.pop(0)
            self._renderer.requestPage(*self._under_way)

    @Slot(int, QSize, QImage, QPdfDocumentRenderOptions, "qulonglong")
    def _take(
        self, page: int, size: QSize, image: QImage, options: QPdfDocumentRenderOptions, number: int
    ) -> None:
        self._under_way = None
        if image.isNull():
            self._broken.add(page)
        else:
            self._keep(page, image)
        self.arrived.emit(page)
        self._next()

    def _keep(self, page: int, image: QImage) -> None:
        """On white paper: many pages leave their ground open."""
        paper = QImage(image.size(), QImage.Format.Format_RGB32)
        paper.fill(Qt.GlobalColor.white)
        painter = QPainter(paper)
        painter.drawImage(0, 0, image)
        painter.end()
        self._pictures[page] = paper
        self._pictures.move_to_end(page)
        while (
            len(self._pictures) > 1
            and sum(each.sizeInBytes() for each in self._pictures.values()) > _KEPT_BYTES
        ):
            self._pictures.popitem(last=False)


def _bounded(size: QSize) -> QSize:
    pixels = size.width() * size.height()
    if pixels <= _MOST_PIXELS:
        return size
    shrink = (_MOST_PIXELS / pixels) ** 0.5
    return QSize(max(1, int(size.width() * shrink)), max(1, int(size.height() * shrink)))
