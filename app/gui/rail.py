"""The rail on the left: one button for each page."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.theme import GRID, HALF, set_role


class Rail(QFrame):
    """Pages by name; Ctrl+1, Ctrl+2… choose them in order."""

    chosen = Signal(str)
    help_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._buttons: dict[str, QToolButton] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(GRID, GRID, GRID, GRID)
        self._column.setSpacing(HALF)
        for name, text in (
            ("chat", self.tr("Chat")),
            ("library", self.tr("Library")),
            ("summarize", self.tr("Summarise")),
            ("translate", self.tr("Translate")),
            ("models", self.tr("Models")),
            ("settings", self.tr("Settings")),
        ):
            self._add(name, text)
        self._column.addStretch(1)
        help_button = icon_button("keyboard", self.tr("Keyboard shortcuts"), shortcut="F1")
        help_button.clicked.connect(self.help_wanted)
        self._column.addWidget(help_button, 0, Qt.AlignmentFlag.AlignHCenter)
        widest = max(64, *(each.sizeHint().width() for each in self._buttons.values()))
        for button in self._buttons.values():
            button.setFixedWidth(widest)
        self.setFixedWidth(widest + 2 * GRID)

    def mark(self, name: str) -> None:
        """Show which page is in view; one that has no button marks none."""
        for each, button in self._buttons.items():
            button.setChecked(each == name)

    def _add(self, name: str, text: str) -> None:
        button = QToolButton()
        set_role(button, "rail")
        button.setText(text)
        button.setIcon(icon(name, "rail"))
        button.setIconSize(QSize(22, 22))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setCheckable(True)
        keys = QKeySequence(f"Ctrl+{len(self._buttons) + 1}")
        button.setShortcut(keys)
        button.setToolTip(f"{text} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})")
        button.clicked.connect(lambda: self._choose(name))
        self._buttons[name] = button
        self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def _choose(self, name: str) -> None:
        """Without a group of buttons, in which Tab would stop only at the page in view."""
        self.mark(name)  # also that of the page in view, which the click would have unmarked
        self.chosen.emit(name)
