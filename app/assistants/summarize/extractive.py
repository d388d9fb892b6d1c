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
_RANK = {"decision": 0, "action": 1, "point": 2}


def digest(
    library: Library, wish: Wish, cancel: CancelToken, *, file: str, text: str, passages_only: bool
) -> Digested:
    """The passages of a document and its most telling sentences. Raises `AppError` when there is nothing to read."""
    if passages_only:
        return library.digest(cancel, file=file, text=text, sentences=0)
    per_section = (wish.sentences or PER_SECTION) if wish.style == "sections" else 0
    wanted = wish.sentences or _SENTENCES[wish.style]
    return library.digest(cancel, file=file, text=text, sentences=wanted, per_section=per_section)


def extractive_points(material: Material, wish: Wish) -> list[Point]:
    """The chosen sentences in the order of the document; of minutes also the decisions and actions, which come first
    where the person asked for a number of sentences."""
    chosen = _points(material)
    if wish.style != "minutes":
        return chosen
    marked = minute_points(material, material.passages)
    known = {position(each) for each in marked}
    points = marked + [each for each in chosen if position(each) not in known]
    if wish.sentences is not None:
        points = sorted(points, key=lambda each: (_RANK[each.kind], position(each)))[: wish.sentences]
    return sorted(points, key=position)


def points_within(
    material: Material, passages: Sequence[DocumentPassage], count: int, wish: Wish
) -> list[Point]:
    """The best of the chosen sentences that stand in these passages; their first sentence where none does."""
    numbers = {each.number for each in passages}
    inside = [each for each in _points(material) if each.sources[0].number in numbers]
    best = sorted(inside, key=lambda each: -each.sources[0].score)[:count]
    if not best and passages:
        best = [_first_sentence(material, passages[0])]
    if wish.style == "minutes":
        marked = minute_points(material, passages)
        known = {position(each) for each in marked}
        best = marked + [each for each in best if position(each) not in known]
    return sorted(best, key=position)


def position(point: Point) -> tuple[int, int]:
    """Where a point stands in the document; those without a source come last."""
    return (point.sources[0].number, point.sources[0].start) if point.sources else (1 << 30, 0)


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
