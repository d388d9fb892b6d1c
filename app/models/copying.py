"""Copying and hashing files of gigabytes: with progress, stopped at once, and never half a file left."""

import errno
import os
import stat
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from app.base.errors import AppError
from app.base.files import write_error
from app.base.jobs import CancelToken
from app.base.scratch import abandoned, owned_name

if TYPE_CHECKING:
    import hashlib

_CHUNK_BYTES = 1 << 20
_SYNC_BYTES = 64 << 20  # so that little is left to wait for at the end, when Stop could not be heard
_PROGRESS_S = 0.1
_ASIDE = ".part"

Stage = Literal["checking", "copying"]


@dataclass(frozen=True, slots=True)
class FileProgress:
    """Bytes `done` of `total`, over all files of the step that `name` belongs to."""

    stage: Stage
    name: str
    done: int
    total: int


class BadSource(AppError):
    """A file to copy cannot be read, or does not have the bytes it should have; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`sha256`: what the bytes must give, "" when nothing is known. `replace`: an old `target` may go."""

    source: Path
    target: Path
    sha256: str = ""
    replace: bool = False


def hash_files(files: Sequence[Path], cancel: CancelToken) -> Generator[FileProgress, None, tuple[str, ...]]:
    """Returns the hex SHA-256 of each file. Raises `BadSource` when one cannot be read."""
    meter = _Meter("checking", files)
    digests = []
    for file in files:
        digest = _sha256()
        with _opened(file) as stream:
            while chunk := _read(stream, file):
                cancel.raise_if_cancelled()
                digest.update(chunk)
                yield from meter.advance(file.name, len(chunk))
        digests.append(digest.hexdigest())
    return tuple(digests)


def copy_together(
    copies: Sequence[Copy], cancel: CancelToken
) -> Generator[FileProgress, None, tuple[str, ...]]:
    """Copy the files of one model; returns the hex SHA-256 of each.

    They are written aside, and appear under their names only when all are whole, the first one last. Raises
    `BadSource`, and `AppError` when a file cannot be read or written or the disk is full; then, and when
    stopped, nothing is left.
    """
    meter = _Meter("copying", [each.source for each in copies])
    digests: list[str] = []
    with ExitStack() as leftovers:
        asides = []
        for each in copies:
            aside = each.target.with_name(owned_name(f".{each.target.name}.", _ASIDE))
            leftovers.callback(aside.unlink, missing_ok=True)
            asides.append(aside)
            digest = yield from _copy(each, aside, cancel, meter)
            if each.sha256 not in ("", digest):
                raise BadSource(
                    f"“{each.source.name}” is damaged: its checksum is not the one that was recorded.",
                    "Get the file again from where it came from.",
                )
            digests.append(digest)
        cancel.raise_if_cancelled()
        _place(copies, asides)
    return tuple(digests)


def remove_leftovers(folder: Path) -> None:
    """What copying into `folder` left where its process was killed."""
    for aside in abandoned(folder, f".*{_ASIDE}"):
        with suppress(OSError):
            aside.unlink()


def _sha256() -> "hashlib._Hash":
    import hashlib  # loads OpenSSL, which the window does not need to start

    return hashlib.sha256()


class _Meter:
    """Adds up what was done and tells of it some times a second."""

    def __init__(self, stage: Stage, files: Sequence[Path]) -> None:
        self._stage: Stage = stage
        self._done = 0
        self._total = 0
        for file in files:
            with suppress(OSError):  # said when it is opened
                self._total += file.stat().st_size
        self._told = 0.0

    def advance(self, name: str, count: int) -> Generator[FileProgress, None, None]:
        self._done += count
        now = time.monotonic()
        if now - self._told >= _PROGRESS_S or self._done >= self._total:
            self._told = now
            yield FileProgress(self._stage, name, self._done, self._total)


def _copy(each: Copy, aside: Path, cancel: CancelToken, meter: _Meter) -> Generator[FileProgress, None, str]:
    digest = _sha256()
    done = unsynced = 0
    with _opened(each.source) as source:
        expected = os.fstat(source.fileno()).st_size
        try:
            target = aside.open("xb", buffering=0)
        except OSError as error:
            raise _target_error(each.target, error) from error
        with target:
            while chunk := _read(source, each.source):
                cancel.raise_if_cancelled()
                digest.update(chunk)
                done, unsynced = done + len(chunk), unsynced + len(chunk)
                _write(target.fileno(), chunk, each.target, sync=unsynced >= _SYNC_BYTES or done >= expected)
                unsynced %= _SYNC_BYTES
                yield from meter.advance(each.source.name, len(chunk))
    if done != expected:
        raise BadSource(
            f"“{each.source.name}” changed while it was copied.", "Try again when it is complete."
        )
    return digest.hexdigest()


def _opened(file: Path) -> BinaryIO:
    """Only a plain file: opening a pipe or a device could wait for ever."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise BadSource(f"{file} is not a file.", "Choose a GGUF file.")
        return file.open("rb", buffering=0)
    except OSError as error:
        raise _source_error(file, error) from error


def _read(stream: BinaryIO, file: Path) -> bytes:
    try:
        return stream.read(_CHUNK_BYTES)
    except OSError as error:
        raise _source_error(file, error) from error


def _write(handle: int, chunk: bytes, target: Path, *, sync: bool) -> None:
    try:
        left = memoryview(chunk)
        while left:
            left = left[os.write(handle, left) :]
        if sync:
            os.fsync(handle)
    except OSError as error:
        raise _target_error(target, error) from error


def _place(copies: Sequence[Copy], asides: Sequence[Path]) -> None:
    """Give the finished files their names, the first one last: a model is found by its first file."""
    with ExitStack() as placed:
        for each, aside in reversed(list(zip(copies, asides, strict=True))):
            try:
                if each.replace:
                    aside.replace(each.target)
                else:
                    _rename_to_free(aside, each.target)
                    placed.callback(each.target.unlink, missing_ok=True)
            except OSError as error:
                raise _target_error(each.target, error) from error
        placed.pop_all()


def _rename_to_free(aside: Path, target: Path) -> None:
    """Rename, but never over a file that appeared meanwhile. Raises `OSError`."""
    try:
        os.link(aside, target)
    except FileExistsError:
        raise
    except OSError:  # memory sticks know no hard links
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        aside.rename(target)


def _source_error(file: Path, error: OSError) -> BadSource:
    return BadSource(
        f"{file} cannot be read ({error.strerror or error}).",
        "Check its permissions and that its disk is connected.",
    )


def _target_error(target: Path, error: OSError) -> AppError:
    if error.errno == errno.EFBIG:
        return AppError(
            f"“{target.name}” is too large for the file system of that disk.",
            "Use a disk with another file system, such as exFAT; FAT32 ends at 4 GB.",
        )
    if error.errno == errno.EEXIST:
        return AppError(f"Another file named “{target.name}” has just appeared there.", "Try again.")
    return write_error(target, error)
