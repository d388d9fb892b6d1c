"""What the person thinks of answers: whether they are good, what would have been right, and a remark.

A rating takes a copy of what its answer was made of, so it stays a whole example when the answer is written again. It goes
with its conversation: who deletes one wants nothing of it left behind. What was exported is the person's own file.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from app.base.errors import AppError
from app.storage.database import Database

Verdict = Literal["good", "bad"]
Words = tuple[str, str]
"""A correction and a remark."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of the conversation before the question."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Rating:
    """`message` is the id of the answer, None once another one took its place.

    `correction`: what would have been right, "" when the person did not say. `details` as in `StoredMessage`; `history`:
    what was said before the question, oldest first. `changed` in seconds (Unix). `draft`: words that were typed and not
    saved; they say nothing about the answer yet.
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
    draft: Words | None = None


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

    def keep_draft(self, message_id: int, draft: Words | None) -> None:
        """Keep what was typed about a rated answer and is not saved yet; None when it is, or was thrown away.

        It stays with the rating when the answer is written again. Nothing happens when the answer is not rated.
        """
        with self._database.transaction() as db:
            if draft is None:
                db.execute(
                    "UPDATE feedback SET details = json_remove(details, ?) WHERE message_id = ?",
                    (f"$.{_DRAFT}", message_id),
                )
            else:
                db.execute(
                    "UPDATE feedback SET details = json_set(details, ?, json_array(?, ?)) WHERE message_id = ?",
                    (f"$.{_DRAFT}", *draft, message_id),
                )

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

    def of_earlier(self, conversation_id: int) -> dict[int, Rating]:
        """The newest rating of a version that was written again, by the id of the answer that stands in its place now."""
        rows = self._database.rows(
            "SELECT * FROM feedback WHERE conversation_id = ? AND message_id IS NULL ORDER BY id",
            (conversation_id,),
        )
        if not rows:
            return {}
        # writing again leaves what comes before the question as it is
        earlier = {(each.question, len(each.history)): each for each in map(_rating, rows)}
        messages = self._database.rows(
            "SELECT id, role, text FROM messages WHERE conversation_id = ? ORDER BY id", (conversation_id,)
        )
        turns = enumerate(pairwise(messages))
        found = {
            answer["id"]: earlier.get((question["text"], before))
            for before, (question, answer) in turns
            if question["role"] == "user" and answer["role"] == "assistant"
        }
        return {number: rating for number, rating in found.items() if rating is not None}

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


# The table has no column for it, and it has to go where the rating goes. Records know no such name.
_DRAFT = "draft"


def _before(db: Any, answer: Any) -> list[Said]:
    rows = db.execute(
        "SELECT role, text FROM messages WHERE conversation_id = ? AND id < ? ORDER BY id",
        (answer["conversation_id"], answer["id"]),
    )
    return [Said(row["role"], row["text"]) for row in rows]


def _rating(row: Any) -> Rating:
    fields = dict(row)
    del fields["id"]
    details = json.loads(fields.pop("details"))
    draft = details.pop(_DRAFT, None)
    return Rating(
        conversation=fields.pop("conversation_id"),
        message=fields.pop("message_id"),
        details=details,
        history=tuple(Said(*each) for each in json.loads(fields.pop("history"))),
        draft=None if draft is None else (draft[0], draft[1]),
        **fields,
    )


def _row(rating: Rating) -> tuple[object, ...]:
    details = dict(rating.details)
    if rating.draft is not None:
        details[_DRAFT] = rating.draft
    return (
        rating.conversation, rating.message, rating.verdict, rating.correction, rating.remark, rating.question,
        rating.answer, json.dumps(details, ensure_ascii=False),
        json.dumps([[each.role, each.text] for each in rating.history], ensure_ascii=False), rating.changed,
    )  # fmt: skip
