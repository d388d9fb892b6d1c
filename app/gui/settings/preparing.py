"""Preparing the library for another search model: how far it is, Stop, and going on."""

from collections.abc import Callable

from PySide6.QtCore import QLocale, QObject, Slot
from PySide6.QtWidgets import QPushButton

from app.gui.library.progress_words import waiting_words
from app.gui.library.reembedding import Reembedding
from app.gui.text_format import time_left
from app.gui.work_line import WorkLine
from app.retrieval.protocol import ReembedProgress


class Preparing(QObject):
    """A line and a button, for the section to place."""

    def __init__(self, reembedding: Reembedding, model: Callable[[], str], parent: QObject) -> None:
        """`model`: what the chosen search model is called."""
        super().__init__(parent)
        self._reembedding, self._model = reembedding, model
        self.line = WorkLine(self.tr("Stop. What was prepared is kept."))
        self.line.stop_wanted.connect(self._stop)
        self.go_on = QPushButton(self.tr("Continue"))
        self.go_on.setAccessibleName(self.tr("Continue preparing the library"))
        self.go_on.clicked.connect(self.begin)

    def show_now(self) -> None:
        """What is under way, or was left; from now on also what follows. For when the section is laid out."""
        self.go_on.setVisible(self._reembedding.unfinished)
        if self._reembedding.latest is not None:
            self._progress(self._reembedding.latest)
        self._reembedding.progressed.connect(self._progress)
        self._reembedding.ended.connect(self._ended)

    @Slot()
    def begin(self) -> None:
        self.go_on.hide()
        self.line.begin(self.tr("Loading the search model…"))
        self._reembedding.begin()

    @Slot()
    def _stop(self) -> None:
        self.line.show_stopping()
        self._reembedding.stop()

    def _progress(self, progress: ReembedProgress) -> None:
        if self.line.isHidden():
            self.line.begin("")
        self.go_on.hide()
        numbers = QLocale()
        fraction, facts = None, ""
        if progress.total:
            fraction = progress.done / progress.total
            facts = self.tr("{done} of {total} passages").format(
                done=numbers.toString(progress.done), total=numbers.toString(progress.total)
            )
        if progress.seconds_left is not None and not progress.reason:
            facts = f"{facts} · {time_left(progress.seconds_left)}"
        self.line.show_step(self._words(progress), fraction, facts)

    def _words(self, progress: ReembedProgress) -> str:
        if progress.reason:
            return waiting_words(progress.reason)
        return self.tr("Preparing the library for {name}").format(name=self._model())

    @Slot(bool)
    def _ended(self, serves: bool) -> None:
        self.line.hide()
        self.go_on.setVisible(not serves)
