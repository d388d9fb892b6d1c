"""The form below a wrong answer: what would have been right, and a remark."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.buttons import icon_button
from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, set_role

_LEAST_LINES, _MOST_LINES = 2, 9


class FeedbackForm(QFrame):
    """Esc and the cross close it; what was typed stays in it."""

    saved = Signal()
    closed = Signal()
    typed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.correction = self._make_correction()
        self.remark = QLineEdit(placeholderText=self.tr("Remark, such as what was wrong (optional)"))
        self.remark.setAccessibleName(self.tr("Remark"))
        self.remark.setAcceptDrops(False)
        self.remark.textChanged.connect(self.typed)
        self.save_button = QPushButton(self.tr("Save"))
        set_role(self.save_button, "primary")
        self.save_button.setToolTip(self.tr("Save (Ctrl+Enter)"))
        self.save_button.clicked.connect(self.saved)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            save = QShortcut(QKeySequence(keys), self, self.save_button.click)
            save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._lay_out()

    @property
    def words(self) -> tuple[str, str]:
        """The correction and the remark, as typed."""
        return self.correction.toPlainText(), self.remark.text()

    def fill(self, correction: str, remark: str) -> None:
        self.correction.setPlainText(correction)
        self.remark.setText(remark)

    def focus(self) -> None:
        self.correction.setFocus()
        self.correction.moveCursor(self.correction.textCursor().MoveOperation.End)

    def event(self, event: QEvent) -> bool:
        """Esc is for the form while it has the focus, before it is for the window."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.closed.emit()
                return True
        return super().event(event)

    def _make_correction(self) -> QPlainTextEdit:
        field = QPlainTextEdit(placeholderText=self.tr("The right answer, as it should read"))
        set_role(field, "field")
        field.setAccessibleName(self.tr("The right answer"))
        field.setTabChangesFocus(True)
        field.setAcceptDrops(False)  # dropped files are for the library, the window takes them
        field.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        field.document().setDocumentMargin(0)
        field.document().documentLayout().documentSizeChanged.connect(self._grow)
        field.textChanged.connect(self.typed)
        return field

    def _lay_out(self) -> None:
        title = QLabel(self.tr("What would have been right?"))
        set_role(title, "title")
        close = icon_button("close", self.tr("Close (Esc). What you typed is kept."))
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(close)
        note = WrappedLabel(self.tr("Kept on this computer, and shown here again."))
        set_role(note, "small")
        foot = QHBoxLayout()
        foot.setSpacing(GRID * 2)
        foot.addWidget(note, 1)
        foot.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID, GRID, GRID * 2)
        column.setSpacing(GRID)
        column.addLayout(head)
        inside = QVBoxLayout()
        inside.setContentsMargins(0, 0, GRID, 0)
        inside.setSpacing(GRID)
        inside.addWidget(self.correction)
        inside.addWidget(self.remark)
        inside.addLayout(foot)
        column.addLayout(inside)
        self._grow()

    @Slot()
    def _grow(self) -> None:
        lines = max(_LEAST_LINES, min(_MOST_LINES, round(self.correction.document().size().height())))
        self.correction.setFixedHeight(lines * self.correction.fontMetrics().lineSpacing() + 2 * GRID)
