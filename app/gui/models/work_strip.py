"""One piece of longer work of the Models page at a time: what it is, how far it is, and Stop."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.protocol import CalibrationProgress, LoadProgress
from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.jobs import Job, Jobs
from app.gui.labels import ElidedLabel
from app.gui.theme import GRID, HALF, set_role
from app.models.copying import FileProgress

_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """Where the work stands; `fraction` from 0 to 1, None while it is not known."""

    text: str
    fraction: float | None = None


class WorkStrip(QFrame):
    """Hidden while nothing is under way."""

    ended = Signal()
    """Well, stopped, or with an error."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._jobs = jobs
        self._job: Job | None = None
        self._what = ElidedLabel()
        self.stop_button = QPushButton(icon("stop"), self.tr("Stop"))
        self.stop_button.clicked.connect(self.stop)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress"))
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(IconLabel("refresh", "accent"))
        row.addWidget(self._what, 1)
        row.addWidget(self.stop_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        column.setSpacing(HALF)
        column.addLayout(row)
        column.addWidget(self._bar)
        self.hide()

    @property
    def text(self) -> str:
        return self._what.text()

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
                    self.tr("Something else is under way: {what}").format(what=self._what.text()),
                    self.tr("Wait for it, or stop it first."),
                )
            )
            return False
        self._show(Step(text))
        self._bar.setRange(0, 0)
        self.show()

        def event(now: Any) -> None:
            step = self._step(now)
            if step is not None:
                self._show(step)
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
        self._what.setText(self.tr("Stopping…"))
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
            case CalibrationProgress():
                return Step(self.tr("Measuring this computer"), event.done / max(1, event.total))
        return None

    def _show(self, step: Step) -> None:
        if self._job is None or not self._job.stopping:
            self._what.setText(step.text)
        self._bar.setRange(0, 0 if step.fraction is None else _STEPS)
        if step.fraction is not None:
            self._bar.setValue(round(step.fraction * _STEPS))
