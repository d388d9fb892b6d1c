"""What stands above the model's words: the exact answer and the best quote of the documents, or the nearest misses."""

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.assistants.events import Lead, Source
from app.gui.buttons import IconLabel
from app.gui.chat.passages import PassagesCard
from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, set_role

_NEAREST = 3


class Evidence(QWidget):
    """Out of sight while there is nothing to show."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sources: tuple[Source, ...] = ()
        self.lead: Lead | None = None
        self._card: PassagesCard | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_best(self, sources: tuple[Source, ...], lead: Lead | None) -> None:
        """The exact answer and the quote of the first source, word for word."""
        same = sources[:1] == self.sources[:1] and lead == self.lead
        self.sources, self.lead = sources or self.sources, lead
        if sources and not same:
            self._show(PassagesCard("card", "quote", self.tr("From your documents"), "", sources[:1], lead))

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


class UnreadNote(QWidget):
    """That some documents were not wholly read when the answer was looked for. Out of sight when all were."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = WrappedLabel("")
        set_role(self._text, "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(IconLabel("clock", "muted", 16))
        row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """ "" while it is out of sight."""
        return "" if self.isHidden() else self._text.text()

    def show_live(self, files: int) -> None:
        """While the answer is being written."""
        if files == 1:
            said = self.tr("1 file is still being read; the answer may be incomplete.")
        else:
            said = self.tr("{n} files are still being read; the answer may be incomplete.")
        self._show(files, said)

    def show_past(self, files: int, *, answered: bool) -> None:
        """`answered` False: nothing relevant was found in what was read by then."""
        if answered and files == 1:
            said = self.tr("1 file was still being read; the answer may be incomplete.")
        elif answered:
            said = self.tr("{n} files were still being read; the answer may be incomplete.")
        elif files == 1:
            said = self.tr("1 file was still being read; ask again when that is done.")
        else:
            said = self.tr("{n} files were still being read; ask again when that is done.")
        self._show(files, said)

    def _show(self, files: int, said: str) -> None:
        self._text.setText(said.format(n=QLocale().toString(files)))
        self.setVisible(bool(files))
