"""Turns grids of cells into lines that can be found and quoted.

A row says what its cells are ("Item: Apple; Price: 1.20") when the grid has a header row, because a
passage is read on its own, far from the top of its table. Each line knows its row and columns in the sheet.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.documents.building import Piece
from app.documents.normalise import normalise

_NUMBER = re.compile(r"[-+(]?[\d.,\s%\u20ac$\u00a3:/-]+\)?$|\d{4}-\d\d-\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]00:00:00(?:\.0+)?$")
_LONGEST_NAME = 60
_MAX_FILLED = 10_000_000  # cells
_SNIFFED = 16_384  # characters looked at to find the delimiter
_ABOVE_HEADER = 6  # rows with a title, a unit, a date that may stand there

Row = Sequence[str]
TOP_LEFT = (1, 1)


@dataclass(frozen=True, slots=True)
class _Row:
    """`cells` belong to the columns of the region; `number` counts the rows of the sheet from 1."""

    number: int
    cells: list[str]

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell]


@dataclass(frozen=True, slots=True)
class _Header:
    """A name (or "") for each column of the sheet, and where it stands in a region: rows `first` to `body`, excluded.

    `lone`: a blank row follows it.
    """

    names: dict[int, str]
    first: int
    body: int
    lone: bool = False


def table_pieces(rows: Iterable[Row], origin: tuple[int, int] | None = None) -> list[Piece]:
    """Pieces for one grid. Blank rows part it into tables; a lone cell above a table is its caption.

    `origin`: row and column, from 1, where the grid begins in its sheet; None for a grid that is no sheet's.
    """
    pieces: list[Piece] = []
    header: _Header | None = None
    top, left = origin or TOP_LEFT
    cleaned = (_Row(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, top))
    for filled, group in itertools.groupby(cleaned, key=lambda row: any(row.cells)):
        if filled:
            region = _Region(*_without_blank_columns(list(group), left), located=origin is not None)
            header = region.find_header(header)
            pieces += region.pieces(header)
    return pieces


def csv_pieces(text: str) -> list[Piece]:
    """Pieces for comma, semicolon, tab or pipe separated text."""
    # one quote that is never closed would swallow the rest of the file, so a quoted cell is bounded
    csv.field_size_limit(1_000_000)
    delimiter = _delimiter(text)
    try:
        return table_pieces(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), TOP_LEFT)
    except csv.Error:
        return table_pieces((line.split(delimiter) for line in text.splitlines()), TOP_LEFT)


def _delimiter(text: str) -> str:
    """The one that splits the first lines into the most even number of cells."""
    lines = [line for line in text[:_SNIFFED].splitlines()[:20] if line.strip()]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        common = max(counts, key=counts.count, default=0)
        return (counts.count(common) if common else 0, common)

    return max(",;\t|", key=evenness)


def _cell(text: str) -> str:
    line = " ".join(text.split())
    if not line.isprintable():  # nothing but unseen characters is nothing
        line = normalise(line).text
    return _MIDNIGHT.sub(r"\1", line)


def _without_blank_columns(rows: list[_Row], left: int) -> tuple[list[_Row], list[int]]:
    """The rows, all equally long, and the columns they keep, of which `left` is the first.

    The rows stay ragged, with all columns, where filling them up would make a monster.
    """
    width = max(len(row.cells) for row in rows)
    if width * len(rows) > _MAX_FILLED:
        return rows, list(range(left, left + width))
    filled = {column for row in rows for column, cell in enumerate(row.cells) if cell}
    kept = sorted(filled)
    return [
        _Row(row.number, [row.cells[column] if column < len(row.cells) else "" for column in kept])
        for row in rows
    ], [left + column for column in kept]


class _Region:
    """Rows without a blank one among them: one table with what stands above it."""

    def __init__(self, rows: list[_Row], columns: list[int], *, located: bool) -> None:
        self._rows = rows
        self._columns = columns
        self._located = located
        self._captions = 0
        while len(rows) - self._captions > 1 and len(rows[self._captions].filled) == 1 < len(columns):
            self._captions += 1

    def find_header(self, above: _Header | None) -> _Header | None:
        """The region's own header; else `above`, that of the region before, if this one only goes on with it."""
        first = self._rows[self._captions]
        if above is not None and len(first.filled) > 1 and set(self._columns) <= set(above.names):
            again = [above.names[column] for column in self._columns] == first.cells
            starts_anew = not _has_number(first) if above.lone else self._is_contrasting()
            if again or not starts_anew:
                body = self._captions + again
                return _Header(above.names, self._captions, body)
        return self._own_header()

    def pieces(self, header: _Header | None) -> list[Piece]:
        """A piece for each caption and one for the table."""
        first, body = (header.first, header.body) if header is not None else (self._captions, self._captions)
        names = [header.names.get(column, "") if header is not None else "" for column in self._columns]
        made = [self._piece("text", [" | ".join(row.filled)], [row]) for row in self._rows[:first]]
        if body < len(self._rows):
            rows = self._rows[body:]
            lines = [_named(names, row.cells) if header else " | ".join(row.filled) for row in rows]
            made.append(self._piece("table", lines, rows))
        return made

    def _piece(self, kind: Literal["text", "table"], lines: list[str], rows: list[_Row]) -> Piece:
        facts = tuple(self._extent(row) for row in rows) if self._located else ()
        return Piece(kind, "\n".join(lines), rows=facts)

    def _extent(self, row: _Row) -> tuple[int, int, int]:
        filled = [column for column, cell in zip(self._columns, row.cells, strict=False) if cell]
        return row.number, filled[0], filled[-1]

    def _is_contrasting(self) -> bool:
        """Whether the first row is words and numbers stand below it, as in a table that begins here."""
        words, *below = self._rows[self._captions : self._captions + 3]
        return not _has_number(words) and any(map(_has_number, below))

    def _own_header(self) -> _Header | None:
        """The first row of names, or two rows of them, with nothing but sparse rows above."""
        rows = self._rows
        if len(rows) == self._captions + 1 and _are_names(rows[-1].cells, ()):
            names = dict(zip(self._columns, rows[-1].cells, strict=False))
            return _Header(names, len(rows), len(rows), lone=True)
        for start in range(self._captions, min(len(rows) - 1, self._captions + _ABOVE_HEADER)):
            below = rows[start + 1].cells
            two = _two_rows(rows[start].cells, below, rows[start + 2].cells) if start + 2 < len(rows) else []
            if two or _is_header(rows[start].cells, below):
                names = dict(zip(self._columns, two or rows[start].cells, strict=False))
                return _Header(names, start, start + (2 if two else 1))
            if len(rows[start].filled) * 2 > len(self._columns):
                return None
        return None


