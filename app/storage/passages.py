"""What `index.db` holds, for readers beside the retrieval worker (its only writer)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.storage.database import Database, open_read_only

_MANY = 50
_RANGE = ("root", "first", "past")


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One row of the library. `state` is a `Verdict`, `reason` says why it is not `indexed`."""

    path: str
    size: int
    state: str
    reason: str
    passages: int
    waiting: int  # passages that have no vector yet
    indexed: float
    scans: int = 0  # pages that wait to be recognised
    container: str = ""  # the archive it lies in


@dataclass(frozen=True, slots=True)
class StoredPlace:
    """A place of a file (see `documents.document.Place`) with its text; `state` is a `PageState`."""

    kind: str
    number: int
    label: str
    text: str
    state: str


class IndexReader:
    """Read-only view of the index. Everything is empty while there is no index yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: Database | None = None

    def files(self, folders: Sequence[str] = ()) -> list[IndexedFile]:
        """Files below `folders` (all files when empty), by path."""
        where, parameters = within("f.path", folders)
        rows = self._rows(
            f"""SELECT path, size, state, reason, passages, waiting, indexed, scans, container
                FROM files f WHERE {where} ORDER BY path""",  # noqa: S608 - `where` holds only placeholders
            parameters,
        )
        return [IndexedFile(*row) for row in rows]

    def text_of(self, path: str) -> list[StoredPlace]:
        """Each place of a file, in order."""
        rows = self._rows(
            """SELECT kind, number, label, text, state FROM places
               WHERE file_id = (SELECT id FROM files WHERE path = ?) ORDER BY id""",
            (path,),
        )
        return [StoredPlace(*row) for row in rows]

    def database(self) -> Database | None:
        """The open database; None while there is none."""
        if self._database is None:
            self._database = open_read_only(self._path)
        return self._database

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _rows(self, query: str, parameters: Sequence[object]) -> list[Any]:
        database = self.database()
        return [] if database is None else database.rows(query, parameters)


def within(column: str, folders: Sequence[str]) -> tuple[str, list[str]]:
    """An SQL condition (with its parameters) for files that are, or lie below, one of `folders`.

    `column`: the path in the table `files`, under the name it has in the query.
    """
    if not folders:
        return "1", []
    # ranges use the index on the column; LIKE would need escaping and ignores case
    below = f"{column} = ? OR ({column} >= ? AND {column} < ?)"
    if len(folders) <= _MANY:
        ranges = [each for folder in folders for each in _ranges(folder)]
        return "(" + " OR ".join([below] * len(ranges)) + ")", [part for each in ranges for part in each]
    # SQLite bounds the depth of an expression, so a long list goes in as one parameter; each range is looked up once
    roots = json.dumps([each for folder in folders for each in _ranges(folder)])
    parts = ", ".join(f"json_extract(value, '$[{part}]') AS {name}" for part, name in enumerate(_RANGE))
    number = column.lstrip("+").removesuffix("path") + "id"
    return (
        f"""{number} IN (SELECT listed.id FROM (SELECT {parts} FROM json_each(?)) CROSS JOIN files listed
            WHERE listed.path = root OR (listed.path >= first AND listed.path < past))""",  # noqa: S608
        [roots],
    )


def _ranges(folder: str) -> Iterator[tuple[str, str, str]]:
    """The folder itself, and the first and the past-the-end string of what lies below it.

    On Windows twice, since what is in an archive stands behind a "/" there too.
    """
    for separator in "\\/" if "\\" in folder and "/" not in folder else "/":
        base = folder.rstrip(separator) or folder
        root = base if base.endswith(separator) else base + separator
        yield base, root, root[:-1] + chr(ord(separator) + 1)
