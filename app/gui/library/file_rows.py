"""The files of the library as rows, filtered and in order.

Fifty thousand of them take a moment, so this runs on a job's thread; nothing here holds the interpreter's lock for
long, or the window could not paint meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from typing import Any

from app.gui.library.states import STATES, Reader, needs_attention, state_of, wanted_by
from app.storage.passages import IndexedFile

_ORDER = {state: number for number, state in enumerate(STATES)}
_AT_ONCE = 4096  # rows sorted in one go: a few milliseconds


class Column(IntEnum):
    NAME = 0
    FOLDER = 1
    STATE = 2
    PASSAGES = 3
    SIZE = 4


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file with what sorting and filtering need; `state` is shown, `words` are compared."""

    file: IndexedFile
    name: str
    folder: str
    state: str
    words: str
    folder_words: str

    @property
    def on_disk(self) -> str:
        """The file itself, or the archive that it lies in."""
        return self.file.container or self.file.path


_NONE: Mapping[str, FileRow] = {}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Files whose name or folder hold every one of `words`, in this state (see `wanted_by`), sorted by a column."""

    words: tuple[str, ...] = ()
    state: str = ""
    column: Column = Column.NAME
    descending: bool = False


def rows_of(
    files: Iterable[IndexedFile], home: str, reader: Reader, before: Mapping[str, FileRow] = _NONE
) -> list[FileRow]:
    """Sorted by name. `home` is written "~". `before`: rows by path; those that are still right are taken over."""
    folders: dict[str, tuple[str, str]] = {}
    rows = []
    for file in files:
        path, state = file.path, state_of(file, reader)
        old = before.get(path)
        if old is not None and old.state == state and old.file == file:
            rows.append(old)
            continue
        windows = path[1:3] == ":\\" or path.startswith("\\\\")
        cut = _cut(path, windows=windows)
        name, parent = path[cut + 1 :], path[:cut] or path[: cut + 1]
        folder = folders.get(parent)
        if folder is None:
            whole = _shown(parent.replace("/", "\\") if windows else parent, home)
            # in an archive its name says more than where it lies
            shown = parent[_cut(file.container, windows=windows) + 1 :] if file.container else whole
            folder = folders[parent] = (shown, whole.casefold())
        words = f"{name.casefold()}\n{folder[1]}"
        rows.append(FileRow(file, name, folder[0], state, words, folder[1]))
    return _sorted(rows, _KEYS[Column.NAME], descending=False)


def arrange(rows: Sequence[FileRow], by: Arrangement) -> list[FileRow]:
    """`rows`, which are sorted by name, filtered and in the wanted order."""
    wanted = wanted_by(by.state)
    found = [
        row for row in rows if wanted(row.file, row.state) and all(word in row.words for word in by.words)
    ]
    if by.column == Column.NAME:
        return found[::-1] if by.descending else found
    return _sorted(found, _KEYS[by.column], descending=by.descending)


def attention(rows: Iterable[FileRow]) -> int:
    """How many files need the person."""
    return sum(needs_attention(row.state) for row in rows)


_KEYS: dict[Column, Callable[[FileRow], Any]] = {
    Column.NAME: attrgetter("words"),
    Column.FOLDER: attrgetter("folder_words"),
    Column.STATE: lambda row: _ORDER.get(row.state, -1),
    Column.PASSAGES: lambda row: row.file.passages,
    Column.SIZE: lambda row: row.file.size,
}


def _sorted(rows: list[FileRow], key: Callable[[FileRow], Any], *, descending: bool) -> list[FileRow]:
    """Stable. In pieces first: merging sorted pieces takes far less time in one go than sorting the whole."""
    pieces = []
    for start in range(0, len(rows), _AT_ONCE):
        pieces += sorted(rows[start : start + _AT_ONCE], key=key, reverse=descending)
    if len(rows) > _AT_ONCE:
        pieces.sort(key=key, reverse=descending)
    return pieces


def _cut(path: str, *, windows: bool) -> int:
    """Where the last separator stands."""
    return max(path.rfind("/"), path.rfind("\\")) if windows else path.rfind("/")


def _shown(folder: str, home: str) -> str:
    if home and (folder == home or folder.startswith((home + "/", home + "\\"))):
        return "~" + folder[len(home) :]
    return folder
