"""The ratings of the answers in view, and what was typed about them and not saved yet."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.base.errors import AppError
from app.storage.feedback import Feedback, Rating, Verdict, Words

_SAVE_AFTER_MS = 500


class Ratings(QObject):
    """Each change is saved at once, and what is being typed after a pause. What cannot be read or saved is told, and nothing
    is changed then.
    """

    changed = Signal()
    failed = Signal(object)
    """An `AppError`."""

    withdrawn = Signal(object)
    """A `Rating` with words of the person that no longer count: they can be restored."""

    def __init__(self, feedback: Feedback, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feedback = feedback
        self._known: dict[int, Rating] = {}
        self._earlier: dict[int, Rating] = {}
        self._drafts: dict[int, Words] = {}  # by the id of the answer
        self._unsaved: set[int] = set()  # those of them that were typed since the last pause
        self._pause = QTimer(self, singleShot=True, interval=_SAVE_AFTER_MS)
        self._pause.timeout.connect(self.save_drafts)

    def load(self, conversation: int | None) -> None:
        """Read the ratings of another conversation, or what was changed elsewhere."""
        self.save_drafts()
        self._known, self._earlier = {}, {}
        if conversation is not None:
            try:
                self._known = self._feedback.of_conversation(conversation)
                self._earlier = self._feedback.of_earlier(conversation)
            except AppError as error:
                self.failed.emit(error)
        self.changed.emit()

    def of(self, answer: int) -> Rating | None:
        return self._known.get(answer)

    def earlier(self, answer: int) -> Rating | None:
        """What was said of the version before it, which is shown nowhere else."""
        return self._earlier.get(answer)

    def draft(self, answer: int) -> Words | None:
        """What was typed about it and not saved, if it differs from what was saved."""
        rating = self.of(answer)
        draft = self._drafts.get(answer, None if rating is None else rating.draft)
        saved = ("", "") if rating is None else (rating.correction, rating.remark)
        return None if draft == saved else draft

    def words(self, answer: int) -> Words:
        """What a form about it begins with: what was typed, else saved, else said of the version before it."""
        rating, earlier = self.of(answer), self.earlier(answer)
        draft = self.draft(answer)
        if draft is not None:
            return draft
        if rating is not None and (rating.correction or rating.remark):
            return rating.correction, rating.remark
        if earlier is not None:
            return earlier.draft or (earlier.correction, earlier.remark)
        return "", ""

    def keep_draft(self, answer: int, words: Words) -> None:
        """It is being typed."""
        self._drafts[answer] = words
        self._unsaved.add(answer)
        self._pause.start()

    def forget_draft(self, answer: int) -> None:
        self._drafts.pop(answer, None)
        self._unsaved.discard(answer)

    @Slot()
    def save_drafts(self) -> None:
        """What was typed up to now."""
        self._pause.stop()
        typed, self._unsaved = self._unsaved, set()
        try:
            for answer in typed:
                self._feedback.keep_draft(answer, self._drafts[answer])
        except AppError as error:
            self._unsaved |= typed  # tried again with the next pause
            self.failed.emit(error)

    def save(self, answer: int, words: Words) -> bool:
        """A wrong answer's correction and remark. Whether they could be saved; if not, they stay a draft."""
        if not self.rate(answer, "bad", *words):
            return False
        self.forget_draft(answer)
        try:
            self._feedback.keep_draft(answer, None)
            self._known[answer] = replace(self._known[answer], draft=None)
        except AppError as error:
            self.failed.emit(error)
        return True

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
        if now is not None and answer in self._drafts:  # typed before the rating was taken back
            self.keep_draft(answer, self._drafts[answer])
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
            self.forget_draft(rating.message)

    def _keep_words(self, before: Rating | None) -> None:
        """They stand in the form when it is opened again."""
        if before is None or before.message is None or not (before.correction or before.remark):
            return
        self._drafts.setdefault(before.message, (before.correction, before.remark))
        self.withdrawn.emit(before)
