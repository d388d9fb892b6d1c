"""The words of a document that answer the question, above all that a model says about them."""

from dataclasses import replace
from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from app.assistants.events import Lead, Source
from app.gui.labels import WrappedLabel
from app.gui.theme import colours, set_role

_LONG = 90  # characters: more would shout


class ExactAnswer(WrappedLabel):
    """A link to the place where these words stand, reached by mouse and keyboard."""

    opened = Signal(object)
    """The source, at these words."""

    def __init__(self, lead: Lead, source: Source, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._words = " ".join(lead.text.split())
        self._target = replace(source, quote=lead.text, start=lead.start, end=lead.end)
        set_role(self, "heading" if len(self._words) <= _LONG else "title")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        name = self.tr("Exact answer: {words}") if lead.sure else self.tr("Exact answer, unsure: {words}")
        self.setAccessibleName(name.format(words=self._words))
        self.setToolTip(self.tr("Show where this stands"))
        self.linkActivated.connect(lambda _link: self.opened.emit(self._target))
        self._write()

    @property
    def words(self) -> str:
        return self._words

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()  # the colour of a link is fixed when it is written

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Underlined for who goes about by keyboard; a click would be lost with the text it began in."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._write(underlined=True)

    def focusNextPrevChild(self, next: bool) -> bool:
        """One stop: a label would make its link a second one."""
        return bool(QWidget.focusNextPrevChild(self, next))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._write()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self._target)
        else:
            super().keyPressEvent(event)

    def _write(self, *, underlined: bool = False) -> None:
        line = "underline" if underlined else "none"
        style = f"color:{colours().accent}; text-decoration:{line}"
        self.setText(f'<a href="words" style="{style}">{escape(self._words)}</a>')
