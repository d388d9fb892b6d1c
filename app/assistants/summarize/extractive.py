"""Summaries in the document's own sentences: nothing in them can be invented."""

from collections.abc import Sequence

from app.assistants.summarize.events import Point, Style, Wish
from app.assistants.summarize.material import Material, one_line
from app.assistants.summarize.minutes import minute_points
from app.base.jobs import CancelToken
from app.documents.sentences import sentences
from app.retrieval.client import Library
from app.retrieval.protocol import Digested, DocumentPassage

PER_SECTION = 2
# What is asked for where the person did not say; None leaves it to the length of the document.
_SENTENCES: dict[Style, int | None] = {
    "brief": 4,
    "bullets": None,
    "sections": None,
    "minutes": 8,
    "plain": None,
}


def digest(library: Library, wish: Wish, cancel: CancelToken, *, file: str, text: str) -> Digested:
    """The passages of a document and its most telling sentences. Raises `AppError` when there is nothing to read."""
    per_section = (wish.sentences or PER_SECTION) if wish.style == "sections" else 0
    wanted = wish.sentences or _SENTENCES[wish.style]
    return library.digest(cancel, file=file, text=text, sentences=wanted, per_section=per_section)


def extractive_points(material: Material, wish: Wish) -> list[Point]:
    """The chosen sentences in the order of the document; of minutes also every decision and action."""
    chosen = _points(material)
    if wish.style != "minutes":
        return chosen
    marked = minute_points(material)
    known = {(each.sources[0].number, each.sources[0].start) for each in marked}
    rest = [each for each in chosen if (each.sources[0].number, each.sources[0].start) not in known]
    return sorted(marked + rest, key=_position)


def points_within(material: Material, passages: Sequence[DocumentPassage], count: int) -> list[Point]:
    """The best of the chosen sentences that stand in these passages; their first sentence where none does."""
    numbers = {each.number for each in passages}
    inside = [each for each in _points(material) if each.sources[0].number in numbers]
    best = sorted(inside, key=lambda each: -each.sources[0].score)[:count]
    if not best and passages:
        best = [_first_sentence(material, passages[0])]
    return sorted(best, key=_position)


def _points(material: Material) -> list[Point]:
    points = []
    for extract in material.digested.extracts:
        source = material.source_of(extract)
        points.append(Point(one_line(source.quote), (source,), section=material.section_of(extract.passage)))
    return points


def _first_sentence(material: Material, passage: DocumentPassage) -> Point:
    start, end = sentences(passage.text)[0]
    source = material.source(passage.number, start, end, 0.0)
    return Point(one_line(source.quote), (source,), section=material.section_of(passage.number))


def _position(point: Point) -> tuple[int, int]:
    return point.sources[0].number, point.sources[0].start
