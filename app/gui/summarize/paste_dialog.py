"""A field for text that is in no file."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, set_role


class PasteDialog(QDialog):
    """Begins with what is in the clipboard, to be looked at before it is used."""

    pasted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Paste text"))
        hint = WrappedLabel(self.tr("The text stays on this computer and is not added to your library."))
        set_role(hint, "muted")
        self.field = QPlainTextEdit(QGuiApplication.clipboard().text())
        self.field.setAccessibleName(self.tr("Text to summarise"))
        self.field.setPlaceholderText(self.tr("Paste or type the text here"))
        self.field.setTabChangesFocus(True)
        self.field.selectAll()
        self.field.textChanged.connect(self._judge)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use = buttons.addButton(self.tr("Use this text"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.use.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID + GRID // 2)
        column.addWidget(hint)
        column.addWidget(self.field, 1)
        column.addWidget(buttons)
        self.resize(560, 400)
        self._judge()

    def accept(self) -> None:
        self.pasted.emit(self.field.toPlainText().strip())
        super().accept()

    @Slot()
    def _judge(self) -> None:
        self.use.setEnabled(bool(self.field.toPlainText().strip()))
