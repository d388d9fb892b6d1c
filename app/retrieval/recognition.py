"""Recognising the pages that are pictures, several at a time, each stored as soon as it is done."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.settings import Schedule
from app.documents.document import Document, PlaceText, Verdict
from app.documents.reader_pool import ReaderPool
from app.retrieval.file_reading import FileReading
from app.retrieval.index_store import IndexStore, WaitingPage
from app.retrieval.pacing import Pace
from app.retrieval.protocol import FileFailure

_PATIENCE_S = 0.2
_MEMORY_EACH = 6 * 1024**3  # bytes of the machine: a reader may take a sixth of its share


class Recognition:
    def __init__(self, store: IndexStore, pool: ReaderPool, reading: FileReading, pace: Pace) -> None:
        self._store = store
        self._pool = pool
        self._reading = reading
        self._pace = pace
        self.failures: tuple[FileFailure, ...] = ()  # at most one: then no page can be recognised for now

    def recognise(
        self, pages: Sequence[WaitingPage], schedule: Schedule, cancel: CancelToken
    ) -> Iterator[list[WaitingPage]]:
        """Groups of pages that are done, empty ones while nothing is. Raises `Cancelled`."""
        waiting = deque(pages)
        under_way: set[Future[tuple[WaitingPage, PlaceText | None]]] = set()
        at_once = min(self._pool.size, _fit_beside_each_other())
        with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="recognising") as threads:
            try:
                while waiting or under_way:
                    while waiting and len(under_way) < at_once:
                        under_way.add(threads.submit(self._page, waiting.popleft(), schedule, cancel))
                    done, under_way = wait(under_way, _PATIENCE_S, FIRST_COMPLETED)
                    yield [self._stored(*each.result()) for each in done]
                    if self.failures:
                        waiting.clear()
            finally:
                for future in under_way:
                    future.cancel()

    def _page(
        self, page: WaitingPage, schedule: Schedule, cancel: CancelToken
    ) -> tuple[WaitingPage, PlaceText | None]:
        for _ in self._pace.turn(schedule, cancel):
            pass
        file = page.file
        path = file.container or file.path
        if not self._is_as_known(path):
            return page, None
        member = file.path[len(file.container) + 1 :] if file.container else ""
        try:
            with self._pool.reader() as reader:
                return page, reader.recognise(Path(path), page.place, cancel, member=member)
        except AppError as error:  # the models are missing, or no reader starts
            self.failures = (FileFailure(file.path, str(Verdict.unreadable), str(error)),)
            return page, None

    def _is_as_known(self, path: str) -> bool:
        """Whether it is still the file that was read; the next refresh sees to one that is not."""
        known = self._store.database.rows("SELECT size, mtime_ns FROM files WHERE path = ?", (path,))
        try:
            facts = Path(path).stat()
        except OSError:
            return False
        return any((facts.st_size, facts.st_mtime_ns) == tuple(row) for row in known)

    def _stored(self, page: WaitingPage, recognised: PlaceText | None) -> WaitingPage:
        if recognised is not None:
            document = Document("", "", (recognised,))
            self._store.store_page(page, recognised, self._reading.chunks_of(document))
        return page


def _fit_beside_each_other() -> int:
    """Readers that recognise at once: each takes two cores and up to a gigabyte."""
    import psutil

    return max(1, min((os.cpu_count() or 2) // 2, psutil.virtual_memory().total // _MEMORY_EACH))
