"""What the person said of an answer, in their words, below it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.gui.labels import WrappedLabel
from app.gui.theme import HALF, reading_font, set_role


class FeedbackNote(QWidget):
    """A title and, mostly, a text. Out of sight without a title."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel()
        set_role(self._title, "muted")
        self._text = WrappedLabel()
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        reading_font(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(self._title)
        column.addWidget(self._text)

    @property
    def text(self) -> str:
        return self._text.text()

    @property
    def title(self) -> str:
        return self._title.text()

    def show_words(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self._text.setAccessibleName(f"{title}: {text}")
        self._text.setVisible(bool(text))
        self.setVisible(bool(title))
