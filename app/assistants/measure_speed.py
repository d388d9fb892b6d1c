"""Use case: measure this machine, and what a model really does on it beside what was predicted."""

import statistics
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import resource
from app.engine.client import Engine
from app.engine.measuring_protocol import CalibrationProgress
from app.engine.protocol import Generated, Loaded, LoadProgress, ModelSpec, PromptProgress, Sampling, Step
from app.engine.sizing import Sizing
from app.hardware.fit import Speed
from app.hardware.kv_type import KvType
from app.hardware.measured import Measurements, Truth
from app.models.gguf import read_facts

_RUNS = 3
_PROMPT_WORDS = 150  # about 200 tokens
_TOKENS = 64


@dataclass(frozen=True, slots=True)
class BenchFinished:
    """Medians of three answers. `peak_memory`: most bytes the engine's process held, `model_memory` of them for the
    model, which `predicted_memory` was told for (0: not known). `predicted_tokens_per_s` None: computed on a card.
    The rest is how the model was loaded, as in `Loaded`; `remark` says `steps` in words.
    """

    model: str
    prompt_tokens_per_s: float
    generate_tokens_per_s: float
    first_token_s: float
    peak_memory: int
    model_memory: int
    predicted_memory: int
    predicted_tokens_per_s: float | None
    context_length: int = 0
    kv_type: KvType = "f16"
    gpu_layers: int = 0
    steps: tuple[Step, ...] = ()
    remark: str = ""


BenchEvent = CalibrationProgress | LoadProgress | PromptProgress | BenchFinished


def measure_speed(
    spec: ModelSpec, *, engine: Engine, sizing: Sizing, measurements: Measurements, cancel: CancelToken
) -> Iterator[BenchEvent]:
    """Calibrate in about ten seconds, then let the model write; ends with `BenchFinished`, which is kept too.

    Raises `AppError` and `Cancelled`.
    """
    facts = read_facts(Path(spec.file))
    for event in sizing.calibrate(cancel):
        if isinstance(event, Speed):
            measurements.keep_speed(event)
        else:
            yield event
    sizing.close()
    pid = engine.restart(cancel)
    before = peak = _resident(pid)
    spec = replace(spec, adapt=True)
    loaded = yield from _loaded(engine, spec, cancel)
    answers: list[Generated] = []
    # each time other words, so that nothing of the answer before is reused; of plain prose little is copied
    words = resource("tuning_text.txt").read_text(encoding="utf-8").split()
    for number in range(_RUNS):
        prompt = " ".join(words[number * _PROMPT_WORDS :][:_PROMPT_WORDS])
        for each in engine.complete(spec, prompt, Sampling(temperature=0), _TOKENS, cancel):
            peak = max(peak, _resident(pid))
            if isinstance(each, Generated) and each.tokens > 1:
                answers.append(each)
            elif isinstance(each, PromptProgress):
                yield each
    if not answers:
        raise AppError(f"{facts.name} wrote too little to be measured.", "Measure with another model.")
    writing = statistics.median(_writing_speed(each) for each in answers)
    reading = statistics.median(
        (each.prompt_tokens - each.reused_tokens) / max(each.prompt_s, 1e-6) for each in answers
    )
    known = measurements.truths.get(facts.shape.key, Truth())  # the process that answered kept it
    yield BenchFinished(
        engine.shown_name(spec), round(reading, 1), round(writing, 1),
        round(statistics.median(each.prompt_s for each in answers), 3),
        peak, peak - before, known.predicted_bytes, round(known.predicted_speed, 1) or None,
        loaded.context_length, loaded.kv_type, loaded.gpu_layers, loaded.steps, engine.remark,
    )  # fmt: skip


def _loaded(engine: Engine, spec: ModelSpec, cancel: CancelToken) -> Generator[LoadProgress, None, Loaded]:
    for reply in engine.load(spec, cancel):
        if isinstance(reply, Loaded):
            return reply
        yield reply
    raise AppError("The model could not be loaded.", "Try again.")


def _writing_speed(answer: Generated) -> float:
    """Tokens per second, computed one at a time where there are such."""
    return answer.single_per_s or (answer.tokens - 1) / max(answer.generate_s, 1e-6)


def _resident(pid: int) -> int:
    """Bytes the process holds; 0 when it has ended, which the next reply tells."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
