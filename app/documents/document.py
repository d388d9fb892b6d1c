"""What reading a file yields. Plain values: they cross a process pipe as JSON."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

PlaceKind = Literal["page", "slide", "sheet", "chapter", "section", "document"]
BlockKind = Literal["heading", "text", "table", "code"]


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a citation can point to.

    `number` counts from 1 within the file; `label` is a sheet name, a chapter title or a section
    heading, and "" where there is none.
    """

    kind: PlaceKind
    number: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a place's text: `text[start:end]`. `level` is 1 to 6 for headings, else 0."""

    kind: BlockKind
    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlaceText:
    """The normalised text of one place and its blocks, in order and without overlaps."""

    place: Place
    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one file. `title` is "" when the file names none; `remark` says why only part was read."""

    media_type: str
    title: str
    places: tuple[PlaceText, ...]
    remark: str = ""


class Verdict(StrEnum):
    """How reading a file ended; every file gets exactly one."""

    indexed = "indexed"
    partial = "partial"
    locked = "locked"
    empty = "empty"
    unsupported = "unsupported"
    damaged = "damaged"
    too_large = "too-large"
    timed_out = "timed-out"
    unreadable = "unreadable"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """`reason` is one plain sentence for a person, "" when indexed; `document` is there if text was read."""

    verdict: Verdict
    reason: str = ""
    document: Document | None = None


class ReadFailure(Exception):
    """Raised by a reader that cannot give the text of a file; becomes a `ReadResult` without a document."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason
