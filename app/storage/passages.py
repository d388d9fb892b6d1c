"""What `index.db` holds, for readers beside the retrieval worker (its only writer)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.documents.document import Place
from app.storage.database import Database, open_read_only


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


class IndexReader:
    """Read-only view of the index. Everything is empty while there is no index yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: Database | None = None

    def files(self, folders: Sequence[str] = ()) -> list[IndexedFile]:
        """Files below `folders` (all files when empty), by path."""
        where, parameters = within("f.path", folders)
        rows = self._rows(
            f"""SELECT f.path, f.size, f.state, f.reason, f.indexed,
                       count(p.id) AS passages, count(p.id) - count(v.passage_id) AS waiting
                FROM files f LEFT JOIN passages p ON p.file_id = f.id
                LEFT JOIN vectors v ON v.passage_id = p.id
                WHERE {where} GROUP BY f.id ORDER BY f.path""",  # noqa: S608 - `where` holds only placeholders
            parameters,
        )
        return [IndexedFile(**dict(row)) for row in rows]

    def passage_count(self, folders: Sequence[str] = ()) -> int:
        where, parameters = within("f.path", folders)
        rows = self._rows(
            f"SELECT count(*) FROM passages p JOIN files f ON f.id = p.file_id WHERE {where}",  # noqa: S608
            parameters,
        )
        return int(rows[0][0]) if rows else 0

    def text_of(self, path: str) -> list[tuple[Place, str]]:
        """Each place of a file with its text, in order."""
        rows = self._rows(
            """SELECT kind, number, label, text FROM places
               WHERE file_id = (SELECT id FROM files WHERE path = ?) ORDER BY id""",
            (path,),
        )
        return [(Place(row["kind"], row["number"], row["label"]), row["text"]) for row in rows]

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
    """An SQL condition (with its parameters) for paths that are, or lie below, one of `folders`."""
    if not folders:
        return "1", []
    conditions, parameters = [], []
    for folder in folders:
        base = folder.rstrip("/\\") or folder
        # a range on the indexed column; LIKE would need escaping and ignores case
        conditions.append(f"{column} = ? OR ({column} >= ? AND {column} < ?)")
        separator = "\\" if "\\" in base and "/" not in base else "/"
        root = base if base.endswith(("/", "\\")) else base + separator
        parameters += [base, root, root[:-1] + chr(ord(separator) + 1)]
    return "(" + " OR ".join(conditions) + ")", parameters
