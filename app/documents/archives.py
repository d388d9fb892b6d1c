"""Archives and mailboxes as folders of documents. Runs only in the reader process: archives can be hostile.

Nothing is unpacked under a name that an archive chose. The archive that was opened last stays open, so that its
documents can be read one after another without looking for each from the start.
"""

import re
import weakref
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

from app.documents.archive_kinds import Archive, Entry, Workspace, open_archive, too_large
from app.documents.archive_names import is_archive
from app.documents.containers import locked
from app.documents.document import Member, ReadFailure, Verdict
from app.documents.limits import Limits

_DEEPEST = 3  # archives within archives
_MOST_PARTS = 32  # of a name; beyond, the outer folders are left out
_LONGEST_PART = 200  # characters
# control characters, halves of others, and marks that make a name look like another
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_DRIVE = re.compile(r"^[A-Za-z]:")
_SUFFIX = re.compile(r"\.\w{1,16}$", re.ASCII)
# what systems put into archives for themselves; names that begin with a dot are left out too
_NO_DOCUMENTS = frozenset(("__macosx", "thumbs.db", "desktop.ini"))


def members(path: Path, limits: Limits) -> tuple[Member, ...]:
    """The documents in the archive at `path`, those in archives inside it too, in its order.

    Raises `ReadFailure`: locked when all of them need a password, damaged, too-large; unsupported when the file is
    no archive that Alcove opens. `OSError` when the system refuses it.
    """
    return _opened(path, limits).members


def remark(path: Path, limits: Limits) -> str:
    """Why `members` are not all that the archive holds, "" when they are. Raises as `members` does."""
    return _opened(path, limits).remark


def member_file(path: Path, member: str, limits: Limits) -> Path:
    """The member of that name, as a file of its own; it stays until another one is asked for.

    Raises `ReadFailure`: locked, damaged, too-large, unsupported, or unreadable when it is not there any more;
    `OSError` as `members`.
    """
    return _opened(path, limits).unpacked(member)


def _opened(path: Path, limits: Limits) -> "_Tree":
    status = path.stat()
    return _tree(path, status.st_size, status.st_mtime_ns, limits)


@lru_cache(maxsize=1)
def _tree(path: Path, _size: int, _mtime_ns: int, limits: Limits) -> "_Tree":
    """Another size or time means another archive under the same name."""
    return _Tree(path, limits)


class _Tree:
    """An archive with all archives inside it: what it holds, by name."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._found: dict[str, tuple[Archive, Entry]] = {}
        self._refused: dict[str, ReadFailure] = {}
        self._names: dict[str, int] = {}  # how many members were given each name
        self._workspace = Workspace(limits)
        closing = ExitStack()
        weakref.finalize(self, closing.close)
        closing.enter_context(self._workspace.closing)
        self._unpacked = closing.enter_context(ExitStack())
        self._last: tuple[str, Path] | None = None
        self.remark = ""
        archive = open_archive(path, self._workspace)
        if archive is None:
            raise ReadFailure(Verdict.unsupported, "This is not an archive that Alcove opens.")
        self._collect(archive, list(archive.entries(self._workspace)), "", 1)
        if self._found and len(self._refused) == len(self._found):
            raise next(iter(self._refused.values()))
        self.members = tuple(
            Member(name, entry.size, entry.mtime_ns, entry.check) for name, (_, entry) in self._found.items()
        )

    def unpacked(self, name: str) -> Path:
        """The member of that name; the one unpacked before it is gone then."""
        if self._last is None or self._last[0] != name:
            self._last = None
            self._unpacked.close()
            self._last = name, self._unpack(name)
        return self._last[1]

    def _unpack(self, name: str) -> Path:
        if name not in self._found:
            raise ReadFailure(Verdict.unreadable, "It is no longer in the archive.")
        if name in self._refused:
            raise self._refused[name]
        workspace = Workspace(self._limits)
        self._unpacked.enter_context(workspace.closing)
        suffix = _SUFFIX.search(name)
        archive, entry = self._found[name]
        return archive.unpack(entry, workspace, suffix.group() if suffix else "")

    def _collect(self, archive: Archive, entries: list[Entry], folder: str, depth: int) -> None:
        """`entries` are those of `archive`, all of them counted before one that is an archive itself is opened."""
        self.remark = self.remark or archive.remark
        for entry in entries:
            name = _clean_name(entry.name)
            if not name:
                continue
            name = self._unused(folder + name)
            try:
                if entry.locked:
                    raise locked()
                if is_archive(name) and self._is_collected(archive, entry, name, depth):
                    continue
            except ReadFailure as failure:
                self._refused[name] = failure
            self._found[name] = archive, entry

    def _is_collected(self, archive: Archive, entry: Entry, name: str, depth: int) -> bool:
        """Collect what is in an archive in an archive; False when it is none. Raises `ReadFailure` for it alone."""
        if depth == _DEEPEST:
            if name.lower().endswith(".mbox"):  # the reader reads mailboxes too
                return False
            raise too_large(
                f"Archives lie in it more than {_DEEPEST} deep; unpack it and add what is inside."
            )
        inside = open_archive(archive.unpack(entry, self._workspace, ""), self._workspace)
        if inside is None:
            return False
        with self._workspace.listing():
            entries = list(inside.entries(self._workspace))
        self._collect(inside, entries, f"{name}/", depth + 1)
        return True

    def _unused(self, name: str) -> str:
        """The name, numbered when an archive holds two members of that name."""
        stem, dot, suffix = name.rpartition(".")
        if not dot or "/" in suffix:
            stem, suffix = name, ""
        number, unused = self._names.get(name, 1), name
        while unused in self._found:
            number += 1
            unused = f"{stem} ({number}){dot if suffix else ''}{suffix}"
        self._names[name] = number
        return unused


def _clean_name(name: str) -> str:
    """The parts of a member's name that lead downwards, "/" between them; "" for what is no document."""
    parts = [_UNSEEN.sub("_", part).strip() for part in _DRIVE.sub("", name).replace("\\", "/").split("/")]
    parts = [part for part in parts if part not in ("", ".", "..")]
    hidden = any(part.startswith(".") or part.casefold() in _NO_DOCUMENTS for part in parts)
    return "" if hidden else "/".join(map(_shortened, parts[-_MOST_PARTS:]))


def _shortened(part: str) -> str:
    suffix = _SUFFIX.search(part)
    ending = suffix.group() if suffix else ""
    return part if len(part) <= _LONGEST_PART else part[: _LONGEST_PART - len(ending)] + ending
