"""The front's side of the engine worker: `Engine`."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.base.errors import AppError, Cancelled, WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.worker_process import WAITING, WorkerProcess
from app.engine.protocol import (
    CODEC,
    Chat,
    Complete,
    CountTokens,
    Generated,
    ListDevices,
    Load,
    Loaded,
    LoadProgress,
    Message,
    ModelSpec,
    PromptProgress,
    Sampling,
    TokenCounts,
    TokenText,
)

_GRACE_S = 1.5
_DEATHS = 2  # while loading the same file; then it is not tried again

Answer = LoadProgress | PromptProgress | TokenText | Generated


class Engine:
    """The language model, in a process of its own that starts with the first request. Safe to use from several threads.

    Every method that reaches the model loads it first where needed. They raise `AppError`, `WorkerDied`
    when the process ended in the middle (the next request starts a fresh one), and `Cancelled`.
    """

    def __init__(self, paths: DataPaths) -> None:
        self._worker = WorkerProcess(
            "app.engine.worker",
            CODEC,
            title="The language model",
            log_file=paths.logs / "engine.log",
            arguments=[str(paths.logs), str(paths.measurements)],
            environment=WAITING,
            grace_s=_GRACE_S,
        )
        self._deaths: dict[tuple[object, ...], int] = {}
        self._warming: threading.Thread | None = None
        self._wanted_warm: ModelSpec | None = None
        self._closing = CancelToken()

    @property
    def worker_pid(self) -> int | None:
        """Process id while the worker runs."""
        return self._worker.pid

    def warm_up(self, model: ModelSpec) -> None:
        """Start loading so that the first answer does not wait for it; returns at once, raises nothing."""
        self._wanted_warm = model
        if self._warming is not None and self._warming.is_alive():
            return  # it will see what is wanted now
        self._warming = threading.Thread(target=self._warm, name="warm-up", daemon=True)
        self._warming.start()

    def restart(self, cancel: CancelToken) -> int:
        """A fresh process that holds no model; returns its id. Raises `AppError` and `Cancelled`."""
        self._worker.close()
        self._worker.call(ListDevices(), cancel)
        pid = self._worker.pid
        if pid is None:
            raise AppError("The language model's process ended at once.", "Try again.")
        return pid

    def load(self, model: ModelSpec, cancel: CancelToken) -> Iterator[LoadProgress | Loaded]:
        """Hold this model; ends with `Loaded`."""
        return self._request(Load(model), cancel)

    def chat(
        self,
        model: ModelSpec,
        messages: Sequence[Message],
        sampling: Sampling,
        max_tokens: int,
        cancel: CancelToken,
    ) -> Iterator[Answer]:
        """The next answer of a conversation, by the model's own template; ends with `Generated`."""
        return self._request(Chat(model, tuple(messages), sampling, max_tokens), cancel)

    def complete(
        self, model: ModelSpec, prompt: str, sampling: Sampling, max_tokens: int, cancel: CancelToken
    ) -> Iterator[Answer]:
        """Continue a plain text; ends with `Generated`."""
        return self._request(Complete(model, prompt, sampling, max_tokens), cancel)

    def count_tokens(self, model: ModelSpec, texts: Sequence[str], cancel: CancelToken) -> tuple[int, ...]:
        """Tokens of each text, without template."""
        for reply in self._request(CountTokens(model, tuple(texts)), cancel):
            if isinstance(reply, TokenCounts):
                return reply.counts
        raise AppError("The language model gave no answer.", "Try again.")

    def close(self) -> None:
        """End the process."""
        self._closing.cancel()
        self._worker.close()
        if self._warming is not None:
            self._warming.join(timeout=_GRACE_S)

    def _warm(self) -> None:
        """An error is met again, and told, by the request that needs the model."""
        model: ModelSpec | None = None
        while model is not self._wanted_warm and not self._closing.cancelled:
            model = self._wanted_warm
            assert model is not None
            with contextlib.suppress(AppError, Cancelled, WorkerBug):
                for _ in self.load(model, self._closing):
                    pass

    def _request(self, request: Load | Chat | Complete | CountTokens, cancel: CancelToken) -> Iterator[Any]:
        file = _identity(request.model)
        if self._deaths.get(file, 0) >= _DEATHS:
            raise _crashes(request.model)
        loading = True
        try:
            for reply in self._worker.request(request, cancel):
                loading = loading and isinstance(reply, LoadProgress)
                if not loading:
                    self._deaths.pop(file, None)
                yield reply
        except WorkerDied as died:
            if loading and not died.killed and not self._closing.cancelled:
                self._deaths[file] = self._deaths.get(file, 0) + 1
                if self._deaths[file] >= _DEATHS:
                    raise _crashes(request.model) from None
            raise


def _identity(model: ModelSpec) -> tuple[object, ...]:
    """Changes when the file is replaced, so that a good copy gets its chance."""
    with contextlib.suppress(OSError):
        state = Path(model.file).stat()
        return (model.file, model.adapters, state.st_size, state.st_mtime_ns)
    return (model.file, model.adapters)


def _crashes(model: ModelSpec) -> AppError:
    return AppError(
        f"The model “{Path(model.file).name}” crashed twice while it was loaded.", "Choose another model."
    )
