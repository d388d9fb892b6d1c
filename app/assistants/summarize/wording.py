"""Decisions about wording that the exports and the window share, and a summary's points as plain Markdown."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from app.assistants.summarize.events import Coverage, Point, PointKind, Style

KIND_TITLES: dict[PointKind, str] = {"decision": "Decisions", "action": "Actions", "point": "Also discussed"}


def read_of(coverage: Coverage) -> tuple[str, int, int] | None:
    """What to count coverage in: (unit, read, total), or None when all was read and there is no more to say.

    Of a part that ends within its first page, or of documents of several kinds, the passages are counted ("passage").
    """
    complete = coverage.passages_read == coverage.passages_total
    countable = coverage.pages_total > 1 and coverage.unit != "place"
    if countable and coverage.pages_read:
        return coverage.unit, coverage.pages_read, coverage.pages_total
    return None if complete else ("passage", coverage.passages_read, coverage.passages_total)


def text_of(points: Sequence[Point], style: Style) -> str:
    """A paragraph ("brief"), or lists under the headings of `grouped`."""
    if style == "brief":
        return " ".join(each.text for each in points)
    parts = []
    for title, members in grouped(points, style):
        lines = "\n".join(f"- {each.text}" for each in members)
        parts.append(f"## {title}\n\n{lines}" if title else lines)
    return "\n\n".join(parts)


def grouped(points: Sequence[Point], style: Style) -> Iterator[tuple[str, list[Point]]]:
    """(heading, its points): by section or by kind where the style asks for it, else all under ""."""
    if style == "sections":
        for title, members in groupby(points, key=lambda each: each.section):
            yield title, list(members)
    elif style == "minutes":
        kinds: tuple[PointKind, ...] = ("decision", "action", "point")
        for kind in kinds:
            if own := [each for each in points if each.kind == kind]:
                yield KIND_TITLES[kind], own
    elif points:
        yield "", list(points)
