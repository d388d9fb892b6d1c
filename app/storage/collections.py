"""Named collections of folders: what a question is asked over."""

import time
from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
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
        """Add folders to a collection, creating it if it is new. Raises `AppError` for an empty name."""
        if not name.strip():
            raise AppError("A collection needs a name.", "Type a name and try again.")
        with self._database.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO collections (name, created) VALUES (?, ?)", (name.strip(), time.time())
            )
            number = db.execute("SELECT id FROM collections WHERE name = ?", (name.strip(),)).fetchone()[0]
            db.executemany(
                "INSERT OR IGNORE INTO collection_folders VALUES (?, ?)",
                [(number, str(folder.absolute())) for folder in folders],
            )
        collection = self.get(name.strip())
        assert collection is not None
        return collection

    def rename(self, name: str, new_name: str) -> None:
        """Raises `AppError` when another collection has that name."""
        other = self.get(new_name)
        if other is not None and other.name.casefold() != name.casefold():
            raise AppError(f"There is a collection “{other.name}” already.", "Choose another name.")
        with self._database.transaction() as db:
            db.execute("UPDATE collections SET name = ? WHERE name = ?", (new_name.strip(), name))
            db.execute("UPDATE conversations SET scope = ? WHERE scope = ?", (new_name.strip(), name))

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
