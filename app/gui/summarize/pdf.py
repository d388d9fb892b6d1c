"""HTML as a PDF on paper, by Qt's own text layout."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEventLoop, QIODevice, QLocale, QMarginsF
from PySide6.QtGui import QFont, QPageSize, QPdfWriter, QTextDocument

from app.base.files import replacing

_POINTS = 10.5
_DPI = 300
_HEADINGS = "h1 { font-size: 17pt; } h2 { font-size: 12pt; }"


def write_pdf(path: Path, html: str, title: str) -> None:
    """With numbered pages; made on whatever thread calls it. Raises `AppError` when it cannot be written."""
    _events = QEventLoop()  # a thread of Python's has no timers before, and laying out text wants some
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setResolution(_DPI)
    american = QLocale().measurementSystem() == QLocale.MeasurementSystem.ImperialUSSystem
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.Letter if american else QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF())  # the document brings its own, of 2 cm
    document = QTextDocument()
    font = QFont()
    font.setPointSizeF(_POINTS)
    document.setDefaultFont(font)
    document.setDefaultStyleSheet(_HEADINGS)
    document.setHtml(html)
    document.print_(writer)
    buffer.close()
    with replacing(path) as stream:
        stream.write(bytes(data.data()))
