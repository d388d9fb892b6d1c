"""What translating tells its front end: pure values, in the order they happen."""

from dataclasses import dataclass
from typing import Literal

from app.assistants.events import Notice

FindingKind = Literal[
    "tags",
    "numbers",
    "placeholders",
    "language",
    "untranslated",
    "length",
    "repetition",
    "glossary",
    "empty",
    "kept",
]
Origin = Literal["engine", "memory", "copied", "person", "kept", "file"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a person should look at a segment; `text` is one plain sentence."""

    kind: FindingKind
    text: str


@dataclass(frozen=True, slots=True)
class TranslatedSegment:
    """`origin`: who wrote `target`: the engine, the translation memory, a copy because there is nothing to translate
    ("copied"), the person, the source text because no translation could be kept ("kept"), the file itself (PO).

    `source` and `target` hold inline tags (`documents.layout.tags`).
    """

    key: str
    place: str
    kind: str
    source: str
    target: str
    origin: Origin
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentOpened:
    """Before the first segment: `segments` in all, `to_do` of them left to the engine. `job` names it for resuming."""

    job: int
    file: str
    source_language: str
    target_language: str
    engine: str
    segments: int
    to_do: int


@dataclass(frozen=True, slots=True)
class SegmentDone:
    """`seconds_left` None: not known yet."""

    segment: TranslatedSegment
    done: int
    total: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class TranslationFinished:
    """The file as written to `out`. "stopped": what was translated by then is in it and kept for resuming; `out` is ""
    where that is nothing.
    """

    job: int
    out: str
    state: Literal["complete", "stopped"]
    segments: tuple[TranslatedSegment, ...]
    engine: str
    source_language: str
    target_language: str
    seconds: float
    remarks: tuple[str, ...] = ()

    @property
    def flagged(self) -> tuple[TranslatedSegment, ...]:
        return tuple(each for each in self.segments if each.findings)


@dataclass(frozen=True, slots=True)
class TextTranslated:
    """A text of the text pane, whole: its segments in order, joined in `text`."""

    text: str
    segments: tuple[TranslatedSegment, ...]
    engine: str
    source_language: str
    target_language: str
    state: Literal["complete", "stopped"]


TranslationEvent = Notice | DocumentOpened | SegmentDone | TranslationFinished | TextTranslated
