"""Recognising the pages that are pictures, several at a time, each stored as soon as it is done."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from app.base.jobs import CancelToken
from app.base.settings import Schedule
from app.documents.document import Document, PlaceText
from app.documents.reader_pool import ReaderPool
from app.retrieval.file_reading import FileReading
from app.retrieval.index_store import IndexStore, WaitingPage
from app.retrieval.pacing import Pace

_PATIENCE_S = 0.2


class Recognition:
    def __init__(self, store: IndexStore, pool: ReaderPool, reading: FileReading, pace: Pace) -> None:
        self._store = store
        self._pool = pool
        self._reading = reading
        self._pace = pace

    def recognise(
        self, pages: Sequence[WaitingPage], schedule: Schedule, cancel: CancelToken
    ) -> Iterator[list[WaitingPage]]:
        """Groups of pages that are done, empty ones while nothing is. Raises as `ReaderProcess.recognise` does."""
        waiting = deque(pages)
        under_way: set[Future[tuple[WaitingPage, PlaceText | None]]] = set()
        with ThreadPoolExecutor(max_workers=self._pool.size, thread_name_prefix="recognising") as threads:
            try:
                while waiting or under_way:
                    while waiting and len(under_way) < self._pool.size:
                        under_way.add(threads.submit(self._page, waiting.popleft(), schedule, cancel))
                    done, under_way = wait(under_way, _PATIENCE_S, FIRST_COMPLETED)
                    yield [self._stored(*each.result()) for each in done]
            finally:
                for future in under_way:
                    future.cancel()

    def _page(
        self, page: WaitingPage, schedule: Schedule, cancel: CancelToken
    ) -> tuple[WaitingPage, PlaceText | None]:
        for _ in self._pace.turn(schedule, cancel):
            pass
        file = page.file
        path = Path(file.container or file.path)
        if not file.container and not _as_known(path, file.size, file.mtime_ns):
            return page, None
        member = file.path[len(file.container) + 1 :] if file.container else ""
        with self._pool.reader() as reader:
            return page, reader.recognise(path, page.place, cancel, member=member)

    def _stored(self, page: WaitingPage, recognised: PlaceText | None) -> WaitingPage:
        if recognised is not None:
            document = Document("", "", (recognised,))
            self._store.store_page(page, recognised, self._reading.chunks_of(document))
        return page


def _as_known(path: Path, size: int, mtime_ns: int) -> bool:
    """Whether it is still the file that was read; the next refresh sees to one that is not."""
    try:
        facts = path.stat()
    except OSError:
        return False
    return (facts.st_size, facts.st_mtime_ns) == (size, mtime_ns)
