"""Above all: the model's name, what it is in a sentence, and what stands against using it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel
from app.gui.labels import WrappedLabel
from app.gui.models.detail.wording import tier_name
from app.gui.models.entries import ModelEntry
from app.gui.theme import GRID, HALF, set_role
from app.models.catalog import Catalog, CatalogModel


class Header(QWidget):
    """Name, badges, one sentence, and a warning with a way out where there is one."""

    instead_wanted = Signal(str)
    """The catalogue's id of a model to use instead."""

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._name, self._about = WrappedLabel(), WrappedLabel()
        self._name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_role(self._name, "heading")
        set_role(self._about, "muted")
        self._badges = [QLabel(textFormat=Qt.TextFormat.PlainText) for _ in range(3)]
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for badge in self._badges:
            set_role(badge, "badge")
            row.addWidget(badge)
        row.addStretch(1)
        self.warning = WarningCard()
        self.warning.instead.clicked.connect(lambda: self.instead_wanted.emit(self.warning.model))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for each in (self._name, self._row, self._about, self.warning):
            column.addWidget(each)

    @property
    def text(self) -> str:
        return " ".join((self._name.text(), *self.badges, self._about.text(), self.warning.text)).strip()

    @property
    def badges(self) -> list[str]:
        return [badge.text() for badge in self._badges if badge.text()]

    def show_entry(self, entry: ModelEntry) -> None:
        known = entry.catalog
        self._name.setText(entry.name if entry.installed is not None or known is None else known.name)
        self._show_badges(entry)
        if known is not None:
            self._about.setText(self._catalog.family(known.family).about)
        elif entry.installed is not None:
            self._about.setText(self.tr("A model of yours that the catalogue does not know."))
        else:
            self._about.setText(self.tr("Found online. Alcove’s catalogue does not know it."))
        needed = known is not None and entry.installed is None and not _is_for_the_library(known)
        instead = known.instead or "" if known is not None and needed else ""
        name = self._catalog.model(instead).name if instead else ""
        self.warning.say(self._objection(entry), instead, name)

    def _show_badges(self, entry: ModelEntry) -> None:
        said = []
        if entry.in_use:
            said.append(self.tr("In use"))
        if entry.untried:
            said.append(self.tr("Not tried yet"))
        if entry.catalog is not None and entry.catalog.tier not in (None, "starter"):
            said.append(tier_name(entry.catalog.tier))
        if entry.installed is not None and entry.installed.starter:
            said.append(self.tr("Comes with Alcove"))
        for badge, text in zip(self._badges, (*said, "", "", ""), strict=False):
            badge.setText(text)
            badge.setVisible(bool(text))
        self._row.setVisible(bool(said))

    def _objection(self, entry: ModelEntry) -> str:
        """Why it cannot be used or fetched; "" when it can."""
        if entry.installed is not None:
            return entry.installed.missing
        if entry.catalog is None or entry.catalog.available:
            return ""
        if not entry.catalog.runs:
            return self.tr("Alcove cannot run this model. {why}").format(why=entry.catalog.why_not)
        if _is_for_the_library(entry.catalog):
            return self.tr(
                "It works with your documents, not in chats: get it in the settings, under “Searching documents”."
            )
        return self.tr(
            "No download in a form that Alcove runs (GGUF) is known. If you have such a file, import it."
        )


def _is_for_the_library(model: CatalogModel) -> bool:
    """Whether the settings offer it (see `offered_encoders`), which need no GGUF file."""
    return model.runs and not model.writes and not model.needs_tuning and not model.available


class WarningCard(QFrame):
    """What is the matter, and perhaps a button to something better."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "warning")
        self.model = ""
        self._label = WrappedLabel()
        self.instead = QPushButton()
        words = QVBoxLayout()
        words.setSpacing(GRID)
        words.addWidget(self._label)
        words.addWidget(self.instead, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID + HALF, GRID + HALF, GRID + HALF, GRID + HALF)
        row.setSpacing(GRID)
        row.addWidget(IconLabel("warning", "warning"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._label.text()

    def say(self, text: str, model: str = "", name: str = "") -> None:
        """`model`, `name`: id and name of the one to use instead, "" for none."""
        self.model = model
        self._label.setText(text)
        self.instead.setText(self.tr("Show {name}").format(name=name))
        self.instead.setVisible(bool(model))
        self.setAccessibleName(text)
        self.setVisible(bool(text))
