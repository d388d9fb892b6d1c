"""Work under way in a card: what is done now, how far it is, the time left, and Stop."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.labels import ElidedLabel
from app.gui.theme import GRID, HALF, set_role

_STEPS = 1000


class WorkLine(QFrame):
    """Hidden while nothing is under way. It shows; whoever has it does the work and the stopping."""

    stop_wanted = Signal()

    def __init__(self, stop_hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._stopping = False
        self._what = ElidedLabel()
        self._facts = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self._facts, "muted")
        self.stop_button = QPushButton(icon("stop"), self.tr("Stop"))
        self.stop_button.setToolTip(stop_hint)
        self.stop_button.clicked.connect(self.stop_wanted)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress"))
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(IconLabel("refresh", "accent"))
        row.addWidget(self._what, 1)
        row.addWidget(self._facts)
        row.addWidget(self.stop_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        column.setSpacing(HALF)
        column.addLayout(row)
        column.addWidget(self._bar)
        self.hide()

    @property
    def text(self) -> str:
        return f"{self._what.text()} {self._facts.text()}".strip()

    def begin(self, text: str) -> None:
        """New work; how far it is, is not known yet."""
        self._stopping = False
        self.stop_button.setEnabled(True)
        self.show_step(text)
        self.show()

    def show_step(self, text: str, fraction: float | None = None, facts: str = "") -> None:
        """`fraction` from 0 to 1, None while it is not known. What comes after `show_stopping` is not shown."""
        if self._stopping:
            return
        self._what.setText(text)
        self._facts.setText(facts)
        self._bar.setRange(0, 0 if fraction is None else _STEPS)
        if fraction is not None:
            self._bar.setValue(round(min(1.0, max(0.0, fraction)) * _STEPS))

    def show_stopping(self) -> None:
        """Stopping takes a moment."""
        self.show_step(self.tr("Stopping…"))
        self._stopping = True
        self.stop_button.setEnabled(False)
