"""The vectors of two embedding models in `index.db`: those that are searched, and those of the model to come.

`facts` names both: `embedder` and `embedder_folder` ("" for the starter) of the table `vectors`, `next_embedder` of the
table `next_vectors`. Each function is one transaction, so a kill at any moment leaves one of both models whole.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.retrieval.stored_text import text_to_embed
from app.retrieval.stored_vectors import Vectors, packed
from app.retrieval.vector_file import FACT
from app.storage.database import Database
from app.storage.migrations import VECTOR_TRIGGERS

Table = Literal["vectors", "next_vectors"]


@dataclass(frozen=True, slots=True)
class Passage:
    """`digest`: of `text`, the one to embed; 0: not known."""

    id: int
    text: str
    digest: int


def fact(database: Database, name: str) -> str | None:
    """None where nothing was noted."""
    rows = database.rows("SELECT value FROM facts WHERE name = ?", (name,))
    return str(rows[0]["value"]) if rows else None


def note_folder(database: Database, folder: str) -> None:
    """The model that serves lies elsewhere now."""
    with database.transaction() as db:
        _note(db, "embedder_folder", folder)


def take_over(database: Database, embedder: str, folder: str, *, instead_of: str | None) -> None:
    """Let this model serve at once; its vectors count as far as they are there, the others are dropped.

    Nothing is done when the one that serves is not `instead_of` any more (None: there was none).
    """
    with database.transaction() as db:
        if _noted(db, "embedder") != instead_of:
            return
        if _noted(db, "next_embedder") != embedder:
            db.execute("DELETE FROM next_vectors")
        _put_next_in_place(db)
        _note_serving(db, embedder, folder)
        db.execute(
            """UPDATE files SET waiting = (SELECT count(*) FROM passages p LEFT JOIN vectors v ON v.passage_id = p.id
               WHERE p.file_id = files.id AND v.passage_id IS NULL)"""
        )


def begin_next(database: Database, embedder: str) -> None:
    """Vectors of this model are made from now on; those of another one that was begun are dropped."""
    with database.transaction() as db:
        if _noted(db, "next_embedder") != embedder:
            db.execute("DELETE FROM next_vectors")
            _note(db, "next_embedder", embedder)


def drop_next(database: Database) -> None:
    """No other model is wanted any more."""
    with database.transaction() as db:
        if _noted(db, "next_embedder") is not None:
            db.execute("DELETE FROM next_vectors")
            db.execute("DELETE FROM facts WHERE name = 'next_embedder'")


def count_passages(database: Database, table: Table) -> tuple[int, int]:
    """Passages with a vector in `table`, and all."""
    row = database.rows(f"SELECT (SELECT count(*) FROM {table}), (SELECT count(*) FROM passages)")[0]  # noqa: S608
    return int(row[0]), int(row[1])


def without_vector(database: Database, table: Table, after: int, most: int) -> list[Passage]:
    """Passages that have none in `table`, by id, from the first one after the id `after`."""
    rows = database.rows(
        f"""SELECT p.id, p.digest, p.heading, substr(t.text, p.start + 1, p.end - p.start) AS text
            FROM passages p JOIN places t ON t.id = p.place_id
            WHERE p.id > ? AND NOT EXISTS (SELECT 1 FROM {table} v WHERE v.passage_id = p.id)
            ORDER BY p.id LIMIT ?""",  # noqa: S608
        (after, most),
    )
    return [Passage(row["id"], text_to_embed(row["heading"], row["text"]), row["digest"]) for row in rows]


def add_next(database: Database, embedder: str, passages: Sequence[Passage], vectors: Vectors) -> int | None:
    """`vectors` of shape (len(passages), dimensions); passages of the very same text get them as well.

    Passages deleted meanwhile are left out. Returns how many have come; None when another model is wanted by now, and
    nothing was done.
    """
    with database.transaction() as db:
        if _noted(db, "next_embedder") != embedder:
            return None
        before = db.total_changes
        db.executemany(
            """INSERT OR IGNORE INTO next_vectors
               SELECT id, ?1 FROM passages WHERE id = ?2 OR (digest = ?3 AND digest <> 0)""",
            [(packed(vector), each.id, each.digest) for each, vector in zip(passages, vectors, strict=True)],
        )
        return db.total_changes - before


def swap(database: Database, embedder: str, folder: str, scale: str) -> bool:
    """Let the model to come serve. False, with nothing done, when a passage still lacks its vector of it."""
    with database.transaction() as db:
        if _noted(db, "next_embedder") != embedder:
            return False
        lacking = db.execute(
            "SELECT 1 FROM passages p WHERE NOT EXISTS"
            " (SELECT 1 FROM next_vectors v WHERE v.passage_id = p.id) LIMIT 1"
        ).fetchone()
        if lacking:
            return False
        _put_next_in_place(db)
        _note_serving(db, embedder, folder)
        _note(db, "cosine_scale", scale)
        db.execute("UPDATE files SET waiting = 0 WHERE waiting > 0")
    return True


def note_scale(database: Database, scale: str) -> None:
    with database.transaction() as db:
        _note(db, "cosine_scale", scale)


def some_passages(database: Database, most: int) -> list[str]:
    """The texts to embed of passages spread over the whole library."""
    low, high = database.rows("SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM passages")[0]
    starts = {low + (high - low) * number // most for number in range(most)}
    found: dict[int, str] = {}
    for start in sorted(starts):
        rows = database.rows(
            """SELECT p.id, p.heading, substr(t.text, p.start + 1, p.end - p.start) AS text
               FROM passages p JOIN places t ON t.id = p.place_id WHERE p.id >= ? ORDER BY p.id LIMIT 1""",
            (start,),
        )
        found.update({row["id"]: text_to_embed(row["heading"], row["text"]) for row in rows})
    return list(found.values())


def _put_next_in_place(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE vectors")
    db.execute("ALTER TABLE next_vectors RENAME TO vectors")
    for trigger in VECTOR_TRIGGERS:
        db.execute(trigger)
    db.execute(
        "CREATE TABLE next_vectors ("
        "passage_id INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE, vector BLOB NOT NULL)"
    )
    # the vector index is of the other model, and the journal does not lead from there to here
    db.execute("DELETE FROM vector_changes")
    db.execute("DELETE FROM facts WHERE name = ?", (FACT,))


def _note_serving(db: sqlite3.Connection, embedder: str, folder: str) -> None:
    _note(db, "embedder", embedder)
    _note(db, "embedder_folder", folder)
    db.execute("DELETE FROM facts WHERE name IN ('next_embedder', 'cosine_scale')")
    # random, as in index_store: whoever keeps something of the vectors looks again
    db.execute("INSERT OR REPLACE INTO facts VALUES ('generation', hex(randomblob(12)))")


def _noted(db: sqlite3.Connection, name: str) -> str | None:
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row["value"])


def _note(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
