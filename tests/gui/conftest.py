"""A window over a temporary data folder, scripted answers, and one more law: no Qt warnings."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication

from app.assistants.events import (
    AnswerFinished,
    AnswerRevised,
    Claim,
    Event,
    Lead,
    NotInDocuments,
    Reading,
    Revising,
    Source,
    SourcesFound,
    Timings,
    TokenAdded,
)
from app.assistants.records import Record, write_record
from app.backend import Backend, close_backend, open_backend
from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.documents.document import Place
from app.engine.protocol import PromptProgress
from app.gui.chat.answers import Request
from app.gui.garbage import Garbage
from app.gui.jobs import Jobs
from app.gui.main_window import MainWindow
from app.gui.theme import LIGHT, apply_theme, colours
from app.retrieval.protocol import IndexFinished, IndexProgress
from app.storage.conversations import Conversations, MessageState

TIMINGS = Timings(0.1, 0.5, 2.5, 40, 20.0, 300, 0)
_HARMLESS = (
    "propagateSizeHints",  # the offscreen platform has no window manager
    "QAccessible",
    "does not support raise()",
    "setting the window mask",
)


@pytest.fixture(autouse=True)
def _no_qt_warnings(qtlog: Any) -> Iterator[None]:
    yield
    said = [each.message for each in qtlog.records if not any(part in each.message for part in _HARMLESS)]
    assert not said, said


@pytest.fixture(autouse=True)
def _garbage(qapp: QApplication) -> Iterator[None]:
    """As in the program: what is unreachable is not collected while a job runs on another thread."""
    garbage = Garbage()
    yield
    garbage.collect()
    garbage.stop()


@pytest.fixture
def themed(qapp: QApplication) -> QApplication:
    if qapp.style().objectName() != "fusion" or colours() is not LIGHT:
        apply_theme(qapp, "light")
    return qapp


def delete(widget: QObject) -> None:
    """Now, not when some event loop gets to it."""
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class FakeLibrary:
    """Stands in for the retrieval worker: reads every file of a folder, slowly enough to be seen."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.files = 3
        self.pauses: list[bool] = []
        self.pause_s = 0.0

    def refresh(
        self, folders: Sequence[str], cancel: CancelToken, **_options: object
    ) -> Iterator[IndexProgress | IndexFinished]:
        self.asked.append(tuple(folders))
        for done in range(self.files):
            cancel.raise_if_cancelled()
            cancel.wait(self.pause_s)
            yield IndexProgress("reading", done, self.files, f"{done}.txt", done, 10.0, 20.0)
        yield IndexFinished(self.files, self.files, 0, 0, 0, 9, 0.1, ())

    def forget(self, folders: Sequence[str]) -> None:
        pass

    def warm_up(self) -> None:
        pass

    def pause(self, on: bool) -> None:
        self.pauses.append(on)

    def close(self) -> None:
        pass


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: FakeLibrary) -> Iterator[Backend]:
    monkeypatch.setenv("ALCOVE_HOME", str(tmp_path / "home"))
    opened: Any = open_backend(find_paths())
    opened = replace(opened, library=library)
    opened.settings.change(greeted=True)
    yield opened
    close_backend(opened)


@pytest.fixture
def jobs(themed: QApplication) -> Iterator[Jobs]:
    made = Jobs()
    bugs: list[BaseException] = []
    made.bug.connect(bugs.append)
    made.setProperty("bugs_expected", False)
    yield made
    assert made.stop_all(5000)
    if not made.property("bugs_expected"):
        assert not bugs, bugs


def source(
    number: int, quote: str = "Two months' notice is needed.", file: str = "/docs/lease.pdf"
) -> Source:
    return Source(number, file, Place("page", number), "Notice", quote, 0, len(quote), 0.8, quote)


class Script:
    """Answers as the use cases do, saving question and answer; `hold` makes it wait between steps."""

    def __init__(self, store: Conversations) -> None:
        self.store = store
        self.requests: list[Request] = []
        self.sources = (source(1), source(2, "Keys are handed over by noon.", "/docs/rules.docx"))
        self.words = ["Two months. ", "The van is paid for."]
        self.claims = (Claim(0, 11, (1,), True), Claim(12, 32, (), False))
        self.refuses = False
        self.unread = 0
        self.lead: Lead | None = None
        self.revised = ""
        self.error: Exception | None = None
        self.error_before_saving: Exception | None = None
        self.hold = threading.Event()
        self.hold.set()

    def __call__(self, request: Request, cancel: CancelToken) -> Iterator[Event]:
        self.requests.append(request)
        if self.error_before_saving is not None:
            raise self.error_before_saving
        self.store.add_question(request.conversation, request.question)
        sources = self.sources if request.scope else ()
        if self.refuses:
            answer = self.store.begin_answer(request.conversation)
            self._save(answer, "This is not in your documents.", "refused", Record(sources, refused=True))
            yield NotInDocuments(sources, "This is not in your documents.", TIMINGS)
            return
        if sources:
            yield SourcesFound(sources, self.unread, self.lead)
        answer = self.store.begin_answer(request.conversation)
        self._save(answer, "", "writing", Record(sources))
        yield Reading(PromptProgress(40, 100, 0))
        yield from self._write(answer, sources, cancel)
        if request.instead_of is not None:
            self.store.drop_turn(request.instead_of)

    def _write(self, answer: int, sources: tuple[Source, ...], cancel: CancelToken) -> Iterator[Event]:
        text = ""
        for word in self.words:
            text += word
            yield TokenAdded(word)
            while not self.hold.is_set() and not cancel.wait(0.01):
                pass
            if cancel.cancelled:
                break
        if self.error is not None:
            self._save(answer, text, "failed", Record(sources))
            raise self.error
        state: MessageState = "stopped" if cancel.cancelled else "complete"
        claims = self.claims if sources and state == "complete" else ()
        if self.revised:
            yield Revising((text,))
            text = self.revised
            yield AnswerRevised(text)
        record = Record(sources, claims, False, "tiny", TIMINGS, unread=self.unread, lead=self.lead)
        self._save(answer, text, state, record)
        ended: Any = state
        yield AnswerFinished(text, ended, sources, claims, "tiny", TIMINGS, answer, self.unread, self.lead)

    def _save(self, answer: int, text: str, state: MessageState, record: Record) -> None:
        self.store.save_answer(answer, text, state, write_record(record))


@pytest.fixture
def script(backend: Backend) -> Script:
    return Script(backend.conversations)


@pytest.fixture
def window(
    backend: Backend, jobs: Jobs, script: Script, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[MainWindow]:
    """A window over one collection, “My documents”."""
    folder = tmp_path / "docs"
    folder.mkdir()
    backend.collections.add("My documents", [folder])
    monkeypatch.setattr("app.gui.chat.page.answerer_of", lambda _backend: script)
    made = MainWindow(backend, jobs)
    made.resize(1200, 800)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    script.hold.set()
    made.close()
    jobs.stop_all(5000)
    made.close_parts()
    delete(made)


@pytest.fixture
def ask(window: MainWindow, qtbot: Any) -> Callable[[str], None]:
    """Type a question and press Enter; returns when the answer has ended."""

    def type_and_wait(question: str) -> None:
        from PySide6.QtCore import Qt

        window.chat.composer.field.setPlainText(question)
        with qtbot.waitSignal(window.chat.answers.ended, timeout=5000):
            qtbot.keyClick(window.chat.composer.field, Qt.Key.Key_Return)

    return type_and_wait
