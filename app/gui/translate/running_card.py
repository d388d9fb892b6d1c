"""A document being translated: how far it is, and the segment that was done last, source beside translation."""

from pathlib import Path

from PySide6.QtCore import QLocale, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.assistants.translate.events import DocumentOpened, SegmentDone
from app.documents.layout.tags import plain
from app.gui.labels import WrappedLabel
from app.gui.text_format import time_left
from app.gui.theme import GRID, set_role
from app.gui.translate.text_field import TextField
from app.gui.translate.wishes import FileWish
from app.gui.translate.wording import direction_of, pair_name
from app.gui.work_line import WorkLine

_LONGEST = 600  # characters of a segment that are shown
_LINES = 5
_PAUSE_MS = 120


class RunningCard(QWidget):
    """Filled by the events of one run."""

    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._newest: SegmentDone | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._show_newest)
        self.line = WorkLine(self.tr("Stop (Esc). What was translated is kept, and can be continued."))
        self.line.stop_wanted.connect(self.stop_wanted)
        self.place = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self.place, "small")
        self.source = TextField(self.tr("Source"), read_only=True)
        self.target = TextField(self.tr("Translation"), read_only=True)
        for field in (self.source, self.target):
            field.setFixedHeight(_LINES * field.fontMetrics().lineSpacing())
        self._card = QFrame()
        set_role(self._card, "card")
        texts = QHBoxLayout()
        texts.setSpacing(GRID * 2)
        rule = QFrame()
        set_role(rule, "rule")
        texts.addWidget(self.source, 1)
        texts.addWidget(rule)
        texts.addWidget(self.target, 1)
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(GRID * 2, GRID + GRID // 2, GRID * 2, GRID * 2)
        inside.setSpacing(GRID)
        inside.addWidget(self.place)
        inside.addLayout(texts, 1)
        self.note = WrappedLabel()
        set_role(self.note, "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID * 2)
        for each in (self.line, self._card, self.note):
            column.addWidget(each)
        column.addStretch(1)

    def begin(self, wish: FileWish) -> None:
        self._newest = None
        self._title = ""
        self.line.begin(self.tr("Opening {name}…").format(name=wish.file.name))
        self._card.hide()
        self.note.hide()

    def show_opened(self, opened: DocumentOpened) -> None:
        pair = pair_name(opened.source_language, opened.target_language)
        self._title = f"{Path(opened.file).name} · {pair}"
        self.line.show_step(self._title, 0.0, opened.engine)
        self.source.set_direction(direction_of(opened.source_language))
        self.target.set_direction(direction_of(opened.target_language))

    def show_segment(self, event: SegmentDone) -> None:
        """The newest is shown a few times a second: from the memory they come by thousands."""
        self._newest = event
        if not self._pause.isActive():
            self._show_newest()
            self._pause.start()

    @Slot()
    def _show_newest(self) -> None:
        event, self._newest = self._newest, None
        if event is None:
            return
        locale = QLocale()
        facts = [
            self.tr("{done} of {total} segments").format(
                done=locale.toString(event.done), total=locale.toString(event.total)
            ),
            "" if event.seconds_left is None else time_left(event.seconds_left),
        ]
        self.line.show_step(self._title, event.done / max(1, event.total), " · ".join(filter(None, facts)))
        segment = event.segment
        self.source.setPlainText(plain(segment.source)[:_LONGEST])
        self.target.setPlainText(plain(segment.target)[:_LONGEST])
        self.place.setText(segment.place or self.tr("Just translated"))
        self._card.show()

    def show_note(self, text: str) -> None:
        self.note.setText(text)
        self.note.show()

    def show_stopping(self) -> None:
        self.line.show_stopping()
