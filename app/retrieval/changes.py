"""What a refresh has to do: the folders as they are beside what the index knows of them."""

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from app.base.files import open_regular, sha256_of_stream
from app.base.jobs import CancelToken
from app.documents import filetype
from app.documents.archive_names import is_archive
from app.documents.document import ReadResult, Verdict
from app.documents.reader_pool import ReaderPool
from app.retrieval.ignoring import Patterns
from app.retrieval.index_store import FileText, IndexStore, KnownFile, SeenFile
from app.retrieval.protocol import FileFailure, Index
from app.retrieval.walking import Listing

READABLE = (Verdict.indexed, Verdict.partial)
_SOUND = (*READABLE, Verdict.archive)


@dataclass(frozen=True, slots=True)
class ToRead:
    """A file to be read; `member` names it inside the archive `container`, where `check` stands for its content."""

    seen: SeenFile
    container: str = ""
    member: str = ""
    check: str = ""


@dataclass(slots=True)
class Changes:
    """`to_read` is what is new or changed, `opened` the archives that are complete when it has been read; the counts
    are in files.
    """

    to_read: list[ToRead] = field(default_factory=list)
    opened: list[FileText] = field(default_factory=list)
    unchanged: int = 0
    removed: int = 0
    members: int = 0
    failures: list[FileFailure] = field(default_factory=list)


