"""Which answer's sources are listed beside the transcript, and what it cites."""

from PySide6.QtCore import QObject, Signal

from app.assistants.events import Source
from app.gui.chat.message_view import AnswerView
from app.gui.viewer.citations import Citations, citations_of


class ListedSources(QObject):
    """Those of the newest answer, or of an older one of which a source was opened."""

    opened = Signal(object)
    changed = Signal(object)
    """The sources to list (a tuple)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answer: AnswerView | None = None

    def show_of(self, answer: AnswerView | None) -> None:
        """None: there is no answer, so no sources."""
        self._answer = answer
        self.changed.emit(() if answer is None else answer.sources)

    def open(self, source: Source, answer: AnswerView) -> None:
        self.show_of(answer)
        self.opened.emit(source)

    def citations(self, source: Source) -> Citations:
        """All that the answer whose sources are listed cites, opened at `source`."""
        return citations_of(source) if self._answer is None else self._answer.citations(source)
