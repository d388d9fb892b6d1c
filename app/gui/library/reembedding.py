"""The library is read into the form of another search model, in the background and over several starts of Alcove."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs
from app.retrieval.protocol import Reembedded, ReembedProgress

if TYPE_CHECKING:
    from app.backend import Backend


class Reembedding(QObject):
    """One run at a time. What was done stays, however it ends."""

    progressed = Signal(object)
    """A `ReembedProgress`."""

    ended = Signal(bool)
    """Whether the chosen model serves now."""

    failed = Signal(object)
    """An `AppError`."""

    def __init__(self, backend: "Backend", jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self._jobs = jobs
        self._job: Job | None = None
        self._again = False
        self._serves = True
        self.latest: ReembedProgress | None = None
        """How far the run under way is."""

    @property
    def running(self) -> bool:
        return self._job is not None and not self._job.stopping

    @property
    def unfinished(self) -> bool:
        """Whether the last run has ended without the chosen model serving."""
        return self._job is None and not self._serves

    def go_on(self) -> None:
        """With what an earlier start of Alcove left unfinished, if anything."""
        if self._job is None:
            self._run(self._rest)

    def begin(self) -> None:
        """Another model was chosen, or the person wants it to go on."""
        if self._job is None:
            self._run(lambda cancel: self._backend.library.reembed(cancel))
        else:
            self._again = True
            self._job.stop()

    def stop(self) -> None:
        self._again = False
        if self._job is not None:
            self._job.stop()

    def _rest(self, cancel: CancelToken) -> Iterator[ReembedProgress | Reembedded]:
        """Looks into the index first: the worker need not start for nothing."""
        from app.assistants.add_encoder import is_changing

        backend = self._backend
        if is_changing(backend.settings.current, backend.paths):
            yield from backend.library.reembed(cancel, unasked=True)

    def _run(self, work: Callable[[CancelToken], Iterator[ReembedProgress | Reembedded]]) -> None:
        self._serves = True
        self._job = self._jobs.run(
            work,
            on_event=self._take,
            on_done=self._end,
            on_stopped=self._stopped,
            on_error=self._fail,
        )

    def _take(self, event: ReembedProgress | Reembedded) -> None:
        if isinstance(event, Reembedded):
            self._serves = event.serves
        elif self.running:
            self.latest = event
            self.progressed.emit(event)

    def _stopped(self) -> None:
        self._serves = False
        self._end()

    def _fail(self, error: AppError) -> None:
        self._stopped()
        self.failed.emit(error)

    def _end(self) -> None:
        again, self._again, self._job, self.latest = self._again, False, None, None
        if again:
            self.begin()
        else:
            self.ended.emit(self._serves)
