"""The text of a document with its controls."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.theme import GRID, HALF, set_role
from app.gui.viewer.excerpts import Excerpt
from app.gui.viewer.finding import DocumentSearch
from app.gui.viewer.page_layout import next_zoom
from app.gui.viewer.text_view import TextView
from app.gui.viewer.zoom import ZoomControls, ZoomGestures

_MOST_MARKED = 400  # more in one paragraph makes painting slow


class TextPanel(QWidget):
    """Size of the letters above the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zoom = ZoomControls("undo", self.tr("Normal size"))
        self.view = TextView()
        self.search = DocumentSearch(1, lambda _part: self.view.toPlainText(), self)
        self.setFocusProxy(self.view)
        bar = QHBoxLayout()
        bar.setContentsMargins(GRID * 2, HALF, GRID, HALF)
        bar.addStretch(1)
        bar.addWidget(self.zoom)
        line = QFrame()
        set_role(line, "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(line)
        column.addWidget(self.view, 1)
        gestures = ZoomGestures(self.view.viewport())
        gestures.stepped.connect(lambda direction, _at: self._step(direction))
        gestures.scaled.connect(lambda factor, _at: self._zoom_to(self.view.zoom * factor))
        self.zoom.stepped.connect(self._step)
        self.zoom.reset_wanted.connect(lambda: self._zoom_to(1.0))
        self.search.changed.connect(self._show_hits)
        self.search.chosen.connect(self._show_hit)
        self._marked: tuple[list[tuple[int, int]], tuple[int, int] | None] = ([], None)
        self._moved = QTimer(self, singleShot=True, interval=0)
        self._moved.timeout.connect(self._show_hits)
        scrolling = self.view.verticalScrollBar()
        for moved in (scrolling.valueChanged, scrolling.rangeChanged):
            moved.connect(self._follow_view)
        self.zoom.show_zoom(1.0)

    def show_excerpt(self, excerpt: Excerpt) -> None:
        """Show the text, its quotes marked."""
        if self.view.show_excerpt(excerpt):
            self.search.start_over()

    def find_words(self, words: str) -> None:
        """From what is in view onwards."""
        self.search.find(words, 0, self.view.first_in_view())

    def keep_found(self) -> None:
        """Select the place that was found last."""
        self.view.select_chosen()

    @Slot(int)
    def _step(self, direction: int) -> None:
        self._zoom_to(next_zoom(self.view.zoom, direction))

    def _zoom_to(self, zoom: float) -> None:
        self.view.set_zoom(zoom)
        self.zoom.show_zoom(self.view.zoom)

    @Slot()
    def _follow_view(self) -> None:
        """Later: the text may be in the middle of being laid out."""
        if self.search.hits:
            self._moved.start()

    @Slot()
    def _show_hits(self) -> None:
        """Only what is in view is marked, however much was found."""
        current = self.search.current
        chosen = None if current is None else (current.start, current.end)
        near = self.search.between(0, *self.view.around_view()) if self.search.hits else []
        spare = max(0, len(near) - _MOST_MARKED) // 2
        marked = [(each.start, each.end) for each in near[spare : spare + _MOST_MARKED]]
        if (marked, chosen) != self._marked:
            self._marked = (marked, chosen)
            self.view.show_found(marked, chosen)

    @Slot()
    def _show_hit(self) -> None:
        self._show_hits()
        self.view.go_to_chosen()
