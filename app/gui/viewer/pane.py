"""The viewer: one document, opened at the words that were quoted from it."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.assistants.events import Source
from app.backend import Backend
from app.documents.document import Place, Verdict
from app.gui.jobs import Job, Jobs
from app.gui.text_format import file_name, place_name
from app.gui.theme import GRID, set_role
from app.gui.viewer.citation_bar import CitationBar
from app.gui.viewer.citations import Citation, Citations, citations_of
from app.gui.viewer.document_area import DocumentArea
from app.gui.viewer.excerpts import Quote
from app.gui.viewer.find_bar import FindBar
from app.gui.viewer.header import ViewerHeader
from app.gui.viewer.loading import Loaded, load
from app.gui.viewer.notice import NoticeStrip
from app.gui.viewer.outside import open_in_system, show_in_folder


class ViewerPane(QWidget):
    """Shows PDFs and pictures as pages and everything else as the text that was read from it."""

    closed = Signal()

    def __init__(self, backend: Backend, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = backend.index
        self._jobs = jobs
        self._job: Job | None = None
        self.path = ""  # of the file in view
        self._loaded: Loaded | None = None
        self._focus_before: QWidget | None = None  # when the document was asked for
        self._citations: Citations | None = None
        self.header = ViewerHeader()
        self.citation_bar = CitationBar()
        self.remark = NoticeStrip()
        self.area = DocumentArea()
        self.find_bar = FindBar(self.area)
        self._lay_out()
        self._connect()

    def open_source(self, source: Source) -> None:
        """Open the file of a source at its quote."""
        self.open_citations(citations_of(source))

    def open_citations(self, citations: Citations) -> None:
        """Open the first of them; the others of its document are marked, too, and can be stepped through."""
        self._citations = citations
        self._open(citations.places[citations.first].file)

    def open_file(self, path: str) -> None:
        """Open a file at its beginning."""
        self._citations = None
        self._open(path)

    def _lay_out(self) -> None:
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Document"))
        self.setMinimumWidth(GRID * 48)
        line = QFrame()
        set_role(line, "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for each in (self.header, self.citation_bar, self.remark, line, self.find_bar):
            column.addWidget(each)
        column.addWidget(self.area, 1)

    def _connect(self) -> None:
        self.header.find_button.clicked.connect(self.find_bar.begin)
        self.header.open_button.clicked.connect(self._open_outside)
        self.header.folder_button.clicked.connect(lambda: show_in_folder(self._on_disk))
        self.header.close_button.clicked.connect(self.closed)
        self.citation_bar.stepped.connect(self._step)
        self.citation_bar.copy_wanted.connect(self._copy_quote)
        QShortcut(QKeySequence("F3"), self, lambda: self._go_on(1))
        QShortcut(QKeySequence("Shift+F3"), self, lambda: self._go_on(-1))

    @property
    def _on_disk(self) -> str:
        return self.path if self._loaded is None else self._loaded.on_disk

    def _open(self, path: str) -> None:
        """Only the last thing asked for is shown."""
        citation = _current(self._citations)
        if path != self.path:
            self.find_bar.end()
            self.area.show_nothing()
            self.remark.say()
        self.path, self._loaded = path, None
        self.header.show_file(file_name(path), path)
        self.header.allow(find=False, open=False, folder=False)  # until it is known what there is
        self.header.show_place(_where(citation, self._loaded))
        self.citation_bar.show_citations(self._citations)
        quote = None if citation is None else _quote(citation)
        places = () if self._citations is None else self._citations.places
        others = [_quote(each) for each in places if each.file == path and each is not citation]
        self._focus_before = self.window().focusWidget()
        if self._job is not None:
            self._job.stop()
        job = self._jobs.run(
            lambda token: [load(self._index, path, quote, others)],
            on_event=lambda loaded: self._show(loaded) if job is self._job else None,
            owner=self,
        )
        self._job = job

    @Slot(object)
    def _show(self, loaded: Loaded) -> None:
        self._loaded = loaded
        focus = self.window().focusWidget()
        has_stayed = self.isVisible() and focus is self._focus_before
        in_bars = any(bar.isAncestorOf(focus) for bar in (self.citation_bar, self.find_bar) if focus)
        unsupported = loaded.file is not None and loaded.file.state == Verdict.unsupported
        shown = self.area.show_document(loaded)
        place = _where(_current(self._citations), loaded)
        if shown.page is not None:
            place = place_name(Place("page", shown.page))
        if loaded.is_member:
            archive = self.tr("In {name}").format(name=file_name(loaded.on_disk))
            place = " · ".join(filter(None, (place, archive)))
        self.header.show_place(place)
        self.remark.say(shown.remark)
        self.header.allow(
            find=self.area.search is not None,
            open=loaded.exists and (loaded.is_member or not unsupported),
            folder=True,
        )
        self.find_bar.search_again()
        if has_stayed and not in_bars:
            self.area.take_focus()

    @Slot(int)
    def _step(self, direction: int) -> None:
        """To the next quote of the answer, around the end, whatever document it is in."""
        if self._citations is not None:
            places = self._citations.places
            self.open_citations(Citations(places, (self._citations.first + direction) % len(places)))

    def _go_on(self, direction: int) -> None:
        """F3: through what was looked for while that is shown, else through the quotes."""
        if self.find_bar.isHidden():
            self._step(direction)
        else:
            self.find_bar.step(direction)

    @Slot()
    def _copy_quote(self) -> None:
        """Its words, and where they stand."""
        citation = _current(self._citations)
        if citation is not None:
            quote = None if self._loaded is None else self._loaded.quote
            words = citation.text if quote is None else quote.text
            where = " · ".join(filter(None, (file_name(citation.file), _where(citation, self._loaded))))
            QGuiApplication.clipboard().setText(f"“{words.strip()}”\n{where}")

    @Slot()
    def _open_outside(self) -> None:
        if not open_in_system(self._on_disk):
            self.remark.say(self.tr("No app on this computer opens this kind of file."))

    def event(self, event: QEvent) -> bool:
        """Keys that mean something else in the rest of the window belong to the viewer while it has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            closes = event.key() == Qt.Key.Key_Escape and self.find_bar.isVisible()
            if closes or event.matches(QKeySequence.StandardKey.Find):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find):
            self.find_bar.begin()
        elif event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.find_bar.isVisible():
            self.find_bar.end()
        else:
            self.closed.emit()


def _current(citations: Citations | None) -> Citation | None:
    return None if citations is None else citations.places[citations.first]


def _quote(citation: Citation) -> Quote:
    return Quote(citation.place, citation.text, citation.start, citation.end)


def _where(citation: Citation | None, loaded: Loaded | None) -> str:
    """ "Page 3", "Costs · A2:F9"; the cells are known once the document is there."""
    cells = "" if loaded is None else loaded.cells
    return "" if citation is None else " · ".join(filter(None, (place_name(citation.place), cells)))
