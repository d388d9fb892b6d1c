"""How fast a model runs in one way of loading it: a second of reading and a second of writing."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.measuring_protocol import Paced, Pacing
from app.engine.protocol import ModelSpec, Sampling
from app.engine.telling import told_by
from app.engine.worker.llama_model import LlamaModel
from app.hardware.probe import physical_cores
from app.models.gguf import read_facts

_CONTEXT = 1024  # tokens
_MEASURE_S = 0.5
_LOADED, _WARM, _READ = 0.5, 0.7, 0.85  # of the whole time, roughly
_TOKEN = 10  # any: no kernel looks at the values


def run_pace(spec: ModelSpec, cancel: CancelToken) -> Iterator[Pacing | Paced]:
    """Load `spec` exactly, with a short context; ends with `Paced`. Raises `AppError` when it only loads in another way, and
    `Cancelled`.
    """
    facts = read_facts(Path(spec.file))
    context = min(spec.context_length, facts.context_length, _CONTEXT)
    exactly = replace(spec, context_length=context, adapt=False)

    def load(tell: Callable[[Pacing], None]) -> LlamaModel:
        return LlamaModel(facts, exactly, lambda now: tell(Pacing(_LOADED * now.fraction)), cancel)

    model = yield from told_by(load, "load")
    try:
        if model.plan.gpu_layers != spec.gpu_layers:
            raise AppError("The graphics card could not take the model.", "Use the processor.")
        model.use_threads(physical_cores())
        yield from _paced(model, cancel)
    finally:
        model.close()


def _paced(model: LlamaModel, cancel: CancelToken) -> Iterator[Pacing | Paced]:
    sampler = model.sampler(Sampling(temperature=0.0))

    def read(count: int) -> None:
        cancel.raise_if_cancelled()
        model.decode([_TOKEN] * count)
        sampler.draw()  # waits for the card to be done

    def fresh() -> None:
        model.keep(0)

    try:
        length = min(model.slice_length, model.context_length // 2)
        read(length)  # drivers compile their programs, and the pages of the weights are fetched
        read(1)
        yield Pacing(_WARM)
        prompt = length * _times_a_second(lambda: read(length), fresh, model.context_length // length)
        yield Pacing(_READ)
        generate = _times_a_second(lambda: read(1), fresh, model.context_length)
    finally:
        sampler.close()
    yield Paced(prompt, generate)


def _times_a_second(step: Callable[[], None], fresh: Callable[[], None], room: int) -> float:
    """`room`: how often before the context is full and `fresh` has to empty it, which is not counted."""
    taken, count = 0.0, 0
    while taken < _MEASURE_S:
        if count % room == 0:
            fresh()
        began = time.perf_counter()
        step()
        taken += time.perf_counter() - began
        count += 1
    return count / max(taken, 1e-9)
