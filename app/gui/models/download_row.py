"""One download: its name, how far it is, what is going on, and what can be done with it."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.labels import ElidedLabel, WrappedLabel
from app.gui.text_format import time_left
from app.gui.theme import GRID, HALF, set_role
from app.models.disk import in_words
from app.models.download.queue import Entry
from app.models.naming import stem_of

_STEPS = 1000  # of the bar; its numbers are too small for bytes
_NARROW = GRID * 64
_MOVES = ("running", "waiting")


class DownloadRow(QWidget):
    """Made once for each download and brought up to date by `show_entry`."""

    pause_wanted = Signal(str)
    resume_wanted = Signal(str)
    remove_wanted = Signal(str)
    """The entry's id, all three."""

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry = entry
        self.name = stem_of(entry.wanted.files[0].rpartition("/")[2])
        self._title = ElidedLabel(self.name)
        set_role(self._title, "title")
        self._title.set_tip(f"{entry.wanted.repo}\n{self.name}")
        self._facts = QLabel()
        set_role(self._facts, "muted")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress of {name}").format(name=self.name))
        self._note = WrappedLabel()
        self.toggle = icon_button("pause", "")
        self.toggle.clicked.connect(self._toggle)
        self.remove = icon_button("close", self.tr("Remove"))
        self.remove.setAccessibleName(self.tr("Remove the download of {name}").format(name=self.name))
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(self._entry.id))
        self._lay_out()
        self.show_entry(entry)

    @property
    def text(self) -> str:
        """Everything the row says."""
        return " ".join(filter(None, (self._facts.text(), self._note.text())))

    def show_entry(self, entry: Entry) -> None:
        """What holds now. Only what is different is touched, so that nothing flickers."""
        self._entry = entry
        moves = entry.state in _MOVES
        self._facts.setText(self._progress(entry))
        self._show_bar(entry)
        self._note.setText(entry.note)
        self._note.setVisible(bool(entry.note))
        set_role(self._note, "failure" if entry.state == "failed" else "muted")
        again = self.tr("Try again") if entry.state == "failed" else self.tr("Resume")
        action = self.tr("Pause") if moves else again
        if self.toggle.toolTip() != action:
            self.toggle.setIcon(icon("pause" if moves else "play", "muted"))
            self.toggle.setToolTip(action)
            self.toggle.setAccessibleName(f"{action}: {self.name}")
        self.setAccessibleName(f"{self.name}. {self.text}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow place the facts stand below the name."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._words.setDirection(down if narrow else across)
        self._words.setSpacing(HALF if narrow else GRID)

    def set_busy(self, busy: bool) -> None:
        """While what was wanted is being done."""
        self.toggle.setDisabled(busy)
        self.remove.setDisabled(busy)

    def _lay_out(self) -> None:
        self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._words.setSpacing(GRID)
        self._words.addWidget(self._title, 1)
        self._words.addWidget(self._facts)
        left = QVBoxLayout()
        left.setSpacing(HALF)
        left.addLayout(self._words)
        left.addWidget(self._bar)
        left.addWidget(self._note)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        row.setSpacing(HALF)
        row.addLayout(left, 1)
        row.addSpacing(HALF)
        for button in (self.toggle, self.remove):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def _progress(self, entry: Entry) -> str:
        """“412.0 MB of 1.1 GB, 8.3 MB/s, 1 min left”; what the queue says of it stands in the note."""
        facts = []
        if entry.state == "paused":
            facts.append(self.tr("Paused"))
        elif entry.state == "waiting":
            facts.append(self.tr("Waiting for its turn"))
        elif entry.state == "running" and not entry.bytes_total and not entry.note:
            facts.append(self.tr("Looking it up on the internet…"))
        elif entry.checking:
            facts.append(self.tr("Checking"))
        if entry.bytes_total:
            done, total = in_words(entry.bytes_done), in_words(entry.bytes_total)
            facts.append(self.tr("{done} of {total}").format(done=done, total=total))
        if entry.state == "running" and entry.bytes_per_s > 0:
            facts.append(self.tr("{size}/s").format(size=in_words(round(entry.bytes_per_s))))
            if entry.seconds_left is not None:
                facts.append(time_left(entry.seconds_left))
        return ", ".join(facts)

    def _show_bar(self, entry: Entry) -> None:
        """Moves to and fro while nobody can tell how far it is."""
        tried = entry.bytes_done >= entry.bytes_total and not entry.checking
        if entry.state == "running" and tried:
            self._bar.setRange(0, 0)
            return
        self._bar.setRange(0, _STEPS)
        self._bar.setValue(_STEPS * entry.bytes_done // max(1, entry.bytes_total))

    @Slot()
    def _toggle(self) -> None:
        wanted = self.pause_wanted if self._entry.state in _MOVES else self.resume_wanted
        wanted.emit(self._entry.id)
