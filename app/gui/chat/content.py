"""A conversation as the transcript shows it: turns of one question and its answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.assistants.events import Claim, Lead, Source, Timings
from app.assistants.records import read_record
from app.assistants.tables import Table
from app.storage.conversations import MessageState, StoredMessage


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no longer being written. `sources` of a refused one are the nearest passages."""

    text: str
    state: MessageState
    sources: tuple[Source, ...] = ()
    claims: tuple[Claim, ...] = ()
    model: str = ""
    timings: Timings | None = None
    forgotten: int = 0
    unread: int = 0  # files that were not wholly read yet
    message_id: int | None = None  # once it is saved for good
    lead: Lead | None = None
    table: Table | None = None  # what each document answered


@dataclass(frozen=True, slots=True)
class Turn:
    """`question_id` is what answering again starts from. `answer` None: stopped before it began."""

    question: str
    question_id: int | None
    answer: Answer | None = None


def turns_of(messages: Iterable[StoredMessage]) -> list[Turn]:
    """Pair each question with the answer that follows it."""
    turns: list[Turn] = []
    for message in messages:
        if message.role == "user":
            turns.append(Turn(message.text, message.id))
        elif turns:
            last = turns.pop()
            turns.append(Turn(last.question, last.question_id, _answer(message)))
    return turns


def _answer(message: StoredMessage) -> Answer:
    record = read_record(message.details)
    return Answer(
        text=message.text,
        state=message.state,
        sources=record.sources,
        claims=record.claims,
        model=record.model,
        timings=record.timings,
        forgotten=record.forgotten,
        unread=record.unread,
        message_id=message.id,
        lead=record.lead,
        table=record.table,
    )
