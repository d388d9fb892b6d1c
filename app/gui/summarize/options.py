"""How to summarise: style, length, language, who writes, and an instruction of one's own."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.assistants.summarize.events import Style, Way, Wish
from app.base.languages import LANGUAGES
from app.gui.labels import WrappedLabel
from app.gui.language_box import LanguageBox
from app.gui.summarize.wording import styles, unfollowed, ways
from app.gui.switch import Switch
from app.gui.theme import GRID, HALF, set_role

_SENTENCES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50)


class Options(QWidget):
    """Everything has a good default; a line below says what the choice of the writer means."""

    confirmed = Signal()
    """Return was pressed in the instruction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.style_switch = Switch(self.tr("Style"), [(style, name) for style, name, _ in styles()])
        self.length = QComboBox()
        self.length.addItem(self.tr("Automatic"), None)
        for count in _SENTENCES:
            self.length.addItem("", count)
        self.language = LanguageBox(LANGUAGES, self.tr("The document’s own"))
        self.language.setMinimumContentsLength(14)
        self.way = QComboBox()
        for way, name, _ in ways():
            self.way.addItem(name, way)
        self.instruction = QLineEdit(maxLength=500)
        self.instruction.setPlaceholderText(self.tr("Optional, such as: only what concerns the budget"))
        self._style_hint = WrappedLabel()
        self._hint = WrappedLabel()
        for each in (self._style_hint, self._hint):
            set_role(each, "small")
        self._caution = WrappedLabel()
        set_role(self._caution, "caution")
        self._lay_out()
        self._connect()
        self._explain()

    @property
    def wish(self) -> Wish:
        style: Style = next(each for each, _, _ in styles() if each == self.style_switch.choice)
        way: Way = next(each for each, _, _ in ways() if each == self.way.currentData())
        return Wish(
            style=style,
            sentences=self.length.currentData(),
            language=self.language.code,
            instruction=self.instruction.text().strip(),
            way=way,
        )

    @property
    def words(self) -> str:
        """ "Key points · 5 sentences · German"."""
        wish = self.wish
        facts = [next(name for style, name, _ in styles() if style == wish.style)]
        if wish.sentences is not None:
            facts.append(self.length.currentText())
        if wish.language:
            facts.append(self.language.currentText())
        if wish.way != "auto":
            facts.append(self.way.currentText())
        if wish.instruction:
            facts.append(f"“{wish.instruction}”")
        return " · ".join(facts)

    @property
    def hint(self) -> str:
        return f"{self._hint.text()} {self._caution.text()}".strip()

    def _lay_out(self) -> None:
        chips = QHBoxLayout()
        chips.addWidget(self.style_switch)
        chips.addStretch(1)
        style = QVBoxLayout()
        style.setSpacing(HALF)
        style.addLayout(chips)
        style.addWidget(self._style_hint)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID * 2)
        grid.setVerticalSpacing(GRID + GRID // 2)
        grid.addLayout(style, 0, 0, 1, 4)
        grid.addWidget(self._label(self.tr("&Length"), self.length), 1, 0)
        grid.addWidget(self.length, 1, 1)
        grid.addWidget(self._label(self.tr("Lan&guage"), self.language), 1, 2)
        grid.addWidget(self.language, 1, 3)
        grid.addWidget(self._label(self.tr("&Written by"), self.way), 2, 0)
        grid.addWidget(self.way, 2, 1)
        grid.addWidget(self._hint, 2, 2, 1, 2)
        grid.addWidget(self._label(self.tr("&Instruction"), self.instruction), 3, 0)
        grid.addWidget(self.instruction, 3, 1, 1, 3)
        grid.addWidget(self._caution, 4, 1, 1, 3)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)

    def _label(self, text: str, control: QWidget) -> QLabel:
        label = QLabel(text)
        label.setBuddy(control)
        control.setAccessibleName(text.replace("&", ""))
        return label

    def _connect(self) -> None:
        self.style_switch.chosen.connect(self._explain)
        for box in (self.length, self.language, self.way):
            box.currentIndexChanged.connect(self._explain)
        self.instruction.textChanged.connect(self._explain)
        self.instruction.returnPressed.connect(self.confirmed)

    @Slot()
    def _explain(self) -> None:
        wish = self.wish
        self._name_lengths(wish.style)
        self._style_hint.setText(next(said for style, _, said in styles() if style == wish.style))
        self._hint.setText(next(said for way, _, said in ways() if way == wish.way))
        caution = ""
        if wish.way == "extractive":
            caution = unfollowed(wish.style, wish.language, wish.instruction)
        self._caution.setText(caution)
        self._caution.setVisible(bool(caution))

    def _name_lengths(self, style: Style) -> None:
        for index in range(1, self.length.count()):
            count = self.length.itemData(index)
            if style == "sections":
                said = self.tr("{n} for each section").format(n=count)
            else:
                said = self.tr("1 sentence") if count == 1 else self.tr("{n} sentences").format(n=count)
            self.length.setItemText(index, said)
