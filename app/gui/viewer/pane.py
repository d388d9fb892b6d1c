"""The viewer: one document, opened at the words that were quoted from it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from app.assistants.events import Source
from app.backend import Backend
from app.documents.document import Place, Verdict
from app.gui.jobs import Job, Jobs
from app.gui.text_format import file_name, place_name, source_place
from app.gui.theme import GRID, set_role
from app.gui.viewer.excerpts import Excerpt, Quote
from app.gui.viewer.header import ViewerHeader
from app.gui.viewer.loading import Loaded, load, read_text
from app.gui.viewer.notice import Notice, NoticeStrip
from app.gui.viewer.outside import open_in_system, show_in_folder
from app.gui.viewer.text_view import TextView

if TYPE_CHECKING:
    from app.gui.viewer.pdf_panel import PdfPanel

T = TypeVar("T")


class ViewerPane(QWidget):
    """Shows PDFs and pictures as pages and everything else as the text that was read from it."""

    closed = Signal()

    def __init__(self, backend: Backend, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = backend.index
        self._jobs = jobs
        self._job: Job | None = None
        self._path = ""
        self._on_disk = ""
        self._source: Source | None = None
        self._version = (0, 0)
        self.pdf: PdfPanel | None = None
        self.header = ViewerHeader()
        self.remark = NoticeStrip()
        self.text = TextView()
        self.notice = Notice()
        self._lay_out()
        self.header.open_button.clicked.connect(self._open_outside)
        self.header.folder_button.clicked.connect(lambda: show_in_folder(self._on_disk))
        self.header.close_button.clicked.connect(self.closed)

    @property
    def path(self) -> str:
        """The file in view."""
        return self._path

    def open_source(self, source: Source) -> None:
        """Open the file of a citation at its quote."""
        self._open(source.file, source)

    def open_file(self, path: str) -> None:
        """Open a file at its beginning."""
        self._open(path, None)

    def _lay_out(self) -> None:
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Document"))
        self.setMinimumWidth(GRID * 48)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.notice)
        self._stack.addWidget(self.text)
        line = QFrame()
        set_role(line, "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.remark)
        column.addWidget(line)
        column.addWidget(self._stack, 1)

    def _open(self, path: str, source: Source | None) -> None:
        if path != self._path:
            self.notice.say("file", "", "")
            self._stack.setCurrentWidget(self.notice)
            self.remark.say()
        self._path, self._on_disk, self._source = path, path, source
        self.header.show_file(file_name(path), path)
        self.header.show_place(source_place(source) if source is not None else "")
        quote = self._quote()
        self._run(lambda: load(self._index, path, quote), self._show)

    def _quote(self) -> Quote | None:
        source = self._source
        return None if source is None else Quote(source.place, source.quote, source.start, source.end)

    def _run(self, look: Callable[[], T], show: Callable[[T], object]) -> None:
        """Only the last thing asked for is shown."""
        if self._job is not None:
            self._job.stop()
        job = self._jobs.run(
            lambda token: [look()],
            on_event=lambda found: show(found) if job is self._job else None,
            owner=self,
        )
        self._job = job

    @Slot(object)
    def _show(self, loaded: Loaded) -> None:
        self._on_disk = loaded.on_disk
        is_member = loaded.on_disk != loaded.path
        readable = is_member or loaded.file is None or loaded.file.state != Verdict.unsupported
        self.header.open_button.setEnabled(loaded.exists and readable)
        if is_member:
            place = source_place(self._source) if self._source is not None else ""
            archive = self.tr("In {name}").format(name=file_name(loaded.on_disk))
            self.header.show_place(" · ".join(filter(None, (place, archive))))
        changed = self.tr(
            "This document was changed after Alcove read it. Refresh the library to read it again."
        )
        if not loaded.exists:
            gone = self.tr("The file is no longer where it was. This is the text that Alcove read from it.")
            self._show_text(loaded, loaded.text, gone)
        elif loaded.text is not None:
            self._show_text(loaded, loaded.text, changed if loaded.changed else "")
        else:
            self._show_pdf(loaded, changed if loaded.changed else "")

    def _show_pdf(self, loaded: Loaded, remark: str) -> None:
        if self.pdf is None or self._version != loaded.version:
            self._close_pdf()
            from app.gui.viewer.pdf_panel import PdfPanel, is_locked, open_pdf

            opened = open_pdf(loaded.path, loaded.pages)
            if not isinstance(opened, PdfPanel):
                self._show_instead_of_pdf(loaded, is_locked(opened))
                return
            self.pdf, self._version = opened, loaded.version
            self._stack.addWidget(opened)
        self._stack.setCurrentWidget(self.pdf)
        source = self._source
        page = max(0, source.place.number - 1) if source is not None and source.place.kind == "page" else 0
        quote = source.quote if source is not None else ""
        highlight = self.pdf.show_quote(page, quote)
        if highlight is not None:
            self.header.show_place(place_name(Place("page", highlight.page + 1)))
        if quote and highlight is None:
            recognised = source is not None and source.place.number in loaded.recognised
            remark = f"{remark} {self._not_marked(recognised=recognised)}"
        elif highlight is not None and not highlight.whole:
            remark = f"{remark} {self.tr('Only part of the quote could be marked.')}"
        self.remark.say(remark.strip())
        self.pdf.setFocus()

    def _show_instead_of_pdf(self, loaded: Loaded, locked: bool) -> None:
        if locked:
            why = self.tr("The pages need a password. Open the file in another app to see them.")
        else:
            why = self.tr(
                "The pages of this PDF cannot be shown here. Open the file in another app to see them."
            )
        quote = self._quote()
        self._run(
            lambda: read_text(self._index, loaded.path, quote),
            lambda text: self._show_text(loaded, text, why),
        )

    def _show_text(self, loaded: Loaded, text: Excerpt | None, remark: str) -> None:
        self._close_pdf()
        if text is None or not text.places:
            self._show_notice(loaded, remark)
            return
        said = [remark]
        if self._source is not None and self._source.quote and not text.found:
            said.append(self._not_marked())
        if text.cut:
            said.append(self.tr("This is a long document; only a part of it is shown here."))
        self.remark.say(*said)
        self._stack.setCurrentWidget(self.text)
        self.text.show_excerpt(text)
        self.text.setFocus()

    def _show_notice(self, loaded: Loaded, remark: str) -> None:
        self.remark.say()
        self._stack.setCurrentWidget(self.notice)
        if not loaded.exists:
            self.notice.say(
                "file",
                self.tr("The file is no longer there"),
                self.tr("It was moved, renamed or deleted, or its drive is not connected. Refresh the library"
                        " once it is back."),
            )  # fmt: skip
            return
        if loaded.file is not None and loaded.file.state == Verdict.archive:
            self.notice.say(
                "archive",
                self.tr("This is an archive"),
                self.tr("The documents in it are listed in the library one by one."),
            )
            return
        reason = loaded.file.reason if loaded.file is not None else remark
        self.notice.say(
            "file",
            self.tr("There is no text to show"),
            reason
            or self.tr("This file was not read yet. Refresh the library, or open the file in another app."),
        )

    def _not_marked(self, *, recognised: bool = False) -> str:
        if recognised:
            return self.tr(
                "This page is a picture whose text was recognised, so the quoted words are not marked."
            )
        return self.tr("The quoted words could not be found here, so they are not marked.")

    def _close_pdf(self) -> None:
        if self.pdf is not None:
            self._stack.removeWidget(self.pdf)
            self.pdf.deleteLater()
            self.pdf = None

    @Slot()
    def _open_outside(self) -> None:
        if not open_in_system(self._on_disk):
            self.remark.say(self.tr("No app on this computer opens this kind of file."))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
