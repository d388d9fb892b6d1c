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
_ANSWER_SHARE = 4  # of the context is kept free for what is written
_INSTRUCTIONS = 250
_MOST_AT_ONCE = 2_400  # tokens of material: small models lose the thread of long prompts
_LEAST_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class ModelWay:
    """A model writes; `budget`: tokens of material in one call, `answer`: tokens it may write in one."""

    name: str
    budget: int
    answer: int


def choose_way(wish: Wish, engine: Engine, model: ModelSpec, cancel: CancelToken) -> ModelWay | str:
    """The model, or why the document's own sentences are chosen instead ("" when the person asked for them).

    Raises `AppError` when the person asked for the model and it cannot be used, and `Cancelled`.
    """
    if wish.way == "extractive":
        return cannot(wish)
    if wish.way == "model":
        return _model_way(engine, model, cancel)
    try:
        parameters = read_facts(Path(model.file)).parameters
        if parameters >= _FEWEST_PARAMETERS:
            return _model_way(engine, model, cancel)
        reason = f"{model.shown_name} is too small to summarise reliably ({parameters / 1e6:.0f} million parameters)."
    except AppError as error:
        reason = error.what
    return own_words_instead(reason, wish)


def own_words_instead(reason: str, wish: Wish) -> str:
    """What is said where the document's own sentences stand in for a model."""
    return f"{reason} So the document's own sentences were chosen. {cannot(wish)}".rstrip()


def _model_way(engine: Engine, model: ModelSpec, cancel: CancelToken) -> ModelWay:
    if not _can_chat(engine, model, cancel):
        raise AppError(f"{model.shown_name} cannot follow instructions.", "Choose a chat model.")
    context = context_of(engine, model, cancel)
    answer = context // _ANSWER_SHARE
    room = context - answer - _INSTRUCTIONS
    if room < _LEAST_AT_ONCE:
        raise AppError(
            f"With this context length {model.shown_name} cannot look at a page of text.",
            "Raise the context length in Settings, or choose the document's own sentences.",
        )
    return ModelWay(model.shown_name, min(room, _MOST_AT_ONCE), answer)


def _can_chat(engine: Engine, model: ModelSpec, cancel: CancelToken) -> bool:
    loaded = [reply for reply in engine.load(model, cancel) if isinstance(reply, Loaded)]
    return bool(loaded) and loaded[-1].can_chat


def cannot(wish: Wish) -> str:
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
