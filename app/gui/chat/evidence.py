"""What stands above the model's words: the best quote of the documents, or the nearest misses."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.assistants.events import Source
from app.gui.chat.passages import PassagesCard

_NEAREST = 3


class Evidence(QWidget):
    """Out of sight while there is nothing to show."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sources: tuple[Source, ...] = ()
        self._card: PassagesCard | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_best(self, sources: tuple[Source, ...]) -> None:
        """The quote of the first source, word for word."""
        if sources and sources != self.sources:
            self.sources = sources
            self._show(PassagesCard("card", "quote", self.tr("From your documents"), "", sources[:1]))

    def show_nearest(self, sources: tuple[Source, ...]) -> None:
        """Nothing answers the question; these passages come closest."""
        self.sources = sources
        text = self.tr("Nothing in them answers this, so nothing was made up.")
        if sources:
            text = self.tr("Nothing in them answers this, so nothing was made up. The nearest passages are:")
        self._show(PassagesCard("calm", "info", self.tr("Not in your documents"), text, sources[:_NEAREST]))

    def _show(self, card: PassagesCard) -> None:
        if self._card is not None:
            self._card.hide()
            self._card.deleteLater()
        self._card = card
        card.opened.connect(self.opened)
        self._column.addWidget(card)
        card.show()
        self.show()
