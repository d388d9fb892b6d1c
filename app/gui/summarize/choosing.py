"""The three ways to choose what to summarise, as buttons."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from app.gui.icons import icon
from app.gui.summarize.entries import Entry, entry_of_collection, entry_of_path, entry_of_text
from app.gui.summarize.paste_dialog import PasteDialog
from app.gui.theme import GRID, set_role
from app.storage.collections import Collection


class ChooseButtons(QWidget):
    """“Choose files…”, “Choose a collection” (while there is one with documents) and “Paste text…”."""

    chosen = Signal(object)
    """A list of `Entry`."""

    def __init__(self, *, primary: bool, parent: QWidget | None = None) -> None:
        """`primary`: choosing files is what is to be done next."""
        super().__init__(parent)
        picture = icon("file-plus", "on_accent" if primary else "text")
        self.files = QPushButton(picture, self.tr("Choose files…"))
        if primary:
            set_role(self.files, "primary")
        self.files.clicked.connect(self._choose_files)
        self.collection = QPushButton(icon("library"), self.tr("Choose a collection"))
        self._menu = QMenu(self.collection)
        self.collection.setMenu(self._menu)
        self.paste = QPushButton(icon("edit"), self.tr("Paste text…"))
        self.paste.clicked.connect(self._paste)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for each in (self.files, self.collection, self.paste):
            row.addWidget(each)
        self.show_collections(())

    def show_collections(self, collections: Sequence[Collection]) -> None:
        """Those without folders are left out."""
        self._menu.clear()
        for each in collections:
            if each.folders:
                action = self._menu.addAction(icon("library"), each.name.replace("&", "&&"))
                action.triggered.connect(
                    lambda _checked=False, each=each: self.chosen.emit([entry_of_collection(each)])
                )
        self.collection.setVisible(bool(self._menu.actions()))

    @Slot()
    def _choose_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self.window(), self.tr("Choose documents to summarise"))
        if chosen:
            self.chosen.emit([entry_of_path(Path(each)) for each in chosen])

    @Slot()
    def _paste(self) -> None:
        dialog = PasteDialog(self.window())
        dialog.pasted.connect(self._take_text)
        dialog.open()

    @Slot(str)
    def _take_text(self, text: str) -> None:
        entries: list[Entry] = [entry_of_text(text)]
        self.chosen.emit(entries)
