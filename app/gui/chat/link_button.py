"""A button that looks like a link."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.gui.theme import set_role


class LinkButton(QPushButton):
    """Pressed by Enter as well as by the space bar, as a link is. (Qt's `autoDefault` would give it the look of a default.)"""

    def __init__(self, text: str, picture: QIcon | None = None, parent: QWidget | None = None) -> None:
        super().__init__(picture or QIcon(), text, parent)
        set_role(self, "link")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
