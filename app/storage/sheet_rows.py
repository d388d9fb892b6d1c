"""Where the lines of a sheet's text stand in the sheet, as `index.db` holds it."""

import json
from collections.abc import Sequence

from app.storage.passages import IndexReader


def rows_of_sheets(index: IndexReader, path: str) -> dict[int, Sequence[Sequence[int]]]:
    """The rows of each sheet of a file, by the number of its place; empty for other documents.

    A row: where its line begins (character offset), its number, and its first and last column, each from 1.
    """
    database = index.database()
    if database is None:
        return {}
    stored = database.rows(
        "SELECT number, rows FROM places WHERE file_id = (SELECT id FROM files WHERE path = ?) AND rows <> ''",
        (path,),
    )
    return {number: json.loads(rows) for number, rows in stored}
