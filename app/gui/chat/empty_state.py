"""What a new conversation shows instead of messages: what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.theme import GRID, set_role


class EmptyState(QWidget):
    """A picture, a sentence and at most one button, changing with what is asked over."""

    documents_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = IconLabel("library", "accent", 48)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        set_role(self._title, "heading")
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        set_role(self._text, "muted")
        self._add = QPushButton(icon("folder-plus", "on_accent"), self.tr("Add documents…"))
        set_role(self._add, "primary")
        self._add.clicked.connect(self.documents_wanted)
        column = QVBoxLayout(self)
        column.setSpacing(GRID + GRID // 2)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(2)
        column.addWidget(self._picture, 0, middle)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(GRID)
        column.addWidget(self._add, 0, middle)
        column.addStretch(3)

    def show_for(self, scope: str, has_documents: bool) -> None:
        self._add.setVisible(not has_documents)
        self._picture.show_icon("library" if scope or not has_documents else "chat", "accent")
        if scope:
            self._title.setText(self.tr("Ask your documents"))
            self._text.setText(
                self.tr("Answers come from {scope}, with the page for each claim.\nNothing leaves this computer.")
                .format(scope=scope)
            )  # fmt: skip
        elif has_documents:
            self._title.setText(self.tr("Just chat"))
            self._text.setText(
                self.tr(
                    "The model answers from what it has learned, without your documents.\nCheck what matters."
                )
            )
        else:
            self._title.setText(self.tr("Ask your documents"))
            self._text.setText(
                self.tr(
                    "Drop a folder or a file anywhere in this window, then ask.\nNothing leaves this computer."
                )
            )
