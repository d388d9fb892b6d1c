"""An open PDF with its controls. Imported when the first PDF is shown: QtPdf is not needed before."""

from PySide6.QtCore import QBuffer, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.gui.viewer.header import PageBar
from app.gui.viewer.highlights import Highlight, find_highlight
from app.gui.viewer.pdf_view import PdfView


class PdfPanel(QWidget):
    """Page bar above pages. Made by `open_pdf`."""

    def __init__(self, document: QPdfDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = PageBar()
        self.view = PdfView(document)
        self.setFocusProxy(self.view)
        self._quote = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.view, 1)
        self.bar.show_count(document.pageCount())
        self.bar.page_wanted.connect(self._go_to)
        self.bar.zoom_stepped.connect(self.view.step_zoom)
        self.bar.fit_wanted.connect(self._fit)
        QShortcut(QKeySequence("Ctrl+="), self, self.bar.larger.click)
        self.view.page_changed.connect(self._show_page)
        self.view.zoom_changed.connect(self._show_zoom)
        self._show_zoom()
        self._add_copying()

    def show_quote(self, page: int, quote: str) -> Highlight | None:
        """Go to the quote, or to `page` (from 0) when it is nowhere near; returns what was marked."""
        highlight = find_highlight(self.view.document, page, quote)
        self._quote = quote
        self._copy_quote.setVisible(bool(quote))
        self.view.setAccessibleDescription(quote)
        if highlight is None:
            self.view.show_highlight(None)
            self.view.go_to_page(page)
        else:
            self.view.show_highlight(highlight)
        return highlight

    def _add_copying(self) -> None:
        """Right click and Ctrl+C."""
        self._copy_quote = QAction(self.tr("Copy the quote"), self.view)
        self._copy_quote.triggered.connect(lambda: QGuiApplication.clipboard().setText(self._quote))
        copy_page = QAction(self.tr("Copy the text of this page"), self.view)
        copy_page.triggered.connect(self._copy_page)
        self.view.addActions([self._copy_quote, copy_page])
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.view, self._copy)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)

    @Slot()
    def _copy(self) -> None:
        if self._quote:
            QGuiApplication.clipboard().setText(self._quote)
        else:
            self._copy_page()

    @Slot()
    def _copy_page(self) -> None:
        text = self.view.document.getAllText(self.view.page).text()
        QGuiApplication.clipboard().setText(text.replace("\r\n", "\n"))

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
        self.bar.show_zoom(self.view.zoom)


def open_pdf(path: str, pages: bytes = b"") -> PdfPanel | QPdfDocument.Error:
    """The panel of the file, or of the PDF in `pages`, or why its pages cannot be shown."""
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
    return PdfPanel(document) if document.pageCount() else QPdfDocument.Error.InvalidFileFormat


def is_locked(error: QPdfDocument.Error) -> bool:
    return error in (QPdfDocument.Error.IncorrectPassword, QPdfDocument.Error.UnsupportedSecurityScheme)
