"""The line below an answer: how it ended, how fast it was, and what can be done with it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel, icon_button
from app.gui.chat.content import Answer
from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, set_role


class StateLine(QWidget):
    """Copy, answer again, and small print. A legend explains sentences marked as unsupported.

    Below a question that was refused: answer anyway.
    """

    copy_wanted = Signal()
    again_wanted = Signal()
    anyway_wanted = Signal()

    def __init__(self, rating: QWidget, parent: QWidget | None = None) -> None:
        """`rating`: the controls for what the person thinks of the answer."""
        super().__init__(parent)
        self._copy = icon_button("copy", self.tr("Copy the answer"))
        self._copy.clicked.connect(self.copy_wanted)
        self._again = icon_button("refresh", self.tr("Answer again"))
        self._again.clicked.connect(self.again_wanted)
        self.anyway = QPushButton(self.tr("Answer anyway"))
        set_role(self.anyway, "link")
        self.anyway.setToolTip(self.tr("Answer from the nearest passages, however unsure that is"))
        self.anyway.clicked.connect(self.anyway_wanted)
        self._refused = False
        self._last = True
        self._facts = WrappedLabel()
        set_role(self._facts, "small")
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self._copy)
        row.addWidget(self._again)
        row.addWidget(rating)
        row.addWidget(self.anyway)
        row.addSpacing(GRID)
        row.addWidget(self._facts, 1)
        self._legend = QWidget()
        note = WrappedLabel(self.tr("Underlined in amber: not found in your documents."))
        set_role(note, "caution")
        legend = QHBoxLayout(self._legend)
        legend.setContentsMargins(0, 0, 0, 0)
        legend.setSpacing(GRID)
        legend.addWidget(IconLabel("warning", "warning", 16))
        legend.addWidget(note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self._legend)
        column.addLayout(row)

    @property
    def text(self) -> str:
        return self._facts.text()

    def allow_again(self, allowed: bool) -> None:
        self._last = allowed
        self._again.setVisible(allowed)
        self.anyway.setVisible(allowed and self._refused)

    def show_answer(self, answer: Answer) -> None:
        self._refused = answer.state == "refused"
        self.anyway.setVisible(self._last and self._refused)
        self._copy.setVisible(bool(answer.text) and not self._refused)
        self._legend.setVisible(any(not claim.supported for claim in answer.claims))
        self._facts.setText(" · ".join(filter(None, self._facts_of(answer))))

    def _facts_of(self, answer: Answer) -> list[str]:
        facts = [
            {
                "stopped": self.tr("Stopped"),
                "failed": self.tr("Could not be finished"),
                "writing": self.tr("Being written"),
            }.get(answer.state, "")
        ]
        times = answer.timings
        if times is not None:
            facts.append(self.tr("{s} s").format(s=f"{times.total_s:.1f}"))
            writing = times.total_s - times.first_token_s
            words = len(answer.text.split())
            if answer.state != "refused" and words > 1 and writing > 0.05:
                facts.append(self.tr("{n} words a second").format(n=round(words / writing)))
        facts.append(answer.model)
        if answer.forgotten:
            facts.append(self.tr("The oldest messages no longer fitted and were left out"))
        return facts
