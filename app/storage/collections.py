"""Named collections of folders: what a question is asked over."""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
from app.base.paths import person_path
from app.storage.database import Database

DEFAULT_COLLECTION = "My documents"


@dataclass(frozen=True, slots=True)
class Collection:
    """`folders` are absolute paths of folders or single files."""

    name: str
    folders: tuple[str, ...]


class Collections:
    """Reads and writes collections in `user.db`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Collection]:
        """In order of creation."""
        rows = self._database.rows(
            """SELECT name, folder FROM collections c LEFT JOIN collection_folders f ON f.collection_id = c.id
               ORDER BY c.id, folder"""
        )
        folders: dict[str, list[str]] = {}
        for row in rows:
            folders.setdefault(row["name"], []).extend([row["folder"]] if row["folder"] else [])
        return [Collection(name, tuple(each)) for name, each in folders.items()]

    def get(self, name: str) -> Collection | None:
        """Found by name, whatever its case."""
        wanted = name.casefold()
        return next((each for each in self.all() if each.name.casefold() == wanted), None)

    def add(self, name: str, folders: list[Path]) -> Collection:
        """Add folders to a collection, creating it if it is new.

        Raises `AppError` for an empty name, and for a folder as `person_path` does.
        """
        name = _named(name)
        paths = [str(person_path(folder)) for folder in folders]
        with self._database.transaction() as db:
            found = _find(db, name)
            number = _create(db, name) if found is None else found["id"]
            db.executemany(
                "INSERT OR IGNORE INTO collection_folders VALUES (?, ?)", [(number, path) for path in paths]
            )
        collection = self.get(name)
        assert collection is not None
        return collection

    def rename(self, name: str, new_name: str) -> None:
        """Raises `AppError` for an empty name, and when another collection has it."""
        new_name = _named(new_name)
        with self._database.transaction() as db:
            found, other = _find(db, name), _find(db, new_name)
            if found is None:
                return
            if other is not None and other["id"] != found["id"]:
                raise AppError(f"There is a collection “{other['name']}” already.", "Choose another name.")
            db.execute("UPDATE collections SET name = ? WHERE id = ?", (new_name, found["id"]))
            db.execute("UPDATE conversations SET scope = ? WHERE scope = ?", (new_name, found["name"]))

    def remove_folder(self, name: str, folder: str) -> None:
        with self._database.transaction() as db:
            db.execute(
                """DELETE FROM collection_folders WHERE folder = ?
                   AND collection_id = (SELECT id FROM collections WHERE name = ?)""",
                (folder, name),
            )

    def remove(self, name: str) -> None:
        """Forget the collection; the folders and their files are not touched."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM collections WHERE name = ?", (name,))

    def folders(self) -> tuple[str, ...]:
        """Every folder of every collection, once."""
        rows = self._database.rows("SELECT DISTINCT folder FROM collection_folders ORDER BY folder")
        return tuple(row["folder"] for row in rows)


def _named(name: str) -> str:
    name = name.strip()
    if not name:
        raise AppError("A collection needs a name.", "Type a name and try again.")
    return name


def _find(db: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """The collection of that name, whatever its case; SQLite's own comparison knows only ASCII."""
    rows: list[sqlite3.Row] = db.execute("SELECT id, name FROM collections").fetchall()
    same = [row for row in rows if row["name"].casefold() == name.casefold()]
    return min(same, key=lambda row: bool(row["name"] != name), default=None)


def _create(db: sqlite3.Connection, name: str) -> int | None:
    return db.execute("INSERT INTO collections (name, created) VALUES (?, ?)", (name, time.time())).lastrowid
