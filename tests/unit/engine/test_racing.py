"""A graphics card is used where it is faster and does not crash. There is none here: its list and its times are made up."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.base.errors import AppError, Cancelled, WorkerDied
from app.base.jobs import CancelToken
from app.engine import worker as worker_module
from app.engine.measuring_protocol import Device, Devices
from app.engine.protocol import ModelSpec, Step
from app.engine.steps import steps_between, told
from app.engine.worker import planning
from app.engine.worker.parameters import model_parameters
from app.engine.worker.planning import plan_load
from app.engine.worker.racing import UNTRIED, Cards, racing_process
from app.hardware import graphics
from app.hardware.fit import GIB, Memory, Plan
from app.hardware.graphics import driver_stack, has_card_backends
from app.hardware.measured import Measurements, Pace
from app.hardware.probe import Ram, probe
from app.models.gguf import read_facts

FAST, SLOW = Pace(1000.0, 50.0), Pace(100.0, 10.0)
SPEC, OTHER = ModelSpec("a.gguf", gpu_layers=31), ModelSpec("b.gguf", gpu_layers=31)


class Track:
    """Runs each side by what is scripted for it: a `Pace`, or an error. Counts the runs, and keeps their limits in seconds."""

    def __init__(self, card, processor=SLOW):
        self.card, self.processor, self.ran, self.limits = card, processor, [], []

    def __call__(self, spec, cancel, seconds):
        self.ran.append("card" if spec.gpu_layers else "processor")
        self.limits.append(seconds)
        found = self.card if spec.gpu_layers else self.processor
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def measurements(tmp_path):
    return Measurements(tmp_path / "measured.json")


def wins(cards, card="Card 1"):
    return cards.wins("model", SPEC, card, CancelToken())


def test_the_faster_one_is_kept_and_not_raced_again(measurements):
    for pace, won in ((FAST, True), (replace(SLOW, generate_tokens_per_s=1.0), False)):
        measurements.forget_cards()
        track = Track(pace)
        assert [wins(Cards(measurements, track)) for _ in range(2)] == [won, won]
        assert track.ran == ["processor", "card"]


def test_another_card_or_other_drivers_race_again(measurements, monkeypatch):
    track = Track(FAST)
    cards = Cards(measurements, track)
    wins(cards)
    wins(cards, "Card 2")
    assert len(track.ran) == 4
    monkeypatch.setattr("app.engine.worker.racing.driver_stack", lambda: "newer drivers")
    wins(cards)
    assert len(track.ran) == 6


@pytest.mark.parametrize("error", [WorkerDied("It stopped."), TimeoutError("no answer in time")])
def test_a_card_that_crashes_or_hangs_in_the_race_is_not_used_any_more(measurements, error):
    track = Track(error)
    cards = Cards(measurements, track)
    assert not wins(cards)
    assert cards.failed(SPEC) and not cards.allowed(SPEC)
    assert Cards(measurements, track).failed(SPEC)  # after a restart, too
    assert cards.allowed(OTHER) and not cards.failed(OTHER)
    assert track.ran == ["processor", "card"]
    measurements.forget_cards()
    assert cards.allowed(SPEC)


def test_a_card_gets_as_long_as_the_processor_took_and_15_seconds_beside(measurements, monkeypatch):
    clock = iter([100.0, 140.0])
    monkeypatch.setattr("app.engine.worker.racing.time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr("app.engine.worker.racing._size", lambda spec: 5e9)
    track = Track(FAST)
    wins(Cards(measurements, track))
    assert track.limits == [15.0 + 200.0, 15.0 + 40.0]


def test_what_the_person_wants_counts_first(measurements):
    measurements.keep_card_failure(driver_stack())
    assert Cards(measurements, Track(FAST)).failed(SPEC)  # whatever is loaded
    never, failed = replace(SPEC, card="never"), replace(SPEC, card="failed")
    assert not Cards(measurements, Track(FAST)).failed(never)
    assert not UNTRIED.allowed(never) and UNTRIED.allowed(SPEC)
    assert UNTRIED.failed(failed) and not UNTRIED.allowed(failed)


@pytest.mark.parametrize("track", [Track(AppError("No memory.")), Track(SLOW, WorkerDied("It stopped."))])
def test_a_race_that_cannot_be_run_changes_nothing(measurements, track):
    cards = Cards(measurements, track)
    assert wins(cards) and cards.allowed(SPEC)
    assert measurements.race(driver_stack(), "Card 1, 31 layers: model") is None


def test_a_processor_that_does_not_finish_has_lost(measurements):
    track = Track(SLOW, TimeoutError("no answer in time"))
    assert [wins(Cards(measurements, track)) for _ in range(2)] == [True, True]
    assert track.ran == ["processor", "card"]


def test_a_stop_ends_the_race(measurements):
    cancel = CancelToken()
    cancel.cancel()
    cards = Cards(measurements, Track(WorkerDied("It stopped.")))
    with pytest.raises(Cancelled):
        cards.wins("model", SPEC, "Card 1", cancel)
    assert not cards.failed(SPEC)


# Planning with a card that is not there


@pytest.fixture
def with_card(monkeypatch, starter):
    """A list of devices with a card of 8 GiB, whose plans are measured as on the processor."""
    found = Device("Vulkan0", "Some Card", "gpu", 8 * GIB, 8 * GIB)
    asked = []

    def list_devices():
        asked.append(1)
        return Devices((found,), ())

    monkeypatch.setattr(planning, "list_devices", list_devices)
    sizes = Memory(100 << 20, 50 << 20, 20 << 20, 0, 20 << 20)
    monkeypatch.setattr(planning, "_measuring", lambda spec: lambda plan: sizes)
    return replace(starter, adapt=True), read_facts(Path(starter.file)), asked


def planned_with(track, with_card, measurements, **changes):
    spec, facts, _ = with_card
    return plan_load(facts, replace(spec, **changes), Cards(measurements, track), CancelToken())


def test_a_card_that_wins_gets_all_layers(with_card, measurements):
    planned = planned_with(Track(FAST), with_card, measurements)
    assert planned.plan == planned.wanted == Plan(1024, "f16", 31) and planned.causes == ()


def test_a_card_that_loses_is_no_step_down(with_card, measurements):
    planned = planned_with(Track(Pace(1.0, 1.0)), with_card, measurements)
    assert planned.plan == planned.wanted == Plan(1024, "f16", 0) and planned.causes == ()


def test_a_card_that_crashes_is_told_and_its_driver_left_alone(with_card, measurements):
    for _ in range(2):
        planned = planned_with(Track(WorkerDied("It stopped.")), with_card, measurements)
        assert planned.plan == Plan(1024, "f16", 0) and planned.causes == (Step("card failed"),)
        steps = (*planned.causes, *steps_between(planned.wanted, planned.plan))
        assert told(steps) == "The graphics card failed, so the processor answers."
    assert len(with_card[2]) == 1  # only the first time was it asked for


def test_a_model_too_big_for_the_processor_is_not_raced(with_card, measurements, monkeypatch):
    none = replace(probe(), ram=Ram(1 << 30, 1 << 20))
    monkeypatch.setattr(planning, "probe", lambda: none)
    track = Track(Pace(1.0, 1.0))
    assert planned_with(track, with_card, measurements).plan.gpu_layers == 31 and track.ran == []


def test_a_card_that_is_not_wanted_is_not_even_listed(with_card, measurements):
    planned = planned_with(Track(FAST), with_card, measurements, card="never")
    assert planned.plan.gpu_layers == 0 and planned.causes == () and with_card[2] == []


def test_a_model_that_killed_its_process_is_planned_smaller(with_card, measurements):
    planned = planned_with(Track(FAST), with_card, measurements, kills=1, context_length=8192)
    assert planned.plan == Plan(4096, "q8_0", 31) and planned.memory is None
    assert planned.causes == (Step("memory ran out"),)
    assert [step.kind for step in steps_between(planned.wanted, planned.plan)] == ["kv type", "context"]


# What keeps cards away


def test_the_libraries_tell_whether_a_card_could_be_used(tmp_path, monkeypatch):
    libraries = tmp_path / "lib"
    libraries.mkdir()
    package = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(graphics, "find_spec", lambda name: package if name == "llama_cpp" else None)
    for name in ("libggml.so", "libggml-base.so.0", "ggml-cpu-haswell.dll", "libggml-blas.dylib"):
        (libraries / name).touch()
    assert not has_card_backends()
    (libraries / "ggml-vulkan.dll").touch()
    assert has_card_backends()


def test_without_layers_on_a_card_no_card_takes_part():
    assert model_parameters(ModelSpec("a.gguf"), 0, 1).devices
    assert not model_parameters(ModelSpec("a.gguf", gpu_layers=3), 0, 1).devices


def test_a_card_that_failed_is_hidden_from_the_next_process(tmp_path, monkeypatch, measurements):
    environment = {}
    monkeypatch.setattr(graphics.os, "environ", environment)
    worker_module._observer(tmp_path, tmp_path / "measured.json")
    assert environment == {}
    measurements.keep_card_failure(driver_stack(), "a.gguf")
    worker_module._observer(tmp_path, tmp_path / "measured.json")
    assert environment == {}  # others may use it
    measurements.keep_card_failure(driver_stack())
    worker_module._observer(tmp_path, tmp_path / "measured.json")
    assert environment["GGML_DISABLE_VULKAN"] == "1"


# The process that runs a side


def test_a_side_is_run_in_a_process_of_its_own(starter, tmp_path):
    pace = racing_process(tmp_path)(starter, CancelToken(), 60.0)
    assert pace.prompt_tokens_per_s > 0 and pace.generate_tokens_per_s > 0


def test_a_side_that_takes_too_long_is_ended(starter, tmp_path):
    with pytest.raises(TimeoutError):
        racing_process(tmp_path)(starter, CancelToken(), 0.1)
