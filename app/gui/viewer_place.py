"""Where the viewer of documents stands: beside the page, or over it where there is no room for both."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget
from shiboken6 import isValid

from app.assistants.events import Source
from app.backend import Backend
from app.gui.jobs import Jobs
from app.gui.theme import NARROW
from app.gui.viewer.citations import Citations

if TYPE_CHECKING:
    from app.gui.viewer.pane import ViewerPane

_SHARE = 0.45  # of the width, at first
_SHARE_IF_NARROW = 0.55


class ViewerPlace(QSplitter):
    """The page on the left; the viewer is built when it is first needed.

    A document belongs to the page it was opened from: beside another page it is put aside, and it is there again when that
    page is.
    """

    opened = Signal(bool)

    def __init__(self, pages: QStackedWidget, backend: Backend, jobs: Jobs) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(pages)
        self._pages = pages
        self._backend = backend
        self._jobs = jobs
        self._pane: ViewerPane | None = None
        self._opener: QWidget | None = None  # where the focus was when the viewer opened
        self._owner: QWidget | None = None  # the page it was opened from
        self._aside = False
        self._shared: tuple[bool, bool] | None = None
        pages.currentChanged.connect(self._turn)

    @property
    def is_open(self) -> bool:
        return self._pane is not None and not self._pane.isHidden()

    @property
    def covers_page(self) -> bool:
        """The page waits behind the viewer."""
        return self.is_open and self._pages.isHidden()

    @Slot(object)
    def open_source(self, source: Source) -> None:
        """Show the page of a source, its quote marked."""
        self._opened().open_source(source)

    @Slot(object)
    def open_citations(self, citations: Citations) -> None:
        """Show the quotes of an answer, beginning with the one that was chosen."""
        self._opened().open_citations(citations)

    @Slot(str)
    def open_file(self, path: str) -> None:
        self._opened().open_file(path)

    @Slot()
    def close_viewer(self) -> None:
        if self._pane is not None and self.is_open:
            focus = self.window().focusWidget()
            had_focus = focus is not None and self._pane.isAncestorOf(focus)
            self._hide(self._pane)
            if had_focus:
                self._return_focus()

    def _opened(self) -> "ViewerPane":
        if self._pane is None:
            from app.gui.viewer.pane import ViewerPane

            self._pane = ViewerPane(self._backend, self._jobs, self)
            self._pane.closed.connect(self.close_viewer)
            self._pane.hide()
            self.addWidget(self._pane)
        self._owner, self._aside = self._pages.currentWidget(), False
        if not self.is_open:
            self._opener = self.window().focusWidget()
            self._show(self._pane)
        return self._pane

    def _show(self, pane: "ViewerPane") -> None:
        pane.show()
        self.opened.emit(self.is_open)
        self._share()

    def _hide(self, pane: "ViewerPane") -> None:
        self._shared = None
        self._pages.setMinimumWidth(0)
        self._pages.show()
        pane.hide()
        self.opened.emit(self.is_open)

    @Slot()
    def _turn(self) -> None:
        """Another page is in view."""
        own = self._pages.currentWidget() is self._owner
        if self._pane is None or own == self.is_open:
            return
        if own and self._aside:
            self._aside = False
            self._show(self._pane)
        elif not own:
            self._aside = True
            self._hide(self._pane)

    def _return_focus(self) -> None:
        """To where the viewer was opened from; to the page if that is no longer there."""
        opener, page = self._opener, self._pages.currentWidget()
        if opener is not None and isValid(opener) and opener.isVisible():
            opener.setFocus()
        elif page is not None:
            page.setFocus()

    @Slot()
    def _share(self) -> None:
        """Share out the width anew, unless nothing but the width has changed."""
        page = self._pages.currentWidget()
        if self._pane is None or not self.is_open or page is None:
            return
        least = page.minimumSizeHint().width()
        covered = least + self.handleWidth() + self._pane.minimumWidth() > self.width()
        narrow = self.window().width() < NARROW
        self._pages.setMinimumWidth(least)  # of this page, not of the widest
        self._pages.setVisible(not covered)
        if self._shared != (narrow, covered):
            self._shared = (narrow, covered)
            width = round(self.width() * (_SHARE_IF_NARROW if narrow else _SHARE))
            self.setSizes([self.width() - width, width])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()
