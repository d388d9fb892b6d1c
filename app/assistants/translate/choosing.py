"""Which engine translates: a small model made for the two languages where one is installed, else the chat model."""

from dataclasses import dataclass
from typing import Literal

from app.assistants.translate.chat_translator import ChatTranslator
from app.assistants.translate.engines import Translator, caution_of
from app.assistants.translate.small_translator import SmallTranslator
from app.base.languages import language_name
from app.engine.client import Engine
from app.engine.protocol import ModelSpec
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModels
from app.models.catalog import Catalog, CatalogModel
from app.models.installed import InstalledModel
from app.models.recognising import catalog_model_of

Wish = Literal["auto", "chat", "small"]


@dataclass(frozen=True, slots=True)
class Choice:
    """`why` and `caution` are sentences for the person; `caution` is "" where the languages are known to be covered."""

    translator: Translator
    why: str
    caution: str = ""


def choose_translator(
    source: str,
    target: str,
    *,
    chat: ChatTranslator,
    small_models: SmallModels,
    small: SmallTranslation,
    wish: Wish = "auto",
) -> Choice:
    """The translator for these two languages. `source` may be "" as long as it is not known.

    It may still refuse (`Translator.refusal`): the caller asks before anything runs.
    """
    pair = f"{language_name(source)} to {language_name(target)}" if source else language_name(target)
    if wish == "small":
        return Choice(
            SmallTranslator(small, small_models, source, target), "You chose the small translation models."
        )
    if wish == "auto" and source and small_models.route(source, target):
        translator = SmallTranslator(small, small_models, source, target)
        return Choice(
            translator, f"A small model made for {pair} is installed: it is quick and sure of its languages."
        )
    why = "You chose the chat model." if wish == "chat" else f"No small model for {pair} is installed."
    return Choice(chat, why, caution_of(chat, source, target) if source else "")


def chat_translator(
    engine: Engine, spec: ModelSpec, installed: list[InstalledModel], catalog: Catalog
) -> ChatTranslator:
    """The chat model as a translator, with what the catalogue knows about it."""
    return ChatTranslator(engine, spec, known_model(spec, installed, catalog), catalog.models)


def known_model(spec: ModelSpec, installed: list[InstalledModel], catalog: Catalog) -> CatalogModel | None:
    """The model of the catalogue that `spec` holds; None for one nobody told Alcove about."""
    found = next((each for each in installed if str(each.file) == (spec.original or spec.file)), None)
    return None if found is None else catalog_model_of(found, catalog)
