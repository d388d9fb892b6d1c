"""Writing `index.db`: files, their places and passages, and the vectors.

Used by the retrieval worker alone. Each method is one transaction, so a kill at any moment leaves whole
files behind, and a passage without a vector is simply embedded at the next refresh.
"""

import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.documents.chunking import Chunk
from app.documents.document import Place, PlaceText, ReadResult
from app.retrieval.stored_text import copy_text, fill_place, replace_text, text_to_embed
from app.retrieval.stored_vectors import Ids, Vectors, packed
from app.storage.database import Database
from app.storage.passages import within

# CROSS JOIN keeps the order: few files are unfinished, and the other tables are large. A "+" before a column keeps SQLite from going through all paths below a folder where few files are unfinished.
_FILE = "id, path, size, mtime_ns, hash, state, reason, container, scans, media_type"

_REMOVED_TOGETHER = 200  # files


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the index remembers of a file. `hash`: SHA-256, or for a member of an archive what its `Member.check` says."""

    id: int
    path: str
    size: int
    mtime_ns: int
    hash: str
    state: str
    reason: str
    container: str = ""
    scans: int = 0
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it lies on disk. `mtime_ns`: nanoseconds since 1970."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FileText:
    """A file as it was read. `container`: the archive it lies in, "" for one in a folder."""

    seen: SeenFile
    digest: str
    result: ReadResult
    chunks: Sequence[Chunk] = ()
    container: str = ""


@dataclass(frozen=True, slots=True)
class WaitingPassage:
    """A passage without a vector and the text to embed (heading first)."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page that is a picture and has not been recognised yet. `id` is that of its place."""

    id: int
    file: KnownFile
    place: Place


class IndexStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def known(self, folders: Sequence[str]) -> dict[str, KnownFile]:
        """Known files below `folders`, by path."""
        where, parameters = within("path", folders)
        rows = self.database.rows(f"SELECT {_FILE} FROM files WHERE {where}", parameters)  # noqa: S608
        return {row["path"]: KnownFile(*row) for row in rows}

    def with_hash(self, digest: str) -> list[KnownFile]:
        """Readable files with these bytes."""
        rows = self.database.rows(
            f"SELECT {_FILE} FROM files WHERE hash = ? AND state IN ('indexed', 'partial')",  # noqa: S608
            (digest,),
        )
        return [KnownFile(*row) for row in rows]

    def touch(self, known: KnownFile, seen: SeenFile) -> None:
        """Same bytes, new time or a new path (a moved file keeps its passages, an archive what is in it)."""
        with self.database.transaction() as db:
            if known.path != seen.path:
                _delete_files(db, [seen.path])
                db.execute(
                    "UPDATE files SET path = ? || substr(path, ?), container = ? WHERE container <> '' AND container = ?",
                    (seen.path, len(known.path) + 1, seen.path, known.path),
                )
            db.execute(
                "UPDATE files SET path = ?, size = ?, mtime_ns = ? WHERE id = ?",
                (seen.path, seen.size, seen.mtime_ns, known.id),
            )
            _new_generation(db)

    def copy(self, known: KnownFile, seen: SeenFile) -> bool:
        """The same bytes at a second path: copy what was read, vectors included.

        False when `known` was replaced or forgotten meanwhile; then nothing was done.
        """
        with self.database.transaction() as db:
            there = db.execute("SELECT 1 FROM files WHERE id = ? AND hash = ?", (known.id, known.hash))
            if known.path == seen.path or there.fetchone() is None:
                return False
            _delete_files(db, [seen.path])
            row = db.execute(
                """INSERT INTO files (path, size, mtime_ns, hash, state, reason, media_type, title, indexed)
                   SELECT ?, ?, ?, hash, state, reason, media_type, title, ? FROM files WHERE id = ?
                   RETURNING id""",
                (seen.path, seen.size, seen.mtime_ns, time.time(), known.id),
            ).fetchone()
            copy_text(db, known.id, row[0])
            _new_generation(db)
        return True

    def store(self, files: Iterable[FileText]) -> None:
        """Replace what is known of each file by what was read now; passages whose words did not change stay."""
        with self.database.transaction() as db:
            for each in files:
                replace_text(db, _put_file(db, each), each.result.document, each.chunks)
            _new_generation(db)

    def store_page(self, page: WaitingPage, recognised: PlaceText, chunks: Sequence[Chunk]) -> None:
        """The text of a page that was a picture. A file in which nothing was legible at all becomes `empty`."""
        with self.database.transaction() as db:
            fill_place(db, page.id, recognised, chunks)
            db.execute(
                """UPDATE files SET
                    state = CASE WHEN passages > 0 THEN 'indexed' WHEN scans = 0 THEN 'empty' ELSE state END,
                    reason = CASE WHEN passages > 0 THEN '' WHEN scans = 0 THEN ? ELSE reason END
                   WHERE id = ? AND state IN ('indexed', 'empty')""",
                ("It is a picture in which no text could be recognised.", page.file.id),
            )
            _new_generation(db)

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files that are gone, archives with what is in them; some at a time, so that others get their turn."""
        remaining = iter(paths)
        while together := list(itertools.islice(remaining, _REMOVED_TOGETHER)):
            with self.database.transaction() as db:
                _delete_files(db, together)
                _new_generation(db)

    def remove_below(self, folders: Sequence[str]) -> None:
        """Nothing for no folders."""
        if folders:
            self.remove(list(self.known(folders)))

    def count_waiting(self, folders: Sequence[str]) -> int:
        """Passages below `folders` that have no vector."""
        where, parameters = within("+path", folders)
        found = self.database.rows(
            f"SELECT coalesce(sum(waiting), 0) FROM files WHERE waiting > 0 AND {where}",  # noqa: S608
            parameters,
        )
        return int(found[0][0])

    def waiting(self, folders: Sequence[str], most: int) -> list[WaitingPassage]:
        """Some of the passages still to be embedded."""
        where, parameters = within("+f.path", folders)
        rows = self.database.rows(
            f"""SELECT p.id, p.heading, substr(t.text, p.start + 1, p.end - p.start) AS text
                FROM files f CROSS JOIN passages p ON p.file_id = f.id JOIN places t ON t.id = p.place_id
                LEFT JOIN vectors v ON v.passage_id = p.id
                WHERE f.waiting > 0 AND v.passage_id IS NULL AND {where} LIMIT ?""",  # noqa: S608
            [*parameters, most],
        )
        return [WaitingPassage(row["id"], text_to_embed(row["heading"], row["text"])) for row in rows]

    def waiting_pages(self, folders: Sequence[str]) -> list[WaitingPage]:
        """Pages that wait to be recognised, file by file."""
        where, parameters = within("+f.path", folders)
        files = ", ".join(f"f.{name}" for name in _FILE.split(", "))
        rows = self.database.rows(
            f"""SELECT {files}, t.id, t.kind, t.number, t.label FROM files f CROSS JOIN places t ON t.file_id = f.id
                WHERE f.scans > 0 AND t.state = 'scan' AND {where} ORDER BY f.path, t.id""",  # noqa: S608
            parameters,
        )
        width = _FILE.count(",") + 1
        return [WaitingPage(row[width], KnownFile(*row[:width]), Place(*row[width + 1 :])) for row in rows]

    def add_vectors(self, ids: Ids, vectors: Vectors, embedder: str = "") -> bool:
        """`vectors`: float32 of shape (len(ids), dimensions). Passages deleted meanwhile are left out.

        Other passages of the very same text, which wait as well, get the same vector. Returns False, with nothing done,
        when `embedder` does not serve any more: vectors of two models cannot be compared.
        """
        with self.database.transaction() as db:
            serves = db.execute("SELECT value FROM facts WHERE name = 'embedder'").fetchone()
            if (serves[0] if serves else "") != embedder:
                return False
            arrived: Counter[int] = Counter()
            for number, vector in zip(ids.tolist(), vectors, strict=True):
                same = db.execute(
                    """SELECT id, file_id FROM passages WHERE id = ? UNION
                       SELECT t.id, t.file_id FROM passages p JOIN passages t ON t.digest = p.digest
                       WHERE p.id = ? AND p.digest <> 0""",
                    (number, number),
                ).fetchall()
                blob = packed(vector)
                for passage, file_id in same:
                    cursor = db.execute("INSERT OR IGNORE INTO vectors VALUES (?, ?)", (passage, blob))
                    arrived[file_id] += cursor.rowcount
            db.executemany(
                "UPDATE files SET waiting = waiting - ? WHERE id = ?",
                [(came, file_id) for file_id, came in arrived.items()],
            )
        return True


def generation(database: Database) -> str:
    """Changes with every change of files or passages, and is never the same for two contents."""
    rows = database.rows("SELECT value FROM facts WHERE name = 'generation'")
    return str(rows[0]["value"]) if rows else "0"


def _put_file(db: sqlite3.Connection, file: FileText) -> int:
    """The row of a file, with what was found out now; returns its id, the same for a file that was known."""
    document = file.result.document
    row = db.execute(
        """INSERT INTO files (path, size, mtime_ns, hash, state, reason, media_type, title, indexed, container)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (path) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns,
               hash = excluded.hash, state = excluded.state, reason = excluded.reason,
               media_type = excluded.media_type, title = excluded.title, indexed = excluded.indexed,
               container = excluded.container
           RETURNING id""",
        (
            file.seen.path, file.seen.size, file.seen.mtime_ns, file.digest, str(file.result.verdict),
            file.result.reason, document.media_type if document else "", document.title if document else "",
            time.time(), file.container,
        ),
    ).fetchone()  # fmt: skip
    return int(row[0])


def _delete_files(db: sqlite3.Connection, paths: Sequence[str]) -> None:
    for path in paths:
        db.execute(
            """DELETE FROM passages_text WHERE rowid IN (SELECT p.id FROM passages p JOIN files f ON f.id = p.file_id
               WHERE f.path = ?1 OR (f.container <> '' AND f.container = ?1))""",
            (path,),
        )
        db.execute("DELETE FROM files WHERE path = ?1 OR (container <> '' AND container = ?1)", (path,))


def _new_generation(db: sqlite3.Connection) -> None:
    db.execute(
        # random, not counted: a database made anew, or set back by a power cut, would count the same numbers again
        "INSERT OR REPLACE INTO facts VALUES ('generation', hex(randomblob(12)))"
    )
