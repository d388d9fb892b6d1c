"""What reading a file yields. Plain values: they cross a process pipe as JSON."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

PlaceKind = Literal["page", "slide", "sheet", "chapter", "section", "document"]
BlockKind = Literal["heading", "text", "table", "code"]
PageState = Literal["text", "scan", "recognised", "picture"]
"""How the text of a place came to be: it was there; it is a picture that waits to be recognised; it was recognised;
or it is a picture in which nothing legible was found."""
SheetRow = tuple[int, int, int, int]
"""Where a line of a sheet's text begins (character offset), its row, and its first and last column, each from 1."""


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
    """The normalised text of one place and its blocks, in order and without overlaps.

    A place that waits to be recognised has at most the few words that are text already. `quality`: how sure the recognition is of its text, 0…1.
    `rows`: the rows of a sheet, in order.
    """

    place: Place
    text: str
    blocks: tuple[Block, ...]
    state: PageState = "text"
    quality: float = 1.0
    rows: tuple[SheetRow, ...] = ()


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
    changed = "changed-retrying"  # it changed again and again while it was read
    archive = "archive"  # its documents are listed one by one


@dataclass(frozen=True, slots=True)
class ReadResult:
    """`reason` is one plain sentence for a person, "" when indexed; `document` is there if text was read."""

    verdict: Verdict
    reason: str = ""
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A document inside an archive. `name`: its path in there, "/" between the parts, also into archives inside.

    `size` in bytes when unpacked; `mtime_ns` 0 when unknown; `check`: changes with the content, as far as the archive
    tells without being unpacked (its own checksum), "" when it does not.
    """

    name: str
    size: int
    mtime_ns: int
    check: str


class ReadFailure(Exception):
    """Raised by a reader that cannot give the text of a file; becomes a `ReadResult` without a document."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason
