"""What summarising tells its front end: pure values, in the order they happen."""

from dataclasses import dataclass
from typing import Literal

from app.assistants.events import Indexing, Notice, Source

Style = Literal["brief", "bullets", "sections", "minutes", "plain"]
Way = Literal["auto", "model", "extractive"]
PointKind = Literal["point", "decision", "action"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. `sentences`: how many points or sentences, None: as suits the document.

    `language`: ISO 639 code, "": the document's own. `instruction`: the person's own words, or "".
    `way`: who writes; "auto" leaves it to the model where it is large enough for the task.
    """

    style: Style = "bullets"
    sentences: int | None = None
    language: str = ""
    instruction: str = ""
    way: Way = "auto"


@dataclass(frozen=True, slots=True)
class Input:
    """What to summarise: an indexed `file`, or pasted `text` (then `file` is "")."""

    file: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One sentence of a summary and the passages it was taken from, best first.

    `section`: the heading it belongs under ("sections"), else "". What no passage says is never a point.
    """

    text: str
    sources: tuple[Source, ...]
    section: str = ""
    kind: PointKind = "point"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was read; a page counts as read when all its passages are.

    `unit`: what `pages…` count: those with text of one kind ("page", "slide", "sheet", "chapter", "section"), or
    "place" for documents of several kinds.
    """

    passages_read: int
    passages_total: int
    pages_read: int
    pages_total: int
    unit: str


@dataclass(frozen=True, slots=True)
class Summary:
    """`text`: all of it as plain Markdown. `extractive`: its sentences are the document's own words, chosen by
    Alcove; then `model` is "". `remarks`: sentences for a person (why it was made this way, what was left out).
    """

    title: str
    file: str
    text: str
    points: tuple[Point, ...]
    coverage: Coverage
    extractive: bool
    model: str
    style: Style
    state: Literal["complete", "stopped"]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SummaryStarted:
    """Document `number` of `documents`; `calls` of the model are planned for this one alone (0: extractive)."""

    number: int
    documents: int
    title: str
    coverage: Coverage
    calls: int


@dataclass(frozen=True, slots=True)
class SummaryProgress:
    """`seconds_left` None: not known yet. `done` of `calls`, over all documents planned so far."""

    done: int
    calls: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class DocumentFailed:
    """One of several documents could not be read; the others go on. `reason`: sentences for a person."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class SummaryWritten:
    """One document's summary, or the joint one of all (`joint`; its file is "")."""

    summary: Summary
    joint: bool = False


SummaryEvent = Indexing | Notice | DocumentFailed | SummaryStarted | SummaryProgress | SummaryWritten
"""`SummaryWritten` comes once for each input, then once more for the joint one where there are several inputs."""