class Comparison:
    """Compares one listing with the index, follows moved files and forgets those that are gone."""

    def __init__(self, store: IndexStore, pool: ReaderPool, request: Index, cancel: CancelToken) -> None:
        self._store = store
        self._pool = pool
        self._request = request
        self._cancel = cancel
        self._changes = Changes()

    @property
    def removed(self) -> int:
        """Files that were forgotten so far."""
        return self._changes.removed

    def changes(self, listing: Listing, known: dict[str, KnownFile]) -> Changes:
        """`known`: what the index holds of the places that were listed."""
        self._changes.failures += listing.failures
        inside = _by_container(known)
        files = {path: each for path, each in known.items() if not each.container}
        self._follow_moved(listing, files, inside)
        self._forget(listing, files, inside)
        for path, seen in listing.files.items():
            self._compare(seen, files.get(path), inside.get(path, []))
        return self._changes

    def _follow_moved(
        self, listing: Listing, files: dict[str, KnownFile], inside: dict[str, list[KnownFile]]
    ) -> None:
        """A new file with the bytes of a vanished one is that file under another name."""
        by_size: dict[int, list[KnownFile]] = {}
        for path, each in files.items():
            if (
                path not in listing.files
                and each.hash
                and each.state in _SOUND
                and not _unseen(path, listing)
            ):
                by_size.setdefault(each.size, []).append(each)
        if not by_size:
            return
        for path, seen in listing.files.items():
            candidates = by_size.get(seen.size) if path not in files else None
            if not candidates:
                continue
            self._cancel.raise_if_cancelled()
            digest = hash_of(seen)
            ending = Path(path).suffix  # another ending may mean another way of reading
            match = next((e for e in candidates if e.hash == digest and Path(e.path).suffix == ending), None)
            if match is None:
                continue
            by_size[seen.size].remove(match)
            self._store.touch(match, seen)
            del files[match.path]
            files[path] = KnownFile(
                match.id, path, seen.size, seen.mtime_ns, digest, match.state, match.reason, "", match.scans
            )
            inside[path] = [each for each in self._store.known([path]).values() if each.container]
            inside.pop(match.path, None)

    def _forget(
        self, listing: Listing, files: dict[str, KnownFile], inside: dict[str, list[KnownFile]]
    ) -> None:
        lost = [path for path in files if path not in listing.files and not _unseen(path, listing)]
        orphans = [
            each.path
            for container, members in inside.items()
            if container not in files and container not in listing.files and not _unseen(container, listing)
            for each in members
        ]
        if lost or orphans:
            self._store.remove([*lost, *orphans])
        self._changes.removed = len(lost) + len(orphans) + sum(len(inside.get(path, ())) for path in lost)

    def _compare(self, seen: SeenFile, old: KnownFile | None, members: list[KnownFile]) -> None:
        if self._request.rules.archives and is_archive(seen.path):
            self._compare_archive(seen, old, members)
            return
        if members:  # it is no longer looked into
            self._remove([each.path for each in members])
        if old is None or old.state == Verdict.archive:
            self._changes.to_read.append(ToRead(seen))
        elif (old.size, old.mtime_ns) != (seen.size, seen.mtime_ns):
            self._cancel.raise_if_cancelled()
            if old.hash and old.size == seen.size and hash_of(seen) == old.hash:
                self._store.touch(old, seen)
                self._keep(old)
            else:
                self._changes.to_read.append(ToRead(seen))
        elif self._again(old):
            self._changes.to_read.append(ToRead(seen))
        else:
            self._keep(old)

    def _compare_archive(self, seen: SeenFile, old: KnownFile | None, members: list[KnownFile]) -> None:
        same = old is not None and (old.size, old.mtime_ns) == (seen.size, seen.mtime_ns)
        if old is not None and same and old.state == Verdict.archive:
            self._keep(old)
            for each in members:
                if self._again(each):
                    name = each.path[len(seen.path) + 1 :]
                    member = SeenFile(each.path, each.size, each.mtime_ns)
                    self._changes.to_read.append(ToRead(member, seen.path, name, each.hash))
                else:
                    self._keep(each)
        elif old is not None and same and not _was_not_looked_into(old) and not self._again(old):
            self._keep(old)
        elif seen.size > self._request.rules.largest_bytes:
            self._remove([each.path for each in members])
            self._changes.to_read.append(ToRead(seen))  # which says so
        else:
            self._open(seen, {each.path: each for each in members})

    def _open(self, seen: SeenFile, known: dict[str, KnownFile]) -> None:
        """A new or changed archive: only what is new or changed in it is read."""
        self._cancel.raise_if_cancelled()
        with self._pool.reader() as reader:
            members, verdict, reason = reader.members(Path(seen.path), self._cancel)
        if verdict != Verdict.archive:
            if verdict not in (Verdict.unreadable, Verdict.timed_out):
                self._remove(known)
            if verdict == Verdict.unsupported:  # it is named like an archive, and is something else
                self._changes.to_read.append(ToRead(seen))
            else:
                self._store.store([FileText(seen, hash_of(seen), ReadResult(verdict, reason))])
                self._changes.failures.append(FileFailure(seen.path, str(verdict), reason))
            return
        # until its documents are stored it counts as changed, so that an interrupted run opens it again
        unfinished = SeenFile(seen.path, seen.size, -1)
        self._store.store([FileText(unfinished, "", ReadResult(verdict, reason))])
        self._changes.opened.append(FileText(seen, hash_of(seen), ReadResult(verdict, reason)))
        ignored = Patterns(seen.path, self._request.rules.ignore)
        wanted = [each for each in members if not _is_ignored(ignored, seen.path, each.name)]
        for each in wanted:
            inside = SeenFile(f"{seen.path}/{each.name}", each.size, each.mtime_ns)
            old = known.pop(inside.path, None)
            same = old is not None and each.check and (old.size, old.hash) == (each.size, each.check)
            if old is not None and same and not self._again(old):
                self._keep(old)
            else:
                self._changes.to_read.append(ToRead(inside, seen.path, each.name, each.check))
        self._changes.members += len(wanted)
        self._remove(known)

    def _remove(self, paths: Collection[str]) -> None:
        if paths:
            self._store.remove(paths)
            self._changes.removed += len(paths)

    def _again(self, old: KnownFile) -> bool:
        """Whether a file that did not change is read once more."""
        if old.state in _SOUND:
            return False
        if old.state in (Verdict.unreadable, Verdict.changed):
            return True
        # never opened because of its size: the limit may have been raised since
        unopened = old.state == Verdict.too_large and not old.hash
        return self._request.retry or (unopened and old.size <= self._request.rules.largest_bytes)

    def _keep(self, old: KnownFile) -> None:
        self._changes.unchanged += 1
        if old.state not in _SOUND:
            self._changes.failures.append(FileFailure(old.path, old.state, old.reason))


def _was_not_looked_into(old: KnownFile) -> bool:
    """Whether an archive was read as a single file, because looking into archives was switched off."""
    return old.state == Verdict.unsupported or old.media_type == filetype.MBOX


def _is_ignored(patterns: Patterns, archive: str, name: str) -> bool:
    """Patterns count inside an archive as in a folder that was chosen."""
    parts = name.split("/") if len(patterns) else []
    return any(
        patterns.says(archive + os.sep + "/".join(parts[:depth]), folder=depth < len(parts))
        for depth in range(1, len(parts) + 1)
    )


def hash_of(seen: SeenFile) -> str:
    """SHA-256; empty when the file cannot be read; the reader then says why."""
    try:
        with open_regular(seen.path) as stream:
            return sha256_of_stream(stream)
    except OSError:
        return ""


def _by_container(known: dict[str, KnownFile]) -> dict[str, list[KnownFile]]:
    found: dict[str, list[KnownFile]] = {}
    for each in known.values():
        if each.container:
            found.setdefault(each.container, []).append(each)
    return found


def _unseen(path: str, listing: Listing) -> bool:
    return any(below(path, folder) for folder in listing.unseen)


def below(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies in it."""
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)
