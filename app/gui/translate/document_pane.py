"""Translating documents: the form, the work under way, and the result with its review."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.assistants.events import Notice
from app.assistants.translate.events import (
    DocumentOpened,
    SegmentDone,
    TranslationEvent,
    TranslationFinished,
)
from app.base.errors import AppError
from app.gui.errors import MessageBar
from app.gui.jobs import Job, Jobs
from app.gui.theme import GRID, scrolled
from app.gui.translate.document_form import why_unusable
from app.gui.translate.result_page import ResultPage
from app.gui.translate.reviewing import Reviewing
from app.gui.translate.running_card import RunningCard
from app.gui.translate.start_page import StartPage
from app.gui.translate.stored_work import load
from app.gui.translate.wishes import FileWish, Translation
from app.gui.translate.work import Work
from app.storage.translation_jobs import Job as StoredJob

_READABLE_WIDTH = GRID * 110


class DocumentPane(QStackedWidget):
    """One document at a time."""

    failed = Signal(object)
    """An `AppError`."""

    ended = Signal()
    """A run has ended, whichever way."""

    def __init__(self, work: Work, jobs: Jobs, messages: MessageBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work, self._jobs = work, jobs
        self._job: Job | None = None
        self._wish: FileWish | None = None
        self.start_page = StartPage(work, jobs, messages)
        self.form, self.earlier = self.start_page.form, self.start_page.earlier
        self.running = RunningCard()
        self.result = ResultPage()
        self.reviewing = Reviewing(self.result, work, jobs, self)
        self.start_page.setMaximumWidth(_READABLE_WIDTH)
        self._start = scrolled(self.start_page)
        self.running.setMaximumWidth(_READABLE_WIDTH)
        self._under_way = scrolled(self.running)
        for page in (self._start, self._under_way, self.result):
            self.addWidget(page)
        self._connect()

    def take_file(self, file: Path) -> bool:
        """A document that was dropped. False, and a message, when it cannot be taken."""
        if self._job is not None:
            what = self.tr("Another document is being translated.")
            self.failed.emit(AppError(what, self.tr("Wait for it, or stop it first.")))
            return False
        unusable = why_unusable(file)
        if unusable is not None:
            self.failed.emit(unusable)
            return False
        if self.currentWidget() is self.result:
            self.result.review.hand_over()
        self.start_page.take_file(file)
        self.setCurrentWidget(self._start)
        return True

    @Slot(object)
    def start(self, wish: FileWish) -> None:
        if self._job is not None:
            return
        self._wish = wish
        self.running.begin(wish)
        self.setCurrentWidget(self._under_way)
        self._job = self._jobs.run(
            lambda cancel: self._work.file(wish, cancel),
            on_event=self._take,
            on_done=self._end,
            on_error=self._fail,
            on_stopped=self._end,
        )

    @Slot()
    def stop(self) -> bool:
        """False when nothing is being translated."""
        if self._job is None or self._job.stopping:
            return False
        self.running.show_stopping()
        self._job.stop()
        return True

    @Slot(object)
    def review(self, job: StoredJob) -> None:
        """Show the segments of an earlier translation."""
        self._jobs.run(
            lambda cancel: [load(self._work, job, cancel)],
            on_event=lambda loaded: self._show_result(loaded) if self._job is None else None,
            on_error=self.failed.emit,
            owner=self,
        )

    @Slot(object)
    def continue_job(self, job: StoredJob) -> None:
        self._go_on(job.file, job.source_language, job.target_language)

    def _go_on(self, file: str, source: str, target: str) -> None:
        """Where a stopped translation of the same file and languages is found, it is continued in its file."""
        self.start(FileWish(Path(file), source, target))

    def _connect(self) -> None:
        self.form.started.connect(self.start)
        self.form.failed.connect(self.failed)
        self.form.file.chosen.connect(self.take_file)
        self.running.stop_wanted.connect(self.stop)
        self.earlier.review_wanted.connect(self.review)
        self.earlier.continue_wanted.connect(self.continue_job)
        self.result.closed.connect(self._close_result)
        self.result.continue_wanted.connect(self._continue)
        self.reviewing.failed.connect(self.failed)

    def _take(self, event: TranslationEvent) -> None:
        match event:
            case Notice():
                self.running.show_note(event.text)
            case DocumentOpened():
                self.running.show_opened(event)
            case SegmentDone():
                self.running.show_segment(event)
            case TranslationFinished() if event.segments:
                assert self._wish is not None
                self._show_result(Translation.of_run(self._wish.file, event))

    def _show_result(self, translation: Translation) -> None:
        self.result.show_translation(translation)
        self.setCurrentWidget(self.result)
        self.result.review.table.setFocus()

    def _fail(self, error: AppError) -> None:
        self._end()
        self.failed.emit(error)

    @Slot()
    def _end(self) -> None:
        """Without a result the form comes back, as it was."""
        self._job = None
        if self.currentWidget() is self._under_way:
            self.setCurrentWidget(self._start)
        self.start_page.refresh()
        self.ended.emit()

    @Slot()
    def _close_result(self) -> None:
        self.result.review.hand_over()
        self.setCurrentWidget(self._start)
        self.start_page.refresh()

    @Slot()
    def _continue(self) -> None:
        shown = self.result.shown
        if shown is not None:
            self.result.review.hand_over()
            self._go_on(shown.file, shown.source_language, shown.target_language)
