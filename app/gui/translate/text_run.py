"""One translation of a text under way: the events become text, and words about how far it is."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.assistants.events import Notice
from app.assistants.translate.events import SegmentDone, TextTranslated, TranslatedSegment, TranslationEvent
from app.base.errors import AppError
from app.gui.jobs import Job, Jobs
from app.gui.text_format import time_left
from app.gui.translate.spans import joined
from app.gui.translate.wishes import TextWish
from app.gui.translate.work import Work

_PAUSE_MS = 100


class TextRun(QObject):
    """One at a time. `segments` are those of the last run, as far as it came."""

    grew = Signal(str)
    """The translation so far."""

    said = Signal(str)
    """How far it is; "" once there is nothing more to say."""

    noted = Signal(str)
    finished = Signal(object)
    """A `TextTranslated`."""

    failed = Signal(object)
    """An `AppError`."""

    ended = Signal()
    """Whichever way; `running` is false."""

    def __init__(self, work: Work, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work, self._jobs = work, jobs
        self._job: Job | None = None
        self._source = ""
        self._newest: SegmentDone | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._show_newest)
        self.segments: list[TranslatedSegment] = []

    @property
    def running(self) -> bool:
        return self._job is not None

    def start(self, wish: TextWish) -> None:
        self._source, self.segments = wish.text, []
        self.said.emit(self.tr("Translating…"))
        self._job = self._jobs.run(
            lambda cancel: self._work.text(wish, cancel),
            on_event=self._take,
            on_done=self._end,
            on_error=self._fail,
            on_stopped=self._end,
        )

    def stop(self) -> bool:
        """False when nothing is being translated."""
        if self._job is None or self._job.stopping:
            return False
        self._job.stop()
        self.said.emit(self.tr("Stopping…"))
        return True

    def _take(self, event: TranslationEvent) -> None:
        match event:
            case Notice():
                self.noted.emit(event.text)
            case SegmentDone():
                self.segments.append(event.segment)
                self._newest = event
                if not self._pause.isActive():
                    self._show_newest()
                    self._pause.start()
            case TextTranslated():
                self._newest = None
                self.segments = list(event.segments)
                self.grew.emit(event.text)
                self.finished.emit(event)

    @Slot()
    def _show_newest(self) -> None:
        """A few times a second: lines that are in the memory come by hundreds."""
        event, self._newest = self._newest, None
        if event is None:
            return
        self.grew.emit(joined(self._source, self.segments))
        left = "" if event.seconds_left is None else f" · {time_left(event.seconds_left)}"
        said = self.tr("{done} of {total}").format(done=event.done, total=event.total)
        if self._job is not None and not self._job.stopping:
            self.said.emit(f"{said}{left}")

    def _fail(self, error: AppError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._show_newest()
        stopped = self._job is not None and self._job.stopping
        self._job = None
        self.said.emit(self.tr("Stopped. The rest is not translated.") if stopped else "")
        self.ended.emit()
