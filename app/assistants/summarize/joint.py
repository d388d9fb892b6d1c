"""What several documents say together, out of their summaries."""

from collections.abc import Generator, Sequence

from app.assistants.summarize.events import Coverage, Point, Summary, SummaryEvent, Wish
from app.assistants.summarize.material import Material
from app.assistants.summarize.way import ModelWay
from app.assistants.summarize.wording import text_of
from app.assistants.summarize.writing import Writer

_POINTS = 8
_MOST = 24
_SAME = 0.85  # cosine from which two points say the same


def joint_summary(
    written: Sequence[tuple[Material, Summary]], wish: Wish, way: ModelWay | str, writer: Writer
) -> Generator[SummaryEvent, None, Summary]:
    """The most telling points of all documents, each at least once, what several say said once.

    The points are those of the summaries, word for word and with their sources: they were checked there, and merging
    them in the model's words once more would only add mistakes.
    """
    summaries = [each for _, each in written]
    wanted = min(_MOST, max(wish.sentences or _POINTS, len(summaries)))
    candidates = [
        (number, rank, point)
        for number, each in enumerate(summaries)
        for rank, point in enumerate(_by_strength(each))
    ]
    candidates.sort(
        key=lambda each: (each[1], each[0])
    )  # the best of each document, then the second best of each
    cosines = _likeness([point for _, _, point in candidates], writer)
    chosen: list[int] = []
    for index in range(len(candidates)):
        if len(chosen) < wanted and all(cosines[index][other] < _SAME for other in chosen):
            chosen.append(index)
    points = [candidates[index] for index in chosen]
    points.sort(key=lambda each: (each[0], _place(each[2])))
    yield writer.calls.progress()
    return _summary(summaries, [(summaries[number], point) for number, _, point in points], wish)


def _by_strength(summary: Summary) -> list[Point]:
    return sorted(
        (each for each in summary.points if each.supported),
        key=lambda each: -(each.sources[0].score if each.sources else 0.0),
    )[:_MOST]


def _likeness(points: Sequence[Point], writer: Writer) -> Sequence[Sequence[float]]:
    texts = [each.text for each in points]
    return writer.library.compare(texts, [texts] * len(texts), writer.cancel) if texts else ()


def _place(point: Point) -> tuple[int, int]:
    return (point.sources[0].number, point.sources[0].start) if point.sources else (1 << 30, 0)


def _summary(summaries: Sequence[Summary], points: Sequence[tuple[Summary, Point]], wish: Wish) -> Summary:
    """Each document's points under its title."""
    named = tuple(
        Point(point.text, point.sources, point.supported, summary.title, point.kind)
        for summary, point in points
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
