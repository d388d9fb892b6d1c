"""What an answer is waiting for, in one line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from app.assistants.ask_each.events import Asking, EachEvent
from app.assistants.events import Event, Indexing, Reading, Revising, SourcesFound, TokenAdded
from app.gui.text_format import time_left
from app.gui.theme import GRID, set_role
from app.retrieval.protocol import IndexProgress


class ProgressLine(QWidget):
    """“Reading 3 of 12 documents… 20 s left”, “Searching…”, “Reading the passages… 40 %”, “Writing…”."""

    def __init__(self, *, over_documents: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._over_documents = over_documents
        self._revising = False
        self._label = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self._label, "muted")
        self._label.setMinimumWidth(1)  # in a narrow window it is cut, not the transcript
        self._bar = QProgressBar(textVisible=False, maximum=100)
        self._bar.setMinimumWidth(GRID * 5)
        self._bar.setMaximumWidth(GRID * 20)
        self._bar.setAccessibleName(self.tr("Progress"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID + GRID // 2)
        row.addWidget(self._label)
        row.addWidget(self._bar, 1000)
        row.addStretch(1)
        self._show(self.tr("Searching…") if over_documents else self.tr("Thinking…"))

    @property
    def text(self) -> str:
        return self._label.text()

    def take(self, event: Event | EachEvent) -> None:
        if isinstance(event, Indexing):
            self._show_indexing(event.progress)
        elif isinstance(event, SourcesFound):
            self._show(self.tr("Reading the passages…"))
        elif isinstance(event, Reading):
            self._show_reading(event)
        elif isinstance(event, TokenAdded):
            self._show(self.tr("Writing…"))
        elif isinstance(event, Revising):
            self._revising = True
            self._show(self.tr("Comparing with your documents…"))
        elif isinstance(event, Asking) and event.total:
            text = self.tr("Asking document {n} of {total}…").format(n=event.done, total=event.total)
            if event.seconds_left is not None:
                text += " " + time_left(event.seconds_left)
            self._show(text, event.done / event.total, percent=False)

    def show_stopping(self) -> None:
        self._show(self.tr("Stopping…"))

    def _show_indexing(self, progress: IndexProgress) -> None:
        if progress.stage == "waiting":
            self._show(self.tr("Waiting for another answer…"))
        elif progress.stage == "listing" or not progress.total:
            self._show(self.tr("Looking for changed documents…"))
        elif progress.stage in ("embedding", "recognising"):
            scans = progress.stage == "recognising"
            done = progress.pages if scans else progress.passages
            total = progress.pages_total if scans else progress.passages_total
            text = self.tr("Reading scanned pages…") if scans else self.tr("Understanding what is new…")
            self._show(text, done / total if total else None, percent=False)
        else:
            text = self.tr("Reading {n} of {total} documents…").format(n=progress.done, total=progress.total)
            if progress.seconds_left is not None:
                text += " " + time_left(progress.seconds_left)
            self._show(text, progress.done / progress.total, percent=False)

    def _show_reading(self, event: Reading) -> None:
        total = event.progress.total - event.progress.reused
        done = (event.progress.done - event.progress.reused) / total if total > 0 else 1.0
        if self._revising:
            return  # what is written then is not shown before it is checked
        text = self.tr("Reading the passages…") if self._over_documents else self.tr("Reading…")
        self._show(text, min(1.0, max(0.0, done)))

    def _show(self, text: str, done: float | None = None, *, percent: bool = True) -> None:
        if done is not None:
            self._bar.setValue(round(100 * done))
        if done is not None and percent:
            text = self.tr("{text} {percent} %").format(text=text, percent=round(100 * done))
        self._bar.setVisible(done is not None)
        if text != self._label.text():
            self._label.setText(text)
