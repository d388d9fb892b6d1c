"""One conversation in view: its turns from the store, and the answer being written to it."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHideEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.assistants.ask_each.events import EachEvent
from app.assistants.events import Event, Notice, SourcesFound
from app.base.errors import AppError
from app.gui.chat.answers import Answers, LiveAnswer, Request
from app.gui.chat.content import Answer, Turn, turns_of
from app.gui.chat.empty_state import EmptyState
from app.gui.chat.link_question import ask_before_opening
from app.gui.chat.listed_sources import ListedSources
from app.gui.chat.message_view import AnswerView
from app.gui.chat.ratings import Ratings
from app.gui.chat.transcript import Transcript
from app.storage.conversations import Conversations
from app.storage.feedback import Feedback


class ConversationView(QWidget):
    """The transcript, or what to do next while there is nothing in it."""

    returned = Signal(object)
    """A `Request` that was refused before it was saved: the person gets the question back."""

    noticed = Signal(str)
    """A sentence that the person should see, though the answer goes on."""

    def __init__(
        self, store: Conversations, feedback: Feedback, answers: Answers, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self.ratings = Ratings(feedback, self)
        self._answers = answers
        self._current: int | None = None
        self.listed = ListedSources(self)
        self.transcript = Transcript()
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.transcript)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.transcript.source_opened.connect(self.listed.open)
        self.transcript.again_wanted.connect(self._again)
        self.transcript.anyway_wanted.connect(lambda question_id: self._again(question_id, anyway=True))
        self.transcript.link_clicked.connect(lambda target: ask_before_opening(target, self))
        self.transcript.answered.connect(lambda view, answer: view.feedback.follow(answer, self.ratings))
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
        self.ratings.load(number)
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

    def ask(
        self,
        number: int,
        question: str,
        scope: str,
        instead_of: int | None = None,
        *,
        each: bool = False,
        anyway: bool = False,
    ) -> None:
        """Ask in a conversation, which is then the one in view. `each` and `anyway` as in `Request`."""
        if number != self._current:
            self.show_conversation(number)
        saved = self._store.messages(number)
        after = saved[-1].id if saved else 0
        request = Request(number, question, scope, after, instead_of, each and bool(scope), anyway)
        self._answers.start(request)
        live = self._answers.live(number)
        assert live is not None
        self.transcript.add_turn(Turn(question, None)).follow(live)
        self._changed()

    def show_stopping(self) -> None:
        """Stop was asked for; what was written so far is about to be shown."""
        if self.transcript.last_answer is not None:
            self.transcript.last_answer.show_stopping()

    def showEvent(self, event: QShowEvent) -> None:
        """Ratings may have been deleted in the settings."""
        self.ratings.load(self._current)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Also when the window is closed."""
        self.ratings.save_drafts()
        super().hideEvent(event)

    def _changed(self) -> None:
        view = self.transcript.last_answer
        self._stack.setCurrentWidget(self.empty if view is None else self.transcript)
        self.listed.show_of(view)

    @Slot(int, object)
    def _arrived(self, number: int, event: Event | EachEvent) -> None:
        if isinstance(event, Notice):
            self.noticed.emit(event.text)
            return
        view = self.transcript.last_answer
        if number == self._current and view is not None:
            view.take(event)
            if view.finished or isinstance(event, SourcesFound):
                self.listed.show_of(view)

    @Slot(object, object)
    def _ended(self, live: LiveAnswer, error: AppError | None) -> None:
        """What the store holds now is the truth about this turn."""
        number = live.request.conversation
        later = [each for each in self._store.messages(number) if each.id > live.request.after]
        turns = turns_of(later)
        answer = turns[-1].answer if turns else None
        if answer is not None and answer.message_id is not None:
            self.ratings.forget_draft(answer.message_id)  # of a deleted answer that had the same id
        if number == self._current:
            self.ratings.load(number)  # those of an answer that was replaced belong to the one before
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
            self.listed.show_of(view)
        view.suggest(turn.question)
        if turn.answer is not None:
            view.feedback.follow(turn.answer, self.ratings)

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
    def _again(self, question_id: int | None, *, anyway: bool = False) -> None:
        if question_id is None or self._current is None or self._answers.live(self._current) is not None:
            return
        self.ratings.save_drafts()
        number = self._current
        question = next(each for each in self._store.messages(number) if each.id == question_id)
        scope = self._store.get(number).scope
        view = self.transcript.last_answer
        each = view is not None and view.table is not None
        self.transcript.drop_last()
        self.ask(number, question.text, scope, question_id, each=each, anyway=anyway)
