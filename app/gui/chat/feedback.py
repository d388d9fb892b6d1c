"""What the person says of one answer: the thumbs, the form for what would have been right, and the correction."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.gui.chat.content import Answer
from app.gui.chat.earlier_note import EarlierNote
from app.gui.chat.feedback_buttons import FeedbackButtons
from app.gui.chat.feedback_form import FeedbackForm
from app.gui.chat.feedback_note import FeedbackNote
from app.gui.chat.ratings import Ratings
from app.storage.feedback import Rating


class AnswerFeedback(QWidget):
    """Out of sight while there is nothing to show. `buttons` stand elsewhere, in the line below the answer.

    The correction and the form are made when they are first needed: most answers never show them, and a long
    conversation would be opened half as fast.
    """

    opened = Signal()
    """The form: it should be in view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer = 0
        self._ratings: Ratings | None = None
        self._note: FeedbackNote | None = None
        self._earlier: EarlierNote | None = None
        self._form: FeedbackForm | None = None
        self.buttons = FeedbackButtons()
        self.buttons.pressed.connect(self._pressed)
        self.buttons.correction_wanted.connect(self._toggle)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.buttons.hide()
        self.hide()

    @property
    def form(self) -> FeedbackForm:
        if self._form is None:
            self._form = FeedbackForm()
            self._form.hide()
            self._form.saved.connect(self._save)
            self._form.closed.connect(self._close)
            self._form.typed.connect(self._keep)
            self._column.addWidget(self._form)
        return self._form

    @property
    def is_open(self) -> bool:
        """Whether the form is."""
        return self._form is not None and not self._form.isHidden()

    @property
    def shown_correction(self) -> str:
        """The saved one, as it stands below the answer; "" for none."""
        return "" if self._note is None or self._note.isHidden() else self._note.text

    @property
    def shown_earlier(self) -> str:
        """What stands there of the version before this one; "" when it was not rated."""
        return "" if self._earlier is None else f"{self._earlier.title} {self._earlier.text}".strip()

    def follow(self, answer: Answer, ratings: Ratings) -> None:
        """From now on this saved answer can be rated, unless it broke off or is a table."""
        whole = answer.state in ("complete", "refused") and answer.table is None
        if answer.message_id is None or not whole:
            return
        self._answer, self._ratings = answer.message_id, ratings
        ratings.changed.connect(self._refresh)
        self.buttons.show()
        self._refresh()

    def _rating(self) -> Rating | None:
        return None if self._ratings is None else self._ratings.of(self._answer)

    @Slot()
    def _refresh(self) -> None:
        rating = self._rating()
        verdict = None if rating is None else rating.verdict
        correction = "" if rating is None else rating.correction
        begun = self._ratings is not None and self._ratings.draft(self._answer) is not None
        self.buttons.show_verdict(verdict, corrected=bool(correction), begun=begun and not self.is_open)
        if self.is_open and verdict != "bad":
            self.form.hide()
        self._show_correction("" if self.is_open else correction)
        earlier = None if self._ratings is None else self._ratings.earlier(self._answer)
        if earlier is not None and self._earlier is None:
            self._earlier = EarlierNote()
            self._column.addWidget(self._earlier)
        if self._earlier is not None:
            self._earlier.show_rating(earlier)
        self.setVisible(self.is_open or bool(correction) or bool(self.shown_earlier))

    def _show_correction(self, text: str) -> None:
        if text and self._note is None:
            self._note = FeedbackNote()
            self._column.insertWidget(0, self._note)
        if self._note is not None:
            self._note.show_words(self.tr("Your correction") if text else "", text)

    @Slot(str)
    def _pressed(self, verdict: str) -> None:
        """A thumb that is pressed again is taken back."""
        if self._ratings is None:
            return
        rating = self._rating()
        if rating is not None and rating.verdict == verdict:
            self._ratings.withdraw(self._answer)
        elif verdict == "good":
            self._ratings.rate(self._answer, "good")
        elif self._ratings.rate(self._answer, "bad"):
            self._open()

    @Slot()
    def _toggle(self) -> None:
        if self.is_open:
            self._close()
        else:
            self._open()

    def _open(self) -> None:
        if self._ratings is None or self._rating() is None:
            return
        self.form.fill(*self._ratings.words(self._answer))
        self.form.show()
        self._refresh()
        self.form.focus()
        self.opened.emit()

    @Slot()
    def _close(self) -> None:
        self.form.hide()
        self._refresh()
        self.buttons.correct.setFocus()

    @Slot()
    def _keep(self) -> None:
        if self._ratings is not None and self.is_open:
            self._ratings.keep_draft(self._answer, self.form.words)

    @Slot()
    def _save(self) -> None:
        if self._ratings is not None and self._ratings.save(self._answer, self.form.words):
            self._close()
