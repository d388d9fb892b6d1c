"""Two thumbs below an answer."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from app.gui.buttons import icon_button
from app.gui.theme import HALF, set_role
from app.storage.feedback import Verdict


class FeedbackButtons(QWidget):
    """Good, wrong, and below a wrong answer a way to say what would have been right."""

    pressed = Signal(str)
    """A `Verdict`, also when it holds already."""

    correction_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.good = icon_button("thumb-up", self.tr("Good answer"), role="rail")
        self.bad = icon_button("thumb-down", self.tr("Wrong answer"), role="rail")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        named: tuple[tuple[QToolButton, Verdict], ...] = ((self.good, "good"), (self.bad, "bad"))
        for button, verdict in named:
            set_role(button, "thumb")
            button.setCheckable(True)
            button.clicked.connect(lambda _on, said=verdict: self.pressed.emit(said))
            row.addWidget(button)
        self.correct = QPushButton()
        set_role(self.correct, "link")
        self.correct.clicked.connect(self.correction_wanted)
        row.addSpacing(HALF)
        row.addWidget(self.correct)

    def show_verdict(self, verdict: Verdict | None, *, corrected: bool, begun: bool) -> None:
        """`verdict` None: not rated. `begun`: there is a correction that was typed and not saved."""
        self.good.setChecked(verdict == "good")
        self.bad.setChecked(verdict == "bad")
        if begun:
            self.correct.setText(self.tr("Go on with your correction"))
        else:
            self.correct.setText(self.tr("Edit correction") if corrected else self.tr("Correct it"))
        self.correct.setVisible(verdict == "bad")
