"""One conversation in view: its turns from the store, and the answer being written to it."""

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from app.assistants.events import Event, Notice, Source, SourcesFound
from app.base.errors import AppError
from app.gui.chat.answers import Answers, LiveAnswer, Request
from app.gui.chat.content import Answer, Turn, turns_of
from app.gui.chat.empty_state import EmptyState
from app.gui.chat.message_view import AnswerView
from app.gui.chat.transcript import Transcript
from app.gui.text_format import may_open
from app.storage.conversations import Conversations


class ConversationView(QWidget):
    """The transcript, or what to do next while there is nothing in it."""

    source_opened = Signal(object)
    sources_changed = Signal(object)
    """The sources to list beside the transcript (a tuple)."""

    returned = Signal(object)
    """A `Request` that was refused before it was saved: the person gets the question back."""

    noticed = Signal(str)
    """A sentence that the person should see, though the answer goes on."""

    def __init__(self, store: Conversations, answers: Answers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._answers = answers
        self._current: int | None = None
        self.transcript = Transcript()
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.transcript)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.transcript.source_opened.connect(self._open)
        self.transcript.again_wanted.connect(self._again)
        self.transcript.link_clicked.connect(self._ask_before_opening)
        QShortcut(QKeySequence("Ctrl+R"), self, self._again_last)
        QShortcut(QKeySequence("Ctrl+Shift+C"), self, self._copy_last)
        answers.arrived.connect(self._arrived)
        answers.ended.connect(self._ended)

    @property
    def current(self) -> int | None:
        return self._current

    def show_conversation(self, number: int | None) -> None:
        """Show the turns of a conversation, with the answer that is being written if there is one."""
        self._current = number
        turns = [] if number is None else turns_of(self._store.messages(number))
        live = self._answers.live(number)
        if live is not None:
            replaced = live.request.instead_of
            turns = [
                turn
                for turn in turns
                if (turn.question_id or 0) <= live.request.after
                and (replaced is None or turn.question_id != replaced)
            ]
        self.transcript.show_turns(turns)
        if live is not None:
            self.transcript.add_turn(Turn(live.request.question, None)).follow(live)
        self._changed()

    def ask(self, number: int, question: str, scope: str, instead_of: int | None = None) -> None:
        """Ask in a conversation, which is then the one in view."""
        if number != self._current:
            self.show_conversation(number)
        saved = self._store.messages(number)
        self._answers.start(Request(number, question, scope, saved[-1].id if saved else 0, instead_of))
        live = self._answers.live(number)
        assert live is not None
        self.transcript.add_turn(Turn(question, None)).follow(live)
        self._changed()

    def show_stopping(self) -> None:
        """Stop was asked for; what was written so far is about to be shown."""
        if self.transcript.last_answer is not None:
            self.transcript.last_answer.show_stopping()

    def _changed(self) -> None:
        view = self.transcript.last_answer
        self._stack.setCurrentWidget(self.empty if view is None else self.transcript)
        self.sources_changed.emit(() if view is None else view.sources)

    @Slot(int, object)
    def _arrived(self, number: int, event: Event) -> None:
        if isinstance(event, Notice):
            self.noticed.emit(event.text)
            return
        view = self.transcript.last_answer
        if number == self._current and view is not None:
            view.take(event)
            if view.finished or isinstance(event, SourcesFound):
                self.sources_changed.emit(view.sources)

    @Slot(object, object)
    def _ended(self, live: LiveAnswer, error: AppError | None) -> None:
        """What the store holds now is the truth about this turn."""
        number = live.request.conversation
        later = [each for each in self._store.messages(number) if each.id > live.request.after]
        turns = turns_of(later)
        if not turns and live.request.instead_of is not None:
            if number == self._current:
                self.show_conversation(number)  # the earlier answer is still there
        elif not turns:
            if number == self._current:
                self.transcript.drop_last()
                self._changed()
            self.returned.emit(live.request)
        elif number == self._current and self.transcript.last_answer is not None:
            self._settle(self.transcript.last_answer, turns[-1], error is not None)

    def _settle(self, view: AnswerView, turn: Turn, failed: bool) -> None:
        self.transcript.set_question_id(view, turn.question_id)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, self.tr("The answer is ready")))
        if not view.finished:
            view.show_answer(turn.answer or Answer("", "failed" if failed else "stopped"))
            self.sources_changed.emit(view.sources)

    @Slot()
    def _again_last(self) -> None:
        view = self.transcript.last_answer
        if view is not None:
            self._again(self.transcript.question_id(view))

    @Slot()
    def _copy_last(self) -> None:
        if self.transcript.last_answer is not None:
            self.transcript.last_answer.copy()

    @Slot(object)
    def _again(self, question_id: int | None) -> None:
        if question_id is None or self._current is None or self._answers.live(self._current) is not None:
            return
        number = self._current
        question = next(each for each in self._store.messages(number) if each.id == question_id)
        scope = self._store.get(number).scope
        self.transcript.drop_last()
        self.ask(number, question.text, scope, question_id)

    @Slot(object, object)
    def _open(self, source: Source, view: AnswerView) -> None:
        self.sources_changed.emit(view.sources)
        self.source_opened.emit(source)

    @Slot(str)
    def _ask_before_opening(self, target: str) -> None:
        if not may_open(target):
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(self.tr("Open link"))
        box.setText(self.tr("Open this link in your browser?"))
        box.setInformativeText(target)
        box.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.button(QMessageBox.StandardButton.Open).clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl(target, QUrl.ParsingMode.StrictMode))
        )
        box.open()
