"""What the measuring process says, against the formula and against a model that is really loaded."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.base.paths import DataPaths, find_paths
from app.engine.client import Engine
from app.engine.exact_fit import CannotLoad
from app.engine.measuring_protocol import CalibrationProgress, ListDevices, Measure
from app.engine.protocol import ModelSpec, Sampling
from app.engine.sizing import Sizing
from app.engine.worker.calibrating import _speed, _wide
from app.hardware.fit import Plan, Speed, estimate, predicted_speed
from app.hardware.probe import Gpu, probe
from app.models.gguf import read_facts
from tests.fixtures.architectures import ARCHITECTURES, Size, write_random_model

MIB = 1 << 20
WRITERS = sorted(name for name, each in ARCHITECTURES.items() if each.kind != "encoder")


@pytest.fixture
def sizing(tmp_path: Path) -> Iterator[Sizing]:
    paths = find_paths(tmp_path / "sizing")
    paths.prepare()
    sizing = Sizing(paths)
    yield sizing
    sizing.close()


def test_the_processor_and_its_extensions(sizing: Sizing):
    machine = sizing.machine(CancelToken())
    assert machine.cpu.features
    assert machine.ram.total == probe().ram.total
    assert all(isinstance(gpu, Gpu) for gpu in machine.gpus)


def test_the_formula_keeps_what_llama_cpp_keeps(running: Engine, tmp_path: Path):
    """Every architecture: a short context, and one far longer than any window."""
    for name in WRITERS:
        file = tmp_path / f"{name}.gguf"
        write_random_model(file, name, Size(context=32_768))
        shape = read_facts(file).shape
        for context in (2048, 20_000):
            plan = Plan(context, "f16", 0)
            exact = running._worker.call(Measure(ModelSpec(str(file), context)))
            guess = estimate(shape, plan)
            # llama.cpp prints hundredths of MiB, once for each kind of layer
            assert abs(exact.kv - guess.kv) <= 0.011 * MIB, (name, context)
            assert exact.weights == guess.weights, name


def test_the_plan_is_what_a_real_load_takes(sizing: Sizing, starter: ModelSpec, paths: DataPaths):
    """Loaded, and the context filled: within 8 MiB and 5 %, see benchmarks/fit.py for larger models."""
    file = Path(starter.file)
    plan = Plan(1024, "f16", 0)
    exact, guess = sizing.measure(file, plan, CancelToken()), estimate(read_facts(file).shape, plan)
    engine = Engine(paths)
    engine._worker.call(ListDevices())
    pid = engine.worker_pid
    assert pid is not None
    before = psutil.Process(pid).memory_info().rss
    spec = ModelSpec(str(file), 1024)
    text = " ".join(str(1000 + number) for number in range(190))
    list(engine.complete(spec, text, Sampling(temperature=0), 16, CancelToken()))
    grown = psutil.Process(pid).memory_info().rss - before
    engine.close()
    assert abs(exact.total - grown) < 8 * MIB + 0.05 * grown
    assert abs(guess.total - grown) < 16 * MIB + 0.1 * grown


def test_a_header_is_enough(sizing: Sizing, starter: ModelSpec, tmp_path: Path):
    """A sparse file with the header of the model and its length: nothing of the weights is read."""
    whole = Path(starter.file)
    header = tmp_path / "header.gguf"
    with whole.open("rb") as source, header.open("wb") as target:
        target.write(source.read(2 * MIB))
        target.truncate(whole.stat().st_size)
    plan = Plan(4096, "q8_0", 0)
    said, real = sizing.measure(header, plan, CancelToken()), sizing.measure(whole, plan, CancelToken())
    assert (said.weights, said.kv, said.compute) == (real.weights, real.kv, real.compute)
    assert read_facts(header).shape == read_facts(whole).shape


def test_what_is_recommended_loads(sizing: Sizing, starter: ModelSpec, engine: Engine):
    file = Path(starter.file)
    found = sizing.fit(file, read_facts(file).shape, sizing.machine(CancelToken()), CancelToken())
    assert found.verdict == "fits"
    spec = ModelSpec(str(file), found.plan.context_length, kv_type=found.plan.kv_type)
    loaded = list(engine.load(spec, CancelToken()))[-1]
    assert loaded.context_length == found.plan.context_length  # type: ignore[union-attr]


def test_no_model_no_plan(sizing: Sizing, tmp_path: Path):
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(CannotLoad, match="cannot load"):
        sizing.measure(tmp_path / "bad.gguf", Plan(2048, "f16", 0), CancelToken())


def test_calibration_predicts_and_leaves_nothing_behind(sizing: Sizing, starter: ModelSpec):
    events = list(sizing.calibrate(CancelToken()))
    assert isinstance(events[0], CalibrationProgress)
    speed = events[-1]
    assert isinstance(speed, Speed) and len(speed.bytes_per_s) >= 5
    assert all(1e7 < rate < 1e12 for rate in speed.bytes_per_s.values())
    predicted = predicted_speed(read_facts(Path(starter.file)).shape, speed, Plan(2048, "f16", 0))
    assert predicted is not None and predicted > 0
    assert not list(sizing._folder.iterdir())


def test_a_busy_moment_makes_no_speed_out_of_nothing():
    wide = _wide("Q8_0")
    read = wide.read_bytes("Q8_0")
    assert _speed(wide, "Q8_0", 0.02, 0.0, 0.0) == pytest.approx(read / 0.02)
    # each layer was measured to take longer than the whole token does now
    assert _speed(wide, "Q8_0", 0.02, 0.03, 0.0) == pytest.approx(read / 0.01)


def test_calibration_stops_at_once(sizing: Sizing):
    cancel = CancelToken()
    threading.Timer(0.5, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(sizing.calibrate(cancel))
    assert time.monotonic() - began < 20
    assert not list(sizing._folder.glob("*.gguf"))
