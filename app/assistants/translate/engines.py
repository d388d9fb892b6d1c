"""What the pipeline asks of whatever translates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from app.assistants.translate.cutting import WORDS
from app.base.errors import AppError
from app.base.jobs import CancelToken


@dataclass(frozen=True, slots=True)
class Request:
    """One text to translate; `source` and `target` are codes of `base.languages`.

    `terms`: (source, target) of the glossary that are in the text. `before`: pairs already translated, oldest first.
    `complaint`: what was wrong with the answer to the same request before, a sentence for the engine.
    """

    text: str
    source: str
    target: str
    terms: tuple[tuple[str, str], ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    complaint: str = ""


class CutShort(Exception):
    """The answer reached the limit of its length: `text` is where it had come to."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Translator(Protocol):
    """`name`: for people. `keeps_tags`: it can be asked to carry inline tags and marks like {v1} through."""

    @property
    def name(self) -> str: ...

    @property
    def keeps_tags(self) -> bool: ...

    def refusal(self, source: str, target: str) -> AppError | None:
        """Why it must not translate between these languages, with a suggestion; None when it covers them."""

    def translate(self, request: Request, cancel: CancelToken) -> str:
        """The translation as the engine wrote it. Raises `AppError`, `CutShort` and `Cancelled`."""


Choose = Callable[[str, str], Translator]
"""Chooses the translator once both languages are known (codes of source and target)."""


def chosen(translator: Translator | Choose, source: str, target: str) -> Translator:
    """The translator, asked for if need be. Raises its refusal as an `AppError`."""
    found: Translator = translator(source, target) if callable(translator) else translator
    refused = found.refusal(source, target)
    if refused is not None:
        raise refused
    return found


@runtime_checkable
class Careful(Protocol):
    """What a translator may tell besides.

    `caution`: a sentence when it may cover the languages, but nobody says so. `longest`: words it takes at a time.
    """

    @property
    def longest(self) -> int: ...

    def caution(self, source: str, target: str) -> str: ...


@runtime_checkable
class FarSighted(Protocol):
    """A translator that works faster when it knows what it will be asked.

    `looks_ahead`: whether that is so, and nothing it writes depends on `Request.before`.
    """

    @property
    def looks_ahead(self) -> bool: ...

    def look_ahead(self, requests: Sequence[Request], cancel: CancelToken) -> None:
        """These come next, probably. What was foreseen before and not asked is forgotten."""


def caution_of(translator: Translator, source: str, target: str) -> str:
    return translator.caution(source, target) if isinstance(translator, Careful) else ""


def longest_of(translator: Translator) -> int:
    """Words of the longest text to give it at once."""
    return min(WORDS, translator.longest) if isinstance(translator, Careful) else WORDS
