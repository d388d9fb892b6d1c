"""The sheet of keys that F1 shows."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.gui.theme import GRID, set_role


class ShortcutSheet(QDialog):
    """Every key of the window, by page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID * 4)
        grid.setVerticalSpacing(GRID)
        for title, keys in self._groups():
            heading = QLabel(title)
            set_role(heading, "title")
            heading.setContentsMargins(0, GRID if grid.rowCount() > 1 else 0, 0, 0)
            grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
            for key, what in keys:
                row = grid.rowCount()
                grid.addWidget(QLabel(what), row, 0)
                native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
                shown = QLabel(native or key)
                set_role(shown, "badge")
                grid.addWidget(shown, row, 1, Qt.AlignmentFlag.AlignRight)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 3)
        column.addLayout(grid)
        column.addWidget(buttons)

    def _groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            (
                self.tr("Everywhere"),
                [
                    ("Ctrl+1", self.tr("Chat")),
                    ("Ctrl+2", self.tr("Library")),
                    ("Ctrl+3", self.tr("Settings")),
                    ("Esc", self.tr("Dismiss a message, stop, or close the document")),
                    ("F1", self.tr("This sheet")),
                    ("Ctrl+Q", self.tr("Quit")),
                ],
            ),
            (
                self.tr("Chat"),
                [
                    ("Ctrl+N", self.tr("New chat")),
                    ("Ctrl+L", self.tr("Go to the question field")),
                    ("Return", self.tr("Send")),
                    ("Shift+Return", self.tr("New line")),
                    ("Ctrl+R", self.tr("Answer again")),
                    ("Ctrl+Shift+C", self.tr("Copy the last answer")),
                    ("Ctrl+F", self.tr("Search chats")),
                    ("F2", self.tr("Rename the chosen chat")),
                    ("Del", self.tr("Delete the chosen chat")),
                    ("F9", self.tr("Show or hide the sources")),
                ],
            ),
        ]
