"""Archives and mailboxes as folders of documents. Runs only in the reader process: archives can be hostile.

Nothing is unpacked under a name that an archive chose. The archive that was opened last stays open, so that its
documents can be read one after another without looking for each from the start.
"""

import contextlib
import re
import weakref
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from app.documents.archive_kinds import Archive, Entry, Workspace, open_archive, too_large
from app.documents.archive_names import is_archive
from app.documents.containers import locked
from app.documents.document import Member, ReadFailure, Verdict
from app.documents.limits import Limits

_DEEPEST = 3  # archives within archives
_UNSEEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"^[A-Za-z]:")
_SUFFIX = re.compile(r"\.\w{1,16}$", re.ASCII)
# what systems put into archives for themselves; names that begin with a dot are left out too
_NO_DOCUMENTS = frozenset(("__macosx", "thumbs.db", "desktop.ini"))


def members(path: Path, limits: Limits) -> tuple[Member, ...]:
    """The documents in the archive at `path`, those in archives inside it too, in its order.

    Raises `ReadFailure`: locked when all of them need a password, damaged, too-large; unsupported when the file is
    no archive that Alcove opens.
    """
    return _opened(path, limits).members


@contextlib.contextmanager
def member_file(path: Path, member: str, limits: Limits) -> Iterator[Path]:
    """The member of that name, as a file of its own that is gone afterwards.

    Raises `ReadFailure`: locked, damaged, too-large, unsupported, or unreadable when it is not there any more.
    """
    archive, entry = _opened(path, limits).find(member)
    if entry.locked:
        raise locked()
    suffix = _SUFFIX.search(member)
    workspace = Workspace(limits)
    with workspace.closing:
        yield archive.unpack(entry, workspace, suffix.group() if suffix else "")


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
        self._found: dict[str, tuple[Archive, Entry]] = {}
        self._workspace = Workspace(limits)
        weakref.finalize(self, self._workspace.closing.close)
        archive = open_archive(path, self._workspace)
        if archive is None:
            raise ReadFailure(Verdict.unsupported, "This is not an archive that Alcove opens.")
        self._collect(archive, "", 1)
        if self._found and all(entry.locked for _, entry in self._found.values()):
            raise locked()
        self.members = tuple(
            Member(name, entry.size, entry.mtime_ns, entry.check) for name, (_, entry) in self._found.items()
        )

    def find(self, name: str) -> tuple[Archive, Entry]:
        if name not in self._found:
            raise ReadFailure(Verdict.unreadable, "It is no longer in the archive.")
        return self._found[name]

    def _collect(self, archive: Archive, folder: str, depth: int) -> None:
        for entry in archive.entries(self._workspace):
            name = _clean_name(entry.name)
            if not name:
                continue
            name = self._unused(folder + name)
            if is_archive(name) and not entry.locked:
                inside = self._open_inside(archive, entry, depth)
                if inside is not None:
                    self._collect(inside, f"{name}/", depth + 1)
                    continue
            self._found[name] = archive, entry

    def _open_inside(self, archive: Archive, entry: Entry, depth: int) -> Archive | None:
        """The archive in an archive; None for one that cannot be opened, which reading it then explains."""
        if depth == _DEEPEST:
            if entry.name.lower().endswith(".mbox"):  # the reader reads mailboxes too
                return None
            raise too_large(
                f"Archives lie in it more than {_DEEPEST} deep; unpack it and add what is inside."
            )
        try:
            return open_archive(archive.unpack(entry, self._workspace, ""), self._workspace)
        except ReadFailure as failure:
            if failure.verdict is Verdict.too_large:
                raise
            return None

    def _unused(self, name: str) -> str:
        """The name, numbered when an archive holds two members of that name."""
        stem, dot, suffix = name.rpartition(".")
        if not dot or "/" in suffix:
            stem, suffix = name, ""
        number, unused = 1, name
        while unused in self._found:
            number += 1
            unused = f"{stem} ({number}){dot if suffix else ''}{suffix}"
        return unused


def _clean_name(name: str) -> str:
    """The parts of a member's name that lead downwards, "/" between them; "" for what is no document."""
    parts = [_UNSEEN.sub("_", part).strip() for part in _DRIVE.sub("", name).replace("\\", "/").split("/")]
    parts = [part for part in parts if part not in ("", ".", "..")]
    hidden = any(part.startswith(".") or part.casefold() in _NO_DOCUMENTS for part in parts)
    return "" if hidden else "/".join(parts)
