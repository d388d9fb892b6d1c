"""The heading of the Models page: how much there is, and the ways to add and to keep models."""

from PySide6.QtCore import QLocale, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.labels import ElidedLabel
from app.gui.theme import GRID, set_role
from app.models.disk import in_words


class PageHeader(QWidget):
    """Title and disk use at the left; search of the hub, adding, and everything rarer at the right."""

    file_wanted = Signal()
    discover_wanted = Signal()
    kit_import_wanted = Signal()
    kit_export_wanted = Signal()
    hub_wanted = Signal()
    verify_all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = ElidedLabel(self.tr("Models"))
        set_role(title, "heading")
        self.facts = ElidedLabel()
        set_role(self.facts, "muted")
        self.hub = QPushButton(icon("search"), self.tr("Search online…"))
        self.hub.setToolTip(self.tr("Look for other models on the internet"))
        self.hub.clicked.connect(self.hub_wanted)
        self.add = QPushButton(icon("plus", "on_accent"), self.tr("Add model"))
        set_role(self.add, "primary")
        self.add.setMenu(self._add_menu())
        self.more = icon_button("more", self.tr("More about models"), role="text")
        self.more.setMenu(self._more_menu())
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(self.facts)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addLayout(words, 1)
        for each in (self.hub, self.add, self.more):
            row.addWidget(each)

    def show_facts(self, models: int, taken: int) -> None:
        """“3 models on this computer · 5.2 GB”; `taken` in bytes."""
        count = self.tr("1 model on this computer") if models == 1 else self.tr("{n} models on this computer")
        self.facts.setText(f"{count.format(n=QLocale().toString(models))} · {in_words(taken)}")

    def _add_menu(self) -> QMenu:
        menu = QMenu(self)
        self.import_action = QAction(icon("file-plus"), self.tr("Import a GGUF file…"), menu)
        self.import_action.setShortcut(QKeySequence("Ctrl+O"))
        self.import_action.triggered.connect(self.file_wanted)
        menu.addAction(self.import_action)
        self.addAction(self.import_action)  # its key works while the menu is closed
        menu.addAction(icon("folder"), self.tr("Models of other apps…"), self.discover_wanted.emit)
        menu.addAction(icon("download"), self.tr("Install from an offline kit…"), self.kit_import_wanted.emit)
        return menu

    def _more_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(icon("open"), self.tr("Export an offline kit…"), self.kit_export_wanted.emit)
        menu.addAction(icon("shield"), self.tr("Check all files"), self.verify_all_wanted.emit)
        return menu
