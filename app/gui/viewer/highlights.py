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
    from PySide6.QtPdf import QPdfDocument, QPdfSelection

_NEIGHBOURS = (0, 1, -1, 2, -2)
_SHORTEST_PART = 24  # letters: shorter sentences also stand elsewhere on the page
_CONTEXTS = (60, 16)  # letters on each side; headers and tables can part them on the page
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Highlight:
    """Marked words. `page` counts from 0; `lines` are boxes in points from the page's top left corner.

    `whole` is false when only some sentences of the quote were found.
    """

    page: int
    lines: tuple[QRectF, ...]
    whole: bool


def find_highlight(
    document: "QPdfDocument", page: int, quote: str, before: str = "", after: str = ""
) -> Highlight | None:
    """The quote on `page` (from 0) or a page beside it; None when it is on none of them.

    `before` and `after`: the words around it, which tell it from the same words elsewhere.
    """
    if not quote.strip():
        return None
    for each in [page + step for step in _NEIGHBOURS if 0 <= page + step < document.pageCount()]:
        text = document.getAllText(each).text()
        span = _find(text, quote, before, after)
        if span is not None:
            return Highlight(each, boxes_of(document, each, text, *span), whole=True)
    parts = [quote[start:end] for start, end in sentences(quote) if end - start >= _SHORTEST_PART]
    text = document.getAllText(page).text() if 0 <= page < document.pageCount() else ""
    spans = [find_quote(text, part) for part in parts]
    lines = [line for span in spans if span for line in boxes_of(document, page, text, *span)]
    return Highlight(page, tuple(lines), whole=False) if lines else None


def boxes_of(document: "QPdfDocument", page: int, text: str, start: int, end: int) -> tuple[QRectF, ...]:
    """The lines of `text[start:end]`, `text` being all of the page; in points."""
    words = selection_of(document, page, text, start, end)
    return tuple(lines_of(polygon.boundingRect() for polygon in words.bounds()))


def selection_of(document: "QPdfDocument", page: int, text: str, start: int, end: int) -> "QPdfSelection":
    """`text[start:end]` by PDFium's index, `text` being all of the page."""
    found = document.getSelectionAtIndex(page, start, end - start)
    if _squeezed(found.text()) == _squeezed(text[start:end]):
        return found
    first = _character_index(document, page, start)
    return document.getSelectionAtIndex(page, first, _character_index(document, page, end) - first)


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


def _find(text: str, quote: str, before: str, after: str) -> tuple[int, int] | None:
    """Where the quote stands with as many of the words around it as are found there, else where it stands first."""
    found = find_quote(text, quote)
    for size in _CONTEXTS if found is not None and (before or after) else ():
        head, tail = before[-size:], after[:size]
        for words, skipped in ((head + quote + tail, head), (head + quote, head), (quote + tail, "")):
            around = find_quote(text, words)
            if around is not None:
                return _within(text, around, skipped, quote)
    return found


def _within(text: str, around: tuple[int, int], before: str, quote: str) -> tuple[int, int] | None:
    """The quote in a span that begins with `before`."""
    low, high = around
    skipped = find_quote(text[low:high], before)
    low += 0 if skipped is None else skipped[1]
    found = find_quote(text[low:high], quote)
    return None if found is None else (low + found[0], low + found[1])


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
