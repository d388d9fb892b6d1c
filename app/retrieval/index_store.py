"""Writing `index.db`: files, their places and passages, and the vectors.

Used by the retrieval worker alone. Each method is one transaction, so a kill at any moment leaves whole
files behind, and a passage without a vector is simply embedded at the next refresh.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.documents.chunking import Chunk
from app.documents.document import Document, ReadResult
from app.retrieval.embedding import Vectors
from app.retrieval.vector_index import Ids
from app.storage.database import Database
from app.storage.fulltext import spaced
from app.storage.passages import within


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the index remembers of a file."""

    id: int
    path: str
    size: int
    mtime_ns: int
    hash: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it lies on disk. `mtime_ns`: nanoseconds since 1970."""

    path: str
    size: int
    mtime_ns: int


class IndexStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def known(self, folders: Sequence[str]) -> dict[str, KnownFile]:
        """Known files below `folders`, by path."""
        where, parameters = within("path", folders)
        rows = self.database.rows(
            f"SELECT id, path, size, mtime_ns, hash, state, reason FROM files WHERE {where}",  # noqa: S608
            parameters,
        )
        return {row["path"]: KnownFile(*row) for row in rows}

    def with_hash(self, digest: str) -> list[KnownFile]:
        """Readable files with these bytes."""
        rows = self.database.rows(
            "SELECT id, path, size, mtime_ns, hash, state, reason FROM files"
            " WHERE hash = ? AND state IN ('indexed', 'partial')",
            (digest,),
        )
        return [KnownFile(*row) for row in rows]

    def touch(self, known: KnownFile, seen: SeenFile) -> None:
        """Same bytes, new time or a new path (a moved file keeps its passages)."""
        with self.database.transaction() as db:
            db.execute("DELETE FROM files WHERE path = ? AND id <> ?", (seen.path, known.id))
            db.execute(
                "UPDATE files SET path = ?, size = ?, mtime_ns = ? WHERE id = ?",
                (seen.path, seen.size, seen.mtime_ns, known.id),
            )

    def copy(self, known: KnownFile, seen: SeenFile) -> bool:
        """The same bytes at a second path: copy what was read, vectors included.

        False when `known` was replaced or forgotten meanwhile; then nothing was done.
        """
        with self.database.transaction() as db:
            if known.path == seen.path:
                return False
            _delete_files(db, [seen.path])
            row = db.execute(
                """INSERT INTO files (path, size, mtime_ns, hash, state, reason, media_type, title, indexed)
                   SELECT ?, ?, ?, hash, state, reason, media_type, title, ? FROM files WHERE id = ? AND hash = ?
                   RETURNING id""",
                (seen.path, seen.size, seen.mtime_ns, time.time(), known.id, known.hash),
            ).fetchone()
            if row is None:
                return False
            new = row[0]
            for place in db.execute(
                "SELECT * FROM places WHERE file_id = ? ORDER BY id", (known.id,)
            ).fetchall():
                place_id = db.execute(
                    "INSERT INTO places (file_id, kind, number, label, text) VALUES (?, ?, ?, ?, ?) RETURNING id",
                    (new, place["kind"], place["number"], place["label"], place["text"]),
                ).fetchone()[0]
                for passage in db.execute(
                    "SELECT * FROM passages WHERE place_id = ? ORDER BY id", (place["id"],)
                ).fetchall():
                    number = _insert_passage(
                        db, new, place_id, passage["start"], passage["end"], passage["heading"], place["text"]
                    )
                    db.execute(
                        "INSERT INTO vectors SELECT ?, vector FROM vectors WHERE passage_id = ?",
                        (number, passage["id"]),
                    )
            _new_generation(db)
        return True

    def store(
        self, seen: SeenFile, digest: str, result: ReadResult, chunks: Sequence[Chunk]
    ) -> list[tuple[int, str]]:
        """Replace what is known of a file by what was read now.

        Returns its passages, still without vectors, as `without_vector` does.
        """
        document = result.document
        with self.database.transaction() as db:
            _delete_files(db, [seen.path])
            file_id = db.execute(
                """INSERT INTO files
                   (path, size, mtime_ns, hash, state, reason, media_type, title, indexed)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
                (
                    seen.path, seen.size, seen.mtime_ns, digest, str(result.verdict), result.reason,
                    document.media_type if document else "", document.title if document else "",
                    time.time(),
                ),
            ).fetchone()[0]  # fmt: skip
            stored = [] if document is None else _insert_text(db, file_id, document, chunks)
            _new_generation(db)
        return stored

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files that are gone."""
        with self.database.transaction() as db:
            _delete_files(db, list(paths))
            _new_generation(db)

    def remove_below(self, folders: Sequence[str]) -> None:
        self.remove(self.known(folders))

    def without_vector(self, folders: Sequence[str]) -> list[tuple[int, str]]:
        """Passages still to be embedded: id and the text to embed (heading first)."""
        where, parameters = within("f.path", folders)
        rows = self.database.rows(
            f"""SELECT p.id, p.heading, substr(t.text, p.start + 1, p.end - p.start) AS text
                FROM passages p JOIN files f ON f.id = p.file_id JOIN places t ON t.id = p.place_id
                LEFT JOIN vectors v ON v.passage_id = p.id
                WHERE v.passage_id IS NULL AND {where} ORDER BY p.id""",  # noqa: S608
            parameters,
        )
        return [(row["id"], text_to_embed(row["heading"], row["text"])) for row in rows]

    def add_vectors(self, ids: Ids, vectors: Vectors) -> None:
        """`vectors`: float32 of shape (len(ids), dimensions). Passages deleted meanwhile are left out."""
        with self.database.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors SELECT id, ? FROM passages WHERE id = ?",
                [(vector.tobytes(), int(number)) for number, vector in zip(ids, vectors, strict=True)],
            )
            _new_generation(db)

    def prepare_for(self, embedder: str) -> None:
        """Drop the vectors of another embedding model: they cannot be compared with this one's."""
        with self.database.transaction() as db:
            row = db.execute("SELECT value FROM facts WHERE name = 'embedder'").fetchone()
            if row is None or row["value"] != embedder:
                db.execute("DELETE FROM vectors")
                db.execute("INSERT OR REPLACE INTO facts VALUES ('embedder', ?)", (embedder,))
                _new_generation(db)


