"""A picture as the pages of a PDF, so that the viewer shows it as it shows those. Runs in a job."""

from PySide6.QtCore import QBuffer, QMarginsF, QRect, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QImageReader, QPageSize, QPainter, QPdfWriter

_MOST_PIXELS = 24_000_000  # of a page; larger ones are made smaller
_MOST_PAGES = 100
_POINTS = 0.75  # of a pixel
_MOST_POINTS = 14_000  # a PDF has no longer side


def picture_pages(path: str) -> bytes:
    """The PDF, a page for each picture in the file; empty for what Qt cannot show."""
    reader = QImageReader(path)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    count = 1 if reader.supportsAnimation() else max(1, min(reader.imageCount(), _MOST_PAGES))
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageMargins(QMarginsF())
    painter = QPainter()
    for number in range(count):
        picture = _read(reader, number)
        if picture.isNull():
            break
        writer.setPageSize(_page_size(picture.size()))
        if number:
            writer.newPage()
        elif not painter.begin(writer):
            break
        painter.drawImage(QRect(0, 0, writer.width(), writer.height()), picture)
    if not painter.isActive():
        return b""
    painter.end()
    return bytes(buffer.data().data())


def _read(reader: QImageReader, number: int) -> QImage:
    if number:
        reader.jumpToImage(number)
    size = reader.size()
    pixels = size.width() * size.height()
    if pixels > _MOST_PIXELS:
        reader.setScaledSize(size * (_MOST_PIXELS / pixels) ** 0.5)
    return reader.read()


def _page_size(pixels: QSize) -> QPageSize:
    points = QSizeF(pixels) * _POINTS
    if max(points.width(), points.height()) > _MOST_POINTS:
        points.scale(_MOST_POINTS, _MOST_POINTS, Qt.AspectRatioMode.KeepAspectRatio)
    return QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
