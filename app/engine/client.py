"""The front's side of the engine worker: `Engine`."""

import contextlib
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.base.errors import AppError, Cancelled, WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.kept_states import current_era, forget_states
from app.engine.measuring_protocol import ListDevices
from app.engine.process import engine_process
from app.engine.protocol import (
    Answered,
    CardUse,
    Chat,
    ChatMany,
    Complete,
    CountTokens,
    Generated,
    Load,
    Loaded,
    LoadProgress,
    Message,
    ModelSpec,
    Prompt,
    PromptProgress,
    Restoring,
    Sampling,
    TokenCounts,
    TokenText,
    Unanswered,
)
from app.engine.steps import told

_GRACE_S = 1.5
_DEATHS = 2  # while loading the same file; then only smaller ones of the same model are tried
_ENDED_BY_SYSTEM = -9  # how Linux and macOS end a process when memory runs out
# It hung up, or was asked to end (SIGHUP, SIGINT, SIGTERM), as when the person logs out.
_NO_CRASH = (0, -1, -2, -15)

Answer = LoadProgress | PromptProgress | TokenText | Generated


class Engine:
    """The language model, in a process of its own that starts with the first request. Safe to use from several threads.

    Every method that reaches the model loads it first where needed. They raise `AppError`, `WorkerDied`
    when the process ended in the middle (the next request starts a fresh one), and `Cancelled`. `keeps` is asked with
    every turn of a chat whether what the model reads may be kept on disk.
    """

    def __init__(self, paths: DataPaths, keeps: Callable[[], bool] = lambda: True) -> None:
        self._keeps = keeps
        self._states = paths.states
        self._worker = engine_process(
            "The language model", paths.logs, paths.measurements, paths.states, grace_s=_GRACE_S
        )
        self._measured = paths.measurements
        self._deaths: dict[tuple[object, ...], int] = {}
        self._kills: dict[tuple[object, ...], int] = {}  # as in `ModelSpec`
        self._on_card = ""  # the file that is loaded on a graphics card, or in part
        self._failed_on_card: set[str] = set()
        self._afresh = False
        self._learning = threading.Lock()
        self._loaded: tuple[ModelSpec, Loaded] | None = None
        self._warming: threading.Thread | None = None
        self._wanted_warm: ModelSpec | None = None
        self._closing = CancelToken()

    @property
    def worker_pid(self) -> int | None:
        """Process id while the worker runs."""
        return self._worker.pid

    @property
    def remark(self) -> str:
        """What is smaller or slower about the model held than was asked for, in a sentence or two; "" when nothing is."""
        return "" if self._loaded is None else told(self._loaded[1].steps)

    def shown_name(self, model: ModelSpec) -> str:
        """What the model is called that really answers for `model`, once it was loaded."""
        if self._loaded is not None and self._loaded[0] == model:
            for step in self._loaded[1].steps:
                if step.kind == "model":
                    return step.after
        return model.shown_name

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
        era = current_era(self._states) if self._keeps() else ""
        return self._request(Chat(model, tuple(messages), sampling, max_tokens, era), cancel)

    def chat_many(
        self, model: ModelSpec, prompts: Sequence[Prompt], cancel: CancelToken
    ) -> Generator[LoadProgress | Answered | Unanswered, None, None]:
        """The answers to conversations that do not depend on each other, each as it is finished, in any order.

        Several are written at once where that fits into the context and is faster; so their words may differ from those
        of `chat`. Other requests come in between.
        """
        left = dict(enumerate(prompts))
        while left:
            numbers = list(left)
            for reply in self._request(ChatMany(model, tuple(left.values())), cancel):
                if isinstance(reply, Answered | Unanswered):
                    reply = replace(reply, number=numbers[reply.number])
                    del left[reply.number]
                yield reply
            if len(left) == len(numbers):
                raise AppError("The language model gave no answer.", "Try again.")

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

    def try_card_again(self) -> None:
        """Forget that a graphics card failed, and what was faster: the next request finds that out in a fresh process.

        Raises `AppError` when it cannot be saved.
        """
        from app.hardware.measured import Measurements

        Measurements(self._measured).forget_cards()
        self._failed_on_card.clear()
        self._afresh = True

    def forget_states(self, since: float = 0.0) -> None:
        """Keep nothing of what models have read so far, or `since` then (seconds, Unix); what can be read again is."""
        forget_states(self._states, since)

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

    def _request(
        self, request: Load | Chat | ChatMany | Complete | CountTokens, cancel: CancelToken
    ) -> Iterator[Any]:
        """Where the process dies while it loads, it is tried again with less of what may have killed it."""
        file, most = _identity(request.model), _DEATHS + len(request.model.smaller)
        if self._afresh:
            self._afresh = False
            self._worker.close()
        while self._deaths.get(file, 0) < most:
            loading, restoring = True, False
            try:
                spared = replace(request, model=self._spared(request.model, file))
                for reply in self._worker.request(spared, cancel):
                    restoring = isinstance(reply, Restoring)
                    if restoring:
                        continue
                    if isinstance(reply, LoadProgress):
                        self._on_card = reply.file if reply.card else ""
                    else:
                        loading = False
                        self._deaths.pop(file, None)
                    if isinstance(reply, Loaded):
                        self._loaded = request.model, reply
                        if not isinstance(request, Load):
                            continue
                    yield reply
                return
            except WorkerDied as died:
                if died.killed or died.exit_code in _NO_CRASH or self._closing.cancelled:
                    raise
                if restoring and isinstance(request, Chat):
                    request = replace(request, era="")  # what was kept is to blame, so on without it
                    continue
                with self._learning:
                    if spared.model == self._spared(request.model, file):  # else another request learned it
                        self._learn_from(died, file, loading=loading)
                if not loading:
                    raise
        raise _crashes(request.model)

    def _spared(self, model: ModelSpec, file: tuple[object, ...]) -> ModelSpec:
        """The model as it is asked for after what has happened with it."""
        failed = model.card == "auto" and model.file in self._failed_on_card
        card: CardUse = "failed" if failed else model.card
        return replace(model, kills=self._kills.get(file, 0), card=card)

    def _learn_from(self, died: WorkerDied, file: tuple[object, ...], *, loading: bool) -> None:
        """A crash with a graphics card at work is its driver's, with this file; any other while loading counts as want of
        memory, as being ended by the system always does.
        """
        ended = died.exit_code == _ENDED_BY_SYSTEM
        if self._on_card and self._on_card not in self._failed_on_card and not ended:
            self._failed_on_card.add(self._on_card)
            self._keep_card_failure(self._on_card)
            return
        if ended or loading:
            self._kills[file] = self._kills.get(file, 0) + 1
        if loading:
            self._deaths[file] = self._deaths.get(file, 0) + 1

    def _keep_card_failure(self, model: str) -> None:
        from app.hardware.graphics import driver_stack, model_key
        from app.hardware.measured import Measurements

        with contextlib.suppress(AppError):  # then it is found out again after a restart
            Measurements(self._measured).keep_card_failure(driver_stack(), model_key(model))


def _identity(model: ModelSpec) -> tuple[object, ...]:
    """Changes when the file is replaced, so that a good copy gets its chance."""
    with contextlib.suppress(OSError):
        state = Path(model.file).stat()
        return (model.file, model.adapters, state.st_size, state.st_mtime_ns)
    return (model.file, model.adapters)


def _crashes(model: ModelSpec) -> AppError:
    return AppError(
        f"The model “{Path(model.original or model.file).name}” crashed twice while it was loaded.",
        "Choose another model.",
    )
