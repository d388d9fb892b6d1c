"""Predicted memory and speed against the truth, on models of different shapes with random weights.

Memory: the engine worker's resident growth after loading and after filling the whole context, against what
llama.cpp's plan and the formula say. Speed: tokens per second right after a calibration, median of three rounds.
ALCOVE_SHAPES=small,large chooses some of the shapes. Run: python -m benchmarks fit
"""

import os
import statistics
import tempfile
from pathlib import Path

import psutil

from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.engine.client import Engine
from app.engine.measuring_protocol import ListDevices
from app.engine.protocol import Generated, ModelSpec, Sampling
from app.engine.sizing import Sizing
from app.hardware.fit import Plan, Speed, estimate, predicted_speed
from app.hardware.kv_type import KvType
from app.models.gguf import read_facts
from app.models.installed import starter_chat_model
from benchmarks.shapes import SHAPES, write_shape

_CONTEXT = 2048
_MIB = 1 << 20
_TOKENS = 64
_ROUNDS = 3


def main() -> None:
    chosen = [name for name in os.environ.get("ALCOVE_SHAPES", "").split(",") if name] or list(SHAPES)
    with tempfile.TemporaryDirectory() as name:
        paths = find_paths(Path(name, "home"))
        paths.prepare()
        sizing = Sizing(paths)
        errors: list[float] = []
        speeds: list[float] = []
        for shape in ("starter", *chosen):
            file = starter_chat_model() if shape == "starter" else write_shape(shape, Path(name))
            speeds.append(_speed(sizing, file, shape))
            errors += [_memory(sizing, file, shape, kv_type) for kv_type in ("f16", "q8_0")]
            if shape != "starter":
                file.unlink()
        sizing.close()
        print(f"memory: largest error {max(map(abs, errors)):.1%} (at most 5 %)")
        print(f"speed: largest error {max(map(abs, speeds)):.0%}, median {statistics.median(map(abs, speeds)):.0%}"
              " (at most 20 %)")  # fmt: skip


def _memory(sizing: Sizing, file: Path, shape: str, kv_type: KvType) -> float:
    plan = Plan(_CONTEXT, kv_type, 0)
    exact = sizing.measure(file, plan, CancelToken())
    guess = estimate(read_facts(file).shape, plan)
    with tempfile.TemporaryDirectory() as home:
        engine = Engine(find_paths(home))
        spec = ModelSpec(str(file), _CONTEXT, kv_type=kv_type)
        engine._worker.call(ListDevices())  # started, everything imported
        before = _resident(engine)
        prompt = " ".join(str(1000 + number % 7000) for number in range(2 * _CONTEXT))
        counted = engine.count_tokens(spec, [prompt], CancelToken())[0]
        loaded = _resident(engine) - before
        prompt = prompt[: int(len(prompt) * _CONTEXT * 0.92 / counted)]
        list(engine.complete(spec, prompt, Sampling(temperature=0), 16, CancelToken()))
        truth = _resident(engine) - before
        engine.close()
    error = exact.total / truth - 1
    print(f"{shape:12} {kv_type:5} memory: said {exact.total / _MIB:.0f} MiB (formula {guess.total / _MIB:.0f}),"
          f" really {truth / _MIB:.0f} (after loading {loaded / _MIB:.0f}); error {error:+.1%}", flush=True)  # fmt: skip
    return error


def _resident(engine: Engine) -> int:
    pid = engine.worker_pid
    assert pid is not None
    return int(psutil.Process(pid).memory_info().rss)


def _speed(sizing: Sizing, file: Path, shape: str) -> float:
    """The median error of some rounds, each calibrated anew: a shared machine is not the same one minutes later."""
    shape_of_file = read_facts(file).shape
    errors = []
    for _ in range(_ROUNDS):
        speed = next(each for each in sizing.calibrate(CancelToken()) if isinstance(each, Speed))
        sizing.close()
        said = predicted_speed(shape_of_file, speed, Plan(_CONTEXT, "f16", 0))
        truth = _written_per_s(file)
        assert said is not None
        errors.append(said / truth - 1)
        print(
            f"{shape:12} speed: said {said:.1f} tokens/s, really {truth:.1f}; error {errors[-1]:+.0%}",
            flush=True,
        )
    return statistics.median(errors)


def _written_per_s(file: Path) -> float:
    with tempfile.TemporaryDirectory() as home:
        engine = Engine(find_paths(home))
        spec = ModelSpec(str(file), _CONTEXT)
        rates = []
        for _ in range(3):
            for event in engine.complete(spec, "1 2 3", Sampling(temperature=0), _TOKENS, CancelToken()):
                if isinstance(event, Generated) and event.single:
                    rates.append(event.single_per_s)
        engine.close()
    return statistics.median(rates)


if __name__ == "__main__":
    main()
