"""One question and one answer in the transcript."""

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.assistants.ask_each.events import Asking, EachEvent, EachFinished, RowFound
from app.assistants.events import (
    AnswerFinished,
    AnswerRevised,
    Event,
    NotInDocuments,
    Source,
    SourcesFound,
    TokenAdded,
)
from app.gui.chat.answer_words import AnswerWords
from app.gui.chat.answers import LiveAnswer
from app.gui.chat.content import Answer
from app.gui.chat.evidence import Evidence, UnreadNote
from app.gui.chat.feedback import AnswerFeedback
from app.gui.chat.passages import where
from app.gui.chat.progress import ProgressLine
from app.gui.chat.state_line import StateLine
from app.gui.chat.suggestions import EachSuggestion, Suggestion, SummarySuggestion, wants_each, wants_summary
from app.gui.chat.table import AnswerTable
from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, HALF, reading_font, set_role
from app.gui.viewer.citations import Citations, citations_of, listed

_LEAST_BUBBLE = 160


class QuestionView(QWidget):
    """What the person asked, as plain text in a bubble on the right."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        bubble = QFrame()
        set_role(bubble, "question")
        label = WrappedLabel(text)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        label.setAccessibleName(self.tr("Your question: {text}").format(text=text))
        reading_font(label)
        inside = QHBoxLayout(bubble)
        inside.setContentsMargins(GRID * 2, GRID, GRID * 2, GRID)
        inside.addWidget(label)
        # a label that wraps asks for a narrow column; short questions should stay on one line
        wide = label.fontMetrics().size(0, text).width() + 4 * GRID + 2
        bubble.setMinimumWidth(min(wide, _LEAST_BUBBLE))
        bubble.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 8, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(bubble, 100 if wide > _LEAST_BUBBLE else 0)
        bubble.setMaximumWidth(max(wide, _LEAST_BUBBLE))


class AnswerView(QWidget):
    """An answer: the evidence, the model's words, and a line on how it went."""

    opened = Signal(object)
    """A source to show in the viewer."""

    again = Signal()
    anyway = Signal()
    """The question was refused, and is to be answered all the same."""

    link_clicked = Signal(str)
    export_wanted = Signal(object)
    """A `Table`, to be written to a file."""

    each_wanted = Signal()
    """Each document should be asked the same question by itself."""

    summary_wanted = Signal()
    """A whole document should be summarised."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: Answer | None = None
        self._evidence = Evidence()
        self._evidence.opened.connect(self.opened)
        self.unread = UnreadNote()
        self.words = AnswerWords(self._evidence)
        self.words.opened.connect(self.opened)
        self.words.link_clicked.connect(self.link_clicked)
        self._progress: ProgressLine | None = None
        self.table: AnswerTable | None = None  # what each document answered, if that was asked
        self.feedback = AnswerFeedback()
        self._line = StateLine(self.feedback.buttons)
        self._line.copy_wanted.connect(self.copy)
        self._line.again_wanted.connect(self.again)
        self._line.anyway_wanted.connect(self.anyway)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID + HALF)
        self._column.addWidget(self._evidence)
        self._line.hide()
        for each in (self.unread, self.words, self._line, self.feedback):
            self._column.addWidget(each)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources the panel should show; none for a refused answer."""
        return () if self._answer is not None and self._answer.state == "refused" else self._evidence.sources

    def citations(self, source: Source) -> Citations:
        """All that the answer cites, opened at `source`."""
        if self._answer is None or self._answer.state == "refused":
            return citations_of(source)
        table = self._answer.table
        if table is not None:
            return listed(source, [each.source for each in (*table.rows, *table.unsure)])
        return citations_of(source, self._answer.sources, self._answer.claims, self._answer.lead)

    @property
    def text(self) -> str:
        return self.words.text.toPlainText()

    @property
    def progress_text(self) -> str:
        return self._progress.text if self._progress is not None else ""

    @property
    def state_text(self) -> str:
        return self._line.text

    @property
    def finished(self) -> bool:
        return self._answer is not None

    def suggest(self, question: str) -> None:
        """Offer what suits the question better, where the answer is one over documents."""
        answer = self._answer
        if answer is None or answer.table is not None or not answer.sources:
            return
        if wants_summary(question):
            self._offer(SummarySuggestion(), self.summary_wanted)
        elif wants_each(question):
            self._offer(EachSuggestion(), self.each_wanted)

    def allow_again(self, allowed: bool) -> None:
        """Only the last answer can be written again: later ones would be lost with it."""
        self._line.allow_again(allowed)

    def show_stopping(self) -> None:
        if self._progress is not None:
            self._progress.show_stopping()

    def follow(self, live: LiveAnswer) -> None:
        """Show an answer that is being written, from what has arrived of it."""
        self._progress = ProgressLine(over_documents=bool(live.request.scope))
        self._column.insertWidget(self._column.indexOf(self._line), self._progress)
        self._evidence.show_best(live.sources, live.lead)
        self.unread.show_live(live.unread)
        if live.text:
            self.words.add(live.text)
        for row in live.rows:
            self._shown_table().add(row)
        if isinstance(live.latest, Asking):
            self._shown_table().show_asking(live.latest)
        if live.latest is not None:
            self._progress.take(live.latest)

    def take(self, event: Event | EachEvent) -> None:
        """The next event of the answer being written."""
        if self._progress is not None:
            self._progress.take(event)
        if isinstance(event, SourcesFound):
            self._evidence.show_best(event.sources, event.lead)
            self.unread.show_live(event.unread)
        elif isinstance(event, TokenAdded):
            self.words.add(event.text)
        elif isinstance(event, AnswerRevised):
            self.words.replace(event.text)
        elif isinstance(event, AnswerFinished):
            self.show_answer(
                Answer(
                    event.text,
                    event.state,
                    event.sources,
                    event.claims,
                    event.model,
                    event.timings,
                    forgotten=event.forgotten,
                    unread=event.unread,
                    lead=event.lead,
                )
            )
        elif isinstance(event, Asking):
            self._shown_table().show_asking(event)
        elif isinstance(event, RowFound):
            self._shown_table().add(event)
        elif isinstance(event, EachFinished):
            table = event.table
            self.show_answer(
                Answer(event.text, event.state, unread=table.unread, message_id=event.message_id, table=table)
            )
        elif isinstance(event, NotInDocuments):
            self.show_answer(
                Answer(event.text, "refused", event.nearest, timings=event.timings, unread=event.unread)
            )

    def show_answer(self, answer: Answer) -> None:
        """Show an answer that is done, formatted."""
        self._answer = answer
        if self._progress is not None:
            self._progress.hide()
            self._progress.deleteLater()
            self._progress = None
        if answer.table is not None:
            self._shown_table().show_table(answer.table)
        elif answer.state == "refused":
            self._evidence.show_nearest(answer.sources)
        else:
            self._evidence.show_best(answer.sources, answer.lead)
        self.words.show_answer(answer)
        self.unread.show_past(answer.unread, answered=answer.state != "refused")
        self._line.show_answer(answer)
        self._line.show()

    @Slot()
    def copy(self) -> None:
        """Copy the answer's words, with the places it rests on."""
        if self._answer is None:
            return
        if self.table is not None:
            self.table.copy()
            return
        quoted = {number for claim in self._answer.claims for number in claim.sources}
        places = [f"[{each.number}] {where(each)}" for each in self.sources if each.number in quoted]
        QGuiApplication.clipboard().setText("\n\n".join(filter(None, [self._answer.text, "\n".join(places)])))

    def _offer(self, suggestion: Suggestion, signal: SignalInstance) -> None:
        suggestion.wanted.connect(signal)
        self._column.addWidget(suggestion)

    def _shown_table(self) -> AnswerTable:
        if self.table is None:
            self.table = AnswerTable()
            self.table.opened.connect(self.opened)
            self.table.export_wanted.connect(self.export_wanted)
            self._column.insertWidget(0, self.table)
        return self.table
