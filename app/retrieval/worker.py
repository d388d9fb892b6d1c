"""The retrieval worker: embedder, FAISS and the only writer of `index.db`.

Searching and indexing run side by side; one process at a time may write, which a lock file decides, so
that a terminal command beside the open window is safe.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.logs import start_logging
from app.base.scratch import scratch_folder
from app.base.worker_process import serve
from app.documents.limits import MIB, Limits
from app.documents.reader_pool import ReaderPool
from app.retrieval.answerability import Judge
from app.retrieval.checking import check
from app.retrieval.codec import CODEC
from app.retrieval.comparing import Comparer
from app.retrieval.digest import digest
from app.retrieval.each_document import EachDocument
from app.retrieval.each_protocol import AskEach
from app.retrieval.embedding import Embedder
from app.retrieval.index_store import IndexStore
from app.retrieval.indexing import Indexer
from app.retrieval.live_vectors import LiveVectors, ModelChanged
from app.retrieval.pacing import Pace
from app.retrieval.protocol import (
    Check,
    Choose,
    Compare,
    Digest,
    Digested,
    Forget,
    Hold,
    Index,
    Pause,
    Reembed,
    Reembedded,
    Release,
    Search,
    SearchResult,
    TryOut,
)
from app.retrieval.readers.serving_reader import ServingReader
from app.retrieval.reembedding import Reembedder
from app.retrieval.reranking import Reranker
from app.retrieval.searching import Searcher
from app.retrieval.serving import STARTER_FOLDER, Serving, ServingModel, open_embedder, try_out
from app.retrieval.whole_document import pasted_document, stored_document
from app.storage.database import open_database
from app.storage.migrations import INDEX

_POLL_S = 0.1
_LIMITS = Limits(file_bytes=4096 * MIB)  # the settings say how large a file may be; memory is bounded anyway


class IndexBusy(AppError):
    """Another process has the right to write."""


class Retrieval:
    """Every part of the worker, each built when it is first needed (the embedder takes seconds)."""

    def __init__(self, pace: Pace, index_db: Path, lock: Path, cache: Path, logs: Path) -> None:
        database = open_database(index_db, INDEX, durable=False)
        self._store = IndexStore(database)
        self._database = database.for_reading()  # a question does not wait until a large file is stored
        # of this process, whichever of its threads took it first
        self._lock = FileLock(lock, thread_local=False)
        self._scratch = scratch_folder(cache.parent, "reader")
        self._pool = ReaderPool(_LIMITS, self._scratch, logs)
        self._building = threading.Lock()
        self._locking = threading.Lock()
        self._writing = threading.Lock()
        self._pace = pace
        self._serving = ServingModel(self._database, cache)
        self._reranker: Reranker | None = None
        self._reader = ServingReader()
        self._judge = Judge(self._reader.current)
        self._each_document = EachDocument(self._database, self._serving.current, self._judge, pace)
        self._searching: tuple[Serving | None, Reranker | None, Searcher] | None = None
        self._running: Indexer | None = None
        self._comparer = Comparer(lambda: self._starter)

    def handle(self, request: Any, cancel: CancelToken) -> Iterator[Any]:
        """The replies to one request."""
        match request:
            case Search():
                yield self._search(request, cancel)
            case AskEach():
                self._reader.warm_up()
                running = self._running
                coming = running.unread(request.folders) if running else 0
                yield from self._each_document.ask(request, coming, cancel)
            case Digest():
                yield self._digest(request, cancel)
            case Choose():
                self._choose(request)
            case Reembed():
                yield from self._reembed(request, cancel)
            case TryOut():
                yield try_out(request)
            case Compare():
                yield self._comparer.compare(request, cancel)
            case Index():
                yield from self._refresh(request, cancel)
            case Forget():
                running = self._running  # which must not read them again
                with self._alone():
                    (running.forget if running else self._store.remove_below)(request.folders)
            case Check():
                yield from check(
                    self._store, self._live_vectors, request.repair, lambda: self._writer(cancel), cancel
                )

    def close(self) -> None:
        self._pool.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _search(self, request: Search, cancel: CancelToken) -> SearchResult:
        if request.evidence:
            self._reader.warm_up()  # while the search model loads
        while True:
            cancel.raise_if_cancelled()
            with suppress(ModelChanged):  # in the middle of this search
                found = self._searcher(request, cancel).search(request)
                running = self._running
                coming = running.unread(request.folders) if running else 0
                return replace(found, unread=found.unread + coming)

    def _searcher(self, request: Search, cancel: CancelToken) -> Searcher:
        try:
            serving = self._serving.current(cancel)
        except AppError:
            if request.mode != "keyword":
                raise
            serving = None  # words are found without the model as well
        with self._building:
            if self._searching is None or self._searching[:2] != (serving, self._reranker):
                rerank = self._reranker.scores if self._reranker else None
                searcher = (
                    Searcher(
                        self._database, serving.vectors, serving.embedder, serving.scale, rerank, self._judge
                    )
                    if serving is not None
                    else Searcher(self._database, None, None)
                )
                self._searching = (serving, self._reranker, searcher)
            return self._searching[2]

    @cached_property
    def _starter(self) -> Embedder:
        """Texts are compared by the starter whatever the library is searched with: what is a likeness is told by its cosines."""
        with suppress(AppError):  # another model that is missing
            serving = self._serving.current()
            if serving.folder == STARTER_FOLDER:
                return serving.embedder
        return open_embedder(STARTER_FOLDER)

    def _choose(self, request: Choose) -> None:
        self._serving.choose(request.embedder)
        self._reader.choose(request.reader)
        with self._building:
            if request.reranker != (self._reranker.folder if self._reranker else ""):
                self._reranker = Reranker(request.reranker) if request.reranker else None

    def _reembed(self, request: Reembed, cancel: CancelToken) -> Iterator[Any]:
        run = Reembedder(
            self._store,
            self._serving,
            lambda: self._writer(cancel, wait=False),
            IndexBusy,
            self._pace,
            request.schedule,
            cancel,
        )
        yield from run.run()
        yield Reembedded(self._serving.current(cancel).folder == self._serving.wanted)

    def _digest(self, request: Digest, cancel: CancelToken) -> Digested:
        embedder = self._serving.current(cancel).embedder
        if request.file:
            document = stored_document(self._database, request.file, embedder.dimensions)
        else:
            document = pasted_document(request.text, embedder)
        return digest(
            document, embedder, cancel, sentences=request.sentences, per_section=request.per_section
        )

    def _refresh(self, request: Index, cancel: CancelToken) -> Iterator[Any]:
        if request.if_free and self._pace.paused:
            return
        try:
            with self._writer(cancel, wait=not request.if_free):
                self._running = self._indexer(request, cancel)
                try:
                    yield from self._running.refresh()
                finally:
                    self._running = None
                    self._pool.rest()
        except IndexBusy:
            if not request.if_free:
                raise

    def _indexer(self, request: Index, cancel: CancelToken) -> Indexer:
        # the embedder is asked for only when something must be read: a refresh without changes is quick
        def embedder() -> Embedder:
            return self._serving.current(cancel).embedder

        return Indexer(self._store, self._live_vectors, embedder, self._pool, self._pace, request, cancel)

    def _live_vectors(self) -> LiveVectors:
        return self._serving.current().vectors

    @contextmanager
    def _writer(self, cancel: CancelToken, *, wait: bool = True) -> Iterator[None]:
        """The right to write, for a whole run of work.

        Another request of this window is waited for, if `wait`; another Alcove is not (`IndexBusy`).
        """
        while not self._writing.acquire(timeout=_POLL_S):
            cancel.raise_if_cancelled()
            if not wait:
                raise IndexBusy("The document index is being updated.", "Wait until it has finished.")
        try:
            with self._alone():
                yield
        finally:
            self._writing.release()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other Alcove writes meanwhile (`IndexBusy`); other requests of this window may."""
        try:
            with self._locking:
                self._lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexBusy(
                "Another Alcove is updating the document index.",
                "Wait until it has finished, or stop it there.",
            ) from error
        except OSError as error:
            folder = Path(self._lock.lock_file).parent
            raise AppError(
                f"Nothing can be written in {folder}, so the document index stays as it is.",
                "Give yourself permission to write there, or choose another data folder with --home.",
            ) from error
        try:
            yield
        finally:
            with self._locking:
                self._lock.release()


def main(arguments: list[str]) -> None:
    """Entry point; `arguments`: index database, lock file, vector cache and log folder."""
    index_db, lock, cache, logs = map(Path, arguments)
    start_logging(logs, "retrieval-worker")
    retrieval = _Later(index_db, lock, cache, logs)
    serve(retrieval.handle, CODEC, threads=8, at_once=(Hold, Release, Pause), at_end=retrieval.close)


class _Later:
    """Opens the database with the first request that needs it, so that its errors reach the front as sentences."""

    def __init__(self, *arguments: Path) -> None:
        self._arguments = arguments
        self._pace = Pace()
        self._lock = threading.Lock()
        self._opened: Retrieval | None = None

    def handle(self, request: Any, cancel: CancelToken) -> Iterator[Any]:
        match request:
            case Hold():
                self._pace.hold()
            case Release():
                self._pace.release()
            case Pause():
                self._pace.pause(request.on)
            case _:
                return self._retrieval().handle(request, cancel)
        return iter(())

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def _retrieval(self) -> Retrieval:
        with self._lock:
            if self._opened is None:
                self._opened = Retrieval(self._pace, *self._arguments)
        return self._opened
