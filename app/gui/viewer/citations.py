"""What the viewer is asked to show: the words that an answer cites, in the order of its sentences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.assistants.events import Claim, Lead, Quote, Source
from app.documents.document import Place


@dataclass(frozen=True, slots=True)
class Citation:
    """Words of a document: `start` and `end` are offsets in the text of `place`.

    `text` is "" where only the offsets are known.
    """

    file: str
    place: Place
    text: str
    start: int
    end: int

    def is_same(self, other: "Citation") -> bool:
        """Whether both mean the same words."""
        here = (self.file, self.place, self.start, self.end)
        return here == (other.file, other.place, other.start, other.end)

    def overlaps(self, other: "Citation") -> bool:
        """Whether some of the words are the same."""
        same_place = (self.file, self.place) == (other.file, other.place)
        return same_place and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Citations:
    """All that is cited, at least one; `first` is the index of the one to open."""

    places: tuple[Citation, ...]
    first: int = 0


def quoted(source: Source) -> Citation:
    """The quote that a source itself stands for."""
    return Citation(source.file, source.place, source.quote, source.start, source.end)


def citations_of(
    opened: Source, sources: Iterable[Source] = (), claims: Iterable[Claim] = (), lead: Lead | None = None
) -> Citations:
    """All that an answer cites, opened at the quote of `opened`; that one is put in where the answer does not cite it."""
    by_number = {each.number: each for each in sources}
    places: list[Citation] = []
    numbers: list[int] = []
    for number, each in _cited(by_number, claims, lead):
        if not any(each.is_same(other) for other in places):
            places.append(each)
            numbers.append(number)
    wanted = quoted(opened)
    for matches in (wanted.is_same, wanted.overlaps):
        first = next((index for index, each in enumerate(places) if matches(each)), None)
        if first is not None:
            return Citations(tuple(places), first)
    at = numbers.index(opened.number) if opened.number in numbers else len(places)
    return Citations((*places[:at], wanted, *places[at:]), at)


def listed(opened: Source, sources: Iterable[Source]) -> Citations:
    """The quotes of sources that stand for themselves, such as the rows of a table, opened at one of them."""
    places = tuple(quoted(each) for each in sources)
    wanted = quoted(opened)
    return Citations(places, places.index(wanted)) if wanted in places else Citations((wanted,))


def _cited(
    sources: dict[int, Source], claims: Iterable[Claim], lead: Lead | None
) -> Iterator[tuple[int, Citation]]:
    """Each with the number of its source."""
    if lead is not None and lead.source in sources:
        source = sources[lead.source]
        place = source.place
        yield lead.source, Citation(source.file, place, lead.text, lead.start, lead.end)
    for claim in sorted(claims, key=lambda each: each.start):
        if claim.quotes:
            for each in _known(claim.quotes, sources):
                yield each.source, _of_quote(sources[each.source], each)
        else:
            for number in claim.sources:
                if number in sources:
                    yield number, quoted(sources[number])


def _known(quotes: Sequence[Quote], sources: dict[int, Source]) -> list[Quote]:
    return [each for each in quotes if each.source in sources]


def _of_quote(source: Source, quote: Quote) -> Citation:
    """Its words, if they lie in the passage that is at hand; the viewer finds the others by their offsets."""
    low, high = quote.start - source.passage_start, quote.end - source.passage_start
    words = source.passage[low:high] if 0 <= low < high <= len(source.passage) else ""
    return Citation(source.file, source.place, words, quote.start, quote.end)
