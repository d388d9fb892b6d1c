"""What the person thinks of answers: whether they are good, what would have been right, and a remark.

A rating takes a copy of what its answer was made of, so it stays a whole example when the answer is written again. It goes
with its conversation: who deletes one wants nothing of it left behind. What was exported is the person's own file.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.base.errors import AppError
from app.storage.database import Database

Verdict = Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of the conversation before the question."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Rating:
    """`message` is the id of the answer, None once another one took its place.

    `correction`: what would have been right, "" when the person did not say. `details` as in `StoredMessage`; `history`:
    what was said before the question, oldest first. `changed` in seconds (Unix).
    """

    conversation: int
    message: int | None
    verdict: Verdict
    correction: str
    remark: str
    question: str
    answer: str
    details: Mapping[str, Any]
    history: tuple[Said, ...]
    changed: float


class Feedback:
    """Reads and writes ratings in `user.db`. Every change is on disk when the call returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rate(self, message_id: int, verdict: Verdict, correction: str = "", remark: str = "") -> Rating:
        """Rate a finished answer, in place of what was said of it before.

        Raises `AppError` when it is gone, or was never finished.
        """
        with self._database.transaction() as db:
            answer = db.execute(
                "SELECT * FROM messages WHERE id = ? AND role = 'assistant' AND state IN ('complete', 'refused')",
                (message_id,),
            ).fetchone()
            before = [] if answer is None else _before(db, answer)
            if not before or before[-1].role != "user":
                raise AppError(
                    "This answer cannot be rated: it was not finished, or is no longer there.",
                    "Ask the question again.",
                )
            history = json.dumps([[each.role, each.text] for each in before[:-1]], ensure_ascii=False)
            row = db.execute(
                "INSERT INTO feedback (conversation_id, message_id, verdict, correction, remark, question, answer,"
                " details, history, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (message_id) DO UPDATE SET verdict = excluded.verdict,"
                " correction = excluded.correction, remark = excluded.remark, changed = excluded.changed RETURNING *",
                (
                    answer["conversation_id"], message_id, verdict, correction.strip(), remark.strip(),
                    before[-1].text, answer["text"], answer["details"], history, time.time(),
                ),
            ).fetchone()  # fmt: skip
        return _rating(row)

    def withdraw(self, message_id: int) -> None:
        """Take back what was said of an answer."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM feedback WHERE message_id = ?", (message_id,))

    def of_conversation(self, conversation_id: int) -> dict[int, Rating]:
        """The ratings of the answers that are still in it, by the id of the answer."""
        rows = self._database.rows(
            "SELECT * FROM feedback WHERE conversation_id = ? AND message_id IS NOT NULL", (conversation_id,)
        )
        return {row["message_id"]: _rating(row) for row in rows}

    def all(self) -> list[Rating]:
        """Oldest first."""
        return [_rating(row) for row in self._database.rows("SELECT * FROM feedback ORDER BY id")]

    def count(self) -> tuple[int, int]:
        """How many ratings there are, and how many of them say what a right answer is: good ones and corrected ones."""
        row = self._database.rows(
            "SELECT count(*), count(CASE WHEN verdict = 'good' OR correction <> '' THEN 1 END) FROM feedback"
        )[0]
        return int(row[0]), int(row[1])

    def clear(self) -> list[Rating]:
        """Delete all; returns them, for `put_back`."""
        with self._database.transaction() as db:
            rows = db.execute("SELECT * FROM feedback ORDER BY id").fetchall()
            db.execute("DELETE FROM feedback")
        return [_rating(row) for row in rows]

    def put_back(self, ratings: Iterable[Rating]) -> None:
        """Undo `clear`. What was rated anew since stays so, and what was deleted with its conversation too."""
        with self._database.transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO feedback (conversation_id, message_id, verdict, correction, remark, question,"
                " answer, details, history, changed)"
                " SELECT c.id, (SELECT m.id FROM messages m WHERE m.id = ?2 AND m.conversation_id = c.id),"
                " ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM conversations c WHERE c.id = ?1",
                [_row(each) for each in ratings],
            )


def _before(db: Any, answer: Any) -> list[Said]:
    rows = db.execute(
        "SELECT role, text FROM messages WHERE conversation_id = ? AND id < ? ORDER BY id",
        (answer["conversation_id"], answer["id"]),
    )
    return [Said(row["role"], row["text"]) for row in rows]


def _rating(row: Any) -> Rating:
    fields = dict(row)
    del fields["id"]
    return Rating(
        conversation=fields.pop("conversation_id"),
        message=fields.pop("message_id"),
        details=json.loads(fields.pop("details")),
        history=tuple(Said(*each) for each in json.loads(fields.pop("history"))),
        **fields,
    )


def _row(rating: Rating) -> tuple[object, ...]:
    return (
        rating.conversation, rating.message, rating.verdict, rating.correction, rating.remark, rating.question,
        rating.answer, json.dumps(rating.details, ensure_ascii=False),
        json.dumps([[each.role, each.text] for each in rating.history], ensure_ascii=False), rating.changed,
    )  # fmt: skip
