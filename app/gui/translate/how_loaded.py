"""Telling that the model which translates came out smaller than was asked for."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from app.assistants.events import Notice
from app.assistants.translate.events import SegmentDone, TranslationEvent
from app.engine.client import Engine

if TYPE_CHECKING:
    from app.assistants.translate.engines import Choose, Translator


class HowLoaded:
    """Of one translation. `choose` stands for the one it is made with; small models have nothing to tell."""

    def __init__(self, engine: Engine, choose: "Choose") -> None:
        self._engine = engine
        self._choose = choose
        self._of_chat_model = False

    def choose(self, source: str, target: str) -> "Translator":
        """Who translates."""
        from app.assistants.translate.chat_translator import ChatTranslator

        chosen = self._choose(source, target)
        self._of_chat_model = isinstance(chosen, ChatTranslator)
        return chosen

    def told(self, events: Iterable[TranslationEvent]) -> Iterator[TranslationEvent]:
        """The same events, and once a `Notice`: the first segment shows how the model was loaded."""
        told = False
        for event in events:
            if isinstance(event, SegmentDone) and not told and self._of_chat_model and self._engine.remark:
                told = True
                yield Notice(self._engine.remark)
            yield event
