"""What the indexer is doing, with Pause and Stop; afterwards, what it did."""

from PySide6.QtCore import QLocale, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel, icon_button
from app.gui.icons import icon
from app.gui.labels import ElidedLabel
from app.gui.library.progress_words import fact_words, is_work, stage_words, steps
from app.gui.library.states import needs_attention
from app.gui.theme import GRID, HALF, set_role
from app.retrieval.protocol import IndexFinished, IndexProgress

_SHOWN_MS = 8000
_SHORT_MS = 1000  # work that nobody asked for is not worth a word if it is done sooner


class ProgressStrip(QFrame):
    """Hidden while there is nothing to say. That reading is paused is said until it is resumed."""

    stop_wanted = Signal()
    pause_wanted = Signal(bool)
    failures_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._running = False
        self._paused = False
        self._latest: IndexProgress | None = None  # of work that nobody asked for
        self._picture = IconLabel("refresh", "accent")
        self._what = ElidedLabel()
        self._facts = ElidedLabel()
        set_role(self._facts, "muted")
        self.pause_button = QPushButton()
        self.pause_button.clicked.connect(lambda: self.pause_wanted.emit(not self._paused))
        self.stop_button = QPushButton(icon("stop"), self.tr("Stop"))
        self.stop_button.setToolTip(self.tr("Stop reading. What was read so far is kept."))
        self.stop_button.clicked.connect(self.stop_wanted)
        self.failures_button = _link(self.tr("Show"))
        self.failures_button.setAccessibleName(self.tr("Show the files that need attention"))
        self.failures_button.clicked.connect(self.failures_wanted)
        self.retry_button = _link(self.tr("Read again"))
        self.retry_button.setAccessibleName(self.tr("Read the files again that could not be read"))
        self.retry_button.clicked.connect(self.retry_wanted)
        self._close = icon_button("close", self.tr("Dismiss"))
        self._close.clicked.connect(self.rest)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Reading progress"))
        self._later = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._later.timeout.connect(self.rest)
        self._soon = QTimer(self, singleShot=True, interval=_SHORT_MS)
        self._soon.timeout.connect(self._show_unasked)
        self._lay_out()
        self.show_paused(on=False)

    @property
    def text(self) -> str:
        return f"{self._what.text()} {self._facts.text()}".strip()

    @Slot()
    def begin(self) -> None:
        """The person asked for something to be read."""
        self._forget_unasked()
        self._say("refresh", self.tr("Looking for files…"), running=True)
        self._bar.setRange(0, 0)

    @Slot(object)
    def show_progress(self, progress: IndexProgress) -> None:
        waiting = progress.stage == "waiting"
        self._say("pause" if waiting else "refresh", stage_words(progress), running=True)
        self._facts.setText(fact_words(progress))
        self._facts.setVisible(bool(self._facts.text()))
        done, total = steps(progress)
        self._bar.setVisible(bool(total) or not waiting)  # a bar that moves does not wait
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    @Slot(object)
    def show_unasked(self, progress: IndexProgress) -> None:
        """Work that nobody asked for is shown once it takes a while."""
        if not is_work(progress):
            return
        shown = self._running and self._latest is not None
        self._latest = progress
        if shown:
            self.show_progress(progress)
        elif not self._soon.isActive():
            self._soon.start()

    @Slot(object)
    def show_unasked_result(self, result: IndexFinished | None) -> None:
        """None: it was interrupted. Says nothing of what was not shown."""
        shown = self._running and self._latest is not None
        self._forget_unasked()
        if shown and result is not None and (result.indexed or result.removed):
            self.show_result(result)
        elif shown:
            self.rest()

    def show_result(self, result: IndexFinished, collection: str = "") -> None:
        """`collection`: whose files were read, "" where it need not be said."""
        said = self._result_words(result)
        if collection:
            said = self.tr("{collection}: {result}").format(collection=collection, result=said)
        attention = sum(needs_attention(failure.state) for failure in result.failures)
        if attention:
            count = QLocale().toString(attention)
            said += " "
            said += (
                self.tr("1 needs attention.")
                if attention == 1
                else self.tr("{n} need attention.").format(n=count)
            )
        self._say("check", said, running=False)
        if attention:
            self.failures_button.show()
            self.retry_button.show()
            self._later.stop()  # stays until it was seen

    @Slot()
    def show_stopped(self) -> None:
        self._forget_unasked()
        said = self.tr("Stopped. What was read so far is kept; Refresh goes on from there.")
        self._say("pause", said, running=False)

    def show_paused(self, *, on: bool) -> None:
        self._paused = on
        self.pause_button.setIcon(icon("play" if on else "pause"))
        self.pause_button.setText(self.tr("Resume") if on else self.tr("Pause"))
        self.pause_button.setToolTip(
            self.tr("Go on reading new and changed files.")
            if on
            else self.tr("Reading waits until you resume it, also after a restart.")
        )
        if not self._running:
            self.rest()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._picture)
        row.addWidget(self._what, 1)
        for each in (
            self.failures_button,
            self.retry_button,
            self.pause_button,
            self.stop_button,
            self._close,
        ):
            row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        column.setSpacing(HALF)
        column.addLayout(row)
        for below in (self._bar, self._facts):
            column.addWidget(below)

    def _result_words(self, result: IndexFinished) -> str:
        if result.indexed == 1:
            return self.tr("1 file read.")
        if result.indexed:
            return self.tr("{n} files read.").format(n=QLocale().toString(result.indexed))
        if result.removed:
            return self.tr("Up to date. Files that are gone were removed.")
        return self.tr("Everything is up to date.") if result.seen else self.tr("There are no files here.")

    def _say(self, picture: str, text: str, *, running: bool) -> None:
        self._running = running
        calm = picture == "pause"
        self._picture.show_icon(picture, "muted" if calm else "accent")
        self._what.setText(text)
        self._facts.setText("")
        self._facts.hide()
        self._bar.setVisible(running)
        self.pause_button.setVisible(running)
        self.stop_button.setVisible(running)
        self._close.setVisible(not running)
        self.failures_button.hide()
        self.retry_button.hide()
        self._later.stop()
        if not running:
            self._later.start()
            self.setAccessibleName(text)
        self.show()

    @Slot()
    def rest(self) -> None:
        """Nothing is under way: hidden, unless it is paused."""
        if not self._paused:
            self._running = False
            self.hide()
            return
        self._say("pause", self.tr("Reading is paused"), running=False)
        self._later.stop()
        self._facts.setText(self.tr("New and changed files wait."))
        self._facts.show()
        self._close.hide()
        self.pause_button.show()

    @Slot()
    def _show_unasked(self) -> None:
        if self._latest is not None:
            self.show_progress(self._latest)

    def _forget_unasked(self) -> None:
        self._latest = None
        self._soon.stop()


def _link(text: str) -> QPushButton:
    button = QPushButton(text)
    set_role(button, "link")
    return button
