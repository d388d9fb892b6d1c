"""What the person said of a version of the answer that was written again since: it goes on counting, so it is shown."""

from app.gui.chat.feedback_note import FeedbackNote
from app.storage.feedback import Rating


class EarlierNote(FeedbackNote):
    """Out of sight without a rating."""

    def show_rating(self, rating: Rating | None) -> None:
        """That of the version before."""
        draft = "" if rating is None or rating.draft is None else rating.draft[0]
        if rating is None:
            self.show_words("", "")
        elif rating.verdict == "good":
            self.show_words(self.tr("You rated the version before this one as good."), "")
        elif draft and draft != rating.correction:
            title = self.tr("You rated the version before this one as wrong. Your unsaved correction")
            self.show_words(title, draft)
        elif rating.correction:
            title = self.tr("You rated the version before this one as wrong. Your correction")
            self.show_words(title, rating.correction)
        else:
            self.show_words(self.tr("You rated the version before this one as wrong."), "")
