"""The page Summarise over a scripted summariser."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.assistants.events import Source
from app.assistants.summarize.events import (
    Coverage,
    DocumentFailed,
    Point,
    Summary,
    SummaryEvent,
    SummaryProgress,
    SummaryStarted,
    SummaryWritten,
)
from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.documents.document import Place
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.summarize.page import SummarizePage
from app.gui.summarize.summarizing import Request
from tests.gui.conftest import delete


def source(page: int, quote: str, file: str = "/docs/lease.pdf") -> Source:
    place = Place("page", page) if file else Place("document", 1)
    return Source(page, file, place, "", quote, 0, len(quote), 0.8, quote)


def point(text: str, *pages: int, **more: Any) -> Point:
    return Point(text, tuple(source(page, f"Quote of page {page}.") for page in pages), **more)


LEASE = Summary(
    title="Lease",
    file="/docs/lease.pdf",
    text="- The rent is 940 euros.",
    points=(
        point("The rent is 940 euros.", 2),
        point("Two months' notice is needed.", 7, 12),
    ),
    coverage=Coverage(30, 30, 14, 14, "page"),
    extractive=False,
    model="Tiny",
    style="bullets",
    state="complete",
)
MINUTES = replace(
    LEASE,
    title="Board meeting",
    file="/docs/board.pdf",
    points=(
        point("Ms Novak asks for offers.", 3, kind="action"),
        point("The roof is repaired.", 2, kind="decision"),
    ),
    extractive=True,
    model="",
    style="minutes",
)
JOINT = replace(LEASE, title="2 documents together", file="", points=(point("The rent is 940 euros.", 2),))


class Script:
    """Yields `before`, waits while `go_on` is not set, yields `after`. A stop leaves out `after`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.before: list[SummaryEvent] = [
            SummaryStarted(1, 1, "Lease", LEASE.coverage, 12),
            SummaryProgress(5, 12, 74.0),
        ]
        self.after: list[SummaryEvent] = [SummaryWritten(LEASE)]
        self.error: AppError | None = None
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, request: Request, cancel: CancelToken) -> Iterator[SummaryEvent]:
        self.requests.append(request)
        yield from self.before
        while not self.go_on.wait(0.01):
            cancel.raise_if_cancelled()
        if self.error is not None:
            raise self.error
        yield from self.after

    def several(self) -> None:
        """Three documents, of which one is locked."""
        self.before = [
            SummaryWritten(LEASE),
            DocumentFailed("/docs/contract.pdf", "It is protected by a password. Save a copy without it."),
            SummaryStarted(3, 3, "Board meeting", MINUTES.coverage, 12),
            SummaryProgress(20, 24, None),
        ]
        self.after = [SummaryWritten(MINUTES), SummaryWritten(JOINT, joint=True)]


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    yield made
    made.go_on.set()


@pytest.fixture
def build_page(backend: Backend, jobs: Jobs, qtbot: Any) -> Iterator[Callable[..., SummarizePage]]:
    """Builds the page over a backend (the one of the fixture unless another is given)."""
    pages: list[SummarizePage] = []

    def build(over: Backend = backend) -> SummarizePage:
        page = SummarizePage(over, jobs, MessageBar())
        jobs.failed.connect(page.messages.show_error)
        pages.append(page)
        page.resize(1100, 720)
        page.show()
        qtbot.waitExposed(page)
        return page

    yield build
    jobs.stop_all(5000)
    for page in pages:
        messages = page.messages
        page.close()
        delete(page)
        delete(messages)


@pytest.fixture
def page(
    build_page: Callable[..., SummarizePage], script: Script, monkeypatch: pytest.MonkeyPatch
) -> SummarizePage:
    monkeypatch.setattr("app.gui.summarize.page.summarizer_of", lambda _backend: script)
    return build_page()


@pytest.fixture
def summarize(page: SummarizePage, qtbot: Any) -> Callable[..., None]:
    """Takes files and summarises them; returns when it has ended."""

    def begin_and_wait(*names: str) -> None:
        page.take_files([Path("/docs") / name for name in names])
        page.area.setup.start.click()
        qtbot.waitUntil(lambda: not page.run.running, timeout=5000)
        QApplication.processEvents()

    return begin_and_wait
