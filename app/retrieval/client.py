"""The front's side of the retrieval worker: `Library`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.settings import CAUTION
from app.base.worker_process import WAITING, WorkerProcess
from app.models.encoder_files import Kind
from app.retrieval.codec import CODEC
from app.retrieval.each_protocol import AskEach, EachEnded, EachRead
from app.retrieval.preferences import Preferences
from app.retrieval.protocol import (
    NO_LIMITS,
    Check,
    CheckResult,
    Choose,
    Compare,
    Compared,
    Digest,
    Digested,
    FileLimits,
    Forget,
    Hold,
    Index,
    IndexFinished,
    IndexProgress,
    Pause,
    Reembed,
    Reembedded,
    ReembedProgress,
    Release,
    Search,
    SearchMode,
    SearchResult,
    TriedOut,
    TryOut,
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
    """Indexed folders: refresh them, search them. Starts its worker with the first call.

    `preferences` are asked for with every request, so that changed settings count at once. `forgotten` is called when
    documents were removed, so that their words go from where else they are kept.
    """

    def __init__(
        self,
        paths: DataPaths,
        preferences: Callable[[], Preferences] = Preferences,
        forgotten: Callable[[], None] = lambda: None,
    ) -> None:
        self._preferences = preferences
        self._forgotten = forgotten
        self._paused = False
        self._told: tuple[int | None, str, str, str] | None = None
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
        self,
        folders: Sequence[str],
        cancel: CancelToken,
        *,
        retry: bool = False,
        if_free: bool = False,
        only: Sequence[str] = (),
        unasked: bool = False,
    ) -> Iterator[IndexProgress | IndexFinished]:
        """Read what is new or changed below `folders`, forget what is gone; the last event tells the result.

        `retry` reads files again that could not be read before. `if_free`: end at once, without a last event, when
        another Alcove is writing or reading is paused. `only`: look at nothing but these paths below `folders`; a missing one is forgotten.
        `unasked`: nobody waits for it, so it goes on only when the schedule of the settings allows.
        Raises `AppError` (missing folder, full disk, another Alcove writing), `WorkerDied`, `Cancelled`.
        What was indexed before an error or a stop stays.
        """
        chosen = self._tell_choice()
        if chosen.paused and if_free and not unasked:
            return iter(())
        schedule = chosen.schedule if unasked else "manual"
        request = Index(tuple(folders), retry, if_free, tuple(only), chosen.rules, schedule)
        return self._told_of_gone(self._worker.request(request, cancel))

    def pause(self, on: bool) -> None:
        """Reading waits from now on, or goes on. To outlast a restart it must stand in the settings as well."""
        self._paused = on
        if self._worker.pid is not None:
            self._worker.call(Pause(on=on))

    def forget(self, folders: Sequence[str]) -> None:
        """Drop folders or files from the index; the person's files are not touched."""
        try:
            self._worker.call(Forget(tuple(folders)))
        finally:  # an index that failed may have dropped some
            self._forgotten()

    def search(
        self,
        query: str,
        cancel: CancelToken,
        *,
        k: int = 8,
        mode: SearchMode = "hybrid",
        folders: Sequence[str] = (),
        evidence: bool = False,
        limits: FileLimits = NO_LIMITS,
        caution: int = CAUTION,
    ) -> SearchResult:
        """The `k` passages nearest to `query`, best first; `evidence` also picks their telling sentences.

        `caution`: as in `Search`.
        """
        self._tell_choice()
        request = Search(query, k, mode, tuple(folders), evidence, limits, caution)
        for reply in self._worker.request(request, cancel):
            if isinstance(reply, SearchResult):
                return reply
        raise AppError("The document index gave no answer.", "Try again.")

    def ask_each(
        self,
        question: str,
        cancel: CancelToken,
        *,
        otherwise: Sequence[str] = (),
        folders: Sequence[str] = (),
        limits: FileLimits = NO_LIMITS,
        caution: int = CAUTION,
    ) -> Iterator[EachRead | EachEnded]:
        """What every document by itself answers, the likeliest first (see `AskEach`). Raises as `search`, `Cancelled`."""
        self._tell_choice()
        return self._worker.request(
            AskEach(question, tuple(otherwise), tuple(folders), limits, caution), cancel
        )

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
        self._tell_choice()
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

    def reembed(
        self, cancel: CancelToken, *, unasked: bool = False
    ) -> Iterator[ReembedProgress | Reembedded]:
        """Make the vectors of the embedder in the settings, then let it serve; at once where it serves already.

        What was made before a stop stays, and the next call goes on there; until the end the old vectors serve.
        `unasked`: as in `refresh`. Raises `AppError` (the model is missing or broken, full disk), `WorkerDied`, `Cancelled`.
        """
        chosen = self._tell_choice()
        return self._worker.request(Reembed(chosen.schedule if unasked else "manual"), cancel)

    def try_out(self, folder: str, kind: Kind, cancel: CancelToken) -> TriedOut:
        """Load the model in `folder` and let it work once. Raises `AppError` with the reason when it does not."""
        for reply in self._worker.request(TryOut(folder, kind), cancel):
            if isinstance(reply, TriedOut):
                return reply
        raise AppError("The model gave no answer.", "Try again.")

    def _told_of_gone(
        self, events: Iterator[IndexProgress | IndexFinished]
    ) -> Iterator[IndexProgress | IndexFinished]:
        for event in events:
            if isinstance(event, IndexProgress) and event.removed:
                self._forgotten()
            yield event

    def _tell_choice(self) -> Preferences:
        """The worker hears which models are wanted, when it has just started and when that has changed.

        One that has just started does not know of a pause either.
        """
        chosen = self._preferences()
        models = (chosen.embedder, chosen.reranker, chosen.reader)
        if self._worker.pid is None or self._told != (self._worker.pid, *models):
            self._worker.call(Choose(*models))
            if self._paused:
                self._worker.call(Pause(on=True))
            self._told = (self._worker.pid, *models)
        return chosen

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
