"""Work that brings a model onto this machine: one at a time, shown in a line with Stop."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs
from app.gui.text_format import time_left
from app.gui.work_line import WorkLine
from app.models.disk import in_words

T = TypeVar("T")


class Adding(QObject):
    """What is added, and what it tells, is up to those who derive from it."""

    failed = Signal(object)
    """An `AppError`."""

    busy = Signal(bool)
    """Whether something is arriving."""

    def __init__(self, jobs: Jobs, stop_hint: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None
        self.line = WorkLine(stop_hint)
        self.line.stop_wanted.connect(self.stop)

    @property
    def running(self) -> bool:
        return self._job is not None

    @Slot()
    def stop(self) -> bool:
        """False when there is nothing to stop."""
        if self._job is None or self._job.stopping:
            return False
        self.line.show_stopping()
        self._job.stop()
        return True

    def begin(
        self, text: str, work: Callable[[CancelToken], Iterable[T]], on_event: Callable[[T], object]
    ) -> None:
        """Nothing happens while something else is arriving. `text`: what is done first."""
        if self._job is not None:
            return
        self.line.begin(text)
        self._job = self._jobs.run(
            work,
            on_event=on_event,
            on_done=self._end,
            on_error=self._fail,
            on_stopped=self._end,
            owner=self,
        )
        self.busy.emit(self.running)

    def show_download(self, text: str, done: int, total: int, seconds_left: float | None) -> None:
        """`done` and `total` in bytes."""
        size = self.tr("{done} of {total}").format(done=in_words(done), total=in_words(total))
        left = "" if seconds_left is None else f" · {time_left(seconds_left)}"
        self.line.show_step(text, done / total if total else None, f"{size}{left}")

    def _fail(self, error: AppError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = None
        self.line.hide()
        self.busy.emit(self.running)
