"""Translations of files, kept segment by segment so that Stop, a crash or a closed window loses nothing.

A job found in the state `writing` at start was cut off; it is resumed like a stopped one.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Literal

from app.base.errors import AppError
from app.storage.database import Database

JobState = Literal["writing", "complete", "stopped", "failed"]
_JOBS = """SELECT j.*, (SELECT count(*) FROM translation_segments s WHERE s.job_id = j.id) AS done
           FROM translation_jobs j"""


@dataclass(frozen=True, slots=True)
class Job:
    """One file into one language. `digest`: SHA-256 of the file; `out`: the file written, "" not yet; `done`: how many
    segments are stored. Times in seconds (Unix).
    """

    id: int
    file: str
    digest: str
    source_language: str
    target_language: str
    engine: str
    out: str
    state: JobState
    created: float
    changed: float
    done: int


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """`key` names the segment in its file; `findings` is JSON."""

    key: str
    source: str
    target: str
    origin: str
    findings: str = "[]"


class TranslationJobs:
    """Reads and writes translation jobs in `user.db`. Every change is on disk when the call returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, file: str, digest: str, source_language: str, target_language: str, engine: str) -> Job:
        """The newest unfinished job of the same file, digest and languages, now `writing` with this engine; else a new one.

        A complete job is not taken up: what it translated is in the translation memory.
        """
        now, same = time.time(), (file, digest, source_language, target_language)
        with self._database.transaction() as db:
            found = db.execute(
                """SELECT id FROM translation_jobs WHERE file = ? AND digest = ? AND source_language = ?
                   AND target_language = ? AND state != 'complete' ORDER BY changed DESC, id DESC LIMIT 1""",
                same,
            ).fetchone()
            if found is None:
                number = db.execute(
                    """INSERT INTO translation_jobs (file, digest, source_language, target_language, engine, out,
                       state, created, changed) VALUES (?, ?, ?, ?, ?, '', 'writing', ?, ?)""",
                    (*same, engine, now, now),
                ).lastrowid
            else:
                number = found["id"]
                db.execute(
                    "UPDATE translation_jobs SET state = 'writing', engine = ?, changed = ? WHERE id = ?",
                    (engine, now, number),
                )
            return _job(db.execute(f"{_JOBS} WHERE j.id = ?", (number,)).fetchone())

    def save(self, job: int, segments: Sequence[StoredSegment]) -> None:
        """Add segments, or replace those of the same key, all or none.

        Each call is one write to the disk: save in batches. Raises `AppError` when the job was removed meanwhile.
        """
        with self._database.transaction() as db:
            _touch(db, job)
            db.executemany(
                "INSERT OR REPLACE INTO translation_segments VALUES (?, ?, ?, ?, ?, ?)",
                [(job, *astuple(each)) for each in segments],
            )

    def segments(self, job: int) -> dict[str, StoredSegment]:
        """By key. Their order is not that of the file: only the file knows that."""
        rows = self._database.rows(
            "SELECT key, source, target, origin, findings FROM translation_segments WHERE job_id = ?", (job,)
        )
        return {row["key"]: StoredSegment(*row) for row in rows}

    def finish(self, job: int, state: JobState, out: str) -> None:
        """`out` "": nothing was written this time, an earlier file keeps its place. Raises `AppError` as `save` does."""
        with self._database.transaction() as db:
            _touch(db, job)
            db.execute(
                "UPDATE translation_jobs SET state = ?, out = coalesce(nullif(?, ''), out) WHERE id = ?",
                (state, out, job),
            )

    def all(self) -> list[Job]:
        """Newest change first."""
        return [_job(row) for row in self._database.rows(f"{_JOBS} ORDER BY j.changed DESC, j.id DESC")]

    def get(self, id: int) -> Job | None:
        rows = self._database.rows(f"{_JOBS} WHERE j.id = ?", (id,))
        return _job(rows[0]) if rows else None

    def remove(self, id: int) -> None:
        """Forget the job and its segments; the files are not touched, nor is the translation memory."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM translation_jobs WHERE id = ?", (id,))


def _job(row: sqlite3.Row) -> Job:
    return Job(**dict(row))


def _touch(db: sqlite3.Connection, job: int) -> None:
    if not db.execute("UPDATE translation_jobs SET changed = ? WHERE id = ?", (time.time(), job)).rowcount:
        raise AppError("This translation was removed.", "Start it again.")
