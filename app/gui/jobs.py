"""The one bridge from work to the window.

Work is a generator of events that runs on a thread of its own. Its events are gathered and handed to
callbacks on the GUI thread at most every `GATHER_MS`, in order, so that a burst of tokens costs one slot
call. Nothing is delivered once the widget that asked for it is gone; its job is stopped instead.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken

GATHER_MS = 30
T = TypeVar("T")
Callback = Callable[..., object]


@dataclass(frozen=True, slots=True)
class _Ended:
    """The last thing a job delivers; `error` None means that its work ran to its end."""

    error: BaseException | None


@dataclass(slots=True)
class _Callbacks:
    event: Callback | None
    done: Callback | None
    error: Callback | None
    stopped: Callback | None


@dataclass(eq=False, slots=True)
class Job:
    """One piece of work under way. `running` turns false just before its last callback is called."""

    _token: CancelToken
    _callbacks: _Callbacks
    _owner: QObject | None
    _waits: bool = False
    _pending: deque[Any] = field(default_factory=deque)
    _thread: threading.Thread | None = None
    running: bool = True

    def stop(self) -> None:
        """Ask the work to end. Events it still yields are delivered; then done or stopped is called."""
        self._token.cancel()

    @property
    def stopping(self) -> bool:
        return self._token.cancelled


class Jobs(QObject):
    """Runs work for the window. Make one, on the GUI thread."""

    failed = Signal(object)
    """An `AppError` nobody handled: the message bar shows it."""

    bug = Signal(object)
    """An exception that is a mistake in Alcove."""

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._lock = threading.Lock()
        self._waking = False  # a wake-up is on its way and will see what is appended meanwhile
        self._last_delivery = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._woken.connect(self._schedule, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[CancelToken], Iterable[T]],
        *,
        on_event: Callable[[T], object] | None = None,
        on_done: Callable[[], object] | None = None,
        on_error: Callable[[AppError], object] | None = None,
        on_stopped: Callable[[], object] | None = None,
        owner: QObject | None = None,
        waits: bool = False,
    ) -> Job:
        """Start `work` on a thread; the callbacks are called on the GUI thread.

        Exactly one of done, error and stopped ends a job. `owner` is the widget the callbacks belong to;
        left out, it is the object whose method `on_event` (or another callback) is. `waits`: see `busy`.
        """
        callbacks = _Callbacks(on_event, on_done, on_error, on_stopped)
        job = Job(CancelToken(), callbacks, owner or _owner_of(callbacks), waits)
        job._thread = threading.Thread(target=self._work, args=(job, work), name="job", daemon=True)
        self._jobs.append(job)
        job._thread.start()
        return job

    @property
    def running(self) -> int:
        """How many jobs have not ended."""
        return sum(job.running for job in self._jobs)

    @property
    def busy(self) -> bool:
        """Whether a job is under way that does not only wait: for changes, or for its turn behind all others."""
        return any(job.running and not job._waits for job in self._jobs)

    def stop_all(self, wait_ms: int) -> bool:
        """Stop everything and wait; true when every thread ended in time. Nothing is delivered after it."""
        jobs, self._jobs = self._jobs, []
        deadline = time.monotonic() + wait_ms / 1000
        for job in jobs:
            job.stop()
        for job in jobs:
            assert job._thread is not None
            job._thread.join(max(0.0, deadline - time.monotonic()))
            job.running = False
        self._timer.stop()
        return not any(job._thread is not None and job._thread.is_alive() for job in jobs)

    def _work(self, job: Job, work: Callable[[CancelToken], Iterable[Any]]) -> None:
        """On the job's thread: every exception is carried over, none is lost."""
        error: BaseException | None = None
        try:
            for event in work(job._token):
                self._put(job, event)
        except BaseException as raised:
            error = raised
        self._put(job, _Ended(error))

    def _put(self, job: Job, item: object) -> None:
        job._pending.append(item)
        with self._lock:
            first, self._waking = not self._waking, True
        if first:
            try:
                self._woken.emit()
            except RuntimeError:
                job.stop()  # the window has gone

    @Slot()
    def _schedule(self) -> None:
        if not self._timer.isActive():
            since = (time.monotonic() - self._last_delivery) * 1000
            self._timer.start(max(0, round(GATHER_MS - since)))

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            self._waking = False
        for job in list(self._jobs):
            if job._owner is not None and not isValid(job._owner):
                job.stop()
                job._callbacks = _Callbacks(None, None, None, None)
                job._owner = None
            for _ in range(len(job._pending)):
                self._deliver_one(job, job._pending.popleft())
        self._last_delivery = time.monotonic()

    def _deliver_one(self, job: Job, item: object) -> None:
        if job not in self._jobs:
            return  # stopped by `stop_all` from within a callback
        if not isinstance(item, _Ended):
            self._call(job._callbacks.event, item)
            return
        self._jobs.remove(job)
        job.running = False
        if item.error is None:
            self._call(job._callbacks.done)
        elif isinstance(item.error, Cancelled):
            self._call(job._callbacks.stopped)
        elif isinstance(item.error, AppError):
            self._call(job._callbacks.error or self.failed.emit, item.error)
        else:
            self._call(job._callbacks.stopped)
            self.bug.emit(item.error)

    def _call(self, callback: Callback | None, *arguments: object) -> None:
        """A mistake in one callback must not swallow the events of the others."""
        if callback is None:
            return
        try:
            callback(*arguments)
        except AppError as error:
            self.failed.emit(error)
        except Exception as error:
            self.bug.emit(error)


def _owner_of(callbacks: _Callbacks) -> QObject | None:
    for callback in (callbacks.event, callbacks.done, callbacks.error, callbacks.stopped):
        owner = getattr(callback, "__self__", None)
        if isinstance(owner, QObject):
            return owner
    return None
