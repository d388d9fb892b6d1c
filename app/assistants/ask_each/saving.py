"""Keeping a table in its conversation while it grows, so that nothing that was found is lost."""

import time
from dataclasses import dataclass, field

from app.assistants.ask_each.wording import as_text
from app.assistants.records import Record, write_record
from app.assistants.tables import Table
from app.storage.conversations import Conversations, MessageState

_SAVE_EVERY_S = 1.0
_SHARE = 20  # saving takes at most one part in so many of the time


@dataclass(slots=True)
class SavedTable:
    """A question and its table in a conversation; nothing happens outside one.

    `instead_of` is the earlier question (its id) whose answer the table replaces, once there is one.
    """

    question: str
    conversations: Conversations | None
    conversation: int | None
    instead_of: int | None = None
    question_id: int | None = None
    message_id: int | None = None
    _next: float = field(default=0.0)

    def save_question(self) -> None:
        if self.conversations is not None and self.conversation is not None and self.question_id is None:
            self.question_id = self.conversations.add_question(self.conversation, self.question).id

    def begin(self) -> None:
        if self.conversations is not None and self.conversation is not None and self.message_id is None:
            self.save_question()
            self.message_id = self.conversations.begin_answer(self.conversation)

    @property
    def due(self) -> bool:
        """Whether what was found since the last time should be saved."""
        return time.monotonic() >= self._next

    def save(self, table: Table, state: MessageState = "writing") -> None:
        if self.conversations is None or self.message_id is None:
            return
        started = time.monotonic()
        self.conversations.save_answer(
            self.message_id, as_text(table), state, write_record(Record(table=table, unread=table.unread))
        )
        now = time.monotonic()
        self._next = now + max(_SAVE_EVERY_S, _SHARE * (now - started))
        if state != "writing" and self.instead_of is not None and self.question_id is not None:
            self.conversations.drop_turn(self.instead_of if table.documents else self.question_id)
