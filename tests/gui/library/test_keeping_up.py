"""The library in the background: what is read unasked, who goes first, and a pause that stays."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.assistants.keep_up import RefreshFailed
from app.backend import Backend
from app.base.errors import AppError
from app.gui.library.page import LibraryPage
from app.retrieval.protocol import IndexProgress, WaitReason
from app.storage.collections import DEFAULT_COLLECTION

Build = Callable[[], LibraryPage]
READING = "Reading 12 of 340 · report.pdf 48 passages/s · 3 min left"


@pytest.fixture
def page(backend: Backend, docs: Path, build_page: Build) -> LibraryPage:
    backend.collections.add(DEFAULT_COLLECTION, [docs])
    page = build_page()
    page.strip._soon.setInterval(0)
    return page


def progress(stage: Any, reason: WaitReason = "", **numbers: Any) -> IndexProgress:
    return IndexProgress(stage, 340, 340, "/docs/a.pdf", 120, 48.2, 65.0, reason=reason, **numbers)


class TestUnasked:
    def test_is_shown_while_it_goes_on_and_stays_quiet_before(
        self, page: LibraryPage, scripted: Any, docs: Path, qtbot: Any
    ) -> None:
        scripted.go_on.clear()
        page.strip._soon.setInterval(60_000)
        page.indexing.keeping_up.start()
        qtbot.waitUntil(lambda: page.indexing.keeping_up.reading)
        assert page.strip.isHidden() and page.indexing.busy

        page.strip._soon.timeout.emit()
        assert page.strip.text == READING
        scripted.go_on.set()
        qtbot.waitUntil(lambda: "340 files read." in page.strip.text)
        assert scripted.unasked == [(str(docs),)] and not page.indexing.busy

    def test_gives_way_to_what_the_person_asks_for_and_goes_on_after_it(
        self, page: LibraryPage, scripted: Any, docs: Path, qtbot: Any
    ) -> None:
        scripted.go_on.clear()
        page.indexing.keeping_up.start()
        qtbot.waitUntil(lambda: page.strip.text == READING)

        page.refresh()
        assert not page.indexing.keeping_up.reading
        qtbot.waitUntil(lambda: scripted.asked == [((str(docs),), False)])
        scripted.go_on.set()
        qtbot.waitUntil(lambda: len(scripted.unasked) == 2, timeout=5000)

    def test_is_stopped_by_its_button_and_not_by_escape(
        self, page: LibraryPage, scripted: Any, jobs: Any, qtbot: Any
    ) -> None:
        scripted.go_on.clear()
        page.indexing.keeping_up.start()
        qtbot.waitUntil(lambda: page.strip.text == READING)

        assert not page.stop()
        page.strip.stop_button.click()
        assert "Stopped" in page.strip.text
        qtbot.waitUntil(lambda: jobs.running == 0)

    def test_a_page_that_is_built_later_shows_what_is_under_way(
        self, page: LibraryPage, backend: Backend, scripted: Any, jobs: Any, qtbot: Any
    ) -> None:
        scripted.go_on.clear()
        page.refresh()
        qtbot.waitUntil(lambda: page.strip.text == READING)

        with_script: Any = replace(backend, library=scripted)
        later = LibraryPage(with_script, jobs, messages=page.messages, indexing=page.indexing)
        qtbot.addWidget(later)
        assert later.strip.text == READING

    def test_the_same_trouble_is_told_once(self, page: LibraryPage, scripted: Any, qtbot: Any) -> None:
        keeping_up = page.indexing.keeping_up
        said: list[str] = []
        keeping_up.noticed.connect(said.append)
        keeping_up.start()
        for _ in range(2):
            keeping_up._take(RefreshFailed(AppError("The drive is gone.", "Connect it."), 60.0))
        assert said == ["The drive is gone. Connect it."]


class TestPause:
    def test_outlives_a_restart_and_is_ended_by_resume(
        self, page: LibraryPage, build_page: Build, backend: Backend, scripted: Any, settled: Any
    ) -> None:
        page.header.pause.trigger()
        settled()
        assert backend.settings.current.reading_paused and scripted.pauses == [True]
        assert page.strip.text == "Reading is paused New and changed files wait."

        again = build_page()
        assert again.strip.isVisible() and again.strip.pause_button.text() == "Resume"
        again.strip.pause_button.click()
        settled()
        assert scripted.pauses == [True, True, False] and again.strip.isHidden()
        assert not backend.settings.current.reading_paused


class TestWords:
    @pytest.mark.parametrize(
        ("now", "said"),
        [
            (progress("embedding", passages_total=500),
             "Understanding passages: 120 of 500 · a.pdf 48 passages/s · 1 min left · "
             "Words can be searched already"),
            (progress("recognising", pages=3, pages_total=40),
             "Reading scanned pages: 3 of 40 · a.pdf 1 min left · Everything else can be searched already"),
            (progress("waiting", "battery"), "Waiting for mains power…"),
            (progress("waiting", "paused"), "Reading is paused"),
            (progress("waiting", "answer"), "Waiting while an answer is written…"),
        ],
    )  # fmt: skip
    def test_each_stage_says_what_is_done(self, page: LibraryPage, now: IndexProgress, said: str) -> None:
        page.strip.show_progress(now)

        assert page.strip.text == said and page.strip.pause_button.isVisible()


def test_what_could_not_be_read_is_tried_again_together(
    page: LibraryPage, docs: Path, scripted: Any, settled: Any
) -> None:
    page.header.retry.trigger()
    settled()

    assert scripted.asked == [((str(docs),), True)]
