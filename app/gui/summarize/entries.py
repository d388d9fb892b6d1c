"""What a person chose to summarise, before it is known which documents that is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QCoreApplication

from app.base.paths import person_path
from app.storage.collections import Collection

EntryKind = Literal["file", "folder", "collection", "text"]
_TITLE_WORDS = 8
PICTURES: dict[EntryKind, str] = {"file": "file", "folder": "folder", "collection": "library", "text": "edit"}


@dataclass(frozen=True, slots=True)
class Entry:
    """`value`: the path of a file or folder, the name of a collection, or the pasted text itself."""

    kind: EntryKind
    value: str
    name: str
    detail: str = ""


def entry_of_path(path: Path) -> Entry:
    """A file, or a folder for all that is in it. Raises `AppError` for what can be no path."""
    found = person_path(path)
    return Entry("folder" if found.is_dir() else "file", str(found), found.name, str(found.parent))


def entry_of_collection(collection: Collection) -> Entry:
    return Entry("collection", collection.name, collection.name, _words("Collection"))


def entry_of_text(text: str) -> Entry:
    """Named after its first words."""
    words = text.split()
    name = " ".join(words[:_TITLE_WORDS]) + ("…" if len(words) > _TITLE_WORDS else "")
    detail = (
        _words("Pasted text, {n} words").format(n=len(words)) if len(words) != 1 else _words("Pasted text")
    )
    return Entry("text", text, name, detail)


def _words(text: str) -> str:
    return QCoreApplication.translate("Entry", text)
