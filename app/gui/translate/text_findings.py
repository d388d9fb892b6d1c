"""What should be looked at in a translated text: one line a finding, each leads to its segment."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.assistants.translate.events import TranslatedSegment
from app.gui.icons import icon
from app.gui.theme import GRID, HALF, set_role

_SHOWN = 3  # lines before the list scrolls
_NUMBER = Qt.ItemDataRole.UserRole


class TextFindings(QFrame):
    """Hidden while there is nothing to say."""

    chosen = Signal(int)
    """The place of a segment among all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "warning")
        self.list = QListWidget()
        set_role(self.list, "side")
        self.list.setAccessibleName(self.tr("What should be looked at"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.list.setSpacing(1)
        self.list.itemClicked.connect(self._tell)
        self.list.itemActivated.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, HALF, GRID, HALF)
        column.addWidget(self.list)
        self.hide()

    def show_segments(self, segments: Sequence[TranslatedSegment]) -> None:
        self.list.clear()
        for number, segment in enumerate(segments):
            for finding in segment.findings:
                item = QListWidgetItem(icon("warning", "warning"), finding.text, self.list)
                item.setData(_NUMBER, number)
        lines = min(self.list.count(), _SHOWN)
        self.list.setFixedHeight(lines * (self.fontMetrics().lineSpacing() + GRID) + HALF)
        self.setVisible(self.list.count() > 0)

    @Slot(QListWidgetItem)
    def _tell(self, item: QListWidgetItem) -> None:
        self.chosen.emit(int(item.data(_NUMBER)))
