"""Removing an earlier translation, which can be undone for a while."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal, Slot

from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.text_format import file_name
from app.gui.translate.work import Work
from app.storage.translation_jobs import Job


class JobRemoval(QObject):
    """Out of view at once; forgotten when the message that could bring it back is gone."""

    changed = Signal()

    def __init__(self, work: Work, jobs: Jobs, messages: MessageBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work, self._jobs, self._messages = work, jobs, messages
        self.hidden: set[int] = set()

    @Slot(object)
    def remove(self, job: Job) -> None:
        self._messages.dismiss()  # whatever was removed before
        self.hidden.add(job.id)
        self.changed.emit()

        def bring_back() -> None:
            self.hidden.discard(job.id)
            self.changed.emit()

        self._messages.show_note(
            self.tr("The translation of “{name}” was removed from the list. Files stay.").format(
                name=file_name(job.file)
            ),
            self.tr("Undo"),
            bring_back,
            lambda: self._jobs.run(lambda _cancel: self._forget(job), owner=self),
        )

    def _forget(self, job: Job) -> Iterator[None]:
        self._work.parts.jobs.remove(job.id)
        yield None
