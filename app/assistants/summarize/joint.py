"""What several documents say together, out of their summaries."""

from collections.abc import Sequence

from app.assistants.summarize.events import Coverage, Point, Summary, Wish
from app.assistants.summarize.extractive import position
from app.assistants.summarize.wording import text_of
from app.base.jobs import CancelToken
from app.retrieval.client import Library

_POINTS = 8
_FURTHER = 12  # points of one document that are considered
_SAME = 0.85  # cosine from which two points say the same

_Numbered = tuple[int, Point]


def joint_summary(summaries: Sequence[Summary], wish: Wish, library: Library, cancel: CancelToken) -> Summary:
    """The most telling point of every document, then further ones as far as nobody has said them yet.

    The points are those of the summaries, word for word and with their sources: they were checked there, and merging
    them in the model's words once more would only add mistakes.
    """
    ranked = [_by_strength(each) for each in summaries]
    chosen = [(number, points[0]) for number, points in enumerate(ranked) if points]
    further = [
        (number, point)
        for rank in range(1, _FURTHER)
        for number, points in enumerate(ranked)
        for point in points[rank : rank + 1]
    ]
    room = max(0, (wish.sentences or _POINTS) - len(chosen))
    chosen += _unsaid(chosen, further[: 3 * room], library, cancel)[:room]
    chosen.sort(key=lambda each: (each[0], position(each[1])))
    return _summary(summaries, [(summaries[number], point) for number, point in chosen], wish)


def _unsaid(
    chosen: Sequence[_Numbered], further: Sequence[_Numbered], library: Library, cancel: CancelToken
) -> list[_Numbered]:
    """Those of `further` that say something new, in their order."""
    said = [point.text for _, point in chosen]
    texts = [point.text for _, point in further]
    if not texts:
        return []
    cosines = library.compare(texts, [[*said, *texts]] * len(texts), cancel)
    heard = set(range(len(said)))
    new: list[_Numbered] = []
    for row, (candidate, own) in enumerate(zip(further, cosines, strict=True)):
        if all(own[other] < _SAME for other in heard):
            new.append(candidate)
            heard.add(len(said) + row)
    return new


def _by_strength(summary: Summary) -> list[Point]:
    """Decisions and actions first, then what rests most firmly on the document."""
    return sorted(
        summary.points,
        key=lambda each: (each.kind == "point", -(each.sources[0].score if each.sources else 0.0)),
    )


def _summary(summaries: Sequence[Summary], points: Sequence[tuple[Summary, Point]], wish: Wish) -> Summary:
    """Each document's points under its title."""
    named = tuple(
        Point(point.text, point.sources, section=summary.title, kind=point.kind) for summary, point in points
    )
    models = {each.model for each in summaries if each.model}
    return Summary(
        title=f"{len(summaries)} documents together",
        file="",
        text=text_of(named, "minutes" if wish.style == "minutes" else "sections"),
        points=named,
        coverage=_together([each.coverage for each in summaries]),
        extractive=not models,
        model=", ".join(sorted(models)),
        style="minutes" if wish.style == "minutes" else "sections",
        state="complete",
    )


def _together(coverages: Sequence[Coverage]) -> Coverage:
    units = {each.unit for each in coverages}
    return Coverage(
        passages_read=sum(each.passages_read for each in coverages),
        passages_total=sum(each.passages_total for each in coverages),
        pages_read=sum(each.pages_read for each in coverages),
        pages_total=sum(each.pages_total for each in coverages),
        unit=units.pop() if len(units) == 1 else "place",
    )
