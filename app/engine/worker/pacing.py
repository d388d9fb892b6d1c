"""How fast a model runs in one way of loading it: a second of reading and a second of writing."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.protocol import LoadProgress, ModelSpec, Paced, Sampling
from app.engine.worker.llama_model import LlamaModel
from app.hardware.probe import physical_cores
from app.models.gguf import read_facts

_CONTEXT = 1024  # tokens
_MEASURE_S = 0.5
_TOKEN = 10  # any: no kernel looks at the values


def run_pace(spec: ModelSpec, cancel: CancelToken) -> Paced:
    """Load `spec` exactly, with a short context. Raises `AppError` when it only loads in another way, and `Cancelled`."""
    facts = read_facts(Path(spec.file))
    context = min(spec.context_length, facts.context_length, _CONTEXT)
    model = LlamaModel(facts, replace(spec, context_length=context, adapt=False), _ignore, cancel)
    try:
        if model.plan.gpu_layers != spec.gpu_layers:
            raise AppError("The graphics card could not take the model.", "Use the processor.")
        model.use_threads(physical_cores())
        return _paced(model, cancel)
    finally:
        model.close()


def _paced(model: LlamaModel, cancel: CancelToken) -> Paced:
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
        prompt = length * _times_a_second(lambda: read(length), fresh, model.context_length // length)
        generate = _times_a_second(lambda: read(1), fresh, model.context_length)
    finally:
        sampler.close()
    return Paced(prompt, generate)


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


def _ignore(_progress: LoadProgress) -> None:
    """Nobody waits to be told."""
