"""A group of settings: a title, and rows of label, control and explanation."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import GRID, HALF, set_role

_LABEL_WIDTH = GRID * 20


class Section(QWidget):
    """Rows stand in a card below the section's title."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel(title)
        set_role(heading, "title")
        card = QFrame()
        set_role(card, "card")
        self._grid = QGridLayout(card)
        self._grid.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        self._grid.setHorizontalSpacing(GRID * 2)
        self._grid.setVerticalSpacing(GRID * 2)
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(heading)
        column.addWidget(card)

    def add(
        self,
        label: str,
        control: QWidget,
        hint: str = "",
        buttons: Sequence[QPushButton] = (),
        *,
        tall: bool = False,
    ) -> QLabel:
        """One setting; `label` names the control for the keyboard (&) and for screen readers. Returns the hint.

        `tall`: the control has several lines, the first as high as what has its focus; there its label stands.
        """
        name = QLabel(label)
        name.setBuddy(control)
        control.setAccessibleName(label.replace("&", ""))
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(control, 1)
        for button in buttons:
            line.addWidget(button)
        cell = QVBoxLayout()
        cell.setSpacing(HALF)
        cell.addLayout(line)
        small = QLabel(hint, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        set_role(small, "small")
        control.setAccessibleDescription(hint)
        cell.addWidget(small)
        row = self._grid.rowCount()
        several_lines = isinstance(control, QAbstractScrollArea)  # its label stands beside the first
        first = (control.focusProxy() or control) if tall else control
        # the line is as high as its buttons
        heights = [each.sizeHint().height() for each in (first, *buttons)]
        name.setMinimumHeight(GRID * 4 if several_lines else max(heights))
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(cell, row, 1)
        if not hint:
            small.hide()  # only now: without a parent it would flash as a window of its own
        return small

    def add_row(self, layout: QLayout) -> None:
        """Something that has no label."""
        self._grid.addLayout(layout, self._grid.rowCount(), 0, 1, 2)
