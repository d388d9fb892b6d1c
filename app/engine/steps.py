"""The steps by which a model came out smaller than was asked for, and the sentence that says so.

How far a load steps down, and in which order, is decided in `hardware.fit` (`fit`, `smaller_plans`, `spared_plan`) and, for
another file of the same model, by `ModelSpec.smaller`.
"""

from collections.abc import Iterator, Sequence

from app.engine.protocol import Step
from app.hardware.fit import Plan


def steps_between(wanted: Plan, got: Plan) -> tuple[Step, ...]:
    """Layers on the card, type of the numbers kept, context: what of them is less than was wanted."""
    steps = []
    if got.gpu_layers < wanted.gpu_layers:
        steps.append(Step("layers", str(wanted.gpu_layers), str(got.gpu_layers)))
    if (wanted.kv_type, got.kv_type) == ("f16", "q8_0"):
        steps.append(Step("kv type", wanted.kv_type, got.kv_type))
    if got.context_length < wanted.context_length:
        steps.append(Step("context", str(wanted.context_length), str(got.context_length)))
    return tuple(steps)


def told(steps: Sequence[Step]) -> str:
    """What a person should know of them, in a plain sentence for each cause; "" when nothing came out smaller."""
    kinds = {step.kind for step in steps}
    sentences = []
    if "card failed" in kinds:
        sentences.append("The graphics card failed, so the processor answers.")
    sentences += [
        f"This model can look at {_number(step.after)} tokens at most, not at {_number(step.before)}."
        for step in steps
        if step.kind == "training"
    ]
    if effects := list(_effects(steps)):
        cause = "Memory ran out" if "memory ran out" in kinds else "Memory is short"
        sentences.append(f"{cause}, so {_listed(effects)}.")
    return " ".join(sentences)


def _effects(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        match step.kind:
            case "model":
                yield f"“{step.after}” answers instead of “{step.before}”"
            case "layers" if step.after == "0":
                yield "the processor computes instead of the graphics card"
            case "layers":
                yield f"the graphics card computes only {step.after} of {step.before} layers"
            case "kv type":
                yield "what was read is kept in 8 bits"
            case "context":
                yield f"the model looks at {_number(step.after)} tokens instead of {_number(step.before)}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _number(tokens: str) -> str:
    return f"{int(tokens):,}"
