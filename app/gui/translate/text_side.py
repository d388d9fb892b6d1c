"""One side of the text pane: a field in a card, and a line of what can be done with it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.theme import GRID, HALF, set_look, set_role
from app.gui.translate.text_field import TextField


class TextSide(QFrame):
    """A card with a border that shows where the keyboard is. `above` stands over the field, `below` at its foot."""

    def __init__(
        self, name: str, hint: str, *, read_only: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.field = TextField(name, read_only=read_only)
        self.field.setPlaceholderText(hint)
        self.field.focused.connect(lambda on: set_look(self, "active", "true" if on else "false"))
        self.copy_button = icon_button("copy", self.tr("Copy the text"))
        self.copy_button.clicked.connect(self.copy)
        self.note = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self.note, "small")
        self.foot = QHBoxLayout()
        self.foot.setSpacing(HALF)
        self.foot.addWidget(self.note)
        self.foot.addStretch(1)
        self.foot.addWidget(self.copy_button)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(GRID + HALF, GRID, GRID, GRID)
        self.column.setSpacing(HALF)
        self.column.addWidget(self.field, 1)
        self.column.addLayout(self.foot)
        self.field.textChanged.connect(self._refresh)
        self._refresh()

    @property
    def text(self) -> str:
        return self.field.toPlainText()

    def show_more(self, text: str) -> None:
        """Text that begins like what is shown is added to it, so that what was read stays where it is."""
        before = self.text
        if text.startswith(before) and before:
            cursor = QTextCursor(self.field.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(before) :])
        elif text != before:
            self.field.setPlainText(text)

    def add_button(self, button: QToolButton) -> None:
        """At the foot, left of Copy."""
        self.foot.insertWidget(self.foot.count() - 1, button)

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    def _refresh(self) -> None:
        self.copy_button.setEnabled(not self.field.document().isEmpty())
