"""What the indexer is doing, with Stop; afterwards, what it did."""

from PySide6.QtCore import QLocale, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel, icon_button
from app.gui.icons import icon
from app.gui.labels import ElidedLabel
from app.gui.library.states import needs_attention
from app.gui.text_format import file_name, time_left
from app.gui.theme import GRID, HALF, set_role
from app.retrieval.protocol import IndexFinished, IndexProgress

_SHOWN_MS = 8000


class ProgressStrip(QFrame):
    """Hidden while there is nothing to say."""

    stop_wanted = Signal()
    failures_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._picture = IconLabel("refresh", "accent")
        self._what = ElidedLabel()
        self._speed = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self._speed, "muted")
        self._stop = QPushButton(icon("stop"), self.tr("Stop"))
        self._stop.setToolTip(self.tr("Stop reading (Esc). What was read so far is kept."))
        self._stop.clicked.connect(self.stop_wanted)
        self._failures = QPushButton(self.tr("Show"))
        set_role(self._failures, "link")
        self._failures.clicked.connect(self.failures_wanted)
        self._close = icon_button("close", self.tr("Dismiss"))
        self._close.clicked.connect(self.hide)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Reading progress"))
        self._later = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._later.timeout.connect(self.hide)
        self._lay_out()
        self.hide()

    @property
    def text(self) -> str:
        return f"{self._what.text()} {self._speed.text()}".strip()

    @property
    def stop_button(self) -> QPushButton:
        return self._stop

    @property
    def failures_button(self) -> QPushButton:
        return self._failures

    @Slot()
    def begin(self) -> None:
        self._picture.show_icon("refresh", "accent")
        self._say(self.tr("Looking for documents…"), running=True)
        self._bar.setRange(0, 0)

    @Slot(object)
    def show_progress(self, progress: IndexProgress) -> None:
        said = {
            "listing": self.tr("Looking for documents…"),
            "waiting": self.tr("Waiting while an answer is written…"),
            "reading": self._reading(progress),
        }
        self._say(said[progress.stage], running=True)
        facts = []
        if progress.passages_per_s > 0:
            speed = QLocale().toString(max(1, round(progress.passages_per_s)))
            facts.append(self.tr("{n} passages/s").format(n=speed))
        if progress.seconds_left is not None and progress.done < progress.total:
            facts.append(time_left(progress.seconds_left))
        self._speed.setText(" · ".join(facts))
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)

    @Slot(object)
    def show_result(self, result: IndexFinished) -> None:
        self._picture.show_icon("check", "accent")
        count = QLocale().toString(result.indexed)
        if result.indexed == 1:
            said = self.tr("1 file read.")
        elif result.indexed:
            said = self.tr("{n} files read.").format(n=count)
        elif result.removed:
            said = self.tr("Up to date. Files that are gone were removed.")
        else:
            said = (
                self.tr("Everything is up to date.") if result.seen else self.tr("There are no files here.")
            )
        attention = sum(needs_attention(failure.state) for failure in result.failures)
        if attention:
            count = QLocale().toString(attention)
            said += " "
            said += (
                self.tr("1 needs attention.")
                if attention == 1
                else self.tr("{n} need attention.").format(n=count)
            )
        self._say(said, running=False)
        if attention:
            self._failures.show()
            self._later.stop()  # stays until it was seen

    @Slot()
    def show_stopped(self) -> None:
        self._picture.show_icon("pause", "muted")
        self._say(
            self.tr("Stopped. What was read so far is kept; Refresh goes on from there."), running=False
        )

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._picture)
        row.addWidget(self._what, 1)
        for each in (self._speed, self._failures, self._stop, self._close):
            row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        column.setSpacing(HALF)
        column.addLayout(row)
        column.addWidget(self._bar)

    def _reading(self, progress: IndexProgress) -> str:
        locale = QLocale()
        if progress.done >= progress.total:
            return self.tr("Getting {n} passages ready for questions…").format(
                n=locale.toString(progress.passages)
            )
        said = self.tr("Reading {done} of {total}").format(
            done=locale.toString(progress.done), total=locale.toString(progress.total)
        )
        return f"{said} · {file_name(progress.file)}" if progress.file else said

    def _say(self, text: str, *, running: bool) -> None:
        self._what.setText(text)
        self._speed.setText("")
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._close.setVisible(not running)
        self._failures.hide()
        self._later.stop()
        if not running:
            self._later.start()
            self.setAccessibleName(text)
        self.show()
