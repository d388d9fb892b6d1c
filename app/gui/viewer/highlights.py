"""Where a quote stands on the pages of a PDF.

Text is found in what PDFium reads from the page, and its boxes are asked for by index. PDFium's index
counts characters that its text leaves out, so the two are compared before they are trusted.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from app.documents.normalise import find_quote
from app.documents.sentences import sentences

if TYPE_CHECKING:
    from PySide6.QtPdf import QPdfDocument

_NEIGHBOURS = (0, 1, -1, 2, -2)
_SHORTEST_PART = 24  # letters: shorter sentences also stand elsewhere on the page
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Highlight:
    """Marked words. `page` counts from 0; `lines` are boxes in points from the page's top left corner.

    `whole` is false when only some sentences of the quote were found.
    """

    page: int
    lines: tuple[QRectF, ...]
    whole: bool


def find_highlight(document: "QPdfDocument", page: int, quote: str) -> Highlight | None:
    """The quote on `page` (from 0) or a page beside it; None when it is on none of them."""
    if not quote.strip():
        return None
    pages = [page + step for step in _NEIGHBOURS if 0 <= page + step < document.pageCount()]
    for each in pages:
        lines = _boxes(document, each, [quote])
        if lines:
            return Highlight(each, lines, whole=True)
    parts = [quote[start:end] for start, end in sentences(quote) if end - start >= _SHORTEST_PART]
    lines = _boxes(document, page, parts) if pages else ()
    return Highlight(page, lines, whole=False) if lines else None


def lines_of(boxes: Iterable[QRectF]) -> list[QRectF]:
    """One box a line: those that stand side by side are united."""
    seen = [box for box in boxes if not box.isEmpty()]
    if sum(box.height() for box in seen) > 3 * sum(box.width() for box in seen):  # the text runs downwards
        return [_turned(line) for line in _united(_turned(box) for box in seen)]
    return _united(seen)


def _united(boxes: Iterable[QRectF]) -> list[QRectF]:
    lines: list[QRectF] = []
    for box in boxes:
        if lines and _same_line(lines[-1], box):
            lines[-1] = lines[-1].united(box)
        else:
            lines.append(QRectF(box))
    return lines


def _turned(box: QRectF) -> QRectF:
    return QRectF(box.y(), box.x(), box.height(), box.width())


def _same_line(line: QRectF, box: QRectF) -> bool:
    """Their heights overlap by more than half of the lower one, and no column lies between them."""
    overlap = min(line.bottom(), box.bottom()) - max(line.top(), box.top())
    lower = min(line.height(), box.height())
    gap = max(line.left(), box.left()) - min(line.right(), box.right())
    return overlap > lower / 2 and gap < 3 * max(line.height(), box.height())


def _boxes(document: "QPdfDocument", page: int, quotes: Iterable[str]) -> tuple[QRectF, ...]:
    text = document.getAllText(page).text()
    boxes: list[QRectF] = []
    for quote in quotes:
        span = find_quote(text, quote)
        if span is not None:
            start, length = _in_characters(document, page, text, *span)
            polygons = document.getSelectionAtIndex(page, start, length).bounds()
            boxes += lines_of(polygon.boundingRect() for polygon in polygons)
    return tuple(boxes)


def _in_characters(document: "QPdfDocument", page: int, text: str, start: int, end: int) -> tuple[int, int]:
    """PDFium's index and count for `text[start:end]`."""
    found = document.getSelectionAtIndex(page, start, end - start).text()
    if _squeezed(found) == _squeezed(text[start:end]):
        return start, end - start
    first = _character_index(document, page, start)
    return first, _character_index(document, page, end) - first


def _character_index(document: "QPdfDocument", page: int, offset: int) -> int:
    """The index whose preceding text is `offset` characters long."""
    index = offset
    for _ in range(8):
        missing = offset - len(document.getSelectionAtIndex(page, 0, index).text())
        if missing <= 0:
            break
        index += missing
    return index


def _squeezed(text: str) -> str:
    return _BLANKS.sub("", text)
