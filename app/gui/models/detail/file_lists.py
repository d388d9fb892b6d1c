"""Lists of a repository's files: as they were last fetched, or asked of the hub anew."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.assistants.fetch_model import saved_token
from app.backend import Backend
from app.base.jobs import CancelToken, stoppable
from app.engine.choose import hub_endpoint
from app.gui.jobs import Jobs

if TYPE_CHECKING:
    from app.models.catalog_refresh import FileList


class FileLists(QObject):
    """Every signal begins with the repository: by then another one may be in view."""

    found = Signal(str, object)
    """The `FileList`."""

    ended = Signal(str)
    failed = Signal(str, object)
    """The `AppError`."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._backend = backend
        self._jobs = jobs

    def look(self, repository: str, *, ask: bool) -> None:
        """What is known of `repository` (owner/name); `ask`: and then what the hub says now."""
        settings, folder = self._backend.settings.current, self._backend.paths.file_lists

        def work(cancel: CancelToken) -> "Iterator[FileList]":
            from app.models.catalog_refresh import last_known, refresh

            known = last_known(repository, folder)
            if known is not None:
                yield known
            if ask:
                endpoint = hub_endpoint(settings)
                token = saved_token(endpoint)
                yield stoppable(lambda: refresh(repository, folder, endpoint=endpoint, token=token), cancel)

        self._jobs.run(
            work,
            on_event=lambda files: self.found.emit(repository, files),
            on_done=lambda: self.ended.emit(repository),
            on_error=lambda error: self.failed.emit(repository, error),
            on_stopped=lambda: self.ended.emit(repository),
            owner=self,
        )
