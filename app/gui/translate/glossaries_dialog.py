"""Glossaries and the translation memory, in one dialog."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.switch import Switch
from app.gui.theme import GRID
from app.gui.translate.glossaries_pane import GlossariesPane
from app.gui.translate.memory_pane import MemoryPane
from app.gui.translate.work import Work

_GLOSSARIES, _MEMORY = "glossaries", "memory"


class GlossariesDialog(QDialog):
    """`collections`, `target`: as for `GlossariesPane`."""

    def __init__(
        self, work: Work, jobs: Jobs, collections: Sequence[str], target: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Glossaries and translation memory"))
        self.messages = MessageBar()
        self.switch = Switch(
            self.tr("What is shown"),
            ((_GLOSSARIES, self.tr("Glossaries")), (_MEMORY, self.tr("Translation memory"))),
        )
        self.glossaries = GlossariesPane(work, jobs, self.messages, collections, target)
        self.memory = MemoryPane(work, jobs)
        self.memory.said.connect(self.messages.show_note)
        self.memory.failed.connect(self.messages.show_error)
        stack = QStackedWidget()
        stack.addWidget(self.glossaries)
        stack.addWidget(self.memory)
        self.switch.chosen.connect(lambda name: stack.setCurrentIndex(int(name == _MEMORY)))
        head = QHBoxLayout()
        head.addWidget(self.switch)
        head.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        column.addLayout(head)
        column.addWidget(self.messages)
        column.addWidget(stack, 1)
        column.addWidget(buttons)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter ends typing, it must not close or undo
        self.resize(self._room())

    def done(self, result: int) -> None:
        """What was typed last is kept, and what was removed is gone."""
        self.glossaries.terms.flush()
        self.messages.dismiss()
        self.memory.stop()
        super().done(result)

    def _room(self) -> QSize:
        return QSize(GRID * 112, GRID * 68).boundedTo(self.screen().availableSize() * 0.9)
