"""A row of buttons of which one is down."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from app.gui.theme import HALF, set_role


class Switch(QWidget):
    """Choices by name; the arrow keys go through them."""

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`choices`: a name for the program, and the text of its button."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(HALF)
        for choice, text in choices:
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            set_role(button, "chip")
            button.clicked.connect(lambda _checked, choice=choice: self.chosen.emit(choice))
            self._group.addButton(button)
            self._buttons[choice] = button
            row.addWidget(button)
        next(iter(self._buttons.values())).setChecked(True)

    @property
    def choice(self) -> str:
        return next(choice for choice, button in self._buttons.items() if button.isChecked())

    def choose(self, choice: str) -> None:
        """As if the person had pressed its button, without a signal."""
        self._buttons[choice].setChecked(True)

    def show_text(self, choice: str, text: str) -> None:
        self._buttons[choice].setText(text)

    def button(self, choice: str) -> QToolButton:
        return self._buttons[choice]
