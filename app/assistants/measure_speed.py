"""Use case: measure this machine, and what a model really does on it beside what was predicted."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from app.base.errors import AppError
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
from app.engine.sizing import CannotLoad, Sizing
from app.hardware.fit import ModelShape, Plan, Speed, estimate, predicted_speed
from app.hardware.measured import Measurements
from app.models.gguf import read_facts

_RUNS = 3
_PROMPT_WORDS = 200
_TOKENS = 64


@dataclass(frozen=True, slots=True)
class BenchFinished:
    """Medians of three answers. `peak_memory`: most bytes the engine's process held, `model_memory` of them for the
    model, which `predicted_memory` was told for. `predicted_tokens_per_s` None: computed on a card.
    """

    model: str
    prompt_tokens_per_s: float
    generate_tokens_per_s: float
    first_token_s: float
    peak_memory: int
    model_memory: int
    predicted_memory: int
    predicted_tokens_per_s: float | None


BenchEvent = CalibrationProgress | LoadProgress | PromptProgress | BenchFinished


def measure_speed(
    spec: ModelSpec, *, engine: Engine, sizing: Sizing, measurements: Measurements, cancel: CancelToken
) -> Iterator[BenchEvent]:
    """Calibrate in about ten seconds, then let the model write; ends with `BenchFinished`, which is kept too.

    Raises `AppError` and `Cancelled`.
    """
    file = Path(spec.file)
    facts = read_facts(file)
    spec = replace(spec, context_length=min(spec.context_length, facts.context_length))
    for event in sizing.calibrate(cancel):
        if isinstance(event, Speed):
            measurements.keep_speed(event)
        else:
            yield event
    sizing.close()
    plan = Plan(spec.context_length, spec.kv_type, spec.gpu_layers)
    predicted = _predicted_memory(sizing, file, facts.shape, plan, cancel)
    sizing.close()
    speed = predicted_speed(facts.shape, measurements.uncorrected_speed, plan)
    pid = engine.restart(cancel)
    before = peak = _resident(pid)
    for reply in engine.load(spec, cancel):
        if not isinstance(reply, Loaded):
            yield reply
    answers: list[Generated] = []
    for number in range(_RUNS):
        # numbered at the start, so that nothing of the answer before is reused
        prompt = f"{number}: " + "one two three four five " * (_PROMPT_WORDS // 5)
        for each in engine.complete(spec, prompt, Sampling(temperature=0), _TOKENS, cancel):
            peak = max(peak, _resident(pid))
            if isinstance(each, Generated) and each.tokens > 1:
                answers.append(each)
            elif isinstance(each, PromptProgress):
                yield each
    if not answers:
        raise AppError(f"{facts.name} wrote too little to be measured.", "Measure with another model.")
    writing = statistics.median((each.tokens - 1) / max(each.generate_s, 1e-6) for each in answers)
    reading = statistics.median(
        (each.prompt_tokens - each.reused_tokens) / max(each.prompt_s, 1e-6) for each in answers
    )
    key = facts.shape.name
    measurements.keep_load(key, predicted, peak - before)
    if speed is not None:
        measurements.keep_answer(key, speed, writing)
    yield BenchFinished(
        facts.name, round(reading, 1), round(writing, 1), round(statistics.median(each.prompt_s for each in answers), 3),
        peak, peak - before, predicted, None if speed is None else round(speed, 1),
    )  # fmt: skip


def _predicted_memory(sizing: Sizing, file: Path, shape: ModelShape, plan: Plan, cancel: CancelToken) -> int:
    try:
        return sizing.measure(file, plan, cancel).total
    except CannotLoad:
        raise
    except AppError:
        return estimate(shape, plan).total


def _resident(pid: int) -> int:
    """Bytes the process holds; 0 when it has ended, which the next reply tells."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
