"""Which passages a search looks at: those of some folders, kinds of files and dates."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.base.edition import recognises_text
from app.retrieval.index_store import generation
from app.retrieval.protocol import NO_LIMITS, FileLimits
from app.retrieval.stored_vectors import Ids
from app.storage.database import Database
from app.storage.passages import within

_Key = tuple[tuple[str, ...], FileLimits]
_KEPT = 32
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ScopedFile:
    id: int
    path: str


class Scopes:
    """Remembers what it found until files or passages change. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._generation = ""
        self._found: dict[_Key, Ids | None] = {}
        self._passages = 0

    def allowed(self, folders: Sequence[str], limits: FileLimits = NO_LIMITS) -> Ids | None:
        """Ids of the passages to look at, in order; None when those are all."""
        key = (tuple(sorted(folders)), limits)
        if key == ((), NO_LIMITS):
            return None
        with self._lock:
            self._follow()
            if key not in self._found:
                if len(self._found) >= _KEPT:
                    self._found.pop(next(iter(self._found)))
                self._found[key] = self._look_up(*key)
            return self._found[key]

    def passages(self) -> int:
        """How many there are."""
        with self._lock:
            self._follow()
            return self._passages

    def unread(self, folders: Sequence[str], limits: FileLimits = NO_LIMITS) -> int:
        """Stored files whose passages are not all embedded, or with pages that wait to be recognised; in an edition that
        recognises nothing none wait for that."""
        where, parameters = _condition(folders, limits, "+f.path")
        found = self._database.rows(
            f"SELECT count(*) FROM files f WHERE (f.waiting > 0 OR f.scans > 0 AND ?) AND {where}",  # noqa: S608
            (recognises_text(), *parameters),
        )
        return int(found[0][0])

    def files(self, folders: Sequence[str], limits: FileLimits = NO_LIMITS) -> list[ScopedFile]:
        """Those with passages, by path."""
        where, parameters = _condition(folders, limits)
        rows = self._database.rows(
            f"SELECT f.id, f.path FROM files f WHERE f.passages > 0 AND {where} ORDER BY f.path",  # noqa: S608
            parameters,
        )
        return [ScopedFile(*row) for row in rows]

    def _follow(self) -> None:
        now = generation(self._database)
        if now != self._generation:
            self._found.clear()
            self._passages = int(self._database.rows("SELECT coalesce(sum(passages), 0) FROM files")[0][0])
            self._generation = now

    def _look_up(self, folders: tuple[str, ...], limits: FileLimits) -> Ids | None:
        where, parameters = _condition(folders, limits)
        files, passages = self._database.rows(
            f"SELECT count(*), coalesce(sum(passages), 0) FROM files f WHERE {where}",  # noqa: S608
            parameters,
        )[0]
        if passages == self._passages and files:
            return None
        rows = self._database.rows(
            f"""SELECT p.id FROM files f JOIN passages p ON p.file_id = f.id
                WHERE f.passages > 0 AND {where} ORDER BY p.id""",  # noqa: S608
            parameters,
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))


def _condition(
    folders: Sequence[str], limits: FileLimits, column: str = "f.path"
) -> tuple[str, list[str | int]]:
    """For the table of files named `f`, with its parameters."""
    where, below = within(column, folders)
    conditions, parameters = [where], list[str | int](below)
    if limits.types:
        conditions.append("(" + " OR ".join(["f.path LIKE ? ESCAPE '\\'"] * len(limits.types)) + ")")
        parameters += [f"%.{_literal(each)}" for each in limits.types]
    if limits.since is not None:
        conditions.append("f.mtime_ns >= ?")
        parameters.append(int(limits.since * _NS))
    if limits.until is not None:
        conditions.append("f.mtime_ns <= ?")
        parameters.append(int(limits.until * _NS))
    return " AND ".join(conditions), parameters


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
