"""Keeps what is typed and not sent, so that no quit and no crash loses it."""

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QTextCursor

from app.gui.chat.composer import QuestionField
from app.storage.drafts import Drafts

_PAUSE_MS = 400  # after the last key, before saving


class DraftKeeper(QObject):
    """The draft of the conversation in view stands in `field`, and is saved shortly after the typing pauses."""

    def __init__(
        self, drafts: Drafts, field: QuestionField, *, saved: bool, parent: QObject | None = None
    ) -> None:
        """Begins with a new conversation. `saved` False: nothing can be written, drafts last while it runs."""
        super().__init__(parent)
        self._drafts, self._field, self._saved = drafts, field, saved
        self._unsaved: dict[int | None, str] = {}
        self._number: int | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.save)
        self._show()
        field.textChanged.connect(self._pause.start)

    def open(self, number: int | None) -> None:
        """Put this conversation's draft (None: a new one's) into the field, the other's away."""
        if number != self._number:
            self.save()
            self._number = number
            self._show()

    def began(self, number: int) -> None:
        """The new conversation has a number now; what is in the field belongs to it."""
        if self._number is None:
            self._keep("")
            self._number = number
        self.save()

    @Slot()
    def save(self) -> None:
        self._pause.stop()
        self._keep(self._field.toPlainText())

    def _keep(self, text: str) -> None:
        if self._saved:
            if text != self._drafts.get(self._number):
                self._drafts.keep(self._number, text)
        else:
            self._unsaved[self._number] = text

    def _show(self) -> None:
        kept = self._drafts.get(self._number) if self._saved else self._unsaved.get(self._number, "")
        self._field.setPlainText(kept)
        self._field.moveCursor(QTextCursor.MoveOperation.End)
        self._pause.stop()
