"""The two ways to choose documents, as buttons with the system's own dialogs behind them."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from app.gui.icons import icon
from app.gui.theme import GRID, set_role


class AddButtons(QWidget):
    """“Add folder…” and “Add files…”."""

    paths_chosen = Signal(object)
    """A list of paths."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.files = QPushButton(icon("file-plus"), self.tr("Add files…"))
        self.files.clicked.connect(self.choose_files)
        self.folder = QPushButton(icon("folder-plus", "on_accent"), self.tr("Add folder…"))
        set_role(self.folder, "primary")
        self.folder.clicked.connect(self.choose_folder)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.files)
        row.addWidget(self.folder)

    @Slot()
    def choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.window(), self.tr("Add a folder of documents"))
        if chosen:
            self.paths_chosen.emit([Path(chosen)])

    @Slot()
    def choose_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self.window(), self.tr("Add documents"))
        if chosen:
            self.paths_chosen.emit([Path(each) for each in chosen])
