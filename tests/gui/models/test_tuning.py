"""Tuning a model for this computer in the window: asked for on the Models page, and for the starter unasked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.assistants.tune_model import tune_model
from app.assistants.tune_starter import SWITCH
from app.backend import Backend
from app.base.jobs import CancelToken
from app.engine.choose import model_to_use
from app.engine.measuring_protocol import Judged
from app.engine.trial import Trial
from app.gui import starter_tuning
from app.gui.jobs import Jobs
from app.gui.main_window import MainWindow
from app.gui.models.body import Body
from app.gui.models.wording import gain_in_words
from app.gui.starter_tuning import StarterTuning
from app.hardware.measured import Pace
from app.models.gguf import read_facts
from app.models.installed import installed_models
from app.models.tuned import Figures, Tunings
from tests.fixtures import paces
from tests.fixtures.half_precision import write_half_model

SOON = 60_000


@pytest.fixture(autouse=True)
def twice_as_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every copy is measured so, and judged to be as good; that it is true is no matter of the window."""

    def judge(*_: object) -> Iterator[Judged]:
        yield Judged(2.0, 1, 1)

    paces.copies_run_at(monkeypatch, Pace(260, 13))
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


def test_the_fit_is_that_of_the_copy_which_answers(window: MainWindow, backend: Backend, qtbot: Any):
    file = write_half_model(backend.paths.models / "some-F16.gguf")
    list(tune_model(
        installed_models(backend.paths.models)[0], paths=backend.paths, folder=backend.paths.models,
        cancel=CancelToken(), rounds=1,
    ))  # fmt: skip
    copy = Tunings(backend.paths.models).file(file)
    assert copy is not None
    body = page(window, qtbot)
    body.list.select(f"installed:{file}")
    entry = body.list.current
    assert entry is not None and entry.copy is not None and entry.copy[0] == copy
    qtbot.waitUntil(
        lambda: "tuned for this computer, which answers" in body.detail.fit.panel.text, timeout=SOON
    )
    qtbot.waitUntil(lambda: "Exact figures" in body.detail.fit.panel.text, timeout=SOON)
    weights = sum(read_facts(copy).shape.read_bytes.values())
    assert weights < 0.7 * file.stat().st_size  # 8 of 16 bits
    assert body.detail.fit._answered[0].file == copy


def test_tune_asked_for_while_it_is_under_way_says_so(window: MainWindow, backend: Backend, qtbot: Any):
    file = write_half_model(backend.paths.models / "some-F16.gguf")
    body = page(window, qtbot)
    body.list.select(f"installed:{file}")
    qtbot.waitUntil(lambda: "Tune for this computer" in body.detail.buttons.shown, timeout=SOON)
    with Tunings(backend.paths.models).alone(file):
        body.detail.buttons.tune.click()
        qtbot.waitUntil(lambda: "is being tuned already" in window.messages.text, timeout=SOON)


def test_figures_of_one_measurement_say_so():
    assert "(measured once)" in gain_in_words(Figures(2.6, 1.3, 7.0, 7.0, 1))
    assert "once" not in gain_in_words(Figures(2.6, 1.3, 7.0, 7.0, 3))


def test_stop_leaves_the_model_as_it_was(
    window: MainWindow, backend: Backend, qtbot: Any, monkeypatch: pytest.MonkeyPatch
):
    def wait(_: Path, cancel: CancelToken) -> None:
        while not cancel.wait(0.01):
            pass
        cancel.raise_if_cancelled()

    paces.before_each(monkeypatch, wait)
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
    begun: list[Path] = []

    def look(file: Path, cancel: CancelToken) -> None:
        begun.append(file)
        if len(begun) == 1:
            cancel.wait(60)
            cancel.raise_if_cancelled()

    paces.before_each(monkeypatch, look)
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
