"""What to summarise and how; folds into one line once that is settled."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.labels import ElidedLabel
from app.gui.summarize.choosing import ChooseButtons
from app.gui.summarize.inputs_panel import InputsPanel
from app.gui.summarize.options import Options
from app.gui.summarize.summarizing import Request
from app.gui.theme import GRID, HALF, set_role


class SetupCard(QFrame):
    """Open while something is to be chosen, folded while a summary is read."""

    start_wanted = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.inputs = InputsPanel()
        self.choose = ChooseButtons(primary=False)
        self.options = Options()
        self.start = QPushButton(icon("summarize", "on_accent"), self.tr("Summarise"))
        set_role(self.start, "primary")
        self.start.setToolTip(self.tr("Summarise (Ctrl+Return)"))
        self.change = QPushButton(self.tr("Change"))
        self.change.setToolTip(self.tr("Choose other documents, or another kind of summary"))
        self.new = QPushButton(self.tr("New summary"))
        self._what = ElidedLabel()
        set_role(self._what, "title")
        self._how = ElidedLabel()
        set_role(self._how, "muted")
        self._open = self._opened()
        self._line = self._folded()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._open)
        column.addWidget(self._line)
        self._line.hide()
        self.options.confirmed.connect(self.start_wanted)
        self.start.clicked.connect(self.start_wanted)
        self.change.clicked.connect(self.unfold)
        self.new.clicked.connect(self.clear)

    @property
    def request(self) -> Request:
        return Request(self.inputs.entries, self.options.wish)

    @property
    def is_folded(self) -> bool:
        return self._open.isHidden()

    @property
    def open_width(self) -> int:
        """What it needs while it is open, in device-independent pixels."""
        return self._open.minimumSizeHint().width()

    def fold(self) -> None:
        """To one line that says what was asked for."""
        entries = self.inputs.entries
        first = entries[0].name if entries else ""
        more = len(entries) - 1
        self._what.setText(self.tr("{name} and {n} more").format(name=first, n=more) if more > 0 else first)
        self._how.setText(self.options.words)
        self._open.hide()
        self._line.show()

    @Slot()
    def unfold(self) -> None:
        self._line.hide()
        self._open.show()
        self.start.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def clear(self) -> None:
        """Choose anew; the options stay as they are."""
        self.inputs.clear()
        self.unfold()
        self.cleared.emit()

    def set_running(self, running: bool) -> None:
        for each in (self._open, self.change, self.new):
            each.setEnabled(not running)

    def _opened(self) -> QWidget:
        choosing = QHBoxLayout()
        choosing.setSpacing(GRID)
        choosing.addWidget(self.choose)
        choosing.addStretch(1)
        line = QFrame()
        set_role(line, "line")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.start)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(GRID * 2, GRID + HALF, GRID * 2, GRID * 2)
        column.setSpacing(GRID + HALF)
        column.addWidget(self.inputs)
        column.addLayout(choosing)
        column.addWidget(line)
        column.addWidget(self.options)
        column.addLayout(foot)
        return whole

    def _folded(self) -> QWidget:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._what)
        words.addWidget(self._how)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        row.setSpacing(GRID)
        row.addWidget(IconLabel("summarize", "accent"))
        row.addLayout(words, 1)
        row.addWidget(self.change)
        row.addWidget(self.new)
        return whole