def read_vectors(database: Database, dimensions: int) -> tuple[Ids, Vectors]:
    """Every stored vector of the right size: ids of shape (n,), vectors of shape (n, dimensions)."""
    rows = database.rows(
        "SELECT passage_id, vector FROM vectors WHERE length(vector) = ? ORDER BY passage_id",
        (4 * dimensions,),
    )
    ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    vectors = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float32)
    return ids, vectors.reshape(-1, dimensions)


def read_vectors_of(database: Database, ids: Sequence[int], dimensions: int) -> dict[int, Vectors]:
    """The stored vectors of some passages, each of shape (dimensions,)."""
    marks = ",".join("?" * len(ids))
    rows = database.rows(
        f"SELECT passage_id, vector FROM vectors WHERE passage_id IN ({marks})",  # noqa: S608
        list(ids),
    )
    vectors = {row[0]: np.frombuffer(row[1], dtype=np.float32) for row in rows}
    return {number: vector for number, vector in vectors.items() if len(vector) == dimensions}


def generation(database: Database) -> str:
    """Changes with every change of passages or vectors, and is never the same for two contents."""
    rows = database.rows("SELECT value FROM facts WHERE name = 'generation'")
    return str(rows[0]["value"]) if rows else "0"


def text_to_embed(heading: str, text: str) -> str:
    """What stands for a passage in the vector space: its headings give the text its context."""
    return f"{heading}\n{text}" if heading else text


def _insert_text(
    db: sqlite3.Connection, file_id: int, document: Document, chunks: Sequence[Chunk]
) -> list[tuple[int, str]]:
    place_ids = [
        db.execute(
            "INSERT INTO places (file_id, kind, number, label, text) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (file_id, each.place.kind, each.place.number, each.place.label, each.text),
        ).fetchone()[0]
        for each in document.places
    ]
    stored = []
    for chunk in chunks:
        place_id, text = place_ids[chunk.place], document.places[chunk.place].text
        number = _insert_passage(db, file_id, place_id, chunk.start, chunk.end, chunk.heading, text)
        stored.append((number, text_to_embed(chunk.heading, text[chunk.start : chunk.end])))
    return stored


def _insert_passage(
    db: sqlite3.Connection, file_id: int, place_id: int, start: int, end: int, heading: str, text: str
) -> int:
    number = db.execute(
        "INSERT INTO passages (file_id, place_id, start, end, heading) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (file_id, place_id, start, end, heading),
    ).fetchone()[0]
    db.execute(
        "INSERT INTO passages_text (rowid, heading, text) VALUES (?, ?, ?)",
        (number, spaced(heading), spaced(text[start:end])),
    )
    return int(number)


def _delete_files(db: sqlite3.Connection, paths: Sequence[str]) -> None:
    for path in paths:
        db.execute(
            """DELETE FROM passages_text WHERE rowid IN
               (SELECT p.id FROM passages p JOIN files f ON f.id = p.file_id WHERE f.path = ?)""",
            (path,),
        )
        db.execute("DELETE FROM files WHERE path = ?", (path,))


def _new_generation(db: sqlite3.Connection) -> None:
    db.execute(
        # random, not counted: a database made anew, or set back by a power cut, would count the same numbers again
        "INSERT OR REPLACE INTO facts VALUES ('generation', hex(randomblob(12)))"
    )
