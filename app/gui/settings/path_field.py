"""A folder's path in one line, which is shown, not typed."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.gui.labels import plain_tip
from app.gui.theme import GRID

_AROUND = GRID * 3  # pixels: frame, padding and margins at both sides


class PathField(QLineEdit):
    """Loses its middle where there is no room. The tooltip has all of it, and so has the field once it is entered, to be
    read to its end and copied.
    """

    def __init__(self, path: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self._path = ""
        if path is not None:
            self.show_path(path)

    @property
    def path(self) -> str:
        return self._path

    def show_path(self, path: Path) -> None:
        self._path = str(path)
        self.setToolTip(plain_tip(self._path))
        self._show(whole=self.hasFocus())

    def setAccessibleDescription(self, description: str) -> None:
        """The path is read out whole."""
        super().setAccessibleDescription(" ".join(filter(None, (self._path, description))))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._show(whole=True)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu copies what is chosen
            self._show(whole=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show(whole=self.hasFocus())

    def _show(self, *, whole: bool) -> None:
        room = self.width() - _AROUND
        middle = Qt.TextElideMode.ElideMiddle
        shown = self._path if whole else self.fontMetrics().elidedText(self._path, middle, room)
        if shown != self.text():
            self.setText(shown)
            self.setCursorPosition(0)
