"""Where the viewer of documents stands: beside the page, once something is opened."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSplitter, QWidget

from app.assistants.events import Source
from app.backend import Backend
from app.gui.jobs import Jobs

if TYPE_CHECKING:
    from app.gui.viewer.pane import ViewerPane

_SHARE = 0.45  # of the width, at first


class ViewerPlace(QSplitter):
    """The page on the left; the viewer is built when it is first needed."""

    opened = Signal(bool)

    def __init__(self, page: QWidget, backend: Backend, jobs: Jobs) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(page)
        self._backend = backend
        self._jobs = jobs
        self._pane: ViewerPane | None = None

    @property
    def is_open(self) -> bool:
        return self._pane is not None and not self._pane.isHidden()

    @Slot(object)
    def open_source(self, source: Source) -> None:
        """Show the page of a source, its quote marked."""
        self._shown().open_source(source)

    @Slot(str)
    def open_file(self, path: str) -> None:
        self._shown().open_file(path)

    @Slot()
    def close_viewer(self) -> None:
        if self._pane is not None and self.is_open:
            self._pane.hide()
            self.opened.emit(self.is_open)

    def _shown(self) -> "ViewerPane":
        if self._pane is None:
            from app.gui.viewer.pane import ViewerPane

            self._pane = ViewerPane(self._backend, self._jobs, self)
            self._pane.closed.connect(self.close_viewer)
            self._pane.hide()
            self.addWidget(self._pane)
        if not self.is_open:
            self._pane.show()
            self.opened.emit(self.is_open)
            width = round(self.width() * _SHARE)
            self.setSizes([self.width() - width, width])
        return self._pane
