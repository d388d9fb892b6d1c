"""Where a translation of a document begins: the form, the engine for it, and the translations made earlier."""

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.theme import GRID
from app.gui.translate.detection import FileDetection
from app.gui.translate.document_form import DocumentForm
from app.gui.translate.engine_line import EngineLine
from app.gui.translate.job_removal import JobRemoval
from app.gui.translate.jobs_list import JobsList
from app.gui.translate.work import Work
from app.storage.translation_jobs import Job


class StartPage(QWidget):
    """Keeps the form and the list up to date."""

    def __init__(self, work: Work, jobs: Jobs, messages: MessageBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work, self._jobs = work, jobs
        self.form = DocumentForm()
        self.engine = EngineLine(work, jobs)
        self.detection = FileDetection(work, jobs, self)
        self.earlier = JobsList()
        self._removal = JobRemoval(work, jobs, messages, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID * 2)
        column.addWidget(self.form)
        column.addWidget(self.engine)
        column.addWidget(self.earlier, 1)
        column.addStretch(0)
        self.form.languages_changed.connect(self._look)
        self.detection.detected.connect(self._show_detected)
        self.form.started.connect(self.detection.forget)  # the translation looks for itself
        self.engine.found.connect(self.form.show_engine)
        self.earlier.remove_wanted.connect(self._removal.remove)
        self._removal.changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """What is installed and stored may have changed."""
        self._look()
        self._jobs.run(lambda _cancel: [self._work.parts.jobs.all()], on_event=self._show_jobs)
        wish = self.form.wish
        file = wish.file if wish is not None else None
        self._jobs.run(
            lambda _cancel: [self._work.glossaries_for(file)],
            on_event=lambda found: self.form.show_glossaries(*found, file),
            owner=self,
        )

    def take_file(self, file: Path) -> None:
        self.detection.forget()
        self.form.take_file(file)
        self.refresh()

    @Slot()
    def _look(self) -> None:
        """Which engine there is; a document whose language nobody has named is looked into, so that it can be told."""
        target, wish = self.form.target_box.code, self.form.wish
        if wish is not None and not wish.source:
            self.detection.look(wish.file, target)
        self.engine.look(self.form.source_code, target)

    @Slot(str)
    def _show_detected(self, code: str) -> None:
        self.form.show_detected(code)
        self._look()

    def _show_jobs(self, jobs: list[Job]) -> None:
        self.earlier.show_jobs([job for job in jobs if job.id not in self._removal.hidden])
