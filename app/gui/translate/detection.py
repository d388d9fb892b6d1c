"""Which language is being typed, looked at when the typing pauses."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.gui.jobs import Job, Jobs
from app.gui.translate.work import Work

_PAUSE_MS = 400
_LONGEST = 2000  # characters that are looked at


class Detection(QObject):
    """One look at a time; only the newest counts."""

    detected = Signal(str)
    """A code; "" when the text does not tell."""

    def __init__(self, work: Work, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._jobs = jobs
        self._text = ""
        self._job: Job | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._look)

    @Slot(str)
    def take(self, text: str) -> None:
        self._text = text[:_LONGEST]
        self._pause.start()

    @Slot()
    def _look(self) -> None:
        if self._job is not None:
            self._job.stop()
        text = self._text
        self._job = self._jobs.run(
            lambda cancel: self._work.detect(text, cancel),
            on_event=lambda code: self._tell(text, code),
            on_error=lambda _error: self._tell(text, ""),
            owner=self,
        )

    def _tell(self, text: str, code: str) -> None:
        if text == self._text:
            self.detected.emit(code)
