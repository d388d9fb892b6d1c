"""The part of a document's text that a text view shows: all of it, or what lies around the quote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.documents.document import Place
from app.documents.normalise import find_quote

MOST_CHARACTERS = 400_000  # more makes a text view slow to lay out
_AROUND = 60  # characters on each side of a quote are enough to know it by

PlaceTexts = Sequence[tuple[Place, str]]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Places with their texts. `target` is the index of the cited place; `start`/`end` are offsets in its text.

    `start` is -1 when the quote is not there. `cut` says that some of the document was left out. `others`: further
    quotes, each as the index of its place and the offsets in the text of it.
    """

    places: tuple[tuple[Place, str], ...]
    target: int
    start: int
    end: int
    cut: bool
    others: tuple[tuple[int, int, int], ...] = ()

    @property
    def found(self) -> bool:
        return self.start >= 0


@dataclass(frozen=True, slots=True)
class Quote:
    """What is looked for, and where it was when the answer was written.

    `before` and `after` are the words around it: they tell it from the same words elsewhere.
    """

    place: Place
    text: str
    start: int
    end: int
    before: str = ""
    after: str = ""


def in_context(places: PlaceTexts, quote: Quote) -> Quote:
    """The quote with its words, if only their offsets were known, and with those around it."""
    text = next((text for place, text in places if place == quote.place), "")
    words = quote.text or text[quote.start : quote.end]
    if not words or text[quote.start : quote.end] != words:
        return quote
    before = text[max(0, quote.start - _AROUND) : quote.start]
    return replace(quote, text=words, before=before, after=text[quote.end : quote.end + _AROUND])


def excerpt(
    places: PlaceTexts, quote: Quote | None, most: int = MOST_CHARACTERS, others: Iterable[Quote] = ()
) -> Excerpt:
    """Find the quote and keep at most about `most` characters around it; `others` are found where they are shown."""
    made = _around_quote(places, quote, most)
    found = []
    for other in others if made.places else ():
        index, start, end = locate(made.places, other)
        if start >= 0:
            found.append((index, start, end))
    return replace(made, others=tuple(found))


def _around_quote(places: PlaceTexts, quote: Quote | None, most: int) -> Excerpt:
    if not places:
        return Excerpt((), 0, -1, -1, cut=False)
    target, start, end = (0, -1, -1) if quote is None else locate(places, quote)
    place, text = places[target]
    if len(text) > most:
        first = _cut_before(text, max(start, 0), most)
        moved = (start - first, end - first) if start >= 0 else (-1, -1)
        return Excerpt(((place, text[first : first + most]),), 0, *moved, cut=True)
    low, high = _around([len(text) for _, text in places], target, most)
    return Excerpt(tuple(places[low:high]), target - low, start, end, cut=high - low < len(places))


def locate(places: PlaceTexts, quote: Quote) -> tuple[int, int, int]:
    """The cited place, and the offsets of the quote in its text (-1 when it is not there)."""
    target = next((i for i, (place, _) in enumerate(places) if place == quote.place), None)
    if target is None:
        near = (i for i, (place, _) in enumerate(places) if place.number == quote.place.number)
        target = next(near, 0)
    text = places[target][1]
    if quote.text and text[quote.start : quote.end] == quote.text:
        return target, quote.start, quote.end
    for index in (target, *range(len(places))):
        span = find_quote(places[index][1], quote.text)
        if span is not None:
            return index, *span
    return target, -1, -1


def _cut_before(text: str, start: int, most: int) -> int:
    """Where a window of `most` characters with `start` near its middle begins: at a word."""
    first = max(0, min(start - most // 2, len(text) - most))
    if not first:
        return 0
    blank = text.find(" ", first, start)
    return blank + 1 if blank >= 0 else first


def _around(lengths: Sequence[int], target: int, most: int) -> tuple[int, int]:
    """A range of places around `target`, grown in turn to both sides while there is room."""
    low, high, room = target, target + 1, most - lengths[target]
    grown = True
    while grown:
        grown = False
        if low > 0 and lengths[low - 1] <= room:
            low -= 1
            room -= lengths[low]
            grown = True
        if high < len(lengths) and lengths[high] <= room:
            room -= lengths[high]
            high += 1
            grown = True
    return low, high
