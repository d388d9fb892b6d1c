"""Bringing the index up to date: list, compare, read, embed, recognise.

Text is stored, and so can be searched by its words, as soon as it is read; vectors follow in a thread of their own.
On a machine with few cores reading goes first: the words of all files can be searched before the first vector is
made, and both together take no longer than one beside the other.
"""

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.documents.reader_pool import ReaderPool
from app.retrieval.changes import READABLE, Changes, Comparison, below
from app.retrieval.embedding import Embedder
from app.retrieval.embedding_lane import EmbeddingLane
from app.retrieval.file_reading import FileReading, Twin
from app.retrieval.index_progress import TOLD_EVERY_S, Progress
from app.retrieval.index_store import FileText, IndexStore, WaitingPage
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.pacing import Pace
from app.retrieval.protocol import FileFailure, Index, IndexFinished, IndexProgress
from app.retrieval.recognition import Recognition
from app.retrieval.walking import Listing, list_files, list_only
from app.storage.passages import within

_FEW_CORES = 2
_STORED_EVERY_S = 0.25  # together: each commit costs the same, whatever it holds
_STALLED_S = 1.0  # no file has come for so long
_SAVED_EVERY = 20_000  # passages; until then their vectors are compared one by one


class Indexer:
    """Answers one `Index` request."""

    def __init__(
        self,
        store: IndexStore,
        vectors: Callable[[], LiveVectors],
        embedder: Callable[[], Embedder],
        pool: ReaderPool,
        pace: Pace,
        request: Index,
        cancel: CancelToken,
    ) -> None:
        self._store = store
        self._vectors = vectors
        self._pool = pool
        self._pace = pace
        self._request = request
        self._cancel = cancel
        self._lane = EmbeddingLane(store, embedder, pace, request.schedule, request.folders)
        self._run = Progress(store, self._lane, request.folders, time.monotonic())
        self._reading = FileReading(pool, store, embedder, pace, request)
        self._storing = threading.Lock()
        self._unread: set[str] = set()
        self._forgotten: tuple[str, ...] = ()

    def forget(self, folders: Sequence[str]) -> None:
        """Drop folders or files while it runs: what is still to be read of them stays out. Thread-safe."""
        with self._storing:
            self._forgotten += tuple(folders)
            self._store.remove_below(folders)

    def unread(self, folders: Sequence[str]) -> int:
        """Files below `folders` (all when empty) that are listed and not stored yet. Thread-safe."""
        if not folders or set(self._request.folders) <= set(folders):
            return len(self._unread)
        unread = self._unread.copy()
        return sum(any(below(path, folder) for folder in folders) for path in unread)

    def refresh(self) -> Iterator[IndexProgress | IndexFinished]:
        """Read what is new or changed, forget what is gone; ends with `IndexFinished`.

        Raises `AppError` (nothing to list, full disk) and `Cancelled`; files stored by then stay.
        """
        yield self._run.event("listing")
        if not self._request.folders:  # elsewhere no folders stand for all of them
            yield self._finished(Listing(), Changes())
            return
        listing = self._list()
        changes = yield from self._compare(listing)
        self._run.failures += changes.failures
        self._run.total = len(changes.to_read)
        self._unread = {each.seen.path for each in changes.to_read}
        self._run.bytes_total = sum(each.seen.size for each in changes.to_read)
        pages = self._pages()
        if changes.to_read or changes.opened or pages or self._store.count_waiting(self._request.folders):
            self._lane.start()
            try:
                yield from self._read(changes)
                yield from self._embed()
                yield from self._recognise()
            finally:
                self._lane.stop()
        if self._run.done or changes.removed or self._lane.embedded:
            yield from self._save()
        yield self._finished(listing, changes)

    def _list(self) -> Listing:
        def check(seen: int) -> None:
            self._cancel.raise_if_cancelled()

        request = self._request
        if request.only:
            return list_only(request.only, request.folders, request.rules, check)
        listing = list_files(request.folders, request.rules, check)
        if listing.unseen and len(listing.unseen) == len(request.folders) and not listing.files:
            failure = listing.failures[0]
            raise AppError(f"{failure.file} cannot be indexed.", failure.reason)
        return listing

    def _compare(self, listing: Listing) -> Generator[IndexProgress, None, Changes]:
        """What is gone is forgotten and told, even where a stop comes then."""
        request = self._request
        asked = [path for path in request.only if any(below(path, folder) for folder in request.folders)]
        known = self._store.known(asked or request.folders) if asked or not request.only else {}
        comparison = Comparison(self._store, self._pool, request, self._cancel)
        try:
            changes = comparison.changes(listing, known)
        finally:
            if comparison.removed:
                yield replace(self._run.event("listing"), removed=comparison.removed)
        return changes

    def _read(self, changes: Changes) -> Iterator[IndexProgress]:
        """What was read is stored before anything waits its turn, and when the run is stopped."""
        few = (os.cpu_count() or 1) <= _FEW_CORES
        gathered: list[FileText | Twin] = []
        stored = came = time.monotonic()
        try:
            for group in self._reading.read_all(changes.to_read, self._cancel):
                gathered += group
                came = time.monotonic() if group else came
                # a long document, or a slow disk: there is time for embedding
                self._lane.go(on=not few or time.monotonic() - came > _STALLED_S)
                if gathered and (not group or time.monotonic() - stored > _STORED_EVERY_S):
                    self._store_group(gathered)
                    gathered, stored = [], time.monotonic()
                yield from self._run.tell("reading")
                yield from self._wait_turn()
        finally:
            if gathered:
                self._store_group(gathered)
        with self._storing:
            if opened := [each for each in changes.opened if not self._is_forgotten(each)]:
                self._store.store(opened)
        if changes.to_read:
            yield self._run.event("reading")

    def _store_group(self, group: Sequence[FileText | Twin]) -> None:
        with self._storing:
            texts: list[FileText] = []
            for each in group:
                if self._is_forgotten(each):
                    continue
                if isinstance(each, Twin) and self._store.copy(each.known, each.seen):
                    self._run.indexed += 1
                else:
                    text = self._read_again(each) if isinstance(each, Twin) else each
                    texts.append(text)
                    self._note(text)
            if texts:
                self._store.store(texts)
        self._unread.difference_update([each.seen.path for each in group])
        self._run.done += len(group)
        self._run.bytes_done += sum(each.seen.size for each in group)
        self._run.file = group[-1].seen.path

    def _is_forgotten(self, file: FileText | Twin) -> bool:
        return any(below(file.seen.path, folder) for folder in self._forgotten)

    def _read_again(self, twin: Twin) -> FileText:
        """Its twin was replaced or forgotten meanwhile."""
        return self._reading.read_anew(twin.seen, twin.known.hash, self._cancel)

    def _note(self, text: FileText) -> None:
        if text.result.verdict in READABLE:
            self._run.indexed += 1
        else:
            self._run.failures.append(
                FileFailure(text.seen.path, str(text.result.verdict), text.result.reason)
            )

    def _embed(self) -> Iterator[IndexProgress]:
        self._lane.go(on=True)
        saved = self._lane.embedded
        while not self._lane.drained(TOLD_EVERY_S):
            if self._lane.embedded - saved > _SAVED_EVERY:
                saved = self._lane.embedded
                yield from self._save()
            yield from self._wait_turn()
            yield from self._run.tell("embedding")

    def _save(self) -> Iterator[IndexProgress]:
        """Writing the file of a large vector index takes a while; a stop does not wait for it."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="saving")
        saving = thread.submit(self._vectors().save)
        thread.shutdown(wait=False)
        while not saving.done():
            self._cancel.raise_if_cancelled()
            wait([saving], TOLD_EVERY_S)
            yield from self._run.tell("embedding")
        saving.result()

    def _recognise(self) -> Iterator[IndexProgress]:
        pages = self._pages()
        self._run.pages_total = len(pages)
        if not pages:
            return
        recognition = Recognition(self._store, self._pool, self._reading, self._pace)
        for done in recognition.recognise(pages, self._request.schedule, self._cancel):
            self._run.pages += len(done)
            self._run.file = done[-1].file.path if done else self._run.file
            yield from self._wait_turn()
            yield from self._run.tell("recognising")
        self._run.failures += recognition.failures
        yield from self._embed()

    def _pages(self) -> list[WaitingPage]:
        return self._store.waiting_pages(self._request.folders) if self._request.rules.recognise else []

    def _wait_turn(self) -> Iterator[IndexProgress]:
        """Nothing is done here while an answer is being written, or another reason stands against it."""
        began = time.monotonic()
        for reason in self._pace.turn(self._request.schedule, self._cancel):
            yield self._run.event("waiting", reason)
        self._run.waited += time.monotonic() - began

    def _finished(self, listing: Listing, changes: Changes) -> IndexFinished:
        run = self._run
        where, parameters = within("path", self._request.folders)
        passages = self._store.database.rows(
            f"SELECT coalesce(sum(passages), 0) FROM files WHERE {where}",  # noqa: S608
            parameters,
        )[0][0]
        return IndexFinished(
            seen=len(listing.files) + changes.members,
            indexed=run.indexed,
            unchanged=changes.unchanged,
            removed=changes.removed,
            failed=len(run.failures),
            passages=passages,
            seconds=round(time.monotonic() - run.started, 3),
            failures=tuple(run.failures),
        )
