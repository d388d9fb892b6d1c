"""How a model is loaded on this machine as it is now: by the same `fit` that chose and showed it."""

from dataclasses import replace
from pathlib import Path

from app.engine.exact_fit import CannotLoad, exact_fit, memory_of, with_devices
from app.engine.protocol import ModelSpec, Unloadable
from app.engine.worker.devices import list_devices
from app.engine.worker.measuring import measure
from app.hardware.fit import Memory, Plan
from app.hardware.probe import probe
from app.models.gguf import GgufFacts


def plan_load(facts: GgufFacts, spec: ModelSpec) -> tuple[ModelSpec, Memory | None]:
    """`spec` with the context (up to the one asked for), KV type and layers on a graphics card that fit now, and the
    memory it should take (None: llama.cpp does not know such a model, as loading it will tell).

    A model that is too big gets the smallest plan there is.
    """
    overhead, beside = 0, sum(_size(file) for file, _ in spec.adapters)

    def exact(plan: Plan) -> Memory:
        nonlocal overhead
        found = measure(_as_planned(spec, plan))
        if isinstance(found, Unloadable):
            raise CannotLoad(found.reason)
        overhead = max(overhead, found.overhead)
        memory = memory_of(found, overhead)
        return replace(memory, weights=memory.weights + beside)

    machine = with_devices(probe(), list_devices())
    try:
        found = exact_fit(machine, facts.shape, exact, context=spec.context_length)
    except CannotLoad:
        return replace(spec, adapt=False), None
    return _as_planned(spec, found.plan), found.memory


def _size(adapter: str) -> int:
    """Bytes; 0 when it is gone, which attaching it tells."""
    try:
        return Path(adapter).stat().st_size
    except OSError:
        return 0


def _as_planned(spec: ModelSpec, plan: Plan) -> ModelSpec:
    return replace(
        spec,
        context_length=plan.context_length,
        kv_type=plan.kv_type,
        gpu_layers=plan.gpu_layers,
        adapt=False,
    )
