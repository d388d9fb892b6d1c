"""Ranges of cells as people write them: "A2:F9"."""

from bisect import bisect_right
from collections.abc import Sequence


def cell_range(rows: Sequence[Sequence[int]], start: int, end: int) -> str:
    """The cells that `text[start:end]` of a place comes from, "" when they are not known.

    `rows` are those of the place (`SheetRow`), in order.
    """
    first = max(0, bisect_right(rows, start, key=_offset) - 1)
    covered = [row for row in rows[first : bisect_right(rows, end - 1, key=_offset)] if start < end]
    if not covered:
        return ""
    top, bottom = covered[0][1], covered[-1][1]
    left, right = min(row[2] for row in covered), max(row[3] for row in covered)
    corners = (f"{column_name(left)}{top}", f"{column_name(right)}{bottom}")
    return ":".join(dict.fromkeys(corners))


def column_name(number: int) -> str:
    """ "A" for 1, "AA" for 27."""
    name = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _offset(row: Sequence[int]) -> int:
    return row[0]
