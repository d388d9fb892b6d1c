"""A real index, a scripted indexer, and the library page over them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.library.page import LibraryPage
from app.retrieval.protocol import FileFailure, IndexFinished, IndexProgress
from app.storage.database import Database, open_database
from app.storage.migrations import INDEX


class ScriptedLibrary:
    """Yields `progress` and then `result`; waits before the result while `go_on` is not set."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, ...], bool]] = []
        self.unasked: list[tuple[str, ...]] = []
        self.forgotten: list[tuple[str, ...]] = []
        self.pauses: list[bool] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.error: AppError | None = None
        self.failures: tuple[FileFailure, ...] = ()
        self.progress = IndexProgress("reading", 12, 340, "/home/anna/report.pdf", 640, 48.2, 185.0)

    def refresh(
        self, folders: Sequence[str], cancel: CancelToken, *, retry: bool = False, unasked: bool = False,
        **_options: object,
    ) -> Iterator[IndexProgress | IndexFinished]:  # fmt: skip
        if unasked:
            self.unasked.append(tuple(folders))
        else:
            self.asked.append((tuple(folders), retry))
        yield IndexProgress("listing", 0, 0, "", 0, 0.0, None)
        if self.error is not None:
            raise self.error
        yield self.progress
        while not self.go_on.wait(0.01):
            cancel.raise_if_cancelled()
        failed = len(self.failures)
        yield IndexFinished(340, 340 - failed, 0, 0, failed, 5120, 1.0, self.failures)

    def forget(self, folders: Sequence[str]) -> None:
        self.forgotten.append(tuple(folders))

    def pause(self, on: bool) -> None:
        self.pauses.append(on)

    def close(self) -> None:
        pass


@pytest.fixture
def scripted() -> Iterator[ScriptedLibrary]:
    made = ScriptedLibrary()
    yield made
    made.go_on.set()


@pytest.fixture
def index_db(backend: Backend) -> Iterator[Database]:
    opened = open_database(backend.paths.index_db, INDEX, durable=False)
    yield opened
    opened.close()


@pytest.fixture
def add_files(index_db: Database) -> Callable[..., None]:
    """Writes files into the index: (path, state, reason, passages, how many of them wait, size)."""

    def add(*files: tuple[Any, ...]) -> None:
        with index_db.transaction() as db:
            for path, state, reason, passages, waiting, size in files:
                number = db.execute(
                    "INSERT INTO files (path, size, mtime_ns, hash, state, reason, media_type, title, indexed,"
                    " passages, waiting) VALUES (?, ?, 1, 'h', ?, ?, '', '', 1, ?, ?)",
                    (str(path), size, state, reason, passages, waiting),
                ).lastrowid
                place = db.execute(
                    "INSERT INTO places (file_id, kind, number, label, text) VALUES (?, 'page', 1, '', 'text')",
                    (number,),
                ).lastrowid
                for passage in range(passages):
                    row = db.execute(
                        "INSERT INTO passages (file_id, place_id, start, end, heading) VALUES (?, ?, 0, 4, '')",
                        (number, place),
                    ).lastrowid
                    if passage >= waiting:
                        db.execute("INSERT INTO vectors VALUES (?, x'00')", (row,))

    return add


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    made.mkdir()
    return made


@pytest.fixture
def messages(themed: QApplication) -> MessageBar:
    return MessageBar()


@pytest.fixture
def build_page(
    backend: Backend, jobs: Jobs, scripted: ScriptedLibrary, messages: MessageBar, qtbot: Any
) -> Iterator[Callable[[], LibraryPage]]:
    """Builds the page over what collections and index hold by then."""
    pages: list[LibraryPage] = []
    jobs.failed.connect(messages.show_error)

    def build() -> LibraryPage:
        with_script: Any = replace(backend, library=scripted)  # type: ignore[arg-type]
        page = LibraryPage(with_script, jobs, messages=messages)
        pages.append(page)
        page.resize(1100, 720)
        page.show()
        qtbot.waitExposed(page)
        qtbot.waitUntil(lambda: jobs.running == 0, timeout=5000)
        return page

    yield build
    scripted.go_on.set()
    jobs.stop_all(5000)
    for page in pages:
        page.close()
        page.deleteLater()
    messages.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def settled(qtbot: Any, jobs: Jobs) -> Callable[[], None]:
    """Waits until nothing runs any more."""

    def wait() -> None:
        qtbot.waitUntil(lambda: jobs.running == 0, timeout=5000)
        QApplication.processEvents()
        qtbot.waitUntil(lambda: jobs.running == 0, timeout=5000)

    return wait
