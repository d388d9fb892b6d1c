"""One piece of longer work of the Models page at a time: what it is, how far it is, and Stop."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from app.assistants.tune_model import TuneStep
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.measuring_protocol import CalibrationProgress
from app.engine.protocol import LoadProgress
from app.gui.jobs import Job, Jobs
from app.gui.work_line import WorkLine
from app.models.copying import FileProgress


@dataclass(frozen=True, slots=True)
class Step:
    """Where the work stands; `fraction` from 0 to 1, None while it is not known."""

    text: str
    fraction: float | None = None


class WorkStrip(WorkLine):
    """Does the work it shows, one at a time."""

    ended = Signal()
    """Well, stopped, or with an error."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._jobs = jobs
        self._job: Job | None = None
        self.stop_wanted.connect(self.stop)

    @property
    def running(self) -> bool:
        return self._job is not None

    def run(
        self,
        text: str,
        work: Callable[[CancelToken], Iterable[Any]],
        *,
        on_event: Callable[[Any], object] | None = None,
        on_done: Callable[[], object] | None = None,
        on_error: Callable[[AppError], object] | None = None,
    ) -> bool:
        """Start `work`, shown as `text` until it tells of its steps; other events go to `on_event`.

        False, and a message, while other work is under way.
        """
        if self._job is not None:
            self._jobs.failed.emit(
                AppError(
                    self.tr("Something else is under way: {what}").format(what=self.text),
                    self.tr("Wait for it, or stop it first."),
                )
            )
            return False
        self.begin(text)

        def event(now: Any) -> None:
            step = self._step(now)
            if step is not None:
                self.show_step(step.text, step.fraction)
            elif on_event is not None:
                on_event(now)

        def ended(then: Callable[..., object] | None, *arguments: object) -> None:
            self._job = None
            self.hide()
            if then is not None:
                then(*arguments)
            self.ended.emit()

        self._job = self._jobs.run(
            work,
            on_event=event,
            on_done=lambda: ended(on_done),
            on_error=lambda error: ended(on_error or self._jobs.failed.emit, error),
            on_stopped=lambda: ended(None),
            owner=self,
        )
        return True

    @Slot()
    def stop(self) -> bool:
        """False when nothing is under way that could be stopped."""
        if self._job is None or self._job.stopping:
            return False
        self.show_stopping()
        self._job.stop()
        return True

    def _step(self, event: Any) -> Step | None:
        """The kinds of progress that models tell of; None for results."""
        match event:
            case Step():
                return event
            case FileProgress():
                doing = self.tr("Checking {name}") if event.stage == "checking" else self.tr("Copying {name}")
                return Step(doing.format(name=event.name), event.done / event.total if event.total else None)
            case LoadProgress():
                return Step(self.tr("Trying whether it loads"), event.fraction)
            case TuneStep():
                return Step(self._of_tuning(event), event.fraction)
            case CalibrationProgress():
                return Step(self.tr("Measuring this computer"), event.done / max(1, event.total))
        return None

    def _of_tuning(self, event: TuneStep) -> str:
        said = {
            "writing": self.tr("Writing a copy as {kind}"),
            "measuring": self.tr("Measuring how fast {kind} is here"),
            "judging": self.tr("Comparing how well {kind} answers"),
            "keeping": self.tr("Checking the copy as {kind}"),
        }
        return said[event.stage].format(kind=event.kind)
