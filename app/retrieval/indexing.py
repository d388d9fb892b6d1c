"""Bringing the index up to date: list, compare, read, store, embed.

Reading runs one file ahead in a thread of its own (it spends its time waiting for the reader process);
text is stored, and so searchable by keyword, as soon as it is read; vectors follow in batches.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from app.base.errors import AppError
from app.base.files import sha256_of
from app.base.jobs import CancelToken
from app.documents.chunking import Chunk, chunk
from app.documents.document import ReadResult, Verdict
from app.documents.limits import Limits
from app.documents.reader_process import ReaderProcess
from app.retrieval.embedding import Embedder
from app.retrieval.index_store import IndexStore, KnownFile, SeenFile
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import FileFailure, Index, IndexFinished, IndexProgress
from app.retrieval.walking import Listing, list_files
from app.storage.passages import within

# Passages gathered before they are embedded: enough to sort by length, few enough to be soon on disk.
_GATHERED = 512
_PIECE = 64
_AHEAD = 8
PASSAGE_TOKENS = 200
_READABLE = (Verdict.indexed, Verdict.partial)


@dataclass(slots=True)
class _Run:
    """The counts of one refresh."""

    started: float  # monotonic seconds
    total: int = 0
    done: int = 0
    bytes_total: int = 0
    bytes_done: int = 0
    embedded: int = 0
    embed_s: float = 0.0
    indexed: int = 0
    unchanged: int = 0
    removed: int = 0
    failures: list[FileFailure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _ReadFile:
    seen: SeenFile
    digest: str
    result: ReadResult | KnownFile  # a file with the same bytes was read before


class Indexer:
    """Answers `Index` requests, one at a time."""

    def __init__(
        self,
        store: IndexStore,
        vectors: Callable[[], LiveVectors],
        embedder: Callable[[], Embedder],
        reader: ReaderProcess,
        may_run: threading.Event,
    ) -> None:
        self._store = store
        self._vectors = vectors
        self._embedder = embedder
        self._reader = reader
        self._may_run = may_run

    def refresh(self, request: Index, cancel: CancelToken) -> Iterator[IndexProgress | IndexFinished]:
        """Read what is new or changed, forget what is gone; ends with `IndexFinished`.

        Raises `AppError` (nothing to list, full disk) and `Cancelled`; files stored by then stay.
        """
        run = _Run(time.monotonic())
        yield _progress(run, "listing", "")
        listing = list_files(request.folders, lambda seen: cancel.raise_if_cancelled())
        if listing.unseen and len(listing.unseen) == len(request.folders) and not listing.files:
            failure = listing.failures[0]
            raise AppError(f"{failure.file} cannot be indexed.", failure.reason)
        run.failures += listing.failures
        known = self._store.known(request.folders)
        self._forget_missing(run, listing, known)
        to_read = self._compare(run, request, listing, known, cancel)
        run.total = len(to_read)
        run.bytes_total = sum(each.size for each in to_read)
        yield from self._read_and_embed(run, request, to_read, cancel)
        if run.done or run.removed or run.embedded:
            self._vectors().save()
        yield self._finished(run, request, listing)

    def _forget_missing(self, run: _Run, listing: Listing, known: dict[str, KnownFile]) -> None:
        """Files that are gone, unless they were only moved (the comparison finds those by their hash)."""
        gone = [
            path
            for path in known
            if path not in listing.files and not any(_below(path, folder) for folder in listing.unseen)
        ]
        new = [seen for path, seen in listing.files.items() if path not in known]
        moved: set[str] = set()
        if gone and new:
            moved = self._follow_moved(listing, [known[path] for path in gone], new, known)
        lost = [path for path in gone if path not in moved]
        if lost:
            self._store.remove(lost)
        for path in gone:
            known.pop(path, None)
        run.removed = len(lost)

    def _follow_moved(
        self, listing: Listing, gone: list[KnownFile], new: list[SeenFile], known: dict[str, KnownFile]
    ) -> set[str]:
        """A new file with the bytes of a vanished one is that file under another name."""
        by_size: dict[int, list[KnownFile]] = {}
        for each in gone:
            if each.hash and each.state in _READABLE:
                by_size.setdefault(each.size, []).append(each)
        moved: set[str] = set()
        for seen in new:
            candidates = by_size.get(seen.size)
            digest = _hash(seen) if candidates else ""
            match = next((each for each in candidates or () if each.hash == digest), None)
            if match is not None:
                by_size[seen.size].remove(match)
                self._store.touch(match, seen)
                known[seen.path] = KnownFile(
                    match.id, seen.path, seen.size, seen.mtime_ns, digest, match.state, match.reason
                )
                moved.add(match.path)
        return moved

    def _compare(
        self, run: _Run, request: Index, listing: Listing, known: dict[str, KnownFile], cancel: CancelToken
    ) -> list[SeenFile]:
        to_read = []
        for path, seen in listing.files.items():
            old = known.get(path)
            if old is None:
                to_read.append(seen)
            elif (old.size, old.mtime_ns) != (seen.size, seen.mtime_ns):
                cancel.raise_if_cancelled()
                if old.hash and old.size == seen.size and _hash(seen) == old.hash:
                    self._store.touch(old, seen)
                    self._keep(run, old)
                else:
                    to_read.append(seen)
            elif old.state not in _READABLE and (request.retry or old.state == Verdict.unreadable):
                to_read.append(seen)
            else:
                self._keep(run, old)
        return to_read

    def _keep(self, run: _Run, old: KnownFile) -> None:
        run.unchanged += 1
        if old.state not in _READABLE:
            run.failures.append(FileFailure(old.path, old.state, old.reason))

    def _read_and_embed(
        self, run: _Run, request: Index, to_read: list[SeenFile], cancel: CancelToken
    ) -> Iterator[IndexProgress]:
        """Passages left without a vector by an earlier, interrupted run are embedded too."""
        waiting = self._store.without_vector(request.folders)
        if not to_read and not waiting:
            return
        embedder = self._embedder()
        for read in self._read_ahead(to_read, cancel):
            yield from self._wait_turn(run, read.seen.path, cancel)
            waiting += self._store_one(run, read, embedder, cancel)
            yield _progress(run, "reading", read.seen.path)
            if len(waiting) >= _GATHERED:
                yield from self._embed(run, waiting, embedder, read.seen.path, cancel)
                waiting = []
        if waiting:
            yield from self._embed(run, waiting, embedder, "", cancel)

    def _read_ahead(self, to_read: Sequence[SeenFile], cancel: CancelToken) -> Iterator[_ReadFile]:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading") as pool:
            ahead: deque[Future[_ReadFile]] = deque()
            try:
                for seen in to_read:
                    ahead.append(pool.submit(self._read, seen, cancel))
                    if len(ahead) > _AHEAD:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            finally:
                for future in ahead:
                    future.cancel()

    def _read(self, seen: SeenFile, cancel: CancelToken) -> _ReadFile:
        cancel.raise_if_cancelled()
        digest = _hash(seen)
        twins = self._store.with_hash(digest) if digest else []
        return _ReadFile(seen, digest, twins[0] if twins else self._reader.read(Path(seen.path), cancel))

    def _store_one(
        self, run: _Run, read: _ReadFile, embedder: Embedder, cancel: CancelToken
    ) -> list[tuple[int, str]]:
        """Store the text; it can be found by its words at once. Returns the passages to embed."""
        run.done += 1
        run.bytes_done += read.seen.size
        result = read.result
        if isinstance(result, KnownFile):
            if self._store.copy(result, read.seen):
                run.indexed += 1
                return self._store.without_vector([read.seen.path])
            result = self._reader.read(Path(read.seen.path), cancel)
        chunks: list[Chunk] = []
        if result.document is not None:
            limit = min(PASSAGE_TOKENS, embedder.max_tokens - 2)
            chunks = chunk(result.document, embedder.count_tokens, limit)
        if result.verdict in _READABLE:
            run.indexed += 1
        else:
            run.failures.append(FileFailure(read.seen.path, str(result.verdict), result.reason))
        return self._store.store(read.seen, read.digest, result, chunks)

    def _embed(
        self, run: _Run, waiting: list[tuple[int, str]], embedder: Embedder, file: str, cancel: CancelToken
    ) -> Iterator[IndexProgress]:
        """Embed in pieces that are stored one by one, so that a stop loses little."""
        waiting = sorted(waiting, key=lambda each: len(each[1]), reverse=True)
        for first in range(0, len(waiting), _PIECE):
            yield from self._wait_turn(run, file, cancel)
            piece = waiting[first : first + _PIECE]
            started = time.monotonic()
            vectors = embedder.embed([text for _, text in piece])
            self._store.add_vectors(np.array([number for number, _ in piece], dtype=np.int64), vectors)
            run.embed_s += time.monotonic() - started
            run.embedded += len(piece)
            yield _progress(run, "reading", file)

    def _wait_turn(self, run: _Run, file: str, cancel: CancelToken) -> Iterator[IndexProgress]:
        """Nothing is done here while an answer is being written."""
        if not self._may_run.is_set():
            yield _progress(run, "waiting", file)
        while not self._may_run.wait(0.1):
            cancel.raise_if_cancelled()
        cancel.raise_if_cancelled()

    def _finished(self, run: _Run, request: Index, listing: Listing) -> IndexFinished:
        where, parameters = within("f.path", request.folders)
        passages = self._store.database.rows(
            f"SELECT count(*) FROM passages p JOIN files f ON f.id = p.file_id WHERE {where}",  # noqa: S608
            parameters,
        )[0][0]
        return IndexFinished(
            seen=len(listing.files),
            indexed=run.indexed,
            unchanged=run.unchanged,
            removed=run.removed,
            failed=len(run.failures),
            passages=passages,
            seconds=round(time.monotonic() - run.started, 3),
            failures=tuple(run.failures),
        )


def _progress(run: _Run, stage: Literal["listing", "reading", "waiting"], file: str) -> IndexProgress:
    elapsed = time.monotonic() - run.started
    share = run.bytes_done / run.bytes_total if run.bytes_total else 0.0
    return IndexProgress(
        stage=stage,
        done=run.done,
        total=run.total,
        file=file,
        passages=run.embedded,
        passages_per_s=round(run.embedded / run.embed_s, 1) if run.embed_s else 0.0,
        seconds_left=round(elapsed / share - elapsed, 1) if share > 0 and elapsed > 1 else None,
    )


def _below(path: str, folder: str) -> bool:
    return path == folder or Path(path).is_relative_to(folder)


def _hash(seen: SeenFile) -> str:
    """Empty when the file cannot be read, or is too large to be; the reader then says why."""
    if seen.size > Limits().file_bytes:
        return ""
    try:
        return sha256_of(Path(seen.path))
    except OSError:
        return ""
