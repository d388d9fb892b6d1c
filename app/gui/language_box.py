"""A list of languages that can be typed into."""

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from app.base.languages import Language, language


class LanguageBox(QComboBox):
    """Languages by name; typing a part of a name finds it. `first` is a choice of its own, with the code ""."""

    language_chosen = Signal(str)
    """Another code than before, by the person's hand; `choose` says nothing."""

    def __init__(self, languages: Iterable[Language], first: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(16)
        if first:
            self.addItem(first, "")
        for each in languages:
            self.addItem(each.name, each.code)
        completer = QCompleter(self.model(), self)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        self.currentIndexChanged.connect(self._tell)

    @property
    def code(self) -> str:
        """ISO 639 code of what is chosen, "" for the first choice."""
        return str(self.currentData() or "")

    def choose(self, code: str) -> None:
        """Does nothing for a language that is not in the list. Other forms of a code ("de-AT") are understood."""
        found = language(code)
        index = self.findData(found.code if found is not None else code)
        if index >= 0:
            with QSignalBlocker(self):
                self.setCurrentIndex(index)

    def name_first(self, text: str) -> None:
        """Other words for the first choice, such as what was recognised."""
        self.setItemText(0, text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """What is typed takes the place of the name."""
        super().focusInEvent(event)
        field = self.lineEdit()
        if field is not None:
            QTimer.singleShot(0, self, field.selectAll)  # after the click that brought the cursor here

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was typed and is no language gives way to the choice in force."""
        super().focusOutEvent(event)
        index = self.findText(self.currentText().strip(), Qt.MatchFlag.MatchFixedString)
        self.setCurrentIndex(index if index >= 0 else self.currentIndex())
        self.setEditText(self.itemText(self.currentIndex()))

    @Slot()
    def _tell(self) -> None:
        self.language_chosen.emit(self.code)
