"""A quiet offer below an answer: this question seems to be one for each document."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.gui.icons import icon
from app.gui.theme import set_role


class EachSuggestion(QWidget):
    """Asks nothing by itself."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton(icon("list", "accent"), self.tr("Ask each document"))
        set_role(self.button, "link")
        self.button.setToolTip(
            self.tr("Put this question to every document by itself, for a table of answers")
        )
        self.button.clicked.connect(self.wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)


def wants_each(question: str) -> bool:
    """Whether the question sounds like one for each document."""
    from app.assistants.ask_each.condition import sounds_like_each

    return sounds_like_each(question)
