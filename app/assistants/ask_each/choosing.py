"""From what a document answers to a row of the table, or to the reason why there is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.assistants.ask_each.condition import EachQuestion
from app.assistants.ask_each.values import Value, values_in
from app.assistants.events import Source
from app.assistants.tables import Row
from app.documents.sentences import sentences
from app.retrieval.each_protocol import EachMark, EachRead
from app.storage.fulltext import telling_words

Verdict = Literal["row", "unsure", "outside", "without"]
# A mark less than half as sure as the best is no answer of its own, whatever date stands in it.
_SECOND_BEST = 0.5
_LONGEST_ANSWER = 60  # characters of an answer that is shown whole although only a value in it was asked for
_STEM = 4  # letters: “end” meets “ends”, “expires” meets “expired”
_BEHIND = 3  # a value before the telling word counts as so many times as far away


@dataclass(frozen=True, slots=True)
class _Found:
    """A value and where it stands in the text of `mark.hit`."""

    mark: EachMark
    value: Value
    start: int
    end: int


def row_of(read: EachRead, question: EachQuestion) -> tuple[Row | None, Verdict]:
    """`outside`: it answers, and does not meet the condition."""
    if not read.answered or not read.marks:
        return None, "without"
    best = read.marks[0]
    found = next(_values(read, question), None)
    if question.condition is None:
        return _row(read, best, found if found and found.mark is best else None), "row"
    if found is None:
        return _row(read, best, None), "unsure"
    held = question.condition.holds(found.value)
    if held is False:
        return None, "outside"
    return _row(read, found.mark, found), "row" if held else "unsure"


def _values(read: EachRead, question: EachQuestion) -> Iterator[_Found]:
    """The value that each mark gives, of the kind asked for."""
    if question.kind is None:
        return
    condition = question.condition
    for mark in read.marks:
        if mark.confidence < _SECOND_BEST * read.marks[0].confidence:
            continue
        start, end = _sentences_around(mark.hit.text, mark.start, mark.end)
        said = mark.hit.text[start:end]
        values = [
            each
            for each in values_in(said, question.kind)
            if start + each.start < mark.end
            and mark.start < start + each.end
            and (condition is None or condition.compares(each))
        ]
        if values:
            value = _nearest(values, said, question.asked)
            yield _Found(mark, value, start + value.start, start + value.end)


def _nearest(values: list[Value], said: str, asked: str) -> Value:
    """The one next to a word of the question: “starts on 1 May 2024 and ends on 30 April 2026”."""
    stems = tuple(word[:_STEM] for word in telling_words(asked))
    words = [match.span() for match in re.finditer(r"\w+", said) if match[0].lower().startswith(stems)]
    if not words:
        return values[0]

    def distance(value: Value) -> int:
        return min(
            value.start - end if end <= value.start else _BEHIND * (start - value.end) for start, end in words
        )

    return min(values, key=lambda value: abs(distance(value)))


def _row(read: EachRead, mark: EachMark, found: _Found | None) -> Row:
    text = mark.hit.text
    start, end = mark.start, mark.end
    if found is not None:
        whole = end - start <= _LONGEST_ANSWER  # “11.03” marked of “11.03.2026” grows
        start, end = (min(start, found.start), max(end, found.end)) if whole else (found.start, found.end)
    quote_start, quote_end = _sentences_around(text, start, end)
    hit = mark.hit
    quote = text[quote_start:quote_end]
    source = Source(
        1, hit.file, hit.place, hit.heading, quote, hit.start + quote_start, hit.start + quote_end, hit.similarity,
        quote, hit.cells, hit.quality, passage_start=hit.start + quote_start,
    )  # fmt: skip
    value = found.value if found is not None else None
    return Row(
        source, text[start:end], hit.start + start, hit.start + end, read.answerability,
        value.shown if value else "", value.low if value else None,
    )  # fmt: skip


def _sentences_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Of the whole sentences (or table rows) in which `text[start:end]` stands."""
    around = [each for each in sentences(text) if each[0] < end and start < each[1]]
    return (around[0][0], around[-1][1]) if around else (start, end)
