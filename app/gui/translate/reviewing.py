"""Keeps the edits of a review, and writes the file again with them."""

from PySide6.QtCore import QObject, Signal, Slot

from app.assistants.translate.events import TranslatedSegment, TranslationFinished
from app.base.errors import AppError
from app.gui.jobs import Jobs
from app.gui.translate.result_page import ResultPage
from app.gui.translate.stored_work import save_edit, write_again
from app.gui.translate.work import Work
from app.gui.viewer.outside import open_in_system, show_in_folder


class Reviewing(QObject):
    """Edits are saved one by one, as they are made; the file waits until all of them are, and until it is written."""

    failed = Signal(object)
    """An `AppError`."""

    def __init__(self, page: ResultPage, work: Work, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._work, self._jobs = page, work, jobs
        self._saving = 0
        self._edits = 0
        self._writing = False
        self._write_next = False
        page.review.edited.connect(self._save)
        page.write_wanted.connect(self.write_again)
        page.open_wanted.connect(open_in_system)
        page.reveal_wanted.connect(show_in_folder)

    @Slot()
    def write_again(self) -> None:
        self._page.review.hand_over()
        self._page.write_button.setEnabled(False)
        if self._saving or self._writing:
            self._write_next = True
        else:
            self._write()

    @Slot(object)
    def _save(self, segment: TranslatedSegment) -> None:
        shown = self._page.shown
        assert shown is not None
        self._saving += 1
        self._edits += 1
        self._jobs.run(
            lambda _cancel: [save_edit(self._work, shown, segment)],
            on_event=lambda checked: self._put(shown.job, checked),
            on_done=self._saved,
            on_error=self._not_saved,
            on_stopped=self._saved,
            owner=self,
        )

    def _put(self, job: int, segment: TranslatedSegment) -> None:
        """Meanwhile another translation may be shown, whose segments have the same keys."""
        if self._page.shown is not None and self._page.shown.job == job:
            self._page.review.put(segment)

    def _saved(self) -> None:
        self._saving -= 1
        self._write_if_wanted()

    def _write_if_wanted(self) -> None:
        if self._write_next and not self._saving and not self._writing:
            self._write_next = False
            self._write()

    def _not_saved(self, error: AppError) -> None:
        self._write_next = False
        self._saved()
        self._page.set_unwritten(unwritten=True)
        self.failed.emit(error)

    def _write(self) -> None:
        shown = self._page.shown
        assert shown is not None
        edits = self._edits
        self._writing = True
        self._jobs.run(
            lambda cancel: [write_again(self._work, shown, cancel)],
            on_event=lambda event: self._written(event, edits),
            on_done=self._write_ended,
            on_stopped=self._write_ended,
            on_error=self._not_written,
            owner=self,
        )

    def _written(self, event: TranslationFinished, edits: int) -> None:
        if self._page.shown is not None and self._page.shown.job == event.job:
            self._page.show_written(event.out, event.remarks)
            self._page.set_unwritten(unwritten=self._edits != edits)

    def _write_ended(self) -> None:
        self._writing = False
        self._write_if_wanted()

    def _not_written(self, error: AppError) -> None:
        self._writing = self._write_next = False
        self._page.set_unwritten(unwritten=True)
        self.failed.emit(error)
