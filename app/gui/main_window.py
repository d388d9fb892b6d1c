"""The window: a rail of pages, the page in view, and the viewer of documents beside it."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.backend import Backend
from app.base.errors import AppError
from app.gui.chat.page import ChatPage
from app.gui.drops import DropArea
from app.gui.errors import MessageBar, show_bug
from app.gui.jobs import Jobs
from app.gui.library.indexing import IndexingQueue
from app.gui.library.reembedding import Reembedding
from app.gui.rail import Rail
from app.gui.shortcuts import ShortcutSheet
from app.gui.tab_order import bring_into_view, next_stop
from app.gui.theme import GRID
from app.gui.viewer_place import ViewerPlace


class MainWindow(QMainWindow):
    """Puts the pages together. All but the chat are built when they are first shown."""

    closed = Signal()

    def __init__(self, backend: Backend, jobs: Jobs) -> None:
        super().__init__()
        self._backend = backend
        self._jobs = jobs
        self._places = QSettings(str(backend.paths.config / "window.ini"), QSettings.Format.IniFormat)
        self.setWindowTitle("Alcove")
        self.setMinimumSize(720, 480)
        self.rail = Rail()
        self.messages = MessageBar()
        self.indexing = IndexingQueue(backend, jobs, self)
        self.reembedding = Reembedding(backend, jobs, self)
        self.chat = ChatPage(backend, jobs, self.messages)
        self._pages: dict[str, QWidget] = {"chat": self.chat}
        self._stack = QStackedWidget()
        self._stack.addWidget(self.chat)
        self.viewer = ViewerPlace(self._stack, backend, jobs)
        self._drops = DropArea(self)
        self._lay_out()
        self._connect()
        self.show_page("chat" if backend.settings.current.greeted else "welcome")
        if backend.user_db.read_only:
            nothing_saved = self.tr("Nothing can be written in {folder}, so nothing is saved.")
            try_this = self.tr("To ask and to add documents, give yourself permission to write there.")
            self.messages.show_error(AppError(nothing_saved.format(folder=backend.paths.data), try_this))

    def page(self, name: str) -> Any:
        """The page "chat", "library", "summarize", "translate", "models", "settings" or "welcome", built if need be."""
        if name not in self._pages:
            from app.gui.pages import build_page  # none of them is needed to show the window

            page = self._pages[name] = build_page(name, self, self._backend, self._jobs)
            self._stack.addWidget(page)
        return self._pages[name]

    @Slot(str)
    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        page = self.page(name)
        if self.viewer.covers_page:
            self.viewer.close_viewer()
        self._stack.setCurrentWidget(page)
        self.rail.mark(name)
        if name == "chat":
            self.chat.refresh_scopes()
            self.chat.composer.setFocus()
        elif name in ("summarize", "translate", "models", "settings"):
            page.refresh()
        self._drops.show_purpose(name)

    @Slot(object)
    def take_dropped(self, paths: list[Path]) -> None:
        """Models go to the Models page, everything else to the page in view if it works with files, else to the library."""
        models = [path for path in paths if path.suffix.casefold() == ".gguf"]
        documents = [path for path in paths if path not in models]
        in_view = self._stack.currentWidget()
        takers = [name for name in ("summarize", "translate") if self._pages.get(name) is in_view]
        if documents and takers:
            self.page(takers[0]).take_files(documents)
        elif documents:
            self.add_documents(documents)
        if models:
            self.leave_for("models")
            self.page("models").import_files(models)

    @Slot(object)
    def add_documents(self, paths: list[Path]) -> None:
        """Files and folders that were dropped or chosen go to the library."""
        self._greeted()
        self.show_page("library")
        self.page("library").add_folders(paths)

    @Slot(object)
    def report(self, error: BaseException) -> None:
        """Show any exception: an expected one in the message bar, a mistake of Alcove in a dialog."""
        if isinstance(error, AppError):
            self.messages.show_error(error)
        else:
            show_bug(error, self._backend.paths.logs, self)

    @Slot()
    def raise_window(self) -> None:
        """Another start of Alcove asked for this window."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def close_parts(self) -> None:
        """End what pages opened for themselves, once all jobs have ended."""
        for name in ("models", "translate"):
            if name in self._pages:
                self.page(name).close_parts()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab and Shift+Tab, wherever the focus is; also what has the focus and is hidden asks for this."""
        whole = self.centralWidget()
        stop = None if whole is None else next_stop(whole, self.focusWidget(), forward=next)
        if stop is None:
            return False
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        stop.setFocus(reason)
        bring_into_view(stop)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        self.messages.end()  # what was deleted and not brought back is now deleted
        self.chat.drafts.save()
        self._places.setValue("geometry", self.saveGeometry())
        self._places.sync()
        event.accept()
        self.closed.emit()

    def _lay_out(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QVBoxLayout()
        bar.setContentsMargins(GRID, 0, GRID, 0)
        bar.addWidget(self.messages)
        column.addLayout(bar)
        column.addWidget(self.viewer, 1)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(right, 1)
        self.setCentralWidget(whole)
        # never larger than the screen: 1280×800 at 150 % leaves 853×533
        self.resize(QSize(1240, 780).boundedTo(self.screen().availableSize() * 0.96))
        geometry = self._places.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def _connect(self) -> None:
        self._jobs.failed.connect(self.messages.show_error)
        self._jobs.bug.connect(self.report)
        self.indexing.keeping_up.noticed.connect(self.messages.show_later)
        self.reembedding.failed.connect(self.messages.show_error)
        self.rail.chosen.connect(self.leave_for)
        self.rail.help_wanted.connect(lambda: ShortcutSheet(self).open())
        self.chat.citations_opened.connect(self.viewer.open_citations)
        self.chat.documents_wanted.connect(lambda: self.show_page("library"))
        self.chat.models_wanted.connect(lambda: self.show_page("models"))
        self.chat.summary_wanted.connect(lambda: self.show_page("summarize"))
        self.viewer.opened.connect(self.chat.columns.set_viewer_open)
        self.chat.columns.room_wanted.connect(self.viewer.close_viewer)
        self._drops.dropped.connect(self.take_dropped)
        QShortcut(QKeySequence("Ctrl+N"), self, self._new_chat)
        QShortcut(QKeySequence("Esc"), self, self._escape)
        QShortcut(QKeySequence("Ctrl+Q"), self, self.close)

    @Slot(str)
    def leave_for(self, name: str) -> None:
        """Go to a page for good: the first-run page is not shown again."""
        self._greeted()
        self.show_page(name)

    def _greeted(self) -> None:
        """The first-run page is shown once."""
        if not self._backend.settings.current.greeted:
            self._backend.settings.change(greeted=True)

    @Slot()
    def _new_chat(self) -> None:
        self.leave_for("chat")
        self.chat.new_conversation()

    @Slot(str, str)
    def ask(self, question: str, scope: str) -> None:
        """Ask in a new conversation."""
        self._new_chat()
        self.chat.ask(question, scope)

    @Slot(object)
    def limit_downloads(self, limit: float | None) -> None:
        """MB a second; None for no limit."""
        if "models" in self._pages:  # else it reads the settings when it is opened
            self.page("models").limit_downloads(limit)

    @Slot(str)
    def download_model(self, id: str) -> None:
        """Get a model of the catalogue."""
        self.leave_for("models")
        self.page("models").download(id)

    @Slot()
    def _escape(self) -> None:
        """The nearest thing that can be ended: a message, a search, work under way, the viewer."""
        focus = QApplication.focusWidget()
        if self.messages.passing or (focus is not None and self.messages.isAncestorOf(focus)):
            self.messages.dismiss()
        elif isinstance(focus, QLineEdit) and focus.text() and not focus.isReadOnly():
            focus.clear()
        elif self.viewer.covers_page or not _stop(self._stack.currentWidget()):
            self.viewer.close_viewer()


def _stop(page: QWidget | None) -> bool:
    """Stop what a page is doing; false when it does nothing that can be stopped."""
    stop = getattr(page, "stop", None)
    return bool(stop()) if callable(stop) else False