def _has_number(row: _Row) -> bool:
    return any(map(_NUMBER.match, row.filled))


def _is_header(row: Row, below: Row) -> bool:
    """Names: several, mostly there, all different, none of them a number (but a year) or a sentence."""
    names = [cell for cell in row if cell]
    return len(names) * 2 > len(row) and len(set(names)) == len(names) and _are_names(row, below)


def _are_names(row: Row, below: Row) -> bool:
    names = [cell for cell in row if cell]
    numbers = [cell for cell in names if _NUMBER.match(cell)]
    if len(names) < 2 or any(len(name) > _LONGEST_NAME for name in names):
        return False
    if not numbers:
        return True
    # "Region, 2024, 2025" above figures, not above more years
    under = [cell for name, cell in zip(row, below, strict=False) if _YEAR.match(name) and cell]
    has_words = len(numbers) < len(names) or not row[0]
    return has_words and all(map(_YEAR.match, numbers)) and not all(map(_YEAR.match, under))


def _two_rows(upper: Row, lower: Row, below: Row) -> list[str]:
    """The names when two rows make the header ("Costs" over "Plan" and "Real"), else nothing."""
    pairs = list(zip(upper, lower, strict=False))
    given = [cell for cell in lower if cell]
    is_grouped = any(under and not over for over, under in pairs)
    is_parted = len(set(given)) < len(given) or any(over and not under for over, under in pairs)
    words = [cell for cell in (*upper, *lower) if cell and not _YEAR.match(cell)]
    if not (is_grouped and is_parted and len(given) > 1 and words) or any(map(_NUMBER.match, words)):
        return []
    names: list[str] = []
    spanning = ""
    for over, under in pairs:
        spanning = over or spanning
        names.append(f"{spanning} {under}".strip() if under else over)
    fitting = all(0 < len(name) <= 2 * _LONGEST_NAME for name in names) and len(set(names)) == len(names)
    return names if fitting and any(_NUMBER.match(cell) for cell in below) else []


def _named(header: Row, row: Row) -> str:
    cells = zip(header, row, strict=False)
    return "; ".join(f"{name.rstrip(':')}: {cell}" if name else cell for name, cell in cells if cell)
