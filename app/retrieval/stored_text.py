"""Putting the text of a file into `index.db`, or a new version of it in the place of the old one.

Passages that are the same in both keep their id, their full-text entry and their vector. Runs within a transaction
of the caller.
"""

import json
import sqlite3
from collections.abc import Sequence

from app.base.digests import digest_of
from app.documents.chunking import Chunk
from app.documents.document import Document, PlaceText
from app.storage.fulltext import spaced

_HARDLY_MORE = 1.2  # times the letters and digits


def text_to_embed(heading: str, text: str) -> str:
    """What stands for a passage in the vector space: its headings give the text its context."""
    return f"{heading}\n{text}" if heading else text


def passage_digest(heading: str, text: str) -> int:
    """Of what is embedded, told apart from the same words with another heading."""
    return digest_of(f"{heading}\0{text}")


def replace_text(
    db: sqlite3.Connection, file_id: int, document: Document | None, chunks: Sequence[Chunk]
) -> None:
    """Make the text of a file this one; `None` leaves it without text."""
    old_places = [row[0] for row in db.execute("SELECT id FROM places WHERE file_id = ?", (file_id,))]
    kept = _by_digest(db, file_id) if old_places else {}
    if document is not None:
        places = [insert_place(db, file_id, each) for each in document.places]
        for chunk in chunks:
            text = document.places[chunk.place].text
            _put_passage(db, file_id, places[chunk.place], chunk, text, kept)
    delete_passages(db, [number for numbers in kept.values() for number in numbers])
    db.executemany("DELETE FROM places WHERE id = ?", [(each,) for each in old_places])
    count(db, file_id)


def insert_place(db: sqlite3.Connection, file_id: int, place: PlaceText) -> int:
    """Returns its id."""
    number = db.execute(
        """INSERT INTO places (file_id, kind, number, label, text, state, quality, rows, digest)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (
            file_id, place.place.kind, place.place.number, place.place.label, place.text, place.state,
            place.quality, json.dumps(place.rows, separators=(",", ":")) if place.rows else "",
            digest_of(place.text),
        ),
    ).fetchone()[0]  # fmt: skip
    return int(number)


def fill_place(db: sqlite3.Connection, place_id: int, page: PlaceText, chunks: Sequence[Chunk]) -> None:
    """Give a page that waited to be recognised its text. `chunks` are those of a document of this page alone.

    Text that it had before stays if hardly more was recognised: what the file itself says is exact.
    """
    row = db.execute(
        "SELECT file_id, text FROM places WHERE id = ? AND state = 'scan'", (place_id,)
    ).fetchone()
    if row is None:
        return  # the file was read anew meanwhile
    file_id, before = row
    if before and _letters(page.text) <= _HARDLY_MORE * _letters(before):
        db.execute("UPDATE places SET state = 'text' WHERE id = ?", (place_id,))
    else:
        old = db.execute("SELECT id FROM passages WHERE place_id = ?", (place_id,)).fetchall()
        delete_passages(db, [each[0] for each in old])
        db.execute(
            "UPDATE places SET text = ?, state = ?, quality = ?, digest = ? WHERE id = ?",
            (page.text, page.state, page.quality, digest_of(page.text), place_id),
        )
        for chunk in chunks:
            _put_passage(db, file_id, place_id, chunk, page.text, {})
    count(db, file_id)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def count(db: sqlite3.Connection, file_id: int) -> None:
    """Bring the counts in the row of a file up to date."""
    db.execute(
        """UPDATE files SET
            passages = (SELECT count(*) FROM passages WHERE file_id = files.id),
            waiting = (SELECT count(*) FROM passages p LEFT JOIN vectors v ON v.passage_id = p.id
                       WHERE p.file_id = files.id AND v.passage_id IS NULL),
            scans = (SELECT count(*) FROM places WHERE file_id = files.id AND state = 'scan')
           WHERE id = ?""",
        (file_id,),
    )


def copy_text(db: sqlite3.Connection, source: int, target: int) -> None:
    """Give the file `target`, which has no text yet, that of the file `source`, vectors included."""
    for place in db.execute("SELECT * FROM places WHERE file_id = ? ORDER BY id", (source,)).fetchall():
        copied = db.execute(
            """INSERT INTO places (file_id, kind, number, label, text, state, quality, rows, digest)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (
                target, place["kind"], place["number"], place["label"], place["text"], place["state"],
                place["quality"], place["rows"], place["digest"],
            ),
        ).fetchone()[0]  # fmt: skip
        for passage in db.execute(
            "SELECT * FROM passages WHERE place_id = ? ORDER BY start", (place["id"],)
        ).fetchall():
            number = _insert_passage(
                db, target, copied, passage["start"], passage["end"], passage["heading"], place["text"]
            )
            db.execute(
                "INSERT INTO vectors SELECT ?, vector FROM vectors WHERE passage_id = ?",
                (number, passage["id"]),
            )
    count(db, target)


def delete_passages(db: sqlite3.Connection, ids: Sequence[int]) -> None:
    """With their full-text entries and vectors."""
    marks = [(number,) for number in ids]
    db.executemany("DELETE FROM passages_text WHERE rowid = ?", marks)
    db.executemany("DELETE FROM passages WHERE id = ?", marks)


def _by_digest(db: sqlite3.Connection, file_id: int) -> dict[int, list[int]]:
    """Ids of the passages a file has had so far, those of the same text in reverse order."""
    found: dict[int, list[int]] = {}
    for row in db.execute("SELECT id, digest FROM passages WHERE file_id = ? ORDER BY id DESC", (file_id,)):
        found.setdefault(row["digest"], []).append(row["id"])
    return found


def _put_passage(
    db: sqlite3.Connection, file_id: int, place_id: int, chunk: Chunk, text: str, kept: dict[int, list[int]]
) -> None:
    """Take a passage of the same words over from `kept`, or make a new one, with the vector of a twin if there is one."""
    digest = passage_digest(chunk.heading, text[chunk.start : chunk.end])
    same = kept.get(digest)
    if same:
        db.execute(
            "UPDATE passages SET place_id = ?, start = ?, end = ? WHERE id = ?",
            (place_id, chunk.start, chunk.end, same.pop()),
        )
        return
    number = _insert_passage(db, file_id, place_id, chunk.start, chunk.end, chunk.heading, text, digest)
    db.execute(
        """INSERT INTO vectors SELECT ?, v.vector FROM passages p JOIN vectors v ON v.passage_id = p.id
           WHERE p.digest = ? AND p.id <> ? LIMIT 1""",
        (number, digest, number),
    )


def _insert_passage(
    db: sqlite3.Connection,
    file_id: int,
    place_id: int,
    start: int,
    end: int,
    heading: str,
    text: str,
    digest: int | None = None,
) -> int:
    passage = text[start:end]
    if digest is None:
        digest = passage_digest(heading, passage)
    number = db.execute(
        """INSERT INTO passages (file_id, place_id, start, end, heading, digest)
           VALUES (?, ?, ?, ?, ?, ?) RETURNING id""",
        (file_id, place_id, start, end, heading, digest),
    ).fetchone()[0]
    db.execute(
        "INSERT INTO passages_text (rowid, heading, text) VALUES (?, ?, ?)",
        (number, spaced(heading), spaced(passage)),
    )
    return int(number)
