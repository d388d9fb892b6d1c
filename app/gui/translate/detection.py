"""Which language is being typed, looked at when the typing pauses; and which a document is in."""

from pathlib import Path

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


class FileDetection(QObject):
    """Looks into a document once for each target language; only the newest question counts."""

    detected = Signal(str)
    """A code; "" when it cannot be told before the translation starts."""

    def __init__(self, work: Work, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._jobs = jobs
        self._asked: tuple[Path, str] | None = None
        self._job: Job | None = None

    def look(self, file: Path, target: str) -> None:
        asked = (file, target)
        if asked == self._asked:
            return
        self.forget()
        self._asked = asked
        self._job = self._jobs.run(
            lambda cancel: self._work.detect_file(file, target, cancel),
            on_event=lambda code: self._tell(asked, code),
            owner=self,
        )

    def forget(self) -> None:
        """Stop looking; the next question is answered anew."""
        if self._job is not None:
            self._job.stop()
        self._asked = self._job = None

    def _tell(self, asked: tuple[Path, str], code: str) -> None:
        if asked == self._asked:
            self.detected.emit(code)
