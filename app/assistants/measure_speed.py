"""Use case: measure this machine, and what a model really does on it beside what was predicted."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import (
    CalibrationProgress,
    Generated,
    Loaded,
    LoadProgress,
    ModelSpec,
    PromptProgress,
    Sampling,
)
from app.engine.sizing import Sizing
from app.hardware.fit import Plan, Speed, predicted_speed
from app.hardware.measured import Measurements
from app.models.gguf import read_facts

_RUNS = 3
_PROMPT_WORDS = 200
_TOKENS = 64


@dataclass(frozen=True, slots=True)
class BenchFinished:
    """Medians of three answers. Bytes are what the engine's process holds; predictions are None where there is none."""

    model: str
    prompt_tokens_per_s: float
    generate_tokens_per_s: float
    first_token_s: float
    peak_memory: int
    predicted_memory: int | None
    predicted_tokens_per_s: float | None


BenchEvent = CalibrationProgress | LoadProgress | PromptProgress | BenchFinished


def measure_speed(
    spec: ModelSpec, *, engine: Engine, sizing: Sizing, measurements: Measurements, cancel: CancelToken
) -> Iterator[BenchEvent]:
    """Calibrate in about ten seconds, then let the model write; ends with `BenchFinished`, which is kept too.

    Raises `AppError` and `Cancelled`.
    """
    for event in sizing.calibrate(cancel):
        if isinstance(event, Speed):
            measurements.keep_speed(event)
        else:
            yield event
    sizing.close()
    file = Path(spec.file)
    facts = read_facts(file)
    plan = Plan(spec.context_length, spec.kv_type, spec.gpu_layers)
    memory = sizing.measure(file, plan, cancel)
    sizing.close()
    speed = predicted_speed(facts.shape, measurements.uncorrected_speed, plan)
    before = _resident(engine)
    for reply in engine.load(spec, cancel):
        if not isinstance(reply, Loaded):
            yield reply
    answers: list[Generated] = []
    for number in range(_RUNS):
        # numbered at the start, so that nothing of the answer before is reused
        prompt = f"{number}: " + "one two three four five " * (_PROMPT_WORDS // 5)
        for each in engine.complete(spec, prompt, Sampling(temperature=0), _TOKENS, cancel):
            if isinstance(each, Generated):
                answers.append(each)
            elif isinstance(each, PromptProgress):
                yield each
    held = _resident(engine)
    writing = statistics.median((each.tokens - 1) / max(each.generate_s, 1e-6) for each in answers)
    reading = statistics.median(
        (each.prompt_tokens - each.reused_tokens) / max(each.prompt_s, 1e-6) for each in answers
    )
    if before:
        measurements.keep_load(facts.name, memory.total, held - before)
    if speed is not None and writing > 0:
        measurements.keep_answer(facts.name, speed, writing)
    yield BenchFinished(
        facts.name, round(reading, 1), round(writing, 1), round(statistics.median(each.prompt_s for each in answers), 3),
        held, memory.total, None if speed is None else round(speed, 1),
    )  # fmt: skip


def _resident(engine: Engine) -> int:
    """Bytes the engine's process holds; 0 while there is none."""
    pid = engine.worker_pid
    return 0 if pid is None else int(psutil.Process(pid).memory_info().rss)
