"""Opening a model with what memory there is: its weights, and a context; by smaller and smaller plans where it is refused."""

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.language_model import NoRoom
from app.engine.protocol import LoadProgress, ModelSpec
from app.engine.worker.native_log import forget_errors, last_errors
from app.engine.worker.parameters import batch_length, context_parameters, model_parameters
from app.engine.worker.planning import Planned, as_planned
from app.engine.worker.sequences import sequences_beside
from app.hardware.fit import Plan, kv_bytes, smaller_plans
from app.hardware.probe import probe
from app.models.gguf import GgufFacts

_OF_MEMORY = ("alloc", "out of memory", "outofdevicememory")  # what llama.cpp's errors say when it gets none
_log = logging.getLogger(__name__)


def open_plan(
    facts: GgufFacts, planned: Planned, tell: Callable[[LoadProgress], None], cancel: CancelToken
) -> tuple[Any, Any, Plan]:
    """The weights, a context and the plan they came to: the one wanted, or the first smaller one that is not refused.

    Raises `NoRoom` when none is left, `AppError` for weights that cannot be read at all, and `Cancelled`.
    """
    model, layers = None, -1
    for plan in (planned.plan, *smaller_plans(planned.plan, facts.shape, planned.split)):
        spec = as_planned(planned.spec, plan)
        try:
            if plan.gpu_layers != layers:
                _free(model)
                model = None
                model, layers = _load(facts, spec, tell, cancel), plan.gpu_layers
            context = None if model is None else _open_context(model, facts, spec)
        except AppError:
            if not plan.gpu_layers:
                raise
            layers, context = plan.gpu_layers, None
        if context is not None:
            length = min(plan.context_length, int(llama.llama_n_ctx(context)))
            return model, context, replace(plan, context_length=length)
        _log.warning("refused: %s (%s)", plan, last_errors())
    _free(model)
    raise _no_room(facts)


def _load(
    facts: GgufFacts, spec: ModelSpec, tell: Callable[[LoadProgress], None], cancel: CancelToken
) -> Any:
    @llama.llama_progress_callback  # type: ignore[untyped-decorator]
    def progress(fraction: float, _: object) -> bool:
        tell(LoadProgress(fraction, card=spec.gpu_layers > 0, file=spec.file))
        return not cancel.cancelled

    forget_errors()
    params = model_parameters(spec, facts.tensor_bytes, probe().ram.available)
    params.progress_callback = progress
    model = llama.llama_model_load_from_file(os.fsencode(spec.file), params)
    if cancel.cancelled:
        _free(model)
        raise Cancelled
    if model is None:
        said = last_errors()
        _log.warning("loading failed: %s", said)
        if any(word in said.casefold() for word in _OF_MEMORY):
            raise _no_room(facts)
        raise AppError(
            f"The model “{facts.name}” could not be loaded.",
            "It may be damaged or of a kind too new for this version of Alcove; choose another model.",
        )
    return model


def _open_context(model: Any, facts: GgufFacts, spec: ModelSpec) -> Any:
    """None where memory is too short for it."""
    needed = kv_bytes(facts.shape, spec.context_length, spec.kv_type, batch_length(spec))
    if spec.gpu_layers == 0 and needed > probe().ram.available:
        return None  # Linux would promise the memory and kill the process when it is used
    wanted = context_parameters(spec, spec.context_length, sequences_beside(model))
    return llama.llama_init_from_model(model, wanted)


def _free(model: Any) -> None:
    if model is not None:
        llama.llama_model_free(model)


def _no_room(facts: GgufFacts) -> NoRoom:
    return NoRoom(
        f"There is not enough memory to run “{facts.name}”.",
        "Close other programs or choose a smaller model.",
    )
