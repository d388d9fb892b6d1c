"""What a file's texts are cut into. Plain values: they cross a process pipe as JSON."""

from dataclasses import dataclass
from typing import Literal

SegmentKind = Literal["text", "heading", "cell", "note", "alt", "cue", "title", "string"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One paragraph, cell, cue or string.

    `key` names it within this version of the file, in order of the file. `text` holds inline tags (see `tags`);
    their numbers begin at 1 in each segment. `place` is for people: "page 3", "slide 2, notes", "Costs!B4", or "".
    `target`: a translation the file already holds (PO), else "".
    """

    key: str
    text: str
    kind: SegmentKind = "text"
    place: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The segments of a file, in reading order. `language`: as the file declares it, or "". `remark`: what was left out."""

    segments: tuple[Segment, ...]
    language: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What writing a translated file came to: `remarks` are sentences for a person (a slide that overflows…).

    `digest`: SHA-256 of the file, as it was put in its place.
    """

    remarks: tuple[str, ...] = ()
    digest: str = ""
