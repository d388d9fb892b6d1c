"""The heading of the library page: what is shown, how much it holds, and what can be done with it."""

from PySide6.QtCore import QLocale, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.labels import ElidedLabel
from app.gui.library.add_buttons import AddButtons
from app.gui.library.files_loader import Listed
from app.gui.theme import GRID, set_role

_NARROW = GRID * 70


class PageHeader(QWidget):
    """Title and facts at the left, buttons at the right."""

    retry_wanted = Signal()
    pause_wanted = Signal(bool)

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
        self._paused = False
        self.more = self._make_more()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.facts)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        buttons.addWidget(self.refresh)
        buttons.addWidget(self.more)
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
        self.title.set_tip(detail)

    def show_buttons(self, *, add: bool, refresh: bool) -> None:
        """An empty page has its own ways to add, and nothing to refresh where there is no folder."""
        self.add.setVisible(add)
        self.refresh.setVisible(refresh)
        self.more.setVisible(refresh)

    def show_paused(self, *, on: bool) -> None:
        self._paused = on
        self.pause.setIcon(icon("play" if on else "pause"))
        self.pause.setText(self.tr("Resume reading") if on else self.tr("Pause reading"))

    def _make_more(self) -> QToolButton:
        button = icon_button("more", self.tr("More about reading"), role="text")
        menu = QMenu(button)
        self.retry = menu.addAction(icon("refresh"), self.tr("Read again what could not be read"))
        self.retry.setShortcut(QKeySequence("Shift+F5"))
        self.retry.triggered.connect(self.retry_wanted)
        self.pause = menu.addAction(icon("pause"), self.tr("Pause reading"))
        self.pause.triggered.connect(lambda: self.pause_wanted.emit(not self._paused))
        button.addAction(self.retry)  # so that its key works while the menu is closed
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def show_facts(self, folders: int, listed: Listed) -> None:
        """“2 folders · 340 files · 5,120 passages · 3 need attention”."""
        facts = [
            (folders, self.tr("1 folder"), self.tr("{n} folders")),
            (len(listed.rows), self.tr("1 file"), self.tr("{n} files")),
            (listed.passages, self.tr("1 passage"), self.tr("{n} passages")),
            (listed.attention, self.tr("1 needs attention"), self.tr("{n} need attention")),
        ]
        said = [one if n == 1 else many.format(n=QLocale().toString(n)) for n, one, many in facts if n]
        self.facts.setText(" · ".join(said))
        self.facts.setVisible(bool(said))
