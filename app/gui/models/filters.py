"""Which rows of the Models page are shown: by words, purpose, fit, licence, and whether they are here."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.icons import icon
from app.gui.models.entries import ModelEntry
from app.gui.models.wording import purposes
from app.gui.theme import GRID, HALF, set_role
from app.models.catalog import Catalog, Purpose

_PAUSE_MS = 120  # after the last key, before filtering


@dataclass(frozen=True, slots=True)
class Filter:
    """`text`: words that name or describe the model; `fits`: only models that fit this machine."""

    text: str = ""
    purpose: Purpose | None = None
    fits: bool = False
    installed: bool = False
    commercial: bool = False


def passing(entries: Sequence[ModelEntry], wanted: Filter, catalog: Catalog) -> list[ModelEntry]:
    """The entries that pass, those of the catalogue in the order of their closeness when words are searched."""
    found = catalog.search(wanted.text, purpose=wanted.purpose, commercial=wanted.commercial)
    rank = {model.id: number for number, model in enumerate(found)}
    shown = [each for each in entries if _passes(each, wanted, rank)]
    if wanted.text.strip():
        last = len(rank)
        shown.sort(key=lambda each: rank.get(each.catalog.id, last) if each.catalog is not None else last)
    return shown


def _passes(entry: ModelEntry, wanted: Filter, found: dict[str, int]) -> bool:
    if wanted.installed and entry.installed is None:
        return False
    if wanted.fits and (entry.fit is None or entry.fit.verdict != "fits"):
        return False
    if entry.catalog is not None and entry.catalog.id in found:
        return True
    if wanted.purpose is not None or wanted.commercial:
        return False  # what nothing is known of, or what the catalogue says is not so
    named = f"{entry.name} {entry.repository}".casefold()
    return all(word in named for word in wanted.text.casefold().split())


class FilterBar(QWidget):
    """A search field and, below, the choices."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit(placeholderText=self.tr("Search models"), clearButtonEnabled=True)
        set_role(self.field, "search")
        self.field.setAccessibleName(self.tr("Search models"))
        self.field.setToolTip(self.tr("Search by name, maker, purpose or licence (Ctrl+F)"))
        self.field.setAcceptDrops(False)
        self.field.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        pause.timeout.connect(self.changed)
        self.field.textChanged.connect(lambda: pause.start())
        self.purpose = QComboBox()
        self.purpose.setAccessibleName(self.tr("Purpose"))
        self.purpose.addItem(self.tr("Any purpose"), None)
        for purpose, text in purposes():
            self.purpose.addItem(text, purpose)
        self.purpose.activated.connect(self.changed)
        self.fits = self._choice(self.tr("Fits"), self.tr("Only models that fit this computer"))
        self.installed = self._choice(self.tr("Installed"), self.tr("Only models that are on this computer"))
        self.commercial = self._choice(
            self.tr("Commercial"), self.tr("Only models whose licence is known to allow commercial use")
        )
        self._chips = QHBoxLayout()
        self._chips.setSpacing(HALF)
        for each in (self.fits, self.installed, self.commercial):
            self._chips.addWidget(each)
        self._chips.addStretch(0)
        self._choices = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._choices.setSpacing(HALF)
        self._choices.addWidget(self.purpose, 1)
        self._choices.addLayout(self._chips)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.field)
        column.addLayout(self._choices)

    @property
    def wanted(self) -> Filter:
        return Filter(
            self.field.text(), self.purpose.currentData(), self.fits.isChecked(), self.installed.isChecked(),
            self.commercial.isChecked(),
        )  # fmt: skip

    def minimumSizeHint(self) -> QSize:
        """The choices can stand below the purpose, so they need no room beside it."""
        width = max(self._chips.sizeHint().width(), self.purpose.sizeHint().width())
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow list they do."""
        super().resizeEvent(event)
        needed = self.purpose.sizeHint().width() + HALF + self._chips.sizeHint().width()
        directions = QBoxLayout.Direction
        self._choices.setDirection(
            directions.TopToBottom if self.width() < needed else directions.LeftToRight
        )

    @Slot()
    def clear(self) -> None:
        """Show everything again."""
        self.field.clear()
        self.purpose.setCurrentIndex(0)
        for each in (self.fits, self.installed, self.commercial):
            each.setChecked(False)
        self.changed.emit()

    @Slot()
    def focus_search(self) -> None:
        self.field.setFocus()
        self.field.selectAll()

    def _choice(self, text: str, meaning: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        set_role(button, "chip")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setToolTip(meaning)
        button.setAccessibleDescription(meaning)
        button.clicked.connect(self.changed)
        return button
