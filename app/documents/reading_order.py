"""Puts the lines found on a picture of a page into the order in which a person reads them."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from app.documents.building import Piece

_COLUMN_CHARACTERS = 15  # a line of running text has more; shorter ones are cells, which are read row by row
_COLUMN_LINES = 3
_CROSSING = 0.25  # the share of lines (titles, tables) that may reach over the gap between two columns
_PARAGRAPH = 1.4  # times the usual distance of two lines: a gap between paragraphs
_HEADING = 1.35  # times the usual height of a line
_MAIN_HEADING = 1.8
_LONGEST_HEADING = 120
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a part of one, upright, in pixels from the top left corner. `confidence`: 0…1."""

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


Row = list[Line]


def pieces(lines: Sequence[Line]) -> list[Piece]:
    """The lines as paragraphs and headings in reading order."""
    if not lines:
        return []
    usual = _usual_height(lines)
    built: list[Piece] = []
    for column in _columns(list(lines)):
        for paragraph in _paragraphs(_rows(column)):
            text = "\n".join(" ".join(line.text for line in row) for row in paragraph)
            level = _heading_level(paragraph, text, usual)
            built.append(Piece("heading" if level else "text", text, level, wrapped=True))
    return built


def _usual_height(lines: Sequence[Line]) -> float:
    """The height of a line in the running text: the middle one, counted by characters."""
    heights = sorted((line.height, len(line.text)) for line in lines)
    half = sum(length for _, length in heights) / 2
    for height, length in heights:
        half -= length
        if half <= 0:
            return height
    return heights[-1][0]


def _columns(lines: list[Line]) -> Iterator[list[Line]]:
    """Groups of lines to be read one after the other."""
    gap = _gap(lines)
    if gap is None:
        yield lines
        return
    crossing = sorted((line for line in lines if line.left < gap < line.right), key=lambda line: line.middle)
    rest = [line for line in lines if not line.left < gap < line.right]
    above = float("-inf")
    for below in [*(line.middle for line in crossing), float("inf")]:
        strip = [line for line in rest if above <= line.middle < below]
        yield from _sides(strip, gap)
        yield from ([line] for line in crossing if line.middle == below)
        above = below


def _sides(strip: list[Line], gap: float) -> Iterator[list[Line]]:
    for side in ([line for line in strip if line.right <= gap], [line for line in strip if line.left >= gap]):
        if side:
            yield from _columns(side)


def _gap(lines: list[Line]) -> float | None:
    """Where a white gap parts two columns of running text, None when there is only one column."""
    if len(lines) < 2 * _COLUMN_LINES:
        return None
    height = median(line.height for line in lines)
    best, widest = None, height * 0.5
    for edge in sorted({line.right for line in lines}):
        crossing = [line for line in lines if line.left < edge + 1 < line.right]
        if len(crossing) > _CROSSING * len(lines):
            continue
        left = [line for line in lines if line.right <= edge + 1]
        right = [line for line in lines if line.left >= edge + 1]
        if not (_is_column(left) and _is_column(right) and _beside(left, right)):
            continue
        width = min(line.left for line in right) - edge
        if width > widest:
            best, widest = edge + width / 2, width
    return best


def _is_column(lines: list[Line]) -> bool:
    return (
        len(lines) >= _COLUMN_LINES
        and sum(len(line.text) for line in lines) >= len(lines) * _COLUMN_CHARACTERS
    )


def _beside(left: list[Line], right: list[Line]) -> bool:
    """Whether the shorter side stands for the most part next to the longer one."""
    tops = [min(line.top for line in side) for side in (left, right)]
    bottoms = [max(line.bottom for line in side) for side in (left, right)]
    shorter = min(bottoms[0] - tops[0], bottoms[1] - tops[1])
    return min(bottoms) - max(tops) > shorter / 2


def _rows(lines: list[Line]) -> list[Row]:
    """Lines side by side are parts of one, from left to right."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda each: each.middle):
        last = rows[-1][-1] if rows else None
        if last is not None and abs(line.middle - last.middle) < min(line.height, last.height) / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _paragraphs(rows: list[Row]) -> Iterator[list[Row]]:
    steps = [_middle(after) - _middle(before) for before, after in itertools.pairwise(rows)]
    usual = median(sorted(steps)[: len(steps) // 2 + 1]) if steps else 0.0  # gaps make the larger half uneven
    paragraph = rows[:1]
    for (before, after), step in zip(itertools.pairwise(rows), steps, strict=True):
        if step > usual * _PARAGRAPH or _resized(before, after):
            yield paragraph
            paragraph = []
        paragraph.append(after)
    yield paragraph


def _resized(before: Row, after: Row) -> bool:
    heights = sorted((_height(before), _height(after)))
    return heights[1] > heights[0] * _HEADING


def _middle(row: Row) -> float:
    return median(line.middle for line in row)


def _height(row: Row) -> float:
    return median(line.height for line in row)


def _heading_level(paragraph: list[Row], text: str, usual: float) -> int:
    size = median(_height(row) for row in paragraph) / usual
    letters = len(_LETTER.findall(text))
    if size < _HEADING or len(text) > _LONGEST_HEADING or text.endswith((".", ",", ";", ":")):
        return 0
    if letters * 2 < len(text) or letters < _COLUMN_LINES:
        return 0
    return 1 if size >= _MAIN_HEADING else 2
