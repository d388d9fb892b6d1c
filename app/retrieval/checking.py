"""`alcove doctor` for the document index: what is wrong with it, and mending what can be rebuilt.

SQLite's own check misses most flipped bits, and FAISS loads a damaged file without a word, so every text and every
full-text entry is compared with what was stored, and every vector is measured. Everything here comes from the person's own
files: what is damaged is forgotten, and the next refresh reads it again.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import numpy as np

from app.base.digests import digest_of
from app.base.jobs import CancelToken
from app.retrieval.index_store import IndexStore
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import CheckResult
from app.retrieval.stored_text import count, passage_digest
from app.storage.database import check_integrity
from app.storage.fulltext import spaced

_AT_ONCE = 2_000
_UNIT = 0.02  # how far the length of a vector may be from 1; 16-bit numbers are off by less than 0.001
_ORPHANS = (
    ("passages without searchable text", "passages WHERE id NOT IN (SELECT rowid FROM passages_text)"),
    ("searchable texts without passages", "passages_text WHERE rowid NOT IN (SELECT id FROM passages)"),
    ("vectors without passages", "vectors WHERE passage_id NOT IN (SELECT id FROM passages)"),
    (
        "files in archives that are not there",
        "files WHERE container <> '' AND container NOT IN (SELECT path FROM files)",
    ),
    (
        "files with wrong counts",
        """files f WHERE passages <> (SELECT count(*) FROM passages WHERE file_id = f.id)
           OR scans <> (SELECT count(*) FROM places WHERE file_id = f.id AND state = 'scan')
           OR waiting <> (SELECT count(*) FROM passages p LEFT JOIN vectors v ON v.passage_id = p.id
                          WHERE p.file_id = f.id AND v.passage_id IS NULL)""",
    ),
)

Writer = Callable[[], AbstractContextManager[None]]


def check(
    store: IndexStore, vectors: Callable[[], LiveVectors], repair: bool, writer: Writer, cancel: CancelToken
) -> Iterator[CheckResult]:
    """One result for each thing looked at. Raises `AppError` when another Alcove writes, and `Cancelled`."""
    damage = check_integrity(store.database)
    yield CheckResult("index database", damage == "ok", "sound" if damage == "ok" else damage)
    if damage == "ok":
        inspection = _Inspection(store, cancel)
        yield _result("document texts", inspection.wrong_texts(), inspection.forget, repair, writer)
        yield _result("index contents", inspection.inconsistent(), inspection.mend, repair, writer)
        yield _result("vectors", inspection.wrong_vectors(), inspection.drop_vectors, repair, writer)
        yield _vector_index(store, vectors, repair, writer)


def _result(
    name: str, wrong: Sequence[str], mend: Callable[[], None], repair: bool, writer: Writer
) -> CheckResult:
    if not wrong:
        return CheckResult(name, ok=True, detail="sound")
    if not repair:
        return CheckResult(name, ok=False, detail=", ".join(wrong))
    with writer():
        mend()
    return CheckResult(name, ok=True, detail=f"repaired: {', '.join(wrong)}")


def _vector_index(
    store: IndexStore, vectors: Callable[[], LiveVectors], repair: bool, writer: Writer
) -> CheckResult:
    """Made from the stored vectors, so mending it needs no document."""
    if not store.database.rows("SELECT 1 FROM vectors LIMIT 1"):
        return CheckResult("vector index", ok=True, detail="not needed yet")
    live = vectors()
    wrong = live.verify()
    if not wrong:
        return CheckResult("vector index", ok=True, detail=f"{len(live)} vectors")
    if not repair:
        return CheckResult("vector index", ok=False, detail=" ".join(wrong))
    with writer():
        live.rebuild()
    left = live.verify()
    return CheckResult("vector index", not left, " ".join(left) or f"rebuilt: {' '.join(wrong)}")


class _Inspection:
    """What was found, so that it can be mended; each method named after a finding looks at the whole index."""

    def __init__(self, store: IndexStore, cancel: CancelToken) -> None:
        self._store = store
        self._cancel = cancel
        self._damaged_files: set[int] = set()
        self._damaged_vectors: list[int] = []

    def wrong_texts(self) -> list[str]:
        """Texts that are not what was stored, and full-text entries that are not those of their passage."""
        for row in self._steps(
            "SELECT id, file_id, text, digest FROM places WHERE id > ? ORDER BY id LIMIT ?"
        ):
            if row["digest"] and digest_of(row["text"]) != row["digest"]:
                self._damaged_files.add(row["file_id"])
        query = """SELECT p.id, p.file_id, p.heading, p.digest, p.start, p.end, length(t.text) AS length,
                          substr(t.text, p.start + 1, p.end - p.start) AS text,
                          f.heading AS searched_heading, f.text AS searched
                   FROM passages p JOIN places t ON t.id = p.place_id LEFT JOIN passages_text f ON f.rowid = p.id
                   WHERE p.id > ? ORDER BY p.id LIMIT ?"""
        for row in self._steps(query):
            if not 0 <= row["start"] < row["end"] <= row["length"] or not _is_whole(row):
                self._damaged_files.add(row["file_id"])
        found = [f"{len(self._damaged_files)} files with a damaged text"] if self._damaged_files else []
        return found + self._fulltext_damage()

    def forget(self) -> None:
        with self._store.database.transaction() as db:
            db.execute("INSERT INTO passages_text (passages_text) VALUES ('rebuild')")
        files = self._store.database.rows("SELECT id, path FROM files")
        self._store.remove([row["path"] for row in files if row["id"] in self._damaged_files])

    def inconsistent(self) -> list[str]:
        counts = [(name, self._count(condition)) for name, condition in _ORPHANS]
        return [f"{number} {name}" for name, number in counts if number]

    def mend(self) -> None:
        """Files whose passages cannot be found are forgotten; the rest is dropped or counted anew."""
        with self._store.database.transaction() as db:
            db.execute(
                """DELETE FROM files WHERE id IN
                   (SELECT file_id FROM passages WHERE id NOT IN (SELECT rowid FROM passages_text))
                   OR (container <> '' AND container NOT IN (SELECT path FROM files))"""
            )
            db.execute("DELETE FROM passages_text WHERE rowid NOT IN (SELECT id FROM passages)")
            db.execute("DELETE FROM vectors WHERE passage_id NOT IN (SELECT id FROM passages)")
            _count_all(db)

    def wrong_vectors(self) -> list[str]:
        """Every vector has length 1."""
        query = (
            "SELECT passage_id AS id, vector FROM vectors WHERE passage_id > ? ORDER BY passage_id LIMIT ?"
        )
        lengths = "SELECT length(vector) FROM vectors GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        usual = [row[0] for row in self._store.database.rows(lengths)]
        for row in self._steps(query):
            if not _is_unit(row["vector"], usual[0]):
                self._damaged_vectors.append(row["id"])
        return [f"{len(self._damaged_vectors)} damaged vectors"] if self._damaged_vectors else []

    def drop_vectors(self) -> None:
        with self._store.database.transaction() as db:
            db.executemany(
                "DELETE FROM vectors WHERE passage_id = ?", [(each,) for each in self._damaged_vectors]
            )
            _count_all(db)

    def _fulltext_damage(self) -> list[str]:
        """FTS5 compares its index with its own copy of the text."""
        with self._store.database.transaction() as db:
            try:
                db.execute("INSERT INTO passages_text (passages_text) VALUES ('integrity-check')")
            except sqlite3.DatabaseError as error:
                if not error.sqlite_errorname.startswith("SQLITE_CORRUPT"):
                    raise
                return ["a damaged full-text index"]
        return []

    def _steps(self, query: str) -> Iterator[sqlite3.Row]:
        """All rows of a query by id, a bounded number in memory."""
        last = -1
        while rows := self._store.database.rows(query, (last, _AT_ONCE)):
            self._cancel.raise_if_cancelled()
            yield from rows
            last = rows[-1]["id"]

    def _count(self, what: str) -> int:
        return int(self._store.database.rows(f"SELECT count(*) FROM {what}")[0][0])  # noqa: S608 - fixed texts


def _is_whole(row: sqlite3.Row) -> bool:
    """Whether a passage and its full-text entry say what they said when they were stored."""
    if row["searched"] is None:  # counted among the orphans
        return True
    if (row["searched_heading"], row["searched"]) != (spaced(row["heading"]), spaced(row["text"])):
        return False
    return not row["digest"] or passage_digest(row["heading"], row["text"]) == row["digest"]


def _is_unit(blob: bytes, usual: int) -> bool:
    """Whether a blob of about the `usual` number of bytes is a vector of length 1, in 16-bit or 32-bit numbers."""
    if len(blob) not in (usual // 2, usual, usual * 2):
        return False
    readings = (np.frombuffer(blob, kind).astype(np.float64) for kind in (np.float16, np.float32))
    with np.errstate(over="ignore", invalid="ignore"):
        return any(abs(float(np.linalg.norm(each)) - 1) < _UNIT for each in readings)


def _count_all(db: sqlite3.Connection) -> None:
    for row in db.execute("SELECT id FROM files").fetchall():
        count(db, row["id"])
