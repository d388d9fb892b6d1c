"""The row in which words are looked for in the document in view."""

from PySide6.QtCore import QLocale, Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.theme import GRID, HALF, set_role
from app.gui.viewer.document_area import DocumentArea
from app.gui.viewer.finding import DocumentSearch


class FindBar(QWidget):
    """Out of sight until it is asked for. Enter and Shift+Enter go on and back, Esc closes it."""

    def __init__(self, area: DocumentArea, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._area = area
        self.field = QLineEdit(placeholderText=self.tr("Find in the document"), clearButtonEnabled=True)
        self.field.setAccessibleName(self.tr("Find in the document"))
        self.field.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.field.setAcceptDrops(False)
        set_role(self.field, "search")
        self.count = QLabel()
        set_role(self.count, "muted")
        self.previous = icon_button("chevron-up", self.tr("Previous place found"))
        self.previous.setToolTip(self.tr("Previous place found (Shift+F3)"))
        self.next = icon_button("chevron-down", self.tr("Next place found"))
        self.next.setToolTip(self.tr("Next place found (F3)"))
        close = icon_button("close", self.tr("Close the search"))
        close.setToolTip(self.tr("Close the search (Esc)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, HALF, GRID, HALF)
        row.setSpacing(HALF)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        for button in (self.previous, self.next, close):
            row.addWidget(button)
        self.field.textChanged.connect(area.find_words)
        area.searched.connect(self._show_count)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        close.clicked.connect(self.end)
        self._show_count()
        self.hide()

    @Slot()
    def begin(self) -> None:
        """Show it, with what was looked for last."""
        if self._area.search is not None:
            self.show()
            self.field.setFocus()
            self.field.selectAll()
            self._area.find_words(self.field.text())

    @Slot()
    def end(self) -> None:
        """What was found last is left selected, so that it can be copied."""
        if not self.isHidden():
            self.hide()
            self._area.end_find()
            self._area.take_focus()

    def search_again(self) -> None:
        """Another part of the document is in view, in which nothing was looked for yet."""
        search = self._area.search
        if not self.isHidden() and search is not None and not (search.hits or search.searching):
            self._area.find_words(self.field.text())

    def step(self, direction: int) -> None:
        """To the next place found (1), or the one before (-1)."""
        if self._area.search is not None:
            self._area.search.step(direction)

    @Slot()
    def _show_count(self) -> None:
        """How many places were found, and which one is in view."""
        search = self._area.search
        hits = 0 if search is None else len(search.hits)
        for button in (self.previous, self.next):
            button.setEnabled(hits > 0)
        self.count.setText(self._said(search) if self.field.text().strip() and search is not None else "")
        self.count.setVisible(bool(self.count.text()))
        told = bool(self.count.text()) and not self.isHidden()
        if told and search is not None and not search.searching:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.field, self.count.text()))

    def _said(self, search: DocumentSearch) -> str:
        if search.hits:
            count = QLocale().toString(len(search.hits)) + ("…" if search.searching else "+" * search.more)
            number = QLocale().toString(search.position)
            return self.tr("{number} of {count}").format(number=number, count=count)
        return self.tr("Searching…") if search.searching else self.tr("Not found")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.step(-1 if back else 1)
        else:
            super().keyPressEvent(event)
