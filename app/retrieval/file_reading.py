"""Reading files for the index: several at a time, each exactly as it lay on disk at one moment."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from app.base.edition import recognises_text
from app.base.jobs import CancelToken
from app.documents.chunking import Chunk, chunk
from app.documents.document import Document, ReadResult, Verdict
from app.documents.limits import MIB
from app.documents.reader_pool import ReaderPool
from app.retrieval.changes import ToRead, hash_of
from app.retrieval.embedding import Embedder
from app.retrieval.index_store import FileText, IndexStore, KnownFile, SeenFile
from app.retrieval.pacing import Pace
from app.retrieval.protocol import Index

PASSAGE_TOKENS = 200
_AHEAD = 8  # files for each reader
_TRIES = 3
_PATIENCE_S = 0.2
_SWITCHED_OFF = "It is a scan or a picture, and recognising text is switched off in the settings."
_LEFT_OUT = "It is a scan or a picture, and this edition of Alcove recognises no text."
_CHANGED = "The file changed again and again while it was read. Refresh the library when it is at rest."


@dataclass(frozen=True, slots=True)
class Twin:
    """A file with the bytes of one that was read before."""

    seen: SeenFile
    known: KnownFile


class FileReading:
    """Reads and cuts into passages; nothing is stored here."""

    def __init__(
        self,
        pool: ReaderPool,
        store: IndexStore,
        embedder: Callable[[], Embedder],
        pace: Pace,
        request: Index,
    ) -> None:
        self._pool = pool
        self._store = store
        self._embedder = embedder
        self._pace = pace
        self._rules = request.rules
        self._schedule = request.schedule

    def read_all(self, files: Sequence[ToRead], cancel: CancelToken) -> Iterator[list[FileText | Twin]]:
        """What has been read, in groups and in no order; empty groups tell that reading takes its time."""
        waiting = deque(files)
        under_way: set[Future[FileText | Twin]] = set()
        # one more than there are readers: a text is cut into passages while the next is read
        at_once = self._pool.size + 1
        with ThreadPoolExecutor(at_once, thread_name_prefix="reading") as threads:
            try:
                while waiting or under_way:
                    while waiting and len(under_way) < at_once * _AHEAD:
                        under_way.add(threads.submit(self.read, waiting.popleft(), cancel))
                    done, under_way = wait(under_way, _PATIENCE_S, FIRST_COMPLETED)
                    yield [each.result() for each in done]
            finally:
                for future in under_way:
                    future.cancel()

    def read(self, file: ToRead, cancel: CancelToken) -> FileText | Twin:
        """Raises `Cancelled`, and `AppError` if no reader starts."""
        for _ in self._pace.turn(self._schedule, cancel):
            pass
        if file.seen.size > self._rules.largest_bytes:
            return FileText(file.seen, "", self._too_large(), (), file.container)  # "": not looked at
        if file.container:
            with self._pool.reader() as reader:
                result = reader.read(Path(file.container), cancel, member=file.member)
            return self._text(file.seen, file.check, result, file.container)
        digest = hash_of(file.seen)
        twins = self._store.with_hash(digest) if digest else []
        return Twin(file.seen, twins[0]) if twins else self.read_anew(file.seen, digest, cancel)

    def read_anew(self, seen: SeenFile, digest: str, cancel: CancelToken) -> FileText:
        """A file that changes meanwhile is read again; `seen` of the result is how it lay there before and after."""
        for _ in range(_TRIES):
            with self._pool.reader() as reader:
                result = reader.read(Path(seen.path), cancel)
            now = _look(seen)
            if now == seen:
                return self._text(seen, digest, result)
            seen = now
            digest = hash_of(seen)
        return FileText(seen, "", ReadResult(Verdict.changed, _CHANGED))

    def chunks_of(self, document: Document) -> list[Chunk]:
        """Its passages."""
        embedder = self._embedder()
        return chunk(document, embedder.count_tokens, min(PASSAGE_TOKENS, embedder.max_tokens - 2))

    def _too_large(self) -> ReadResult:
        most = self._rules.largest_bytes // MIB
        return ReadResult(
            Verdict.too_large, f"It is larger than the {most} MB that the settings allow a file."
        )

    def _text(self, seen: SeenFile, digest: str, result: ReadResult, container: str = "") -> FileText:
        document = result.document
        if document is None:
            return FileText(seen, digest, result, (), container)
        if not self._rules.recognise and not any(each.text for each in document.places):
            result = replace(
                result, verdict=Verdict.empty, reason=_SWITCHED_OFF if recognises_text() else _LEFT_OUT
            )
        return FileText(seen, digest, result, self.chunks_of(document), container)


def _look(seen: SeenFile) -> SeenFile:
    """The file as it lies there now; one that has vanished meanwhile is as it was seen, and goes next time."""
    with contextlib.suppress(OSError):
        facts = Path(seen.path).stat()
        return SeenFile(seen.path, facts.st_size, facts.st_mtime_ns)
    return seen
