"""An open PDF with its controls. Imported when the first PDF is shown: QtPdf is not needed before."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QBuffer, Slot
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.gui.viewer.excerpts import Quote
from app.gui.viewer.finding import DocumentSearch
from app.gui.viewer.header import PageBar
from app.gui.viewer.highlights import Highlight, selection_of
from app.gui.viewer.pdf_copying import PdfCopying
from app.gui.viewer.pdf_view import PdfView


class PdfPanel(QWidget):
    """Page bar above pages. Made by `open_pdf`."""

    def __init__(
        self, document: QPdfDocument, recognised: Mapping[int, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._recognised = recognised
        self.search = DocumentSearch(document.pageCount(), self._text_of, self)
        self.bar = PageBar()
        self.view = PdfView(document, self.search)
        self.copying = PdfCopying(self.view, self._text_of)
        self.setFocusProxy(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.view, 1)
        self.bar.show_count(document.pageCount())
        self.bar.page_wanted.connect(self._go_to)
        self.bar.zoom.stepped.connect(self.view.step_zoom)
        self.bar.zoom.reset_wanted.connect(self._fit)
        self.view.page_changed.connect(self._show_page)
        self.view.zoom_changed.connect(self._show_zoom)
        self.search.chosen.connect(self._show_hit)
        self._show_zoom()

    def show_quotes(self, page: int, quote: Quote | None, others: Sequence[Quote]) -> Highlight | None:
        """Mark the quotes and go to the first, or to `page` (from 0) when it is nowhere near; returns what was marked."""
        self.view.selection.clear()
        self.view.marks.show_quotes(page, quote, others)
        words = "" if quote is None else quote.text
        self.copying.quote = words
        self.view.setAccessibleDescription(words)
        highlight = self.view.marks.quote
        if highlight is None:
            self.view.go_to_page(page)
        else:
            self.view.go_to_lines(highlight.page, highlight.lines)
        return highlight

    def find_words(self, words: str) -> None:
        """From the page in view onwards."""
        self.search.find(words, self.view.page)

    def keep_found(self) -> None:
        """Select the place that was found last."""
        hit = self.search.current
        text = "" if hit is None else self._document.getAllText(hit.part).text()
        if hit is not None and text.strip():
            words = selection_of(self._document, hit.part, text, hit.start, hit.end)
            self.view.selection.select(hit.part, words)

    def _text_of(self, page: int) -> str:
        text = self._document.getAllText(page).text()
        return text if text.strip() else self._recognised.get(page + 1, "")

    @Slot()
    def _show_hit(self) -> None:
        hit = self.search.current
        if hit is None:
            return
        lines = self.view.marks.lines_of_hit(hit)
        if not self.view.shows(hit.part, lines):
            self.view.go_to_lines(hit.part, lines)

    @Slot(int)
    def _go_to(self, page: int) -> None:
        self.view.go_to_page(page - 1)

    @Slot()
    def _fit(self) -> None:
        self.view.set_zoom(None)

    @Slot(int)
    def _show_page(self, page: int) -> None:
        self.bar.show_page(page + 1)

    @Slot()
    def _show_zoom(self) -> None:
        self.bar.zoom.show_zoom(self.view.zoom)


def open_pdf(path: str, pages: bytes, recognised: Mapping[int, str]) -> PdfPanel | QPdfDocument.Error:
    """The panel of the file, or of the PDF in `pages`, or why its pages cannot be shown.

    `recognised`: texts of pages that are pictures, by their number from 1.
    """
    document = QPdfDocument()
    if pages:
        buffer = QBuffer(document)
        buffer.setData(pages)
        buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        document.load(buffer)
        error = document.error()
    else:
        error = document.load(path)
    if error != QPdfDocument.Error.None_:
        return error
    return PdfPanel(document, recognised) if document.pageCount() else QPdfDocument.Error.InvalidFileFormat


def is_locked(error: QPdfDocument.Error) -> bool:
    return error in (QPdfDocument.Error.IncorrectPassword, QPdfDocument.Error.UnsupportedSecurityScheme)
