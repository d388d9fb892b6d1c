"""How a model is loaded on this machine as it is now: by the same `fit` that chose and showed it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.base.jobs import CancelToken
from app.engine.exact_fit import CannotLoad, exact_fit, memory_of, with_devices
from app.engine.language_model import NoRoom
from app.engine.measuring_protocol import Unloadable
from app.engine.protocol import ModelSpec, Step
from app.engine.worker.devices import list_devices
from app.engine.worker.measuring import measure
from app.engine.worker.racing import Cards
from app.hardware.fit import Fit, Memory, Plan, card_of, layers_that_fit, spared_plan
from app.hardware.probe import Machine, probe
from app.models.gguf import GgufFacts


@dataclass(frozen=True, slots=True)
class Planned:
    """`plan`: how to load `spec`. `wanted`: how it would be loaded with all the memory it likes. `memory`: what `plan` should
    take, None where that is not known. `split`: layers that should fit on the card when not all do. `causes`: why it may be
    smaller than wanted, where that is not only memory.
    """

    spec: ModelSpec
    plan: Plan
    wanted: Plan
    memory: Memory | None = None
    split: int = 0
    causes: tuple[Step, ...] = ()


def plan_load(facts: GgufFacts, spec: ModelSpec, cards: Cards, cancel: CancelToken) -> Planned:
    """The context (up to the one asked for), KV type and layers on a graphics card that fit now.

    A model that is too big gets the smallest plan there is; where there is a smaller one of the same model, `NoRoom` is
    raised. Raises `Cancelled` as `cards.wins` does.
    """
    if not spec.adapt:
        return _exactly(spec)
    asked = Plan(spec.context_length, spec.kv_type, 0)
    causes = (Step("memory ran out"),) if spec.kills else ()
    spared = spared_plan(asked, facts.shape, spec.kills)
    try:
        machine, found = _fitting(facts, spec, spared.context_length, cards, cancel)
    except CannotLoad:  # loading it tells why
        return replace(_exactly(spec), causes=causes)
    if cards.failed(spec):
        causes = (Step("card failed"), *causes)
    if found.verdict == "too big" and spec.smaller:
        raise NoRoom(f"There is not enough memory to run “{facts.name}”.", "Choose a smaller model.")
    card = card_of(machine)
    wanted = asked if card is None else replace(asked, gpu_layers=facts.shape.layers + 1)
    split = 0 if card is None else layers_that_fit(facts.shape, card, found.plan.context_length)
    if spec.kills:
        return Planned(spec, replace(found.plan, kv_type=spared.kv_type), wanted, None, split, causes)
    return Planned(spec, found.plan, wanted, found.memory, split, causes)


def as_planned(spec: ModelSpec, plan: Plan) -> ModelSpec:
    return replace(
        spec,
        context_length=plan.context_length,
        kv_type=plan.kv_type,
        gpu_layers=plan.gpu_layers,
        adapt=False,
    )


def _exactly(spec: ModelSpec) -> Planned:
    plan = Plan(spec.context_length, spec.kv_type, spec.gpu_layers)
    return Planned(spec, plan, plan)


def _fitting(
    facts: GgufFacts, spec: ModelSpec, context: int, cards: Cards, cancel: CancelToken
) -> tuple[Machine, Fit]:
    """The machine as it takes part, without a card that failed or is slower than the processor, and the best plan on it.

    Raises `CannotLoad` and `Cancelled`.
    """
    known = replace(probe(), gpus=())
    machine = with_devices(probe(), list_devices()) if cards.allowed(spec) else known
    measured = _measuring(spec)
    found = exact_fit(machine, facts.shape, measured, context=context)
    card = card_of(machine)
    if card is None or not found.plan.gpu_layers:
        return machine, found
    alone = exact_fit(known, facts.shape, measured, context=context)
    if alone.verdict == "too big" or cards.wins(
        facts.shape.key, as_planned(spec, found.plan), card.name, cancel
    ):
        return machine, found
    return known, alone


def _measuring(spec: ModelSpec) -> Callable[[Plan], Memory]:
    """Memory of a plan as llama.cpp has it, with the adapters. It raises `CannotLoad`, and `AppError` without an answer."""
    overhead, beside = 0, sum(_size(file) for file, _ in spec.adapters)

    def exact(plan: Plan) -> Memory:
        nonlocal overhead
        found = measure(as_planned(spec, plan))
        if isinstance(found, Unloadable):
            raise CannotLoad(found.reason)
        overhead = max(overhead, found.overhead)
        memory = memory_of(found, overhead)
        return replace(memory, weights=memory.weights + beside)

    return exact


def _size(adapter: str) -> int:
    """Bytes; 0 when it is gone, which attaching it tells."""
    try:
        return Path(adapter).stat().st_size
    except OSError:
        return 0
