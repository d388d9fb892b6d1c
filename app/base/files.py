"""Reading and writing files so that a crash never leaves half of one."""

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.base.errors import AppError

_CHUNK_BYTES = 1 << 20


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file aside and put it in place only when everything was written and synced.

    Raises `AppError` when the disk is full or the folder cannot be written; the old file then stays.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with aside.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        with suppress(OSError):  # a name that is too long cannot even be looked for
            aside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replace `path` with UTF-8 `text`. Raises `AppError` as `replacing` does."""
    with replacing(path) as stream:
        stream.write(text.encode())


def write_error(path: Path, error: OSError) -> AppError:
    """The sentence for a failed write to `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AppError(
            f"The disk is full, so {path.name} could not be saved.", "Free some space and try again."
        )
    if error.errno == errno.ENOENT:
        return AppError(
            f"The folder {path.parent} does not exist.", "Choose another one, or create it first."
        )
    return AppError(
        f"{path} could not be written ({error.strerror or error}).", "Check the permissions of that folder."
    )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What cannot be written in the body is said as an `AppError` about `path`."""
    try:
        yield
    except OSError as error:
        raise write_error(path, error) from error


def replace_folder(aside: Path, target: Path, old: Path) -> None:
    """Put the folder `aside` in the place of `target`, which is `old` from then on if it was there.

    All three on one disk, `old` not there yet. Raises `OSError`; then `target` is as it was.
    """
    if target.exists():
        target.replace(old)
    try:
        aside.replace(target)
    except OSError:
        if old.exists():
            old.replace(target)
        raise


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of the file's bytes. Raises `OSError` as `open` does."""
    with path.open("rb") as stream:
        return sha256_of_stream(stream)


def sha256_of_stream(stream: BinaryIO) -> str:
    """Hex SHA-256 of what is left of it."""
    import hashlib  # loads OpenSSL, which the window does not need to start

    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def open_regular(path: str | Path) -> BinaryIO:
    """Open a file for reading that may have become a link, a pipe or a device since it was listed.

    Raises `OSError` then, too: opening a pipe would wait for ever, and a link leads elsewhere.
    """
    kind = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, os.O_RDONLY | kind)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not an ordinary file", str(path))
    return os.fdopen(handle, "rb")


def sync_folder(folder: Path) -> None:
    """Make the rename itself durable (POSIX only; Windows has no such call)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
