"""One run of the summariser at a time, and what has come of it."""

from PySide6.QtCore import QObject, Signal

from app.assistants.summarize.events import DocumentFailed, SummaryEvent
from app.base.errors import AppError
from app.gui.jobs import Job, Jobs
from app.gui.summarize.summarizing import Request, Summarizer


class SummaryRun(QObject):
    """`started`, `arrived`… and then `ended`, however it ends."""

    started = Signal()
    arrived = Signal(object)
    """A `SummaryEvent`."""

    stopping = Signal()
    ended = Signal(object)
    """The `AppError` that ended it, or None."""

    def __init__(self, summarizer: Summarizer, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._summarizer = summarizer
        self._jobs = jobs
        self._job: Job | None = None
        self.stopped = False
        """Whether the last run was stopped."""

        self.failures: dict[str, str] = {}
        """Why chosen files were not summarised, by path."""

        self._request: Request | None = None

    @property
    def running(self) -> bool:
        """Until it has ended; a stop takes a moment."""
        return self._job is not None

    def start(self, request: Request) -> None:
        """Does nothing while another run is under way."""
        if self._job is not None:
            return
        self._request = request
        self.failures = {}
        self._job = self._jobs.run(
            lambda token: self._summarizer(request, token),
            on_event=self._take,
            on_done=lambda: self._end(None),
            on_error=self._end,
            on_stopped=lambda: self._end(None),
            owner=self,
        )
        self.started.emit()

    def stop(self) -> bool:
        """What was finished is kept. False when nothing is under way that could be stopped."""
        if self._job is None or self._job.stopping:
            return False
        self._job.stop()
        self.stopping.emit()
        return True

    def _take(self, event: SummaryEvent) -> None:
        if isinstance(event, DocumentFailed):
            self.failures[event.file] = event.reason
        self.arrived.emit(event)

    def _end(self, error: AppError | None) -> None:
        entries = self._request.entries if self._request is not None else ()
        if error is not None and len(entries) == 1:
            self.failures[entries[0].value] = error.what
        self.stopped = self._job is not None and self._job.stopping
        self._job = None
        self.ended.emit(error)
