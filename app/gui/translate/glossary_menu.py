"""Which glossaries a translation uses: a button with a list to tick."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.gui.icons import icon
from app.gui.theme import GRID
from app.gui.translate.wording import counted, pair_name
from app.storage.glossaries import Glossary


class GlossaryMenu(QPushButton):
    """Only glossaries of the chosen languages are offered; the list stays open while it is ticked."""

    dialog_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._glossaries: Sequence[Glossary] = ()
        self._ticked: set[int] = set()
        self._source = self._target = ""
        self._menu = _StayingMenu(self)
        self.setMenu(self._menu)
        self.setIcon(icon("library", "muted"))
        self.setIconSize(QSize(16, 16))
        self._show()

    @property
    def chosen(self) -> tuple[int, ...]:
        """Ids of those that are ticked and of the languages in force."""
        return tuple(each.id for each in self._offered() if each.id in self._ticked)

    def show_glossaries(self, glossaries: Sequence[Glossary], preselected: Sequence[int] | None) -> None:
        """`preselected`: ids; None leaves the ticks as they are."""
        self._glossaries = glossaries
        if preselected is not None:
            self._ticked = set(preselected)
        self._show()

    def set_languages(self, source: str, target: str) -> None:
        """`source` "": not known, so every source fits."""
        self._source, self._target = source, target
        self._show()

    def _offered(self) -> list[Glossary]:
        return [
            each
            for each in self._glossaries
            if each.target_language == self._target and self._source in ("", each.source_language)
        ]

    def _show(self) -> None:
        self._menu.clear()
        for each in self._offered():
            terms = counted(each.terms, self.tr("1 term"), self.tr("{n} terms"))
            languages = pair_name(each.source_language, each.target_language)
            text = f"{each.name} · {languages} · {terms}".replace("&", "&&")
            action = QAction(text, self._menu, checkable=True, checked=each.id in self._ticked)
            action.toggled.connect(lambda on, id=each.id: self._tick(id, on))
            self._menu.addAction(action)
        if self._menu.isEmpty():
            self._menu.addAction(self.tr("No glossary for these languages")).setEnabled(False)
        self._menu.addSeparator()
        self._menu.addAction(icon("edit"), self.tr("Glossaries and memory…"), self.dialog_wanted.emit)
        self._name()

    def _tick(self, id: int, on: bool) -> None:
        (self._ticked.add if on else self._ticked.discard)(id)
        self._name()

    def _name(self) -> None:
        names = [each.name for each in self._offered() if each.id in self._ticked]
        text = ", ".join(names) if names else self.tr("None")
        short = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, GRID * 40)
        self.setText(short.replace("&", "&&"))
        self.setAccessibleName(self.tr("Glossaries: {names}").format(names=text))


class _StayingMenu(QMenu):
    """Ticking does not close it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():
            action.trigger()
        else:
            super().keyPressEvent(event)
