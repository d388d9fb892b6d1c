"""Who writes a summary: the model, or the document's own sentences."""

from dataclasses import dataclass
from pathlib import Path

from app.assistants.answering import context_of
from app.assistants.summarize.events import Wish
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import Loaded, ModelSpec
from app.models.gguf import read_facts

# Below about a billion parameters models copy, mix up or invent more than they summarise (the smallest of the 19 models
# in arXiv 2502.00641 that come near large ones have 3 billion). Some headroom for models sold as "1B".
_FEWEST_PARAMETERS = 900_000_000
_ANSWER = 600  # tokens kept free for what is written
_INSTRUCTIONS = 250
_MOST_AT_ONCE = 2_400  # tokens of material: small models lose the thread of long prompts
_LEAST_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class ModelWay:
    """A model writes; `budget`: tokens of material in one call."""

    name: str
    budget: int


def choose_way(wish: Wish, engine: Engine, model: ModelSpec, cancel: CancelToken) -> ModelWay | str:
    """The model, or why the document's own sentences are chosen instead ("" when the person asked for them).

    Raises `AppError` when the person asked for the model and it cannot be used, and `Cancelled`.
    """
    if wish.way == "extractive":
        return _cannot(wish)
    if wish.way == "auto" and (parameters := read_facts(Path(model.file)).parameters) < _FEWEST_PARAMETERS:
        return (
            f"{model.shown_name} is too small to summarise reliably ({parameters / 1e6:.0f} million parameters), so"
            f" the document's own sentences were chosen. {_cannot(wish)}".rstrip()
        )
    if not _can_chat(engine, model, cancel):
        if wish.way == "auto":
            return (
                f"{model.shown_name} cannot follow instructions, so the document's own sentences were chosen."
            )
        raise AppError(f"{model.shown_name} cannot follow instructions.", "Choose a chat model.")
    room = context_of(engine, model, cancel) - _ANSWER - _INSTRUCTIONS
    if room < _LEAST_AT_ONCE:
        raise AppError(
            f"With this context length {model.shown_name} cannot look at a page of text.",
            "Raise the context length in Settings, or choose the document's own sentences.",
        )
    return ModelWay(model.shown_name, min(room, _MOST_AT_ONCE))


def _can_chat(engine: Engine, model: ModelSpec, cancel: CancelToken) -> bool:
    loaded = [reply for reply in engine.load(model, cancel) if isinstance(reply, Loaded)]
    return bool(loaded) and loaded[-1].can_chat


def _cannot(wish: Wish) -> str:
    """What the document's own sentences leave of the person's wishes."""
    left = []
    if wish.language:
        left.append("another language")
    if wish.style == "plain":
        left.append("plainer words")
    if wish.instruction.strip():
        left.append("an instruction")
    if not left:
        return ""
    return f"Only a model can follow {' or '.join(left)}; the document's own sentences stay as they are."
