"""Tuning a model for this computer in the window: asked for on the Models page, and for the starter unasked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.assistants.tune_starter import SWITCH
from app.backend import Backend
from app.base.jobs import CancelToken
from app.engine.choose import model_to_use
from app.engine.protocol import Judged
from app.engine.trial import Trial
from app.gui import starter_tuning
from app.gui.jobs import Jobs
from app.gui.main_window import MainWindow
from app.gui.models.body import Body
from app.gui.starter_tuning import StarterTuning
from app.hardware.measured import Pace
from app.models.tuned import Tunings
from tests.fixtures.half_precision import write_half_model

SOON = 60_000


@pytest.fixture(autouse=True)
def twice_as_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every copy is measured so, and judged to be as good; that it is true is no matter of the window."""

    def judge(*_: object) -> Iterator[Judged]:
        yield Judged(2.0, 1, 1)

    monkeypatch.setattr(
        Trial, "pace", lambda _, file, cancel: Pace(100, 10) if file.suffix == ".gguf" else Pace(260, 13)
    )
    monkeypatch.setattr(Trial, "judge", judge)


def page(window: MainWindow, qtbot: Any) -> Body:
    window.show_page("models")
    models = window.page("models")
    qtbot.waitUntil(lambda: models.body is not None and models.body.list.current is not None, timeout=SOON)
    return models.body


def test_a_model_is_tuned_from_its_detail_and_says_what_that_brought(
    window: MainWindow, backend: Backend, qtbot: Any
):
    file = write_half_model(backend.paths.models / "some-F16.gguf")
    body = page(window, qtbot)
    body.list.select(f"installed:{file}")
    qtbot.waitUntil(lambda: "Tune for this computer" in body.detail.buttons.shown, timeout=SOON)
    body.detail.buttons.tune.click()
    assert body.strip.isVisible()
    qtbot.waitUntil(lambda: "is tuned for this computer" in window.messages.text, timeout=SOON)
    assert "Reads 2.6 times, writes 1.3 times as fast; answers as well" in window.messages.text
    qtbot.waitUntil(lambda: any(name == "Tuned" for name, _ in body.detail.facts.rows), timeout=SOON)
    told = dict(body.detail.facts.rows)["Tuned"]
    assert "A copy as Q8_0" in told and "Reads 2.6 times" in told
    assert (
        len([each for each in body._entries() if each.installed is not None]) == 2
    )  # the starter and this one


def test_stop_leaves_the_model_as_it_was(
    window: MainWindow, backend: Backend, qtbot: Any, monkeypatch: pytest.MonkeyPatch
):
    def pace(_: object, file: Path, cancel: CancelToken) -> Pace:
        while not cancel.wait(0.01):
            pass
        cancel.raise_if_cancelled()
        raise AssertionError

    monkeypatch.setattr(Trial, "pace", pace)
    file = write_half_model(backend.paths.models / "some-F16.gguf")
    body = page(window, qtbot)
    body.list.select(f"installed:{file}")
    qtbot.waitUntil(lambda: "Tune for this computer" in body.detail.buttons.shown, timeout=SOON)
    body.detail.buttons.tune.click()
    qtbot.waitUntil(lambda: "Measuring how fast Q8_0 is here" in body.strip.text, timeout=SOON)
    assert window.page("models").stop()
    qtbot.waitUntil(lambda: not body.strip.running, timeout=SOON)
    assert [each.name for each in Tunings(backend.paths.models).folder.iterdir()] == [".lock"]


@pytest.fixture
def tuning(
    backend: Backend, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> Iterator[tuple[StarterTuning, set[str]]]:
    """One that looks at once, and what is said to be under way."""
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setattr(starter_tuning, "LOOK_MS", 10)
    monkeypatch.setattr(starter_tuning, "_QUIET", 2)
    under_way: set[str] = set()
    made = StarterTuning(backend, jobs, lambda: bool(under_way))
    yield made, under_way
    jobs.stop_all(5000)
    made.deleteLater()


def test_the_starter_is_tuned_when_nothing_else_is_under_way(
    tuning: tuple[StarterTuning, set[str]], backend: Backend, jobs: Jobs, qtbot: Any
):
    made, under_way = tuning
    under_way.add("a question")
    made.start()
    qtbot.wait(100)
    assert jobs.running == 0
    under_way.clear()
    qtbot.waitUntil(lambda: not made.waiting, timeout=SOON)
    assert model_to_use(backend.settings.current, backend.paths).original


def test_a_question_interrupts_it_and_it_begins_again(
    tuning: tuple[StarterTuning, set[str]], backend: Backend, jobs: Jobs, qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    made, under_way = tuning
    quick, begun = Trial.pace, []

    def pace(trial: Trial, file: Path, cancel: CancelToken) -> Pace:
        begun.append(file)
        if len(begun) == 1:
            cancel.wait(60)
            cancel.raise_if_cancelled()
        return quick(trial, file, cancel)

    monkeypatch.setattr(Trial, "pace", pace)
    made.start()
    qtbot.waitUntil(lambda: bool(begun), timeout=SOON)
    under_way.add("a question")
    qtbot.waitUntil(lambda: jobs.running == 0, timeout=SOON)
    assert made.waiting and not model_to_use(backend.settings.current, backend.paths).original
    under_way.clear()
    qtbot.waitUntil(lambda: not made.waiting, timeout=SOON)
    assert model_to_use(backend.settings.current, backend.paths).original


def test_it_is_done_at_once_where_there_is_nothing_to_do(
    tuning: tuple[StarterTuning, set[str]], backend: Backend, qtbot: Any
):
    made, _ = tuning
    backend.settings.change(default_model=backend.paths.models / "other.gguf")
    made.start()
    qtbot.waitUntil(lambda: not made.waiting, timeout=SOON)
    assert not Tunings(backend.paths.models).folder.exists()


def test_switched_off_in_the_settings_the_starters_copy_goes_and_none_is_made(
    tuning: tuple[StarterTuning, set[str]], backend: Backend, jobs: Jobs, window: MainWindow, qtbot: Any
):
    made, _ = tuning
    made.start()
    qtbot.waitUntil(lambda: not made.waiting, timeout=SOON)
    assert model_to_use(backend.settings.current, backend.paths).original
    window.show_page("settings")
    choice = window.page("settings").tuning
    assert choice.isChecked()
    choice.click()
    assert not backend.settings.current.tune_starter
    assert not model_to_use(backend.settings.current, backend.paths).original
    assert not list(Tunings(backend.paths.models).folder.glob("*.gguf"))
    made.start()
    qtbot.waitUntil(lambda: not made.waiting, timeout=SOON)
    assert not model_to_use(backend.settings.current, backend.paths).original
