"""The library page: choose what Alcove reads, watch it read, and see what it could not."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.backend import Backend
from app.base.edition import recognises_text
from app.base.errors import AppError
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.library.collections_panel import Choice, CollectionsPanel
from app.gui.library.empty_state import EmptyLibrary
from app.gui.library.files_loader import FilesLoader, Listed, Wish, missing
from app.gui.library.files_panel import FilesPanel
from app.gui.library.indexing import IndexingQueue
from app.gui.library.page_header import PageHeader
from app.gui.library.progress_strip import ProgressStrip
from app.gui.library.removals import Removals
from app.gui.library.states import Reader
from app.gui.library.work_shown import WorkShown
from app.gui.text_format import file_name
from app.gui.theme import GRID, set_role
from app.gui.viewer.outside import show_in_folder
from app.storage.collections import DEFAULT_COLLECTION


class LibraryPage(QWidget):
    """Puts collections, progress and files together. Messages go to `messages`, or to a bar of its own."""

    document_opened = Signal(str)
    collections_changed = Signal()

    def __init__(
        self, backend: Backend, jobs: Jobs, parent: QWidget | None = None, messages: MessageBar | None = None,
        indexing: IndexingQueue | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._collections = backend.collections
        self._settings = backend.settings
        self._jobs = jobs
        self._own_bar = messages is None
        self.messages = messages if messages is not None else MessageBar()
        self.indexing = indexing if indexing is not None else IndexingQueue(backend, jobs, self)
        self.removals = Removals(backend.collections, backend.library, jobs, self.messages, self)
        self._loader = FilesLoader(backend.index, jobs, self)
        self.panel = CollectionsPanel()
        self._chosen_before = Choice()
        self.header = PageHeader()
        self.strip = ProgressStrip()
        self.files = FilesPanel(jobs)
        self.empty = EmptyLibrary()
        self._lay_out()
        self._connect_panel()
        self._connect_work()
        if not self._collections.all():
            self._collections.add(DEFAULT_COLLECTION, [])
        self._show_collections(Choice(DEFAULT_COLLECTION))
        paused = backend.settings.current.reading_paused
        work = WorkShown(self.indexing, backend.collections, self.strip, self.header, self, paused=paused)
        work.changed.connect(lambda: self._loader.load_sometime(self._wish()))

    @Slot(object)
    def add_folders(self, paths: list[Path]) -> None:
        """Put folders or files into the chosen collection (or the default one) and read them."""
        name = self.panel.choice.collection or DEFAULT_COLLECTION
        self._collections.add(name, paths)
        self._show_collections(Choice(name))
        self.collections_changed.emit()
        self.indexing.add([str(path.absolute()) for path in paths])

    @Slot()
    def refresh(self) -> None:
        """Read what is new or changed in what is chosen."""
        self.indexing.add(self._chosen_folders())

    @Slot()
    def retry(self) -> None:
        """Read again what could not be read, in what is chosen."""
        self.indexing.add(self._chosen_folders(), retry=True)

    def stop(self) -> bool:
        """Stop what was asked for; false when nothing was. What is read unasked is stopped by its button only."""
        return self.indexing.stop()

    def _lay_out(self) -> None:
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.files)
        self._stack.addWidget(self.empty)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        if self._own_bar:
            column.addWidget(self.messages)
        for each in (self.header, self.strip):
            column.addWidget(each)
        column.addWidget(self._stack, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal, handleWidth=1, childrenCollapsible=False)
        self.panel.setMinimumWidth(160)
        splitter.addWidget(self.panel)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([232, 800])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(splitter)

    def _connect_panel(self) -> None:
        self.panel.chosen.connect(self._load)
        self.panel.create_wanted.connect(self._create)
        self.panel.create_undone.connect(self._undo_create)
        self.panel.renamed.connect(self._rename)
        self.panel.remove_wanted.connect(self._remove)
        self.panel.folder_wanted.connect(self.header.add.choose_folder)
        self.panel.refresh_wanted.connect(self.refresh)
        self.panel.reveal_wanted.connect(show_in_folder)
        for buttons in (self.header.add, self.empty.add):
            buttons.paths_chosen.connect(self.add_folders)
        self.header.refresh.clicked.connect(self.refresh)

    def _connect_work(self) -> None:
        for part in (self.strip, self.header):
            part.retry_wanted.connect(self.retry)
        self.indexing.started.connect(self._load)
        self.indexing.ended.connect(self._load)
        self.indexing.settings_changed.connect(self._load)
        self._loader.loaded.connect(self._show_listed)
        self.strip.failures_wanted.connect(self.files.show_attention)
        self.removals.changed.connect(self._removed)
        self.removals.forgotten.connect(self._forgotten)
        table = self.files.table
        table.opened.connect(self.document_opened)
        table.forget_wanted.connect(
            lambda paths: self.removals.remove_files(
                paths, self._collections.get(self.panel.choice.collection)
            )
        )
        for each in (table, self.files.why):
            each.reveal_wanted.connect(show_in_folder)
            each.retry_wanted.connect(lambda paths: self.indexing.add(paths, retry=True))
        app = QApplication.instance()
        if self._own_bar and app is not None:
            app.aboutToQuit.connect(self.messages.dismiss)

    def _chosen_folders(self) -> tuple[str, ...]:
        folders = self._folders()
        return self._collections.folders() if folders is None else folders

    def _folders(self) -> tuple[str, ...] | None:
        """What is chosen; None for everything that is indexed."""
        choice = self.panel.choice
        if choice.folder:
            return (choice.folder,)
        collection = self._collections.get(choice.collection) if choice.collection else None
        return None if collection is None else collection.folders

    def _wish(self) -> Wish:
        recognises = self._settings.current.recognise_text and recognises_text()
        reader = Reader(self.indexing.busy, recognises)
        return Wish(self._folders(), reader, self.removals.hidden)

    def _show_collections(self, choose: Choice) -> None:
        self.panel.show_collections(self._collections.all(), choose)
        folders = self._collections.folders()
        self._jobs.run(lambda token: [missing(folders)], on_event=self.panel.show_missing)
        self._load()

    @Slot()
    def _load(self) -> None:
        choice = self.panel.choice
        detail = choice.folder or choice.collection
        everything = self.tr("Everything indexed")
        self.header.show_title(file_name(choice.folder) or detail or everything, detail or everything)
        self._loader.load(self._wish())

    @Slot(object)
    def _show_listed(self, listed: Listed) -> None:
        folders = listed.wish.folders
        if folders != self._folders():
            return  # the answer to an older choice
        self.files.show_rows(listed.rows)
        self.header.show_facts(len(folders or ()) if not self.panel.choice.folder else 0, listed)
        listing = bool(listed.rows) or self.indexing.running
        self.header.show_buttons(add=listing, refresh=listing or folders != ())
        if listing:
            self._stack.setCurrentWidget(self.files)
            return
        if not self._collections.folders() or folders == ():
            self.empty.show_no_folders(self.panel.choice.collection, first=not self._collections.folders())
        elif folders is None:
            self.empty.show_nothing_indexed()
        else:
            self.empty.show_no_files()
        self._stack.setCurrentWidget(self.empty)

    @Slot()
    def _create(self) -> None:
        """Made at once, with a name to be typed over."""
        self._chosen_before = self.panel.choice
        base = name = self.tr("New collection")
        number = 2
        while self._collections.get(name) is not None:
            name = f"{base} {number}"
            number += 1
        self._collections.add(name, [])
        self._show_collections(Choice(name))
        self.collections_changed.emit()
        self.panel.name_new(name)

    @Slot(str)
    def _undo_create(self, name: str) -> None:
        made = self._collections.get(name)
        if made is not None and not made.folders:
            self._collections.remove(name)
            self._show_collections(self._chosen_before)
            self.collections_changed.emit()

    @Slot(str, str)
    def _rename(self, before: str, after: str) -> None:
        after = after.strip()
        try:
            if after:
                self._collections.rename(before, after)
        except AppError as error:
            self.messages.show_error(error)
            after = before
        self._show_collections(Choice(after or before))
        self.collections_changed.emit()

    @Slot(object)
    def _remove(self, choice: Choice) -> None:
        collection = self._collections.get(choice.collection)
        if choice.folder:
            self.removals.remove_folder(choice.collection, choice.folder)
        elif collection is not None:
            self.removals.remove_collection(collection)

    @Slot()
    def _removed(self) -> None:
        self._show_collections(self.panel.choice)
        self.collections_changed.emit()

    @Slot(object)
    def _forgotten(self, again: tuple[str, ...]) -> None:
        self.indexing.add(again)
        self._load()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or not self.stop():
            super().keyPressEvent(event)
