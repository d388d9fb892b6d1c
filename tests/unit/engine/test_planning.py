"""A model is loaded by the plan that was shown, and what it really did is kept beside what was predicted."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.client import Engine
from app.engine.protocol import Loaded, LoadProgress, ModelSpec, Sampling
from app.engine.sizing import Sizing
from app.hardware.fit import Plan, Speed, predicted_speed
from app.hardware.measured import Measurements, Truth
from app.models.gguf import read_facts

MIB = 1 << 20


@pytest.fixture
def sizing(paths: DataPaths) -> Iterator[Sizing]:
    sizing = Sizing(paths)
    yield sizing
    sizing.close()


def kept_truth(paths: DataPaths, key: str) -> Truth:
    """It is written after the answer has been handed over."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        truth = Measurements(paths.measurements).truths.get(key)
        if truth is not None and truth.answers:
            return truth
        time.sleep(0.05)
    pytest.fail("nothing was kept")


def test_it_loads_as_shown_and_the_truth_is_kept(
    sizing: Sizing, engine: Engine, starter: ModelSpec, paths: DataPaths
):
    file = Path(starter.file)
    shape = read_facts(file).shape
    speed = Speed({"Q4_1": 1e10}, 1e-5)
    Measurements(paths.measurements).keep_speed(speed)
    shown = sizing.fit(file, shape, sizing.machine(CancelToken()), CancelToken(), context=1024)
    spec = ModelSpec(starter.file, 1024, adapt=True)
    loaded = list(engine.load(spec, CancelToken()))[-1]
    assert isinstance(loaded, Loaded)
    assert (loaded.context_length, loaded.kv_type, loaded.gpu_layers) == (
        shown.plan.context_length,
        shown.plan.kv_type,
        shown.plan.gpu_layers,
    )
    text = " ".join(str(1000 + number) for number in range(150))
    list(engine.complete(spec, text, Sampling(temperature=0), 32, CancelToken()))
    truth = kept_truth(paths, shape.key)
    assert (truth.context_length, truth.kv_type) == (1024, "f16")
    assert abs(truth.predicted_bytes - shown.memory.total) < 8 * MIB
    assert abs(truth.real_bytes - truth.predicted_bytes) < 8 * MIB + 0.05 * truth.real_bytes
    ((said, real),) = truth.answers
    assert said == predicted_speed(shape, speed, Plan(1024, "f16", 0)) and 0 < real < 10_000


def test_a_short_answer_tells_the_memory_but_no_speed(engine: Engine, starter: ModelSpec, paths: DataPaths):
    measurements = Measurements(paths.measurements)
    measurements.keep_speed(Speed({"Q4_1": 1e10}, 1e-5))
    spec = ModelSpec(starter.file, 512, adapt=True)
    list(engine.complete(spec, "One", Sampling(temperature=0), 2, CancelToken()))
    truth = measurements.truths[read_facts(Path(starter.file)).shape.key]
    assert truth.real_bytes > 50 * MIB and truth.answers == ()


def test_what_was_asked_for_exactly_is_loaded_exactly(engine: Engine, starter: ModelSpec):
    loaded = list(engine.load(ModelSpec(starter.file, 700, kv_type="q8_0"), CancelToken()))[-1]
    assert isinstance(loaded, Loaded) and (loaded.context_length, loaded.kv_type) == (700, "q8_0")


def test_a_trial_loads_beside_the_model_that_answers(sizing: Sizing, engine: Engine, starter: ModelSpec):
    list(engine.load(replace(starter, context_length=512), CancelToken()))
    pid = engine.worker_pid
    events = list(sizing.try_out(Path(starter.file), CancelToken()))
    assert isinstance(events[-1], Loaded) and all(isinstance(each, LoadProgress) for each in events[:-1])
    assert engine.worker_pid == pid
    assert sizing._worker.pid is None  # its memory is free again


def test_a_trial_says_why_a_file_cannot_be_used(sizing: Sizing, starter: ModelSpec, tmp_path: Path):
    (tmp_path / "short.gguf").write_bytes(Path(starter.file).read_bytes()[: 4 * MIB])
    with pytest.raises(AppError, match="incomplete"):
        list(sizing.try_out(tmp_path / "short.gguf", CancelToken()))
