"""The language model's words of an answer: plain while they are written, with marks once they are checked."""

from functools import partial

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.gui.chat.content import Answer
from app.gui.chat.evidence import Evidence
from app.gui.chat.marks import source_of, tip_of
from app.gui.chat.message_text import MessageText
from app.gui.text_format import to_html
from app.gui.theme import GRID, HALF, colours, set_role


class AnswerWords(QWidget):
    """Out of sight without words, and while they only repeat the exact answer that stands in `evidence` above."""

    opened = Signal(object)
    """A source to show in the viewer."""

    link_clicked = Signal(str)

    def __init__(self, evidence: Evidence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evidence = evidence
        self._answer: Answer | None = None
        self.label = QLabel(self.tr("In the model’s words"))
        set_role(self.label, "muted")
        self.label.hide()
        self.text = MessageText(self.tr("Answer"))
        self.text.cited.connect(self._open_mark)
        self.text.link_clicked.connect(self.link_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + HALF)
        column.addWidget(self.label)
        column.addWidget(self.text)
        self.hide()

    def add(self, words: str) -> None:
        """The next piece of what is being written."""
        if not self._repeats(words):
            self.label.setVisible(bool(self._evidence.sources))
            self.text.add(words)
            self.show()

    def replace(self, words: str) -> None:
        """Another version of what was written so far."""
        self.text.show_plain(words)

    def show_answer(self, answer: Answer) -> None:
        """Formatted. A refused one and a table have no words of a model."""
        worded = answer.state != "refused" and answer.table is None and bool(answer.text)
        self._answer = answer if worded else None
        self._format()
        self.label.setVisible(bool(answer.sources))
        self.setVisible(worded and not self._repeats(answer.text))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._format()
        super().changeEvent(event)

    def _repeats(self, words: str) -> bool:
        lead = self._evidence.lead
        return lead is not None and words == lead.text

    def _format(self) -> None:
        answer = self._answer
        if answer is not None:
            numbers = {each.number for each in answer.sources}
            html = to_html(answer.text, answer.claims, numbers, colours())
            self.text.show_html(html, partial(tip_of, answer))

    @Slot(int, int)
    def _open_mark(self, number: int, claim: int) -> None:
        source = None if self._answer is None else source_of(self._answer, number, claim)
        if source is not None:
            self.opened.emit(source)
