"""Translations of files, kept segment by segment so that Stop, a crash or a closed window loses nothing.

A job found in the state `writing` at start was cut off; it is resumed like a stopped one.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import PurePath
from typing import Literal

from app.base.errors import AppError
from app.base.processes import is_running, this_process
from app.storage.database import Database

JobState = Literal["writing", "complete", "stopped", "failed"]
_JOBS = """SELECT j.id, j.file, j.digest, j.source_language, j.target_language, j.engine, j.out, j.state,
           j.created, j.changed, j.written, (SELECT count(*) FROM translation_segments s WHERE s.job_id = j.id) AS done
           FROM translation_jobs j"""

_UNFINISHED = """SELECT id FROM translation_jobs WHERE file = ? AND digest = ? AND source_language = ?
    AND target_language = ? AND state != 'complete' ORDER BY changed DESC, id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Job:
    """One file into one language. `digest`: SHA-256 of the file; `out`: the file written, "" not yet; `written`: SHA-256 of
    what was written there; `done`: how many segments are stored. Times in seconds (Unix).
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
    written: str
    done: int


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """`key` names the segment in its file; `findings` is JSON. `engine`: its name where it wrote the target, else ""."""

    key: str
    source: str
    target: str
    origin: str
    findings: str = "[]"
    engine: str = ""


class TranslationJobs:
    """Reads and writes translation jobs in `user.db`. Every change is on disk when the call returns.

    Whoever works on a job holds it, from `begin` or `hold` to `finish` or `release`; what a process held that is gone is
    free again.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, file: str, digest: str, source_language: str, target_language: str, engine: str) -> Job:
        """The newest unfinished job of the same file, digest and languages, now `writing` with this engine; else a new one.

        A complete job is not taken up: what it translated is in the translation memory. The job is held. Raises `AppError`
        when it is held already: the same file is being translated right now.
        """
        now, same = time.time(), (file, digest, source_language, target_language)
        with self._database.transaction() as db:
            found = db.execute(_UNFINISHED, same).fetchone()
            if found is None:
                number = db.execute(
                    """INSERT INTO translation_jobs (file, digest, source_language, target_language, engine, out,
                       state, created, changed) VALUES (?, ?, ?, ?, ?, '', 'writing', ?, ?)""",
                    (*same, engine, now, now),
                ).lastrowid
            else:
                number = found["id"]
                _raise_if_held(db, number)
                db.execute(
                    "UPDATE translation_jobs SET state = 'writing', engine = ?, changed = ? WHERE id = ?",
                    (engine, now, number),
                )
            _hold(db, number)
            return _job(db.execute(f"{_JOBS} WHERE j.id = ?", (number,)).fetchone())

    def unfinished(self, file: str, digest: str, source_language: str, target_language: str) -> Job | None:
        """The one that `begin` would take up."""
        found = self._database.rows(_UNFINISHED, (file, digest, source_language, target_language))
        return self.get(found[0]["id"]) if found else None

    def save(self, job: int, segments: Sequence[StoredSegment]) -> None:
        """Add segments, or replace those of the same key, all or none.

        Each call is one write to the disk: save in batches. Raises `AppError` when the job was removed meanwhile.
        """
        with self._database.transaction() as db:
            _touch(db, job)
            db.executemany(
                """INSERT OR REPLACE INTO translation_segments (job_id, key, source, target, origin, findings, engine)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                [(job, *astuple(each)) for each in segments],
            )

    def segments(self, job: int) -> dict[str, StoredSegment]:
        """By key. Their order is not that of the file: only the file knows that."""
        rows = self._database.rows(
            "SELECT key, source, target, origin, findings, engine FROM translation_segments WHERE job_id = ?",
            (job,),
        )
        return {row["key"]: StoredSegment(*row) for row in rows}

    def finish(self, job: int, state: JobState, out: str, written: str = "") -> None:
        """The job is no longer held. `written`: SHA-256 of the file at `out`; `out` "": nothing was written this time, an
        earlier file keeps its place. Raises `AppError` as `save` does.
        """
        with self._database.transaction() as db:
            _touch(db, job)
            db.execute("UPDATE translation_jobs SET state = ?, worker = '' WHERE id = ?", (state, job))
            if out:
                db.execute(
                    "UPDATE translation_jobs SET out = ?, written = ? WHERE id = ?", (out, written, job)
                )

    def hold(self, job: int) -> None:
        """Keep others from working on it. Raises `AppError` when somebody does, or when it was removed."""
        with self._database.transaction() as db:
            _touch(db, job)
            _raise_if_held(db, job)
            _hold(db, job)

    def release(self, job: int) -> None:
        """Free for others, as it is; nothing happens where it was finished or removed."""
        with self._database.transaction() as db:
            db.execute("UPDATE translation_jobs SET worker = '' WHERE id = ?", (job,))

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


def _hold(db: sqlite3.Connection, job: int | None) -> None:
    db.execute("UPDATE translation_jobs SET worker = ? WHERE id = ?", (this_process(), job))


def _raise_if_held(db: sqlite3.Connection, job: int) -> None:
    file, worker = db.execute("SELECT file, worker FROM translation_jobs WHERE id = ?", (job,)).fetchone()
    if is_running(worker):
        raise AppError(
            f"“{PurePath(file).name}” is being translated right now.",
            "Wait until that is done, or stop it first.",
        )
