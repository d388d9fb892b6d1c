"""The ratings of the answers in view, and what was typed about them and not saved yet."""

from PySide6.QtCore import QObject, Signal

from app.base.errors import AppError
from app.storage.feedback import Feedback, Rating, Verdict

Words = tuple[str, str]
"""A correction and a remark."""


class Ratings(QObject):
    """Each change is saved at once. What cannot be read or saved is told, and nothing is changed then."""

    changed = Signal()
    failed = Signal(object)
    """An `AppError`."""

    withdrawn = Signal(object)
    """A `Rating` with words of the person that no longer count: they can be restored."""

    def __init__(self, feedback: Feedback, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feedback = feedback
        self._known: dict[int, Rating] = {}
        self.drafts: dict[int, Words] = {}
        """By the id of the answer; they live as long as the window."""

    def load(self, conversation: int | None) -> None:
        """Read the ratings of another conversation, or what was changed elsewhere."""
        try:
            self._known = {} if conversation is None else self._feedback.of_conversation(conversation)
        except AppError as error:
            self._known = {}
            self.failed.emit(error)
        self.changed.emit()

    def of(self, answer: int) -> Rating | None:
        return self._known.get(answer)

    def rate(self, answer: int, verdict: Verdict, correction: str = "", remark: str = "") -> bool:
        """Whether it could be saved."""
        before = self.of(answer)
        try:
            self._known[answer] = now = self._feedback.rate(answer, verdict, correction, remark)
        except AppError as error:
            self.failed.emit(error)
            now = None
        if now is not None and verdict == "good":
            self._keep_words(before)
        self.changed.emit()
        return now is not None

    def withdraw(self, answer: int) -> None:
        """The answer is not rated any more."""
        try:
            self._feedback.withdraw(answer)
        except AppError as error:
            self.failed.emit(error)
        else:
            self._keep_words(self._known.pop(answer, None))
        self.changed.emit()

    def restore(self, rating: Rating) -> None:
        """Undo what took the words out of it."""
        if rating.message is not None and self.rate(
            rating.message, rating.verdict, rating.correction, rating.remark
        ):
            self.drafts.pop(rating.message, None)

    def _keep_words(self, before: Rating | None) -> None:
        """They stand in the form when it is opened again."""
        if before is None or before.message is None or not (before.correction or before.remark):
            return
        self.drafts.setdefault(before.message, (before.correction, before.remark))
        self.withdrawn.emit(before)
