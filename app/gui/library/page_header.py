"""The heading of the library page: what is shown, how much it holds, and what can be done with it."""

from PySide6.QtCore import QLocale
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.labels import ElidedLabel
from app.gui.library.add_buttons import AddButtons
from app.gui.library.files_model import FilesModel
from app.gui.library.states import ATTENTION
from app.gui.theme import GRID, set_role

_NARROW = GRID * 70


class PageHeader(QWidget):
    """Title and facts at the left, buttons at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel()
        set_role(self.title, "heading")
        self.facts = ElidedLabel()
        set_role(self.facts, "muted")
        self.refresh = icon_button(
            "refresh", self.tr("Look for new and changed files"), shortcut="F5", role="text"
        )
        self.add = AddButtons()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.facts)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        buttons.addWidget(self.refresh)
        buttons.addWidget(self.add)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GRID)
        self._row.addLayout(words, 1)
        self._row.addLayout(buttons)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the buttons stand below."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self._row.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )

    def show_title(self, title: str, detail: str) -> None:
        self.title.setText(title)
        self.title.setToolTip(detail)

    def show_buttons(self, *, add: bool, refresh: bool) -> None:
        """An empty page has its own ways to add, and nothing to refresh where there is no folder."""
        self.add.setVisible(add)
        self.refresh.setVisible(refresh)

    def show_facts(self, folders: int, model: FilesModel) -> None:
        """“2 folders · 340 files · 5,120 passages · 3 need attention”."""
        attention = model.count(ATTENTION)
        facts = [
            (folders, self.tr("1 folder"), self.tr("{n} folders")),
            (model.total, self.tr("1 file"), self.tr("{n} files")),
            (model.passages(), self.tr("1 passage"), self.tr("{n} passages")),
            (attention, self.tr("1 needs attention"), self.tr("{n} need attention")),
        ]
        said = [one if n == 1 else many.format(n=QLocale().toString(n)) for n, one, many in facts if n]
        self.facts.setText(" · ".join(said))
        self.facts.setVisible(bool(said))
