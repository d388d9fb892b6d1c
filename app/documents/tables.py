"""Turns grids of cells into lines that can be found and quoted.

A row says what its cells are ("Item: Apple; Price: 1.20") when the grid has a header row, because a
passage is read on its own, far from the top of its table.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from app.documents.building import Piece

_NUMBER = re.compile(r"[-+(]?[\d.,\s%\u20ac$\u00a3:/-]+\)?$|\d{4}-\d\d-\d\d")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]00:00:00(?:\.0+)?$")
_LONGEST_NAME = 60
_MAX_FILLED = 10_000_000  # cells
_SNIFFED = 16_384  # characters looked at to find the delimiter

Row = Sequence[str]


def table_pieces(rows: Iterable[Row]) -> list[Piece]:
    """Pieces for one grid. Blank rows part it into tables; a lone cell above a table is its caption."""
    pieces: list[Piece] = []
    cleaned = ([_cell(cell) for cell in row] for row in rows)
    for filled, group in itertools.groupby(cleaned, key=any):
        if filled:
            pieces += _region(_without_blank_columns(list(group)))
    return pieces


def csv_pieces(text: str) -> list[Piece]:
    """Pieces for comma, semicolon, tab or pipe separated text."""
    # one quote that is never closed would swallow the rest of the file, so a quoted cell is bounded
    csv.field_size_limit(1_000_000)
    delimiter = _delimiter(text)
    try:
        return table_pieces(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return table_pieces(line.split(delimiter) for line in text.splitlines())


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
    return _MIDNIGHT.sub(r"\1", line)


def _without_blank_columns(rows: list[list[str]]) -> list[list[str]]:
    """The rows, all equally long; ragged as they are where filling them up would make a monster."""
    width = max(map(len, rows))
    if width * len(rows) > _MAX_FILLED:
        return rows
    kept = [column for column in range(width) if any(column < len(row) and row[column] for row in rows)]
    return [[row[column] if column < len(row) else "" for column in kept] for row in rows]


def _region(rows: list[list[str]]) -> Iterator[Piece]:
    start = 0
    while len(rows) - start > 1 and sum(map(bool, rows[start])) == 1 < len(rows[start]):
        yield Piece("text", next(filter(None, rows[start])))
        start += 1
    rows = rows[start:]
    if len(rows) > 1 and _is_header(rows[0]):
        lines = [_named(rows[0], row) for row in rows[1:]]
    else:
        lines = [" | ".join(filter(None, row)) for row in rows]
    text = "\n".join(filter(None, lines))
    if text:
        yield Piece("table", text)


def _is_header(row: list[str]) -> bool:
    """Names: several, mostly there, all different, none of them a number or a sentence."""
    names = [cell for cell in row if cell]
    return (
        len(names) > 1
        and len(names) * 2 > len(row)
        and len(set(names)) == len(names)
        and not any(_NUMBER.match(name) or len(name) > _LONGEST_NAME for name in names)
    )


def _named(header: list[str], row: list[str]) -> str:
    cells = zip(header, row, strict=False)
    return "; ".join(f"{name.rstrip(':')}: {cell}" if name else cell for name, cell in cells if cell)
