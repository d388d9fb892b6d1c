"""The table as a CSV file that spreadsheet programs open as it is meant."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from app.assistants.places import place_words
from app.assistants.tables import Row, Table
from app.base.errors import AppError
from app.base.files import replacing

_HEAD = ("File", "Place", "Answer", "Value", "Sure", "Confidence", "Quote", "Path")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")
# A cell that begins so would be worked out as a formula: text of a document must not be able to do that.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_table(path: Path, table: Table) -> None:
    """Replace `path` with the rows and, after them, those that are not sure.

    Raises `AppError` when it cannot be written, or is one of the documents.
    """
    if any(_same(path, row.source.file) for row in (*table.rows, *table.unsure)):
        raise AppError(
            f"{path.name} is one of the documents; the table would replace it.", "Choose another name."
        )
    with replacing(path) as stream:
        stream.write(as_csv(table).encode("utf-8-sig"))  # the mark tells Excel that it is UTF-8


def as_csv(table: Table) -> str:
    """With lines as RFC 4180 has them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEAD)
    writer.writerows(_cells(row, sure=True) for row in table.rows)
    writer.writerows(_cells(row, sure=False) for row in table.unsure)
    return text.getvalue()


def _cells(row: Row, *, sure: bool) -> Iterable[str]:
    source = row.source
    place = place_words(source.place, source.cells).removeprefix(", ")
    said = (" ".join(each.split()) for each in (row.answer, row.value))
    cells = (
        Path(source.file).name, place, *said, "yes" if sure else "no", f"{row.confidence:.2f}",
        " ".join(source.quote.split()), source.file,
    )  # fmt: skip
    return [harmless(cell) for cell in cells]


def _same(path: Path, file: str) -> bool:
    """Also through a link, or on a disk that does not tell capitals apart."""
    try:
        return path.samefile(file)
    except OSError:  # one of them is not there, or cannot be looked at
        return path == Path(file)


def harmless(cell: str) -> str:
    """As text for a spreadsheet; plain numbers stay numbers."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell
