"""The starter is tuned for this computer once, while the window is idle."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs

if TYPE_CHECKING:
    from app.assistants.tune_model import TuneEvent

LOOK_MS = 1000
_QUIET = 15  # looks in a row that must find nothing to do; a question then interrupts it within one


class StarterTuning(QObject):
    """Begins by itself, and begins again later where a question interrupted it. `busy` says whether
    anything else is under way.
    """

    def __init__(
        self, backend: Backend, jobs: Jobs, busy: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend = backend
        self._jobs = jobs
        self._busy = busy
        self._job: Job | None = None
        self._quiet = 0
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """From now on, until it is done."""
        self._timer.start()

    @property
    def waiting(self) -> bool:
        """Whether it is still to be done."""
        return self._timer.isActive()

    @Slot()
    def look(self) -> None:
        """Called every second: give way at once, begin after a while."""
        if self._busy():
            self._quiet = 0
            if self._job is not None:
                self._job.stop()
            return
        self._quiet += 1
        if self._job is None and self._quiet >= _QUIET:
            self._job = self._jobs.run(
                self._work,
                on_event=self._take,
                on_done=self._done,
                on_error=self._fail,
                on_stopped=self._stopped,
                waits=True,
            )

    def _work(self, cancel: CancelToken) -> "Iterator[TuneEvent]":
        from app.assistants.tune_starter import tune_starter

        return tune_starter(self._backend.settings.current, self._backend.paths, cancel)

    def _take(self, event: "TuneEvent") -> None:
        from app.assistants.tune_model import Tuned

        if isinstance(event, Tuned) and event.tuning.kind:
            warm_up_again(self._backend, self._jobs)

    def _done(self) -> None:
        self._job = None
        self._timer.stop()

    def _fail(self, _error: AppError) -> None:
        self._done()  # it was logged, and the starter answers as it came

    def _stopped(self) -> None:
        self._job = None
        self._quiet = 0


def warm_up_again(backend: Backend, jobs: Jobs) -> None:
    """Another file answers now; the next question need not wait until it is loaded."""
    from app.engine.choose import model_to_use

    def work(_cancel: CancelToken) -> Iterator[None]:
        backend.engine.warm_up(model_to_use(backend.settings.current, backend.paths))
        return iter(())

    jobs.run(work, on_error=lambda _error: None)
