"""Several reader processes side by side: while one works through a long document, others read on."""

import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.documents.limits import Limits
from app.documents.reader_process import ReaderProcess

_MOST = 3  # more would not help: their texts are stored by one process


class ReaderPool:
    """Lends out `size` readers; each starts when it is first used. Safe to use from several threads."""

    def __init__(self, limits: Limits, work_dir: Path, log_dir: Path, size: int | None = None) -> None:
        self.size = size or max(1, min(_MOST, (os.cpu_count() or 2) - 1))
        self._readers = [
            ReaderProcess(limits, work_dir / str(number), log_dir) for number in range(self.size)
        ]
        self._free: queue.LifoQueue[ReaderProcess] = queue.LifoQueue()
        for reader in self._readers:
            self._free.put(reader)

    @contextmanager
    def reader(self) -> Iterator[ReaderProcess]:
        """A reader of one's own, the one used last if it is free; waits for one."""
        reader = self._free.get()
        try:
            yield reader
        finally:
            self._free.put(reader)

    def rest(self) -> None:
        """End those that are idle, which hold memory and the last archive open; a later use starts them anew."""
        idle: list[ReaderProcess] = []
        with suppress(queue.Empty):
            while True:
                idle.append(self._free.get_nowait())
        for reader in reversed(idle):
            reader.close()
            self._free.put(reader)

    def close(self) -> None:
        """End all of them; a later use starts them anew."""
        for reader in self._readers:
            reader.close()
