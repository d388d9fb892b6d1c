"""Icons as controls and as pictures. An icon alone still has a name, for tooltips and screen readers."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from app.gui.icons import icon


def icon_button(
    picture: str, name: str, *, shortcut: str = "", role: str = "muted", parent: QWidget | None = None
) -> QToolButton:
    """A button with the icon `picture`; `shortcut` such as "Ctrl+N" is set and shown in the tooltip."""
    button = QToolButton(parent)
    button.setIcon(icon(picture, role))
    button.setIconSize(QSize(18, 18))
    button.setAccessibleName(name)
    button.setToolTip(name)
    if shortcut:
        keys = QKeySequence(shortcut)
        button.setShortcut(keys)
        button.setToolTip(f"{name} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})")
    return button


class IconLabel(QWidget):
    """An icon that is only a picture; painted anew in the colours of each theme."""

    def __init__(
        self, picture: str, role: str = "muted", side: int = 20, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._side = side
        self._icon = icon(picture, role)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, picture: str, role: str) -> None:
        self._icon = icon(picture, role)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())
