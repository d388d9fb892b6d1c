"""Conversations and their messages.

A question is saved before the model is asked, and an answer is saved while it grows, so a crash loses at
most the last second of an answer. A message found in the state `writing` at start was cut off by a crash
and is shown as stopped.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.base.errors import AppError
from app.storage.database import Database
from app.storage.fulltext import all_words, spaced

MessageState = Literal["complete", "writing", "stopped", "failed", "refused"]
_TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Conversation:
    """`scope` names the collection the questions are asked over; "" for plain chat. Times in seconds (Unix)."""

    id: int
    title: str
    scope: str
    created: float
    changed: float


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One turn. `details` is what the answer was made of (sources, claims, model, timings), as JSON types."""

    id: int
    conversation_id: int
    role: Literal["user", "assistant"]
    text: str
    state: MessageState
    details: Mapping[str, Any]
    created: float


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation found by its words; `snippet` shows them in their surroundings."""

    conversation: Conversation
    snippet: str


class Conversations:
    """Reads and writes conversations in `user.db`. Every change is on disk when the call returns.

    `deleted` is called when words were deleted, so that they go from where else they are kept, with the time since when they
    may be there (seconds, Unix; 0: not known).
    """

    def __init__(self, database: Database, deleted: Callable[[float], None] = lambda since: None) -> None:
        self._database = database
        self._deleted = deleted

    def start(self, title: str = "", scope: str = "") -> Conversation:
        now = time.time()
        with self._database.transaction() as db:
            row = db.execute(
                "INSERT INTO conversations (title, scope, created, changed) VALUES (?, ?, ?, ?) RETURNING *",
                (_short(title), scope, now, now),
            ).fetchone()
        return Conversation(**dict(row))

    def all(self) -> list[Conversation]:
        """Newest change first."""
        rows = self._database.rows("SELECT * FROM conversations ORDER BY changed DESC, id DESC")
        return [Conversation(**dict(row)) for row in rows]

    def get(self, conversation_id: int) -> Conversation:
        """Raises `AppError` when it was deleted meanwhile."""
        rows = self._database.rows("SELECT * FROM conversations WHERE id = ?", (conversation_id,))
        if not rows:
            raise AppError("This conversation was deleted.", "Start a new one.")
        return Conversation(**dict(rows[0]))

    def rename(self, conversation_id: int, title: str) -> None:
        with self._database.transaction() as db:
            db.execute("UPDATE conversations SET title = ? WHERE id = ?", (_short(title), conversation_id))

    def set_scope(self, conversation_id: int, scope: str) -> None:
        with self._database.transaction() as db:
            db.execute("UPDATE conversations SET scope = ? WHERE id = ?", (scope, conversation_id))

    def delete(self, conversation_id: int) -> None:
        with self._database.transaction() as db:
            words = db.execute(
                "DELETE FROM messages_text WHERE rowid IN (SELECT id FROM messages WHERE conversation_id = ?)",
                (conversation_id,),
            ).rowcount
            db.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))
        if words:
            self._deleted(0.0)

    def messages(self, conversation_id: int) -> list[StoredMessage]:
        """Oldest first."""
        rows = self._database.rows(
            "SELECT * FROM messages WHERE conversation_id = ? ORDER BY id", (conversation_id,)
        )
        return [_message(row) for row in rows]

    def add_question(self, conversation_id: int, text: str) -> StoredMessage:
        """Save what the person asked. An untitled conversation takes its title from it."""
        with self._database.transaction() as db:
            row = db.execute(
                "INSERT INTO messages (conversation_id, role, text, state, created)"
                " SELECT id, 'user', ?, 'complete', ? FROM conversations WHERE id = ? RETURNING *",
                (text, time.time(), conversation_id),
            ).fetchone()
            if row is None:
                raise AppError("This conversation was deleted.", "Start a new one.")
            db.execute("INSERT INTO messages_text (rowid, text) VALUES (?, ?)", (row["id"], spaced(text)))
            db.execute(
                "UPDATE conversations SET changed = ?, title = CASE title WHEN '' THEN ? ELSE title END"
                " WHERE id = ?",
                (time.time(), _short(text), conversation_id),
            )
        return _message(row)

    def begin_answer(self, conversation_id: int) -> int:
        """Reserve the answer's row before the first word; returns its id."""
        with self._database.transaction() as db:
            row = db.execute(
                "INSERT INTO messages (conversation_id, role, text, state, created)"
                " SELECT id, 'assistant', '', 'writing', ? FROM conversations WHERE id = ? RETURNING id",
                (time.time(), conversation_id),
            ).fetchone()
        if row is None:
            raise AppError("This conversation was deleted.", "Start a new one.")
        return int(row["id"])

    def save_answer(
        self, message_id: int, text: str, state: MessageState, details: Mapping[str, Any] | None = None
    ) -> None:
        """Save the answer as it stands; `details` None keeps what was saved before."""
        packed = None if details is None else json.dumps(details, ensure_ascii=False)
        with self._database.transaction() as db:
            db.execute(
                "UPDATE messages SET text = ?, state = ?, details = coalesce(?, details) WHERE id = ?",
                (text, state, packed, message_id),
            )
            if state != "writing":
                db.execute("DELETE FROM messages_text WHERE rowid = ?", (message_id,))
                db.execute(
                    "INSERT INTO messages_text (rowid, text) VALUES (?, ?)", (message_id, spaced(text))
                )
                db.execute(
                    "UPDATE conversations SET changed = ?"
                    " WHERE id = (SELECT conversation_id FROM messages WHERE id = ?)",
                    (time.time(), message_id),
                )

    def drop_turn(self, question_id: int) -> None:
        """Delete this question and its answer, but nothing after them."""
        turn = (
            "SELECT each.id FROM messages each JOIN messages this ON this.conversation_id = each.conversation_id"
            " WHERE this.id = ? AND each.id >= this.id AND each.id < coalesce("
            "(SELECT min(id) FROM messages next WHERE next.conversation_id = this.conversation_id"
            " AND next.role = 'user' AND next.id > this.id), each.id + 1)"
        )
        self._drop(turn, question_id)

    def drop_from(self, message_id: int) -> None:
        """Delete this message and all after it in its conversation (to answer again)."""
        later = (
            "SELECT later.id FROM messages later JOIN messages this ON this.conversation_id = later.conversation_id"
            " WHERE this.id = ? AND later.id >= this.id"
        )
        self._drop(later, message_id)

    def _drop(self, query: str, message_id: int) -> None:
        """`query` selects identifiers of messages."""
        with self._database.transaction() as db:
            ids = [(row[0],) for row in db.execute(query, (message_id,))]
            db.executemany("DELETE FROM messages_text WHERE rowid = ?", ids)
            asked = [
                db.execute("DELETE FROM messages WHERE id = ? RETURNING created", each).fetchone()[0]
                for each in ids
            ]
        if asked:
            self._deleted(min(asked))

    def close_interrupted(self) -> int:
        """Mark answers cut off by a crash as stopped; returns how many. Call once at start."""
        rows = self._database.rows("SELECT id, text FROM messages WHERE state = 'writing'")
        for row in rows:
            self.save_answer(row["id"], row["text"], "stopped")
        return len(rows)

    def search(self, query: str, limit: int = 50) -> list[Found]:
        """Conversations whose title or messages hold every word of `query`, newest first."""
        words = all_words(query)
        if not words:
            return []
        rows = self._database.rows(
            """SELECT c.*, coalesce(snippet(messages_text, 0, '', '', '…', 12), '') AS snippet
               FROM messages_text JOIN messages m ON m.id = messages_text.rowid
               JOIN conversations c ON c.id = m.conversation_id
               WHERE messages_text MATCH ? ORDER BY c.changed DESC, m.id DESC LIMIT 500""",
            (words,),
        )
        found: dict[int, Found] = {}
        for row in rows:
            fields = dict(row)
            snippet = fields.pop("snippet")
            found.setdefault(fields["id"], Found(Conversation(**fields), snippet))
        wanted = query.casefold().split()
        for conversation in self.all():
            if all(word in conversation.title.casefold() for word in wanted):
                found.setdefault(conversation.id, Found(conversation, ""))
        ordered = sorted(found.values(), key=lambda each: each.conversation.changed, reverse=True)
        return ordered[:limit]


def _message(row: Any) -> StoredMessage:
    fields = dict(row)
    return StoredMessage(**{**fields, "details": json.loads(fields["details"])})


def _short(title: str) -> str:
    line = " ".join(title.split())
    return line if len(line) <= _TITLE_LENGTH else line[: _TITLE_LENGTH - 1].rstrip() + "…"
