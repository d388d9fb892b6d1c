"""The Models page: what this computer can run, what is on it, and the way to more."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.backend import Backend, ModelParts, close_models, open_models
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.jobs import Job, Jobs
from app.gui.theme import GRID, set_role
from app.hardware.fit import MIB

if TYPE_CHECKING:
    from app.gui.models.body import Body


class ModelsPage(QWidget):
    """Opens what it works with when it is first shown; `close_parts` ends it again."""

    def __init__(
        self, backend: Backend, jobs: Jobs, messages: MessageBar, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._backend = backend
        self._jobs = jobs
        self._messages = messages
        self._parts: ModelParts | None = None
        self._opening: Job | None = None
        self._waiting: list[Callable[[Body], object]] = []
        self.body: Body | None = None
        loading = QLabel(self.tr("Looking at this computer…"), alignment=Qt.AlignmentFlag.AlignCenter)
        set_role(loading, "muted")
        self._stack = QStackedWidget()
        self._stack.addWidget(loading)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.addWidget(self._stack)

    @Slot()
    def refresh(self) -> None:
        """Look at models and machine again."""
        self._when_open(lambda body: body.loader.load())

    def import_files(self, files: Sequence[Path]) -> None:
        """Add GGUF files that were dropped on the window."""
        self._when_open(lambda body: body.adding.import_files(files))

    def download(self, id: str) -> None:
        """Show this model of the catalogue and fetch it."""
        self._when_open(lambda body: body.download(id))

    def limit_downloads(self, limit: float | None) -> None:
        """MiB a second, for downloads under way too; None: as fast as they come."""
        if self._parts is not None:
            self._parts.downloads.limit.bytes_per_s = None if limit is None else limit * MIB

    def stop(self) -> bool:
        """Stop what is under way; false when there is nothing."""
        return self.body is not None and self.body.strip.stop()

    def close_parts(self) -> None:
        """End processes and downloads. The page is of no use afterwards; its jobs have ended before."""
        if self.body is not None:
            self.body.loader.watch_memory(watching=False)
        if self._parts is not None:
            close_models(self._parts)
            self._parts = None

    def _when_open(self, action: "Callable[[Body], object]") -> None:
        if self.body is not None:
            action(self.body)
            return
        self._waiting.append(action)
        if self._opening is None or not self._opening.running:
            self._opening = self._jobs.run(self._open, on_event=self._opened)

    def _open(self, _cancel: CancelToken) -> Iterator[ModelParts]:
        """On a job's thread: reading the catalogue takes a moment."""
        yield open_models(self._backend)

    @Slot(object)
    def _opened(self, parts: ModelParts) -> None:
        from app.gui.models.body import Body

        self._parts = parts
        self.body = Body(self._backend, parts, self._jobs, self._messages)
        self._stack.addWidget(self.body)
        self._stack.setCurrentWidget(self.body)
        self.body.loader.watch_memory(watching=self.isVisible())
        waiting, self._waiting = self._waiting, []
        for action in waiting:
            action(self.body)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.body is not None:
            self.body.loader.watch_memory(watching=True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.body is not None:
            self.body.loader.watch_memory(watching=False)
