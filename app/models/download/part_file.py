"""A file on its way: `NAME.part`, and beside it `NAME.part.json` with what it is a part of.

The record also says how many bytes were synced to the disk; what lies behind them is not trusted after a crash.
`NAME.part.lock` keeps a second process away. A `.part` file without a record is not Alcove's and is left alone.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from app.base.errors import AppError
from app.base.files import sync_folder, write_error, write_text
from app.base.jobs import CancelToken
from app.models.download.following_digest import FollowingDigest
from app.models.download.remote import RemoteFile

if TYPE_CHECKING:
    from filelock import FileLock

_SYNC_S = 5.0
_POLL_S = 0.2


class PartFile:
    """Use as a context: it is locked inside, and what has arrived is kept when it is left.

    `done`: bytes that are there; `validator`: ETag of the server that sent them; `replaced`: there were bytes of
    another version, which were given up. Raises `AppError` for everything that can go wrong with the disk.
    """

    def __init__(self, remote: RemoteFile, target: Path) -> None:
        self.remote = remote
        self.target = target
        self.done = 0
        self.validator = ""
        self.replaced = False
        self._part, self._record, self._lock_file = paths_of(target)
        self._synced_at = time.monotonic()

    def __enter__(self) -> "PartFile":
        from filelock import FileLock, Timeout

        with self._writing():
            self.target.parent.mkdir(parents=True, exist_ok=True)
            # thread_local: a generator may be closed by another thread than the one that started it
            self._lock = FileLock(self._lock_file, timeout=0, thread_local=False)
            try:
                self._lock.acquire()
            except Timeout as error:
                raise AppError(
                    f"{self.target.name} is already being downloaded by another window of Alcove.",
                    "Wait for it, or stop it there.",
                ) from error
        try:
            self._open()
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._digest.close()
            if not self._stream.closed:
                if self.done:
                    with contextlib.suppress(AppError):  # a full disk: the last record holds
                        self.sync()
                self._stream.close()
                if not self.done:
                    self._remove()
        finally:
            self._unlock()

    def append(self, data: bytes) -> None:
        """Write, and now and then sync."""
        left = memoryview(data)
        with self._writing():
            while left:
                written = self._stream.write(left)
                self.done += written
                left = left[written:]
        self._digest.grow(self.done)
        if time.monotonic() - self._synced_at > _SYNC_S:
            self.sync()

    def sync(self) -> None:
        """Make sure that what has arrived survives a power cut."""
        with self._writing():
            os.fsync(self._stream.fileno())
        self._write_record()
        self._synced_at = time.monotonic()

    def restart(self, remote: RemoteFile | None = None) -> None:
        """Give up what has arrived; from now on for `remote`, if given."""
        self.remote = remote or self.remote
        self.done, self.validator = 0, ""
        self._digest.restart()
        self._write_record()
        with self._writing():
            self._stream.seek(0)
            self._stream.truncate()

    def checking(self, cancel: CancelToken) -> Iterator[int]:
        """Wait until all is hashed, now and then yielding the bytes that are. Raises `AppError` and `Cancelled`."""
        while (hashed := self._digest.wait(_POLL_S)) < self.done:
            cancel.raise_if_cancelled()
            yield hashed

    def finish(self) -> str:
        """Compare the checksum, sync and put the file in place; returns the hex SHA-256. After `checking`.

        Raises `AppError` when the contents are wrong (they are removed), or a file of that name has appeared.
        """
        sha256 = self._digest.hex()
        self._digest.close()  # an open file cannot be renamed or removed everywhere
        if self.remote.sha256 not in ("", sha256):
            self._stream.close()
            self._remove()
            raise AppError(
                f"{self.target.name} arrived damaged: its checksum is not the one {self.remote.host} promises.",
                "It was removed; download it again.",
            )
        with self._writing():
            os.fsync(self._stream.fileno())
        self._write_record()
        if self.target.exists():
            raise in_the_way(self.target)
        self._stream.close()
        with self._writing():
            self._part.replace(self.target)
            sync_folder(self.target.parent)
            self._record.unlink()
        return sha256

    def _open(self) -> None:
        record = _read_record(self._record)
        if record is None and self._part.exists():
            raise in_the_way(self._part)
        synced, self.validator, of = record or (0, "", self.remote)
        same = (of.etag, of.bytes, of.sha256) == (self.remote.etag, self.remote.bytes, self.remote.sha256)
        self.replaced = synced > 0 and not same
        if not same:
            synced, self.validator = 0, ""
        with self._writing():
            there = self._part.stat().st_size if self._part.exists() else 0
            self.done = min(synced, there, self.remote.bytes)
            self._write_record()  # first, so that the part is known as ours
            self._stream = self._part.open("r+b" if self._part.exists() else "x+b", buffering=0)
            self._stream.truncate(self.done)
            self._stream.seek(self.done)
        self._digest = FollowingDigest(self._part, self.done)

    def _write_record(self) -> None:
        record = {"remote": asdict(self.remote), "url": self.remote.pinned_url, "validator": self.validator}
        write_text(self._record, json.dumps(record | {"synced": self.done}, indent=2) + "\n")

    def _remove(self) -> None:
        with self._writing():
            self._part.unlink(missing_ok=True)
            self._record.unlink(missing_ok=True)

    def _unlock(self) -> None:
        _unlock(self._lock, self._lock_file)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise write_error(self.target, error) from error


def paths_of(target: Path) -> tuple[Path, Path, Path]:
    """The part, its record and its lock."""
    part = target.with_name(target.name + ".part")
    return part, part.with_name(part.name + ".json"), part.with_name(part.name + ".lock")


def discard(target: Path) -> bool:
    """Remove what was left of a download that is not wanted any more; nothing that is not Alcove's.

    False when it is still being downloaded, by this window or another; then nothing is removed.
    """
    from filelock import FileLock, Timeout

    part, record, lock_file = paths_of(target)
    if _read_record(record) is None:
        return True
    try:
        lock = FileLock(lock_file, timeout=0)
        lock.acquire()
        try:
            for file in (part, record):
                file.unlink(missing_ok=True)
        finally:
            _unlock(lock, lock_file)
    except Timeout:
        return False
    except OSError as error:
        raise AppError(
            f"{part} could not be removed ({error.strerror or error}).", "Remove it by hand."
        ) from error
    return True


def _unlock(lock: "FileLock", file: Path) -> None:
    # removed while it is held, where the system allows that: a lock on a file without a name counts for nothing
    with contextlib.suppress(OSError):
        file.unlink()
    lock.release()
    if os.name == "nt":
        with contextlib.suppress(OSError):
            file.unlink()


def bytes_left(remote: RemoteFile, target: Path) -> int:
    """What is still to be fetched, in bytes."""
    part, record, _ = paths_of(target)
    found = _read_record(record)
    if found is None or found[2].etag != remote.etag or not part.exists():
        return remote.bytes
    return remote.bytes - min(found[0], part.stat().st_size, remote.bytes)


def in_the_way(file: Path) -> AppError:
    return AppError(f"There is another file {file} already.", "Move it away or rename it, then try again.")


def _read_record(file: Path) -> tuple[int, str, RemoteFile] | None:
    """Bytes synced, validator, and of which file; None when there is no valid record."""
    try:
        values = json.loads(file.read_bytes())
        remote = replace(RemoteFile("", ""), **values["remote"])
        synced, validator = values["synced"], values["validator"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if type(synced) is not int or not isinstance(validator, str):
        return None
    return max(0, synced), validator, remote
