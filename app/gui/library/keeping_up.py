"""The window keeps the library up to date by itself: what changes on disk is read in the background."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.assistants.events import Indexing, Notice
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs
from app.retrieval.protocol import IndexProgress

if TYPE_CHECKING:
    from app.assistants.keep_up import KeepUpEvent
    from app.backend import Backend


class KeepingUp(QObject):
    """Runs `keep_up` on a job's thread; it follows the settings and the collections by itself."""

    progressed = Signal(object)
    """An `IndexProgress`."""

    rested = Signal(object)
    """A refresh has ended: its `IndexFinished`, or None when it was interrupted or failed."""

    noticed = Signal(str)
    """Something the person should know; each only once."""

    def __init__(self, backend: "Backend", jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self._jobs = jobs
        self._job: Job | None = None
        self._on = False
        self._again = False
        self._said: set[str] = set()
        self.latest: IndexProgress | None = None
        """How far the refresh under way is."""

    @property
    def reading(self) -> bool:
        """Whether a refresh is under way (not: waiting for changes)."""
        return self.latest is not None

    def start(self) -> None:
        """From now on, as long as the window is open."""
        self._on = True
        self.go_on()

    def go_on(self) -> None:
        """Once more where it was stopped; nothing happens where it runs, or is not wanted."""
        if self._job is not None:
            self._again = self._again or self._job.stopping
        elif self._on:
            self._job = self._jobs.run(
                self._work,
                on_event=self._take,
                on_done=self._ended,
                on_stopped=self._ended,
                on_error=self._fail,
                waits=True,
            )

    def stop(self) -> None:
        """What was read stays; nothing is watched until it goes on."""
        self._again = False
        if self._job is not None:
            self._job.stop()
        self._rest()

    def _work(self, token: CancelToken) -> "Iterator[KeepUpEvent]":
        from app.assistants.keep_up import keep_up  # what it watches with takes a moment to import

        backend, paths = self._backend, self._backend.paths
        return keep_up(
            backend.collections.folders,
            library=backend.library,
            settings=backend.settings,
            cancel=token,
            own=(paths.data, paths.config, paths.cache, paths.logs),
        )

    def _take(self, event: "KeepUpEvent") -> None:
        """What still arrives after a stop is not shown."""
        from app.assistants.keep_up import KeptUp, RefreshFailed, Watching

        if self._job is None or self._job.stopping:
            return
        match event:
            case Indexing(progress):
                self.latest = progress
                self.progressed.emit(progress)
            case KeptUp(finished):
                self.latest = None
                self.rested.emit(finished)
            case Watching():
                self._rest()
            case Notice(text):
                self._say(text)
            case RefreshFailed(error):
                self._rest()
                self._say(str(error))

    def _rest(self) -> None:
        if self.latest is not None:
            self.latest = None
            self.rested.emit(None)

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.noticed.emit(text)

    def _fail(self, error: AppError) -> None:
        self._say(str(error))
        self._ended()

    def _ended(self) -> None:
        again, self._job, self._again = self._again, None, False
        self._rest()
        if again:
            self.go_on()
