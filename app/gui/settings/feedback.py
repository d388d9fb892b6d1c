"""What was said of answers: how much there is, to a file if the person wants one, or away."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QLocale, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.saving import ask_where, tell_saved
from app.gui.settings.section import Section
from app.storage.feedback import Feedback, Rating

_AROUND = 6  # makes a line of text as high as the buttons beside it


class FeedbackSection(Section):
    """Nothing is exported unless it is asked for here."""

    def __init__(
        self, backend: Backend, jobs: Jobs, messages: MessageBar, parent: QWidget | None = None
    ) -> None:
        super().__init__(self.tr("Feedback"), parent)
        self._backend, self._jobs, self._messages = backend, jobs, messages
        self._feedback = Feedback(backend.user_db)
        self.counted = QLabel()
        self.counted.setContentsMargins(0, _AROUND, 0, _AROUND)
        self.export_button = QPushButton(self.tr("Export…"))
        self.export_button.setAccessibleName(self.tr("Export ratings and corrections"))
        self.export_button.clicked.connect(self._choose_file)
        self.delete_button = QPushButton(self.tr("Delete all"))
        self.delete_button.setAccessibleName(self.tr("Delete all ratings and corrections"))
        self.delete_button.clicked.connect(self._delete_all)
        buttons = (self.export_button, self.delete_button)
        self.add(self.tr("Ratings"), self.counted, self._about(), buttons)
        self.refresh()

    def refresh(self) -> None:
        """Count again."""
        try:
            total, usable = self._feedback.count()
        except AppError as error:
            self._messages.show_error(error)
            return
        self.counted.setText(self._said(total, usable))
        self.counted.setAccessibleName(self.counted.text())
        self.export_button.setEnabled(usable > 0)
        self.delete_button.setEnabled(total > 0)

    def _about(self) -> str:
        return self.tr(
            "Made with the thumbs below an answer. They stay on this computer and are never sent. Export writes the good "
            "and the corrected answers, with your questions and the passages of your documents, as a file to fine-tune "
            "a model with (chat JSONL)."
        )

    def _said(self, total: int, usable: int) -> str:
        if not total:
            return self.tr("No answer was rated yet.")
        number = QLocale().toString
        rated = (
            self.tr("1 answer rated") if total == 1 else self.tr("{n} answers rated").format(n=number(total))
        )
        return self.tr("{rated}, {n} of them good or corrected.").format(rated=rated, n=number(usable))

    @Slot()
    def _choose_file(self) -> None:
        """Ask where, and write."""
        file = ask_where(
            self,
            self.tr("Export ratings and corrections"),
            Path.home() / "alcove-feedback.jsonl",
            {".jsonl": self.tr("Chat JSONL")},
            self._messages.show_error,
        )
        if file is not None:
            self.export(file)

    def export(self, file: Path) -> None:
        """A message says where it is, or what went wrong."""

        def work(cancel: CancelToken) -> Iterator[Path]:
            from app.assistants.keep_feedback import export_feedback

            backend = self._backend
            settings = backend.settings.current
            yield export_feedback(file, self._feedback, settings, backend.paths, cancel).file

        self._jobs.run(
            work,
            on_event=lambda path: tell_saved(path, self._messages),
            on_error=self._messages.show_error,
            owner=self,
        )

    @Slot()
    def _delete_all(self) -> None:
        try:
            deleted = self._feedback.clear()
        except AppError as error:
            self._messages.show_error(error)
            return
        self._messages.show_note(
            self.tr("All ratings and corrections were deleted."),
            self.tr("Undo"),
            lambda: self._put_back(deleted),
        )
        self.refresh()

    def _put_back(self, deleted: list[Rating]) -> None:
        try:
            self._feedback.put_back(deleted)
        except AppError as error:
            self._messages.show_error(error)
        self.refresh()
