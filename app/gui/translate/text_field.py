"""A field for text of some length in one language."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from app.gui.theme import colours, reading_font, set_role
from app.gui.translate.tag_marks import option_for


class TextField(QPlainTextEdit):
    """Lines run in the direction of its language. Files dropped on it are the window's."""

    left = Signal()
    """The keyboard went elsewhere."""

    entered = Signal()
    """Ctrl+Enter."""

    focused = Signal(bool)

    def __init__(self, name: str, *, read_only: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent, readOnly=read_only)
        set_role(self, "bare")
        reading_font(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)
        if read_only:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )

    def set_direction(self, direction: Qt.LayoutDirection) -> None:
        self.document().setDefaultTextOption(option_for(direction))

    def mark(self, start: int, end: int) -> None:
        """Show where characters `start` to `end` are, in UTF-16 units; nothing for an empty span."""
        if start >= end:
            self.setExtraSelections([])
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        self.setTextCursor(cursor)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        found = QTextEdit.ExtraSelection()
        found.cursor = cursor
        found.format.setBackground(QColor(colours().warning_soft))
        self.setExtraSelections([found])
        self.centerCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(self.hasFocus())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(self.hasFocus())
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu
            self.left.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setExtraSelections([])  # in the colours of the old theme
