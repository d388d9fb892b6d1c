"""The turns of one conversation, one widget a message, scrolled to the newest unless the person scrolled up."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.gui.chat.content import Answer, Turn
from app.gui.chat.message_view import AnswerView, QuestionView
from app.gui.chat.newest import Newest
from app.gui.theme import GRID, set_role

_TEXT_WIDTH = 760
_TURNS_AT_ONCE = 15


class Transcript(QScrollArea):
    """Shows turns; the last answer may still be growing."""

    source_opened = Signal(object, object)
    """A source and the answer view it belongs to."""

    again_wanted = Signal(object)
    """The id of the question to answer again."""

    anyway_wanted = Signal(object)
    """The same, however unsure the answer is."""

    link_clicked = Signal(str)
    export_wanted = Signal(object)
    """A `Table`."""

    each_wanted = Signal(str)
    """A question, to be put to each document by itself."""

    summary_wanted = Signal()
    """Of a whole document."""

    answered = Signal(object, object)
    """An answer view and the saved `Answer` it shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Conversation"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab goes on to what is in it
        self._hidden: list[Turn] = []
        self._answers: list[AnswerView] = []
        self._ids: dict[AnswerView, int | None] = {}
        self.newest = Newest(self, lambda room: self.setViewportMargins(0, 0, 0, room))
        self.clear()

    @property
    def last_answer(self) -> AnswerView | None:
        return self._answers[-1] if self._answers else None

    @property
    def turns(self) -> int:
        return len(self._answers) + len(self._hidden)

    def clear(self) -> None:
        self._hidden, self._answers, self._ids = [], [], {}
        self._holder = QWidget()
        self._column = QVBoxLayout(self._holder)
        self._column.setSpacing(GRID * 3)
        self._column.addStretch(1)
        self._earlier = QPushButton(self.tr("Show earlier messages"))
        set_role(self._earlier, "link")
        self._earlier.clicked.connect(self._show_earlier)
        self._earlier.hide()
        self._column.insertWidget(0, self._earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        self._narrow()
        self.setWidget(self._holder)
        set_role(self._holder, "bare")
        self.newest.follow()
        self.newest.button.hide()

    def show_turns(self, turns: Sequence[Turn]) -> None:
        """Replace everything. Of a long conversation only the end is laid out at first."""
        self.clear()
        self._hidden = list(turns[:-_TURNS_AT_ONCE])
        self._earlier.setVisible(bool(self._hidden))
        for turn in turns[-_TURNS_AT_ONCE:]:
            self._add(turn, self._column.count() - 1)

    def add_turn(self, turn: Turn) -> AnswerView:
        """Append a turn and go to it; returns the view of its answer."""
        self.newest.follow()
        return self._add(turn, self._column.count() - 1)

    def drop_last(self) -> None:
        """Take away the last turn (it is asked again, or was refused)."""
        if self._answers:
            view = self._answers.pop()
            self._ids.pop(view)
            at = self._column.indexOf(view)
            for each in (at, at - 1):
                item = self._column.takeAt(each)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        if self._answers:
            self._answers[-1].allow_again(allowed=True)

    def question_id(self, view: AnswerView) -> int | None:
        return self._ids.get(view)

    def set_question_id(self, view: AnswerView, number: int | None) -> None:
        self._ids[view] = number

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._narrow()
        self.newest.place()

    def _add(self, turn: Turn, at: int) -> AnswerView:
        view = AnswerView()
        view.opened.connect(lambda source: self.source_opened.emit(source, view))
        view.again.connect(lambda: self.again_wanted.emit(self._ids.get(view)))
        view.anyway.connect(lambda: self.anyway_wanted.emit(self._ids.get(view)))
        view.link_clicked.connect(self.link_clicked)
        view.export_wanted.connect(self.export_wanted)
        view.each_wanted.connect(lambda: self.each_wanted.emit(turn.question))
        view.summary_wanted.connect(self.summary_wanted)
        view.feedback.opened.connect(lambda: self._show_form(view))
        self._column.insertWidget(at, QuestionView(turn.question))
        self._column.insertWidget(at + 1, view)
        self._answers.insert((at - 1) // 2, view)  # before the pairs stands the button, after them a stretch
        self._ids[view] = turn.question_id
        for each in self._answers[-2:]:
            each.allow_again(allowed=each is self._answers[-1])
        if turn.question_id is not None:
            view.show_answer(turn.answer or Answer("", "stopped"))
            view.suggest(turn.question)
        if turn.answer is not None:
            self.answered.emit(view, turn.answer)
        return view

    def _show_form(self, view: AnswerView) -> None:
        """Once it has its place; below the last answer there is nothing more to see."""
        last = view is self.last_answer
        show = self.newest.go if last else partial(self.ensureWidgetVisible, view.feedback, 0, GRID * 4)
        QTimer.singleShot(0, view, show)

    @Slot()
    def _show_earlier(self) -> None:
        bar = self.verticalScrollBar()
        from_end = bar.maximum() - bar.value()
        more, self._hidden = self._hidden[-_TURNS_AT_ONCE:], self._hidden[:-_TURNS_AT_ONCE]
        for number, turn in enumerate(more):
            self._add(turn, 1 + 2 * number)
        self._earlier.setVisible(bool(self._hidden))
        self._holder.adjustSize()
        bar.setValue(bar.maximum() - from_end)

    def _narrow(self) -> None:
        side = max(GRID * 3, (self.viewport().width() - _TEXT_WIDTH) // 2)
        self._column.setContentsMargins(side, GRID * 3, side, GRID * 3)
