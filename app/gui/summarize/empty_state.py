"""What the page shows while nothing is chosen: what it is for, and the way on."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel
from app.gui.summarize.choosing import ChooseButtons
from app.gui.theme import GRID, HALF, set_role

_READABLE_WIDTH = 460


class EmptySummary(QWidget):
    """A picture, two sentences and three buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Summarise documents"))
        set_role(title, "heading")
        text = self._muted(
            self.tr("Drop documents here, or choose them. Each is read from the first page to the last, and every"
                    " point of the summary leads to the page it comes from.")
        )  # fmt: skip
        several = self._muted(self.tr("Several documents get a summary each, and one of all together."))
        self.choose = ChooseButtons(primary=True)
        middle = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setSpacing(GRID + HALF)
        column.addStretch(2)
        column.addWidget(IconLabel("summarize", "accent", 48), 0, middle)
        column.addWidget(title, 0, middle)
        column.addLayout(_in_the_middle(text))
        column.addSpacing(HALF)
        column.addWidget(self.choose, 0, middle)
        column.addSpacing(HALF)
        column.addLayout(_in_the_middle(several))
        column.addStretch(3)

    def _muted(self, text: str) -> QLabel:
        label = QLabel(text, alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        set_role(label, "muted")
        return label


def _in_the_middle(label: QLabel) -> QHBoxLayout:
    """As wide as is readable; an alignment would keep the label from asking for a second line."""
    label.setMaximumWidth(_READABLE_WIDTH)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(label, 1000)
    row.addStretch(1)
    return row
