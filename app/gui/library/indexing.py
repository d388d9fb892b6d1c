"""Indexing for the window: one run at a time, what comes meanwhile waits its turn; in between, it keeps up by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs
from app.gui.library.keeping_up import KeepingUp
from app.retrieval.protocol import IndexFinished, IndexProgress

if TYPE_CHECKING:
    from app.backend import Backend


@dataclass(frozen=True, slots=True)
class _Run:
    folders: tuple[str, ...]
    retry: bool


class IndexingQueue(QObject):
    """What the person asks for: `started` and then exactly one of `finished`, `stopped` and `failed` for each run.

    It goes before what `keeping_up` reads unasked.
    """

    started = Signal()
    progressed = Signal(object)
    """An `IndexProgress`."""

    finished = Signal(object)
    """An `IndexFinished`."""

    stopped = Signal()
    failed = Signal(object)
    """An `AppError`."""

    ended = Signal()
    """Nothing is under way any more, however it ended; a stop takes a moment until here."""

    paused = Signal(bool)

    settings_changed = Signal()
    """When documents are read, or which."""

    def __init__(self, backend: "Backend", jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = backend.library
        self._settings = backend.settings
        self._jobs = jobs
        self.keeping_up = KeepingUp(backend, jobs, self)
        self.latest: IndexProgress | None = None
        """How far the run under way is."""

        self.folders: tuple[str, ...] = ()
        """What the run under way reads, or the last one read."""

        self._job: Job | None = None
        self._result: IndexFinished | None = None
        self._waiting: list[_Run] = []
        if self._settings.current.reading_paused:
            self._library.pause(on=True)

    @property
    def running(self) -> bool:
        """Whether something is being read (not: being stopped)."""
        return self._job is not None and not self._job.stopping

    @property
    def busy(self) -> bool:
        """Whether anything is being read, asked for or not."""
        return self.running or self.keeping_up.reading

    def add(self, folders: Sequence[str], *, retry: bool = False) -> None:
        """Bring folders or files up to date, after what is under way. `retry` reads failed ones again."""
        run = _Run(tuple(dict.fromkeys(folders)), retry)
        if not run.folders or run in self._waiting:
            return
        self._waiting.append(run)
        if self._job is None:
            self._next()

    def pause(self, *, on: bool) -> None:
        """Reading waits until it is resumed, also after a restart. Raises `AppError` when that cannot be saved."""
        self._settings.change(reading_paused=on)

        def tell(_token: CancelToken) -> tuple[()]:
            self._library.pause(on)
            return ()

        self._jobs.run(tell, owner=self)
        self.paused.emit(on)

    def follow_settings(self) -> None:
        """They were changed."""
        self.keeping_up.go_on()
        self.settings_changed.emit()

    def stop(self) -> bool:
        """Stop at once, and drop what waits. What was read stays. False when nothing is running."""
        self._waiting.clear()
        if self._job is None or self._job.stopping:
            return False
        self._job.stop()
        self.stopped.emit()
        return True

    def _next(self) -> None:
        if not self._waiting:
            return
        if self.keeping_up.reading:
            self.keeping_up.stop()  # it goes on afterwards
        run = self._waiting.pop(0)
        self.folders = run.folders
        self._job = self._jobs.run(
            lambda token: self._library.refresh(run.folders, token, retry=run.retry),
            on_event=self._take,
            on_done=self._ended,
            on_error=self._fail,
            on_stopped=self._ended,
        )
        self.started.emit()

    def _take(self, event: IndexProgress | IndexFinished) -> None:
        """What still arrives after a stop is not shown."""
        if not self.running:
            return
        if isinstance(event, IndexProgress):
            self.latest = event
            self.progressed.emit(event)
        else:
            self._result = event

    def _ended(self) -> None:
        job, self._job = self._job, None
        result, self._result, self.latest = self._result, None, None
        if result is not None:
            self.finished.emit(result)
        elif job is not None and not job.stopping:
            self.stopped.emit()  # the worker was ended by someone else
        self._go_on()

    def _fail(self, error: AppError) -> None:
        job, self._job = self._job, None
        self._result = self.latest = None
        if job is not None and not job.stopping:
            self.failed.emit(error)
            self._jobs.failed.emit(error)
        self._go_on()

    def _go_on(self) -> None:
        self.ended.emit()
        self._next()
        if self._job is None:
            self.keeping_up.go_on()
