"""Terms in a table: CSV, TSV, or lines such as “term = translation”."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from app.base.errors import AppError
from app.base.languages import language
from app.documents.decoding import decode
from app.documents.exchange.opening import TermRow, opened

_LARGEST = 100 << 20  # bytes; a glossary of the most terms with notes has some 50 MB
_LOOKED_AT = 50  # rows that tell the delimiter
_LONGEST_CELL = 100_000  # characters; a quote never closed must not swallow the file
_DELIMITERS = "\t;,|="
_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # Excel's own first line
_SOURCE = ("source", "source term", "term", "original", "from", "source text")
_TARGET = ("target", "target term", "translation", "translated", "to", "target text")
_LOCKED = ("locked", "lock", "fixed", "do not change")
_NOTE = ("note", "notes", "comment", "comments", "remark", "description", "definition")
_YES = ("yes", "y", "true", "1", "x", "locked")
_NO = ("no", "n", "false", "0", "")


class TermTable(NamedTuple):
    """`source_language` and `target_language`: codes where the table's first row names languages, else ""."""

    rows: list[TermRow]
    source_language: str = ""
    target_language: str = ""


class _Columns(NamedTuple):
    """Where things stand, from 0; None where the table has no such column."""

    source: int
    target: int
    locked: int | None
    note: int | None


def read_terms(path: Path, source_language: str = "", target_language: str = "") -> TermTable:
    """The terms of a table, in its order; a text that is missing in a row is "".

    Encoding and delimiter are recognised. A first row may name the columns: source, target, locked, note, or two
    languages (then they are read in the order asked for). Without it the columns are source, target, and then locked
    where every cell of the third says yes or no, else a note. Lines that begin with "# " are comments. Raises `AppError`
    for a file that is no text, too large, or has only one column.
    """
    with opened(path, _LARGEST) as stream:
        text = decode(stream.read())
    if text is None:
        raise AppError(
            f"{path.name} is not a table of terms.",
            "Choose a CSV, TSV, text or TBX file; a sheet can be saved as CSV.",
        )
    rows = _rows_of(text)
    if not rows:
        raise AppError(f"{path.name} is empty.", "Choose another file.")
    if max(map(len, rows)) < 2:
        raise AppError(
            f"{path.name} has only one column.",
            "Put each term and its translation in two columns of one row.",
        )
    columns = _named_columns(rows[0])
    if columns is not None:
        return TermTable([_row(row, columns) for row in rows[1:]])
    codes = _languages(rows[0])
    if codes is None:
        columns = _usual_columns(rows)
        return TermTable([_row(row, columns) for row in rows])
    first, second = _asked(codes, source_language, target_language)
    columns = _Columns(first, second, _place(rows[0], _LOCKED), _place(rows[0], _NOTE))
    return TermTable([_row(row, columns) for row in rows[1:]], codes[first], codes[second])


def _rows_of(text: str) -> list[list[str]]:
    """The rows that are not blank, cells without outer blanks."""
    if found := _SEPARATOR.match(text):
        rows = _parsed(text[found.end() :], found[1])
    else:
        head = "".join(text[: 1 << 16].splitlines(keepends=True)[:_LOOKED_AT])
        rows = _parsed(text, max(_DELIMITERS, key=lambda delimiter: _evenness(head, delimiter)))
    cleaned = ([cell.strip() for cell in row] for row in rows)
    return [row for row in cleaned if any(row) and not row[0].startswith("# ")]


def _evenness(text: str, delimiter: str) -> tuple[int, int]:
    """How many rows have the same number of cells, of at least two; then how many have several."""
    counts = [len(row) for row in _parsed(text, delimiter) if any(cell.strip() for cell in row)]
    several = [count for count in counts if count > 1]
    return max(map(several.count, set(several)), default=0), len(several)


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:  # quotes that are none
        return [line.split(delimiter) for line in text.splitlines()]


def _named_columns(header: Sequence[str]) -> _Columns | None:
    source, target = _place(header, _SOURCE), _place(header, _TARGET)
    if source is None or target is None:
        return None
    return _Columns(source, target, _place(header, _LOCKED), _place(header, _NOTE))


def _place(header: Sequence[str], known: Sequence[str]) -> int | None:
    names = [cell.casefold().replace("_", " ") for cell in header]
    return next((at for at, name in enumerate(names) if name in known), None)


def _languages(header: Sequence[str]) -> dict[int, str] | None:
    """The codes of the columns whose heads are languages, if at least two different ones are."""
    found = {at: named.code for at, cell in enumerate(header) if (named := language(cell)) is not None}
    return found if len(set(found.values())) > 1 and set(found) >= {0, 1} else None


def _asked(codes: dict[int, str], source: str, target: str) -> tuple[int, int]:
    """The columns of the languages asked for; the first two where they are not both there."""
    places = {code: at for at, code in reversed(codes.items())}
    first, second = (places.get(code.code) if (code := language(each)) else None for each in (source, target))
    return (0, 1) if first is None or second is None else (first, second)


def _usual_columns(rows: Sequence[Sequence[str]]) -> _Columns:
    third = {row[2].casefold() for row in rows if len(row) > 2}
    locked = 2 if any(third) and third <= {*_YES, *_NO} else None
    return _Columns(0, 1, locked, 3 if locked else 2)


def _row(row: Sequence[str], columns: _Columns) -> TermRow:
    def cell(at: int | None) -> str:
        return row[at] if at is not None and at < len(row) else ""

    return TermRow(
        cell(columns.source),
        cell(columns.target),
        cell(columns.locked).casefold() in _YES,
        cell(columns.note),
    )
