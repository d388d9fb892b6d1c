"""The front's side of the retrieval worker: `Library`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.worker_process import WAITING, WorkerProcess
from app.retrieval.protocol import (
    CODEC,
    Check,
    CheckResult,
    Compare,
    Compared,
    Digest,
    Digested,
    Forget,
    Hold,
    Index,
    IndexFinished,
    IndexProgress,
    Release,
    Search,
    SearchMode,
    SearchResult,
)

# Nothing in the worker may look for models on a network, whatever the person's environment says.
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class Library:
    """Indexed folders: refresh them, search them. Starts its worker with the first call."""

    def __init__(self, paths: DataPaths) -> None:
        self._worker = WorkerProcess(
            "app.retrieval.worker",
            CODEC,
            title="The document index",
            log_file=paths.logs / "retrieval.log",
            arguments=[str(paths.index_db), str(paths.index_lock), str(paths.vector_cache), str(paths.logs)],
            environment=_OFFLINE | WAITING,
            grace_s=5.0,
        )

    def warm_up(self) -> None:
        """Start the worker so that the first search does not wait for it; returns at once."""
        self._worker.start()

    @property
    def worker_pid(self) -> int | None:
        return self._worker.pid

    def refresh(
        self, folders: Sequence[str], cancel: CancelToken, *, retry: bool = False, if_free: bool = False
    ) -> Iterator[IndexProgress | IndexFinished]:
        """Read what is new or changed below `folders`, forget what is gone; the last event tells the result.

        Raises `AppError` (missing folder, full disk, another Alcove writing), `WorkerDied`, `Cancelled`.
        What was indexed before an error or a stop stays. `if_free`: end at once, without a last event,
        when another Alcove is writing.
        """
        return self._worker.request(Index(tuple(folders), retry, if_free), cancel)

    def forget(self, folders: Sequence[str]) -> None:
        """Drop folders or files from the index; the person's files are not touched."""
        self._worker.call(Forget(tuple(folders)))

    def search(
        self,
        query: str,
        cancel: CancelToken,
        *,
        k: int = 8,
        mode: SearchMode = "hybrid",
        folders: Sequence[str] = (),
        evidence: bool = False,
    ) -> SearchResult:
        """The `k` passages nearest to `query`, best first; `evidence` also picks their telling sentences."""
        for reply in self._worker.request(Search(query, k, mode, tuple(folders), evidence), cancel):
            if isinstance(reply, SearchResult):
                return reply
        raise AppError("The document index gave no answer.", "Try again.")

    def digest(
        self,
        cancel: CancelToken,
        *,
        file: str = "",
        text: str = "",
        sentences: int | None = None,
        per_section: int = 0,
    ) -> Digested:
        """The passages of an indexed `file` or a pasted `text`, and its most telling sentences (see `Digest`).

        Raises `AppError` when the file is not indexed or holds no text, `WorkerDied`, `Cancelled`.
        """
        for reply in self._worker.request(Digest(file, text, sentences, per_section), cancel):
            if isinstance(reply, Digested):
                return reply
        raise AppError("The document index gave no answer.", "Try again.")

    def compare(
        self, texts: Sequence[str], candidates: Sequence[Sequence[str]], cancel: CancelToken
    ) -> tuple[tuple[float, ...], ...]:
        """The cosine (-1…1) of each text with each of its own candidates: shape (texts, candidates of it)."""
        for reply in self._worker.request(Compare(tuple(texts), tuple(map(tuple, candidates))), cancel):
            if isinstance(reply, Compared):
                return reply.similarities
        raise AppError("The document index gave no answer.", "Try again.")

    def check(self, cancel: CancelToken, *, repair: bool = False) -> Iterator[CheckResult]:
        return self._worker.request(Check(repair), cancel)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Indexing waits while the body runs, so that an answer is written at full speed."""
        running = self._worker.pid is not None
        if running:
            with suppress(AppError):
                self._worker.call(Hold())
        try:
            yield
        finally:
            if running and self._worker.pid is not None:
                with suppress(AppError):
                    self._worker.call(Release())

    def close(self) -> None:
        self._worker.close()
