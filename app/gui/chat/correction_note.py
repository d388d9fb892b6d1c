"""What the person said would have been right, below the answer."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.gui.labels import WrappedLabel
from app.gui.theme import HALF, reading_font, set_role


class CorrectionNote(QWidget):
    """Out of sight without one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        label = QLabel(self.tr("Your correction"))
        set_role(label, "muted")
        self._text = WrappedLabel()
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        reading_font(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(label)
        column.addWidget(self._text)

    @property
    def text(self) -> str:
        return self._text.text()

    def show_text(self, text: str) -> None:
        self._text.setText(text)
        self._text.setAccessibleName(self.tr("Your correction: {text}").format(text=text))
        self.setVisible(bool(text))
