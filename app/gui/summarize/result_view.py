"""Everything a run gave: the joint summary first, then one of each document, and what could not be summarised."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.assistants.summarize.events import Summary, SummaryWritten
from app.gui.buttons import IconLabel
from app.gui.labels import WrappedLabel
from app.gui.summarize.point_row import PointRow
from app.gui.summarize.summary_card import SummaryCard
from app.gui.theme import GRID, set_role

_OPEN_AT_FIRST = 4  # more documents than that come as titles, below the joint summary


class ResultView(QWidget):
    """Grows as documents are finished; the arrow keys go from point to point."""

    source_opened = Signal(object)
    focus_moved = Signal(QWidget)
    """A point that should be brought into sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[SummaryCard] = []
        self._notes: list[str] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID * 2)

    @property
    def cards(self) -> tuple[SummaryCard, ...]:
        """As they stand: the joint one first."""
        return tuple(self._cards)

    @property
    def summaries(self) -> tuple[Summary, ...]:
        return tuple(card.summary for card in self._cards)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._notes)

    def clear(self) -> None:
        self._cards, self._notes = [], []
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def add(self, event: SummaryWritten) -> None:
        shown = event.joint or len(self._cards) < _OPEN_AT_FIRST
        card = SummaryCard(event.summary, joint=event.joint, open_=shown)
        card.opened.connect(self.source_opened)
        card.moved.connect(self._move)
        self._cards.insert(0 if event.joint else len(self._cards), card)
        if event.joint:
            self._column.insertWidget(0, card)
        else:
            self._column.addWidget(card)
        for each in self._cards:
            each.toggle.setVisible(len(self._cards) > 1)

    def note(self, text: str) -> None:
        """Something the person should know, such as a document that could not be read."""
        self._notes.append(text)
        frame = QFrame()
        set_role(frame, "warning")
        row = QHBoxLayout(frame)
        row.setContentsMargins(GRID * 2, GRID, GRID * 2, GRID)
        row.setSpacing(GRID)
        row.addWidget(IconLabel("warning", "warning"), 0, Qt.AlignmentFlag.AlignTop)
        label = WrappedLabel(text)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(label, 1)
        frame.setAccessibleName(text)
        self._column.addWidget(frame)

    def _move(self, row: PointRow, step: int) -> None:
        rows = [each for card in self._cards for each in card.rows]
        index = rows.index(row) + step
        if 0 <= index < len(rows):
            rows[index].setFocus(Qt.FocusReason.TabFocusReason)
            self.focus_moved.emit(rows[index])
