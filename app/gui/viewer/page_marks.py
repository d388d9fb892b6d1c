"""What is marked on the pages of a PDF: quotes, words that were searched for, and what is selected."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtPdf import QPdfDocument

from app.gui.theme import LIGHT
from app.gui.viewer.excerpts import Quote
from app.gui.viewer.finding import DocumentSearch, Hit
from app.gui.viewer.highlights import Highlight, boxes_of, find_highlight

Look = Literal["other", "quote", "found", "chosen", "selected"]
_KEPT = 512
_KEPT_PAGES = 8
_LINE = 1.5  # pixels


@dataclass(frozen=True, slots=True)
class Mark:
    """`lines` are boxes in points of the page."""

    look: Look
    lines: tuple[QRectF, ...]


class PageMarks:
    """The marks of an open document. Pages count from 0."""

    def __init__(self, document: QPdfDocument, search: DocumentSearch) -> None:
        self._document = document
        self._search = search
        self.quote: Highlight | None = None
        self._others: tuple[Highlight, ...] = ()
        self._text = lru_cache(_KEPT_PAGES)(lambda page: document.getAllText(page).text())
        self._hit_lines = lru_cache(_KEPT)(self._find_lines)
        self._highlight = lru_cache(_KEPT)(self._find_quote)  # the same ones come back with each step

    def show_quotes(self, page: int, quote: Quote | None, others: Sequence[Quote]) -> None:
        """Mark these; `page` is where `quote` should be."""
        self.quote = self._highlight(page, quote) if quote is not None else None
        found = [self._highlight(each.place.number - 1, each) for each in others]
        self._others = tuple(each for each in found if each is not None)

    def lines_of_hit(self, hit: Hit) -> tuple[QRectF, ...]:
        """None on a picture: its words were recognised, and where they stand is not known."""
        return self._hit_lines(hit)

    def on_page(self, page: int) -> list[Mark]:
        """In the order in which they are painted."""
        marks = [Mark("other", each.lines) for each in self._others if each.page == page]
        if self.quote is not None and self.quote.page == page:
            marks.append(Mark("quote", self.quote.lines))
        for hit in self._search.on_part(page):
            look: Look = "chosen" if hit == self._search.current else "found"
            marks.append(Mark(look, self.lines_of_hit(hit)))
        return marks

    def _find_quote(self, page: int, quote: Quote) -> Highlight | None:
        return find_highlight(self._document, page, quote.text, quote.before, quote.after)

    def _find_lines(self, hit: Hit) -> tuple[QRectF, ...]:
        text = self._text(hit.part)
        return boxes_of(self._document, hit.part, text, hit.start, hit.end) if text.strip() else ()


def paint_marks(painter: QPainter, look: Look, boxes: Sequence[QRectF]) -> None:
    """Paper is white in both themes, so the colours are the light theme's; letters show through."""
    grounds = {
        "other": LIGHT.marker_soft, "quote": LIGHT.marker, "found": LIGHT.found, "chosen": LIGHT.found,
        "selected": LIGHT.found,
    }  # fmt: skip
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
    painter.setPen(QPen(QColor(LIGHT.accent), _LINE) if look == "chosen" else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(grounds[look]))
    for box in boxes:
        painter.drawRoundedRect(box, 2, 2)
    if look == "quote":  # not told by its colour alone
        painter.setPen(QPen(QColor(LIGHT.warning), _LINE))
        for box in boxes:
            painter.drawLine(box.bottomLeft(), box.bottomRight())
    painter.restore()
