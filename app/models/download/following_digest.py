"""The SHA-256 of a file while it grows, by a thread that reads behind the writer.

So a slow processor does not slow the download, and what an earlier attempt left is hashed while the rest arrives.
"""

import contextlib
import os
import sys
import threading
from pathlib import Path

from app.base.errors import AppError

_CHUNK_BYTES = 1 << 20
_NICE = 10


class FollowingDigest:
    """Starts with the file as long as `size` bytes; `close` ends the thread."""

    def __init__(self, file: Path, size: int) -> None:
        import hashlib  # loads OpenSSL, which the window does not need to start

        self._file = file
        self._size = size
        self._new = hashlib.sha256
        self._digest = self._new()
        self._hashed = 0
        self._error: OSError | None = None
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._follow, name=f"checksum of {file.name}", daemon=True)
        self._thread.start()

    def grow(self, size: int) -> None:
        """The file now has `size` bytes that may be hashed."""
        with self._changed:
            self._size = size
            self._changed.notify_all()

    def restart(self) -> None:
        """The file is empty again."""
        with self._changed:
            self._size = self._hashed = 0
            self._digest = self._new()

    def wait(self, seconds: float) -> int:
        """Bytes hashed by now; returns early when it is all of them. Raises `AppError` when they cannot be read."""
        with self._changed:
            self._changed.wait_for(lambda: self._hashed >= self._size or self._error is not None, seconds)
            if self._error is not None:
                raise AppError(
                    f"{self._file} cannot be read ({self._error.strerror or self._error}).",
                    "Check that disk.",
                ) from self._error
            return self._hashed

    def hex(self) -> str:
        """Of the bytes hashed by now."""
        return self._digest.hexdigest()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _follow(self) -> None:
        if sys.platform == "linux":  # where single threads have priorities: the download goes first
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        try:
            self._read()
        except OSError as error:
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _read(self) -> None:
        buffer = memoryview(bytearray(_CHUNK_BYTES))
        with self._file.open("rb", buffering=0) as stream:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._closing or self._hashed < self._size)
                    if self._closing:
                        return
                    digest, at, count = self._digest, self._hashed, self._size - self._hashed
                stream.seek(at)
                read = stream.readinto(buffer[: min(count, _CHUNK_BYTES)])
                digest.update(buffer[:read])
                with self._changed:
                    if digest is self._digest:  # else it was restarted meanwhile
                        if not read:
                            raise OSError("the file is shorter than it was")
                        self._hashed += read
                        self._changed.notify_all()
