"""A document as a summary sees it: numbered passages, their sections, and where each sentence stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path

from app.assistants.events import Source
from app.assistants.summarize.events import Coverage
from app.documents.sentences import sentences
from app.retrieval.protocol import Digested, DocumentPassage, Extract

_PARTS = 8  # of a document without headings, where it is summarised section by section


@dataclass(frozen=True)
class Section:
    """Passages under one heading, in order."""

    title: str
    passages: tuple[DocumentPassage, ...]


@dataclass(frozen=True)
class Material:
    """One document to summarise. `file` is "" for pasted text."""

    file: str
    digested: Digested

    @property
    def title(self) -> str:
        return self.digested.title or Path(self.file).name

    @property
    def passages(self) -> tuple[DocumentPassage, ...]:
        return self.digested.passages

    def passage(self, number: int) -> DocumentPassage:
        """Raises `KeyError` for a number that is none of this document's."""
        return self._by_number[number]

    @cached_property
    def _by_number(self) -> dict[int, DocumentPassage]:
        return {each.number: each for each in self.passages}

    def source(self, number: int, start: int, end: int, score: float) -> Source:
        """The words `text[start:end]` of a passage, as something that can be opened."""
        passage = self.passage(number)
        return Source(
            number=number,
            file=self.file,
            place=passage.place,
            heading=passage.heading,
            quote=passage.text[start:end],
            start=passage.start + start,
            end=passage.start + end,
            score=round(score, 3),
            passage=passage.text,
        )

    def source_of(self, extract: Extract) -> Source:
        return self.source(extract.passage, extract.start, extract.end, extract.score)

    def coverage(self, read: Iterable[int]) -> Coverage:
        """What was read when the passages of these numbers were."""
        numbers = set(read)
        places = {each.place for each in self.passages}
        unfinished = {each.place for each in self.passages if each.number not in numbers}
        return Coverage(
            passages_read=len(numbers),
            passages_total=len(self.passages),
            pages_read=len(places - unfinished),
            pages_total=self.digested.places,
            unit=self.digested.unit,
        )

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Under the outermost headings that tell parts apart; by stretches of pages where there are none."""
        found = _by_heading(self.passages)
        return found if len(found) > 1 else _by_stretch(self.passages, self.digested.unit)

    @cached_property
    def _sections_of(self) -> dict[int, str]:
        return {each.number: section.title for section in self.sections for each in section.passages}

    def section_of(self, number: int) -> str:
        return self._sections_of[number]


def _by_heading(passages: Sequence[DocumentPassage]) -> tuple[Section, ...]:
    return tuple(
        Section(title, tuple(each)) for title, each in groupby(passages, key=lambda each: each.section)
    )


def _by_stretch(passages: Sequence[DocumentPassage], unit: str) -> tuple[Section, ...]:
    size = max(1, -(-len(passages) // _PARTS))
    stretches = [passages[first : first + size] for first in range(0, len(passages), size)]
    return tuple(Section(_stretch_title(each, unit), tuple(each)) for each in stretches)


def _stretch_title(passages: Sequence[DocumentPassage], unit: str) -> str:
    first, last = passages[0].place.number, passages[-1].place.number
    if unit not in ("page", "slide"):
        return ""
    return f"{unit.capitalize()} {first}" if first == last else f"{unit.capitalize()}s {first}–{last}"


def windows(text: str) -> list[tuple[int, int]]:
    """Each sentence, and each with the one after it, as offsets: what a point may rest on."""
    spans = sentences(text)
    pairs = [(start, end) for (start, _), (_, end) in pairwise(spans)]
    return spans + pairs


def one_line(text: str) -> str:
    """A quote without the line breaks of its page."""
    return " ".join(text.split())
