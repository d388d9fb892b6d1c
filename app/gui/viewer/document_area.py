"""Where the document is: as pages, as text, or as a message that says why it is neither."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.documents.document import Verdict
from app.gui.viewer.finding import DocumentSearch
from app.gui.viewer.loading import Loaded
from app.gui.viewer.notice import Notice
from app.gui.viewer.text_panel import TextPanel

if TYPE_CHECKING:
    from app.gui.viewer.pdf_panel import PdfPanel


@dataclass(frozen=True, slots=True)
class Shown:
    """`remark`: what to know of it. `page`: where the quote was found, counted from 1; None where there are no pages."""

    remark: str = ""
    page: int | None = None


class DocumentArea(QStackedWidget):
    """Shows what was loaded and looks for words in it."""

    searched = Signal()
    """More was found in the document, or another place is the current one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pdf: PdfPanel | None = None
        self._paged = ("", (0, 0))  # path and version of the pages
        self.text = TextPanel()
        self.notice = Notice()
        self.addWidget(self.notice)
        self.addWidget(self.text)
        self._follow(self.text.search)

    @property
    def search(self) -> DocumentSearch | None:
        """Of the document in view; None while there is none."""
        if self.pdf is not None and self.currentWidget() is self.pdf:
            return self.pdf.search
        return self.text.search if self.currentWidget() is self.text else None

    def take_focus(self) -> None:
        """The keyboard goes to the document in view."""
        (self.currentWidget() or self).setFocus()

    def find_words(self, words: str) -> None:
        shown = self.currentWidget()
        if shown is self.text:
            self.text.find_words(words)
        elif self.pdf is not None and shown is self.pdf:
            self.pdf.find_words(words)

    def end_find(self) -> None:
        """Nothing is looked for any more; the place that was found last stays selected."""
        shown = self.pdf if self.pdf is not None else self.text
        shown.keep_found()
        self.find_words("")

    def show_nothing(self) -> None:
        """Until the next document is there."""
        focus = self.window().focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.notice.say("file", "", "")
        self.setCurrentWidget(self.notice)
        if had_focus:  # or it would go to whatever comes next
            self.take_focus()

    def show_document(self, loaded: Loaded) -> Shown:
        """Bring the document into view at its quote."""
        remark = ""
        if not loaded.exists:
            remark = self.tr("The file is no longer where it was. This is the text that Alcove read from it.")
        elif loaded.changed:
            remark = self.tr(
                "This document was changed after Alcove read it. Refresh the library to read it again."
            )
        return self._show_pages(loaded, remark) if loaded.is_paged else self._show_text(loaded, remark)

    def _show_pages(self, loaded: Loaded, remark: str) -> Shown:
        if self.pdf is None or self._paged != (loaded.path, loaded.version):
            why = self._open_pages(loaded)
            if why:
                return self._show_text(loaded, why)
        assert self.pdf is not None
        self.setCurrentWidget(self.pdf)
        quote = loaded.quote
        paged = [each for each in loaded.others if each.place.kind == "page"]
        page = max(0, quote.place.number - 1) if quote is not None and quote.place.kind == "page" else 0
        highlight = self.pdf.show_quotes(page, quote, paged)
        if highlight is None and quote is not None and quote.text:
            said = self._not_marked(recognised=quote.place.number in loaded.recognised)
            return Shown(f"{remark} {said}".strip())
        if highlight is not None and not highlight.whole:
            remark = f"{remark} {self.tr('Only part of the quote could be marked.')}"
        return Shown(remark.strip(), None if highlight is None else highlight.page + 1)

    def _open_pages(self, loaded: Loaded) -> str:
        """Why it cannot be done, "" when it was."""
        self._close_pages()
        from app.gui.viewer.pdf_panel import PdfPanel, is_locked, open_pdf

        opened = open_pdf(loaded.path, loaded.pages, loaded.recognised)
        if isinstance(opened, PdfPanel):
            self.pdf, self._paged = opened, (loaded.path, loaded.version)
            self._follow(opened.search)
            self.addWidget(opened)
            return ""
        if is_locked(opened):
            return self.tr("The pages need a password. Open the file in another app to see them.")
        return self.tr(
            "The pages of this PDF cannot be shown here. Open the file in another app to see them."
        )

    def _show_text(self, loaded: Loaded, remark: str) -> Shown:
        self._close_pages()
        text = loaded.text
        if not text.places:
            self._say_why(loaded, remark)
            return Shown()
        said = [remark] if remark else []
        if loaded.quote is not None and loaded.quote.text and not text.found:
            said.append(self._not_marked(recognised=False))
        if text.cut:
            said.append(self.tr("This is a long document; only a part of it is shown and searched here."))
        self.setCurrentWidget(self.text)
        self.text.show_excerpt(text)
        return Shown(" ".join(said))

    def _say_why(self, loaded: Loaded, remark: str) -> None:
        self.setCurrentWidget(self.notice)
        if not loaded.exists:
            self.notice.say(
                "file",
                self.tr("The file is no longer there"),
                self.tr("It was moved, renamed or deleted, or its drive is not connected. Refresh the library"
                        " once it is back."),
            )  # fmt: skip
        elif loaded.file is not None and loaded.file.state == Verdict.archive:
            self.notice.say(
                "archive",
                self.tr("This is an archive"),
                self.tr("The documents in it are listed in the library one by one."),
            )
        else:
            unread = self.tr(
                "This file was not read yet. Refresh the library, or open the file in another app."
            )
            reason = loaded.file.reason if loaded.file is not None else remark
            self.notice.say("file", self.tr("There is no text to show"), reason or unread)

    def _not_marked(self, *, recognised: bool) -> str:
        if recognised:
            return self.tr(
                "This page is a picture whose text was recognised, so the quoted words are not marked."
            )
        return self.tr("The quoted words could not be found here, so they are not marked.")

    def _close_pages(self) -> None:
        if self.pdf is not None:
            self.removeWidget(self.pdf)
            self.pdf.deleteLater()
            self.pdf = None

    def _follow(self, search: DocumentSearch) -> None:
        search.changed.connect(self.searched)
        search.chosen.connect(self.searched)
