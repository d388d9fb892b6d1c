"""Builds the pages of the window, each when it is first shown, and connects them to it."""

from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QApplication, QWidget

from app.backend import Backend
from app.base.settings import Theme
from app.gui.chat.page import ChatPage
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.library.indexing import IndexingQueue
from app.gui.library.reembedding import Reembedding
from app.gui.theme import apply_theme
from app.gui.viewer_place import ViewerPlace


class Window(Protocol):
    """What the pages need of the main window."""

    messages: MessageBar
    indexing: IndexingQueue
    reembedding: Reembedding
    chat: ChatPage
    viewer: ViewerPlace

    def show_page(self, name: str) -> None: ...
    def leave_for(self, name: str) -> None: ...
    def add_documents(self, paths: list[Path]) -> None: ...
    def ask(self, question: str, scope: str) -> None: ...
    def download_model(self, id: str) -> None: ...
    def limit_downloads(self, limit: float | None) -> None: ...


def build_page(name: str, window: Window, backend: Backend, jobs: Jobs) -> QWidget:
    """Any page but the chat. Raises `KeyError` for a name that is none."""
    builders = {
        "library": _library,
        "summarize": _summarize,
        "translate": _translate,
        "models": _models,
        "settings": _settings,
        "welcome": _welcome,
    }
    return builders[name](window, backend, jobs)


def _library(window: Window, backend: Backend, jobs: Jobs) -> QWidget:
    from app.gui.library.page import LibraryPage

    page = LibraryPage(backend, jobs, messages=window.messages, indexing=window.indexing)
    page.document_opened.connect(window.viewer.open_file)
    page.collections_changed.connect(window.chat.refresh_scopes)
    return page


def _summarize(window: Window, backend: Backend, jobs: Jobs) -> QWidget:
    from app.gui.summarize.page import SummarizePage

    page = SummarizePage(backend, jobs, window.messages)
    page.source_opened.connect(window.viewer.open_source)
    return page


def _translate(window: Window, backend: Backend, jobs: Jobs) -> QWidget:
    from app.gui.translate.page import TranslatePage

    page = TranslatePage(backend, jobs, window.messages)
    page.models_wanted.connect(lambda: window.show_page("models"))
    return page


def _models(window: Window, backend: Backend, jobs: Jobs) -> QWidget:
    from app.gui.models.page import ModelsPage

    return ModelsPage(backend, jobs, window.messages)


def _settings(window: Window, backend: Backend, jobs: Jobs) -> QWidget:
    from app.gui.settings.page import SettingsPage

    page = SettingsPage(backend, jobs, window.messages, window.reembedding)
    page.theme_changed.connect(_change_theme)
    page.download_limit_changed.connect(window.limit_downloads)
    page.reading_changed.connect(window.indexing.follow_settings)
    return page


def _welcome(window: Window, backend: Backend, jobs: Jobs) -> QWidget:
    from app.gui.welcome.page import WelcomePage

    page = WelcomePage(backend, jobs, window.messages)
    page.skipped.connect(lambda: window.leave_for("chat"))
    page.folder_chosen.connect(lambda folder: window.add_documents([Path(folder)]))
    page.asked.connect(window.ask)
    page.model_wanted.connect(window.download_model)
    return page


def _change_theme(choice: Theme) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, choice)
