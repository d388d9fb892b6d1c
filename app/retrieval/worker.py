"""The retrieval worker: embedder, FAISS and the only writer of `index.db`.

Searching and indexing run side by side; one process at a time may write, which a lock file decides, so
that a terminal command beside the open window is safe.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.logs import start_logging
from app.base.scratch import scratch_folder
from app.base.worker_process import serve
from app.documents.limits import Limits
from app.documents.reader_process import ReaderProcess
from app.models.installed import starter_embedder
from app.retrieval.checking import check
from app.retrieval.comparing import Comparer
from app.retrieval.digest import digest
from app.retrieval.embedding import Embedder
from app.retrieval.index_store import IndexStore
from app.retrieval.indexing import Indexer
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import (
    CODEC,
    Check,
    Compare,
    Digest,
    Digested,
    Forget,
    Hold,
    Index,
    Release,
    Search,
)
from app.retrieval.searching import Searcher
from app.retrieval.whole_document import pasted_document, stored_document
from app.storage.database import open_database
from app.storage.migrations import INDEX

_POLL_S = 0.1


class IndexBusy(AppError):
    """Another process has the right to write."""


class Retrieval:
    """Every part of the worker, each built when it is first needed (the embedder takes seconds)."""

    def __init__(self, index_db: Path, lock: Path, cache: Path, logs: Path) -> None:
        self._database = open_database(index_db, INDEX, durable=False)
        self._store = IndexStore(self._database)
        self._lock_file = lock
        self._cache = cache
        self._scratch = scratch_folder(cache.parent, "reader")
        self._reader = ReaderProcess(Limits(), self._scratch, logs)
        self._building = threading.Lock()
        self._writing = threading.Lock()
        self._may_run = threading.Event()
        self._may_run.set()
        self._counting = threading.Lock()
        self._answers = 0
        self._comparer = Comparer(lambda: self.embedder)

    def handle(self, request: Any, cancel: CancelToken) -> Iterator[Any]:
        """The replies to one request."""
        match request:
            case Search():
                yield self.searcher.search(request)
            case Digest():
                yield self._digest(request, cancel)
            case Compare():
                yield self._comparer.compare(request, cancel)
            case Index():
                yield from self._refresh(request, cancel)
            case Forget():
                with self._writer(cancel):
                    self._store.remove_below(request.folders)
            case Hold():
                self._hold(+1)
            case Release():
                self._hold(-1)
            case Check():
                yield from check(self._store, self._cache, request.repair, lambda: self._writer(cancel))

    def close(self) -> None:
        self._reader.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    @property
    def searcher(self) -> Searcher:
        with self._building:
            return self._searcher

    @property
    def embedder(self) -> Embedder:
        with self._building:
            return self._embedder

    @cached_property
    def _embedder(self) -> Embedder:
        embedder = Embedder(starter_embedder())
        self._store.prepare_for(embedder.name)
        return embedder

    @cached_property
    def _vectors(self) -> LiveVectors:
        return LiveVectors(self._database, self._cache, self._embedder.dimensions)

    @cached_property
    def _searcher(self) -> Searcher:
        return Searcher(self._database, self._vectors, self._embedder)

    def _digest(self, request: Digest, cancel: CancelToken) -> Digested:
        if request.file:
            document = stored_document(self._database, request.file, self.embedder.dimensions)
        else:
            document = pasted_document(request.text, self.embedder)
        return digest(
            document, self.embedder, cancel, sentences=request.sentences, per_section=request.per_section
        )

    def _refresh(self, request: Index, cancel: CancelToken) -> Iterator[Any]:
        try:
            with self._writer(cancel, wait=not request.if_free):
                yield from self._indexer().refresh(request, cancel)
        except IndexBusy:
            if not request.if_free:
                raise

    def _indexer(self) -> Indexer:
        # the embedder is asked for only when something must be read: a refresh without changes is quick
        return Indexer(self._store, self._live_vectors, lambda: self.embedder, self._reader, self._may_run)

    def _live_vectors(self) -> LiveVectors:
        with self._building:
            return self._vectors

    def _hold(self, change: int) -> None:
        """Answers may overlap: indexing goes on when the last of them has ended."""
        with self._counting:
            self._answers = max(0, self._answers + change)
            if self._answers:
                self._may_run.clear()
            else:
                self._may_run.set()

    @contextmanager
    def _writer(self, cancel: CancelToken, *, wait: bool = True) -> Iterator[None]:
        """The right to write.

        Another request of this window is waited for, if `wait`; another Alcove is not (`IndexBusy`).
        """
        while not self._writing.acquire(timeout=_POLL_S):
            cancel.raise_if_cancelled()
            if not wait:
                raise IndexBusy("The document index is being updated.", "Wait until it has finished.")
        lock = FileLock(self._lock_file)
        try:
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                raise IndexBusy(
                    "Another Alcove is updating the document index.",
                    "Wait until it has finished, or stop it there.",
                ) from error
            yield
        finally:
            lock.release()
            self._writing.release()


def main(arguments: list[str]) -> None:
    """Entry point; `arguments`: index database, lock file, vector cache and log folder."""
    index_db, lock, cache, logs = map(Path, arguments)
    start_logging(logs, "retrieval-worker")
    retrieval = _Later(index_db, lock, cache, logs)
    serve(retrieval.handle, CODEC, threads=8, at_once=(Hold, Release), at_end=retrieval.close)


class _Later:
    """Opens the database with the first request, so that its errors reach the front as sentences."""

    def __init__(self, *arguments: Path) -> None:
        self._arguments = arguments
        self._lock = threading.Lock()
        self._opened: Retrieval | None = None

    def handle(self, request: Any, cancel: CancelToken) -> Iterator[Any]:
        with self._lock:
            if self._opened is None:
                self._opened = Retrieval(*self._arguments)
        return self._opened.handle(request, cancel)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
