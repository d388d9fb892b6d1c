"""Glossaries: lists of terms whose translation is given."""

import sqlite3
import time
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.base.errors import AppError
from app.storage.database import Database

# Terms are words and short phrases; what is longer is a sentence, and belongs into the translation memory.
LONGEST_TERM = 200
_LONGEST_NOTE = 1_000
_LONGEST_NAME = 100
# The largest public term collections for one subject have some 10,000 terms.
MOST_TERMS = 50_000
_GLOSSARIES = """SELECT g.id, g.name, g.source_language, g.target_language, g.collection,
                 (SELECT count(*) FROM glossary_terms t WHERE t.glossary_id = g.id) AS terms FROM glossaries g"""


@dataclass(frozen=True, slots=True)
class Term:
    """`locked`: no other translation of it is accepted."""

    source: str
    target: str
    locked: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Glossary:
    """`collection`: it is used for documents of that collection only; "" for all. `terms`: how many it has."""

    id: int
    name: str
    source_language: str
    target_language: str
    collection: str
    terms: int


@dataclass(frozen=True, slots=True)
class Usable:
    """The terms of a list that can be kept, in order, and how many could not."""

    terms: tuple[Term, ...]
    empty: int = 0
    duplicate: int = 0
    contradicting: int = 0
    too_long: int = 0


class Glossaries:
    """Reads and writes glossaries in `user.db`. Names are unique whatever their case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Glossary]:
        """By name."""
        found = [Glossary(**dict(row)) for row in self._database.rows(_GLOSSARIES)]
        return sorted(found, key=lambda each: each.name.casefold())

    def get(self, id: int) -> Glossary:
        """Raises `AppError` when it was removed."""
        rows = self._database.rows(f"{_GLOSSARIES} WHERE g.id = ?", (id,))
        if not rows:
            raise AppError("This glossary was removed.", "Import it again.")
        return Glossary(**dict(rows[0]))

    def add(
        self,
        name: str,
        source_language: str,
        target_language: str,
        terms: Sequence[Term],
        collection: str = "",
    ) -> Glossary:
        """Keep the usable ones of `terms` (see `usable`).

        Raises `AppError` for a name that is empty, too long or taken, and when there is no usable term or too many.
        """
        kept = _checked(terms)
        with self._database.transaction() as db:
            name = _free_name(db, name)
            number = db.execute(
                """INSERT INTO glossaries (name, source_language, target_language, collection, created)
                   VALUES (?, ?, ?, ?, ?)""",
                (name, source_language, target_language, collection, time.time()),
            ).lastrowid
            _insert(db, number, kept)
        return Glossary(number or 0, name, source_language, target_language, collection, len(kept))

    def terms(self, id: int) -> list[Term]:
        """In the order of the glossary."""
        rows = self._database.rows(
            "SELECT source, target, locked, note FROM glossary_terms WHERE glossary_id = ? ORDER BY id", (id,)
        )
        return [Term(row["source"], row["target"], bool(row["locked"]), row["note"]) for row in rows]

    def replace_terms(self, id: int, terms: Sequence[Term]) -> None:
        """Raises `AppError` when there is no usable term or too many, and when the glossary was removed."""
        kept = _checked(terms)
        self.get(id)
        with self._database.transaction() as db:
            db.execute("DELETE FROM glossary_terms WHERE glossary_id = ?", (id,))
            _insert(db, id, kept)

    def rename(self, id: int, name: str) -> None:
        """Raises `AppError` as `add` does for the name."""
        with self._database.transaction() as db:
            db.execute("UPDATE glossaries SET name = ? WHERE id = ?", (_free_name(db, name, but=id), id))

    def set_collection(self, id: int, collection: str) -> None:
        """`collection` "": for all documents."""
        with self._database.transaction() as db:
            db.execute("UPDATE glossaries SET collection = ? WHERE id = ?", (collection, id))

    def remove(self, id: int) -> None:
        with self._database.transaction() as db:
            db.execute("DELETE FROM glossaries WHERE id = ?", (id,))


def usable(terms: Iterable[Term]) -> Usable:
    """`terms` tidied: blanks made single, those without a source or a target, or longer than `LONGEST_TERM`, left out.

    The same source with the same target is kept once. Of different targets for one source the last is kept, as the
    later line of a list corrects the earlier, but a locked one gives way only to a locked one. The place in the order
    is that of the first. Sources that differ in case are different terms ("Polish", "polish").
    """
    kept: dict[str, Term] = {}
    empty = duplicate = contradicting = too_long = 0
    for given in terms:
        term = Term(_tidy(given.source), _tidy(given.target), given.locked, _tidy(given.note)[:_LONGEST_NOTE])
        known = kept.get(term.source)
        if not term.source or not term.target:
            empty += 1
        elif max(len(term.source), len(term.target)) > LONGEST_TERM:
            too_long += 1
        elif known is None:
            kept[term.source] = term
        elif known.target == term.target:
            duplicate += 1
            locked, note = known.locked or term.locked, known.note or term.note
            kept[term.source] = replace(known, locked=locked, note=note)
        else:
            contradicting += 1
            if term.locked or not known.locked:
                kept[term.source] = term
    return Usable(tuple(kept.values()), empty, duplicate, contradicting, too_long)


def _checked(terms: Sequence[Term]) -> tuple[Term, ...]:
    kept = usable(terms).terms
    if not kept:
        raise AppError(
            "There is no usable term.", "A glossary needs at least one term with its translation beside it."
        )
    if len(kept) > MOST_TERMS:
        raise AppError(
            f"A glossary holds at most {MOST_TERMS:,} terms, these are {len(kept):,}.",
            "Divide them into several glossaries.",
        )
    return kept


def _tidy(text: str) -> str:
    held = text.encode("utf-8", "replace").decode().replace("\0", "")
    return " ".join(unicodedata.normalize("NFC", held).split())


def _free_name(db: sqlite3.Connection, name: str, but: int = 0) -> str:
    """The name tidied. SQLite's own comparison knows only ASCII, so names are compared here."""
    name = _tidy(name)
    if not name:
        raise AppError("A glossary needs a name.", "Type a name and try again.")
    if len(name) > _LONGEST_NAME:
        raise AppError("The name of the glossary is too long.", f"Use at most {_LONGEST_NAME} characters.")
    for row in db.execute("SELECT id, name FROM glossaries"):
        if row["id"] != but and row["name"].casefold() == name.casefold():
            raise AppError(f"There is a glossary “{row['name']}” already.", "Choose another name.")
    return name


def _insert(db: sqlite3.Connection, glossary: int | None, terms: Iterable[Term]) -> None:
    db.executemany(
        "INSERT INTO glossary_terms (glossary_id, source, target, locked, note) VALUES (?, ?, ?, ?, ?)",
        [(glossary, each.source, each.target, each.locked, each.note) for each in terms],
    )
