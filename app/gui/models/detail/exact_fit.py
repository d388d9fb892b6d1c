"""The exact fit of an installed model, asked in the background while its context slider moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs
from app.hardware.fit import Fit, ModelShape, Speed

if TYPE_CHECKING:
    from app.engine.sizing import Sizing
    from app.hardware.probe import Machine

_PAUSE_MS = 250


@dataclass(frozen=True, slots=True)
class Question:
    """How `file` runs on `machine` with `context` tokens."""

    file: Path
    shape: ModelShape
    machine: "Machine"
    context: int
    speed: Speed | None


class ExactFit(QObject):
    """One question at a time; of those that come meanwhile only the newest is asked."""

    found = Signal(object, object)
    """The `Question` and its `Fit`."""

    failed = Signal(object, object)
    """The `Question` and the `AppError`: llama.cpp cannot load such a model."""

    def __init__(self, sizing: "Sizing", jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._sizing = sizing
        self._jobs = jobs
        self._newest: Question | None = None
        self._job: Job | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._start)

    def ask(self, question: Question) -> None:
        """Answered a moment after the last call."""
        self._newest = question
        self._pause.start()

    def forget(self) -> None:
        """Nobody waits for an answer any more."""
        self._newest = None
        self._pause.stop()

    @Slot()
    def _start(self) -> None:
        if self._newest is None or (self._job is not None and self._job.running):
            return  # stopping the one under way would end the process, which takes longer than to wait for it
        question, sizing = self._newest, self._sizing

        def work(cancel: CancelToken) -> Iterator[Fit]:
            yield sizing.fit(
                question.file, question.shape, question.machine, cancel,
                context=question.context, speed=question.speed,
            )  # fmt: skip

        self._job = self._jobs.run(
            work,
            on_event=lambda found: self._answered(question, found),
            on_done=self._go_on,
            on_error=lambda error: self._refused(question, error),
            owner=self,
        )

    def _answered(self, question: Question, found: Fit) -> None:
        if question == self._newest:
            self._newest = None
            self.found.emit(question, found)

    def _refused(self, question: Question, error: AppError) -> None:
        if question == self._newest:
            self._newest = None
            self.failed.emit(question, error)
        self._go_on()

    def _go_on(self) -> None:
        if self._newest is not None:
            self._start()
