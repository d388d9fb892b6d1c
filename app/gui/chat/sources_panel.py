"""The sources of the answer in view, as numbered cards."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.assistants.events import Source
from app.gui.buttons import icon_button
from app.gui.chat.passages import SourceCard
from app.gui.theme import GRID, set_role


class SourcesPanel(QWidget):
    """Cards of one answer at a time; out of sight while there is none."""

    opened = Signal(object)
    changed = Signal()
    """There is something to show, or no longer."""

    asked_for = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = True
        self._covered = False
        set_role(self, "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._cards: dict[int, SourceCard] = {}
        title = QLabel(self.tr("Sources"))
        set_role(title, "title")
        close = icon_button("close", self.tr("Hide the sources"))
        close.clicked.connect(self.toggle)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(close)
        self._area = QScrollArea(widgetResizable=True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName(self.tr("Sources"))
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        column.addLayout(head)
        column.addWidget(self._area, 1)
        self.show_sources(())

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(card.source for card in self._cards.values())

    @property
    def wanted(self) -> bool:
        """There are sources, and the person did not hide them."""
        return self._wanted and bool(self._cards)

    def show_sources(self, sources: tuple[Source, ...]) -> None:
        if sources and sources == self.sources:
            return
        self._cards = {}
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID)
        for source in sources:
            card = SourceCard(source)
            card.opened.connect(self.opened)
            self._cards[source.number] = card
            column.addWidget(card)
        column.addStretch(1)
        self._area.setWidget(holder)
        set_role(holder, "bare")
        self._place()
        self.changed.emit()

    @Slot()
    def toggle(self) -> None:
        """Hide or show the panel, as the person wishes."""
        self._wanted = self.isHidden()
        self._place()
        self.changed.emit()
        if self._wanted:
            self.asked_for.emit()

    def set_covered(self, covered: bool) -> None:
        """Something else (the viewer) stands in its place."""
        self._covered = covered
        self._place()

    def mark(self, number: int) -> None:
        """Point out one card and bring it into view."""
        for each, card in self._cards.items():
            card.mark(each == number)
        card_meant = self._cards.get(number)
        if card_meant is not None:
            QTimer.singleShot(0, card_meant, lambda: self._area.ensureWidgetVisible(card_meant))

    def _place(self) -> None:
        self.setVisible(self.wanted and not self._covered)
