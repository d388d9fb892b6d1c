"""The row that says which of an answer's quotes is in view, and leads to the others."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.gui.buttons import IconLabel, icon_button
from app.gui.labels import ElidedLabel
from app.gui.theme import GRID, HALF, set_role
from app.gui.viewer.citations import Citations


class CitationBar(QWidget):
    """Out of sight while nothing is cited."""

    stepped = Signal(int)
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel()
        set_role(self.label, "muted")
        self.copy = icon_button("copy", self.tr("Copy the quote with its source"), shortcut="Ctrl+Alt+C")
        self.previous = icon_button("chevron-left", self.tr("Previous quote of the answer"))
        self.previous.setToolTip(self.tr("Previous quote of the answer (Shift+F3)"))
        self.next = icon_button("chevron-right", self.tr("Next quote of the answer"))
        self.next.setToolTip(self.tr("Next quote of the answer (F3)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, 0, GRID, HALF)
        row.setSpacing(HALF)
        row.addWidget(IconLabel("quote", "accent"))
        row.addSpacing(HALF)
        row.addWidget(self.label, 1)
        for button in (self.copy, self.previous, self.next):
            row.addWidget(button)
        self.copy.clicked.connect(self.copy_wanted)
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(1))
        self.hide()

    def show_citations(self, citations: Citations | None) -> None:
        """Which one is in view (`first`), of how many, in how many documents."""
        self.setVisible(citations is not None)
        if citations is None:
            return
        count = len(citations.places)
        files = len({each.file for each in citations.places})
        said = self.tr("Quote {number} of {count}") if count > 1 else self.tr("The quote")
        if files > 1:
            said = self.tr("Quote {number} of {count}, in {files} documents")
        self.label.setText(said.format(number=citations.first + 1, count=count, files=files))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.label.text()))
        for button in (self.previous, self.next):
            button.setVisible(count > 1)
