"""The sheet of keys that F1 shows."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import GRID, HALF, scrolled, set_role

_Group = tuple[str, list[tuple[str, str]]]


class ShortcutSheet(QDialog):
    """Every key of the window, by page, in columns: they scroll where the window is small."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        holder = QWidget()
        columns = QHBoxLayout(holder)
        columns.setContentsMargins(0, 0, GRID * 2, 0)
        columns.setSpacing(GRID * 4)
        columns.addLayout(_grid([self._everywhere(), self._document(), self._summarize()]))
        columns.addLayout(_grid([self._chat(), self._library(), self._translate(), self._models()]))
        area = scrolled(holder)
        area.setMinimumWidth(holder.sizeHint().width() + area.verticalScrollBar().sizeHint().width())
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        column.addWidget(area)
        column.addWidget(buttons)
        whole = holder.sizeHint().height() + buttons.sizeHint().height() + 7 * GRID
        self.resize(self.sizeHint().width(), min(whole, self.screen().availableSize().height() * 9 // 10))

    def _everywhere(self) -> _Group:
        return self.tr("Everywhere"), [
            ("Ctrl+1", self.tr("Chat")),
            ("Ctrl+2", self.tr("Library")),
            ("Ctrl+3", self.tr("Summarise")),
            ("Ctrl+4", self.tr("Translate")),
            ("Ctrl+5", self.tr("Models")),
            ("Ctrl+6", self.tr("Settings")),
            ("Ctrl+N", self.tr("New chat")),
            ("Esc", self.tr("Stop, or close what is open")),
            ("F1", self.tr("This sheet")),
            ("Ctrl+Q", self.tr("Quit")),
        ]

    def _chat(self) -> _Group:
        return self.tr("Chat"), [
            ("Ctrl+L", self.tr("Go to the question field")),
            ("Ctrl+M", self.tr("Choose the model")),
            ("Ctrl+E", self.tr("Ask each document by itself")),
            ("Return", self.tr("Send")),
            ("Shift+Return", self.tr("New line")),
            ("Ctrl+R", self.tr("Answer again")),
            ("Ctrl+Shift+C", self.tr("Copy the last answer")),
            ("Ctrl+F", self.tr("Search chats")),
            ("F2", self.tr("Rename the chosen chat")),
            ("Del", self.tr("Delete the chosen chat")),
            ("F9", self.tr("Show or hide the sources")),
        ]

    def _library(self) -> _Group:
        return self.tr("Library"), [
            ("F5", self.tr("Look for new and changed files")),
            ("Shift+F5", self.tr("Read again what could not be read")),
            ("Ctrl+F", self.tr("Filter files by name or folder")),
            ("Ctrl+Shift+N", self.tr("New collection")),
        ]

    def _summarize(self) -> _Group:
        return self.tr("Summarise"), [
            ("Ctrl+Return", self.tr("Summarise")),
            ("Up", self.tr("Previous point")),
            ("Down", self.tr("Next point")),
            ("Return", self.tr("Open where it stands")),
            ("Ctrl+Shift+C", self.tr("Copy the summary")),
        ]

    def _translate(self) -> _Group:
        return self.tr("Translate"), [
            ("Ctrl+Return", self.tr("Translate")),
            ("Ctrl+Shift+S", self.tr("Swap the languages")),
            ("Ctrl+O", self.tr("Choose a file")),
            ("F2", self.tr("Edit a translation")),
            ("Ctrl+Down", self.tr("Next one to check")),
            ("Ctrl+S", self.tr("Write the file again")),
        ]

    def _models(self) -> _Group:
        return self.tr("Models"), [
            ("Ctrl+F", self.tr("Search models")),
            ("Ctrl+O", self.tr("Import a GGUF file")),
        ]

    def _document(self) -> _Group:
        return self.tr("Open document"), [
            ("Alt+Up", self.tr("Previous page")),
            ("Alt+Down", self.tr("Next page")),
            ("Ctrl++", self.tr("Larger")),
            ("Ctrl+-", self.tr("Smaller")),
            ("Ctrl+0", self.tr("Fit the width, or normal size")),
            ("Ctrl+F", self.tr("Find in the document")),
            ("F3", self.tr("Next quote, or place found")),
            ("Shift+F3", self.tr("Previous quote, or place found")),
            ("Ctrl+C", self.tr("Copy what is selected")),
            ("Ctrl+Alt+C", self.tr("Copy the quote with its source")),
            ("Ctrl+Shift+O", self.tr("Open in another app")),
        ]


def _grid(groups: list[_Group]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(GRID * 2)
    grid.setVerticalSpacing(HALF)
    for title, keys in groups:
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
    grid.setRowStretch(grid.rowCount(), 1)
    return grid
