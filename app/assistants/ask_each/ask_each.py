"""Ask every document by itself and make a table of what they answer. No language model is needed."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.assistants.ask_each.choosing import row_of
from app.assistants.ask_each.condition import EachQuestion, understand
from app.assistants.ask_each.events import Asking, EachEvent, EachFinished, RowFound
from app.assistants.ask_each.saving import SavedTable
from app.assistants.ask_each.wording import as_text
from app.assistants.questions import check_question
from app.assistants.refreshing import refresh_documents
from app.assistants.tables import Row, Table
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.settings import CAUTION
from app.retrieval.client import Library
from app.retrieval.each_protocol import EachEnded, EachRead
from app.retrieval.protocol import NO_LIMITS, FileLimits
from app.storage.conversations import Conversations, MessageState

_TELLING = 10  # documents after which it can be told how long the others take
_PATIENCE_S = 20.0  # for reading what is new, as for other questions


def ask_each(
    question: str,
    *,
    folders: Sequence[str],
    library: Library,
    cancel: CancelToken,
    caution: int = CAUTION,
    limits: FileLimits = NO_LIMITS,
    conversation: int | None = None,
    conversations: Conversations | None = None,
    instead_of: int | None = None,
    refresh: bool = True,
    today: date | None = None,
) -> Iterator[EachEvent]:
    """Put `question` to each document below `folders` and within `limits`; ends with `EachFinished`.

    A document is a row when it answers surely enough for `caution` (0…4) and meets the condition of the question, if
    there is one. With a `conversation` question and table are saved there while the table grows; `instead_of` as in `ask`.
    Raises `AppError` and, before the first document, `Cancelled`; a later stop ends with the rows there are.
    """
    started = time.monotonic()
    check_question(question)
    saved = SavedTable(question, conversations, conversation, instead_of)
    if instead_of is None:
        saved.save_question()
    growing = GrowingTable(understand(question, today), started)
    yield growing.asking()
    trouble = (
        (yield from refresh_documents(library, folders, cancel, patience_s=_PATIENCE_S)) if refresh else None
    )
    replies = library.ask_each(
        growing.question.asked,
        cancel,
        otherwise=growing.question.otherwise,
        folders=folders,
        limits=limits,
        caution=caution,
    )
    state: MessageState = "failed"
    try:
        with library.held():
            yield from _followed(replies, growing, saved)
        state = "complete"
    except (Cancelled, GeneratorExit) as stop:
        state = "stopped"
        if isinstance(stop, GeneratorExit) or not growing.documents:
            raise
    finally:
        table = growing.table()
        if growing.documents:
            saved.save(table, state)
    if not growing.documents:
        raise trouble or AppError(
            "There is no readable text in these documents yet.",
            "Add documents, or look in the library why they could not be read.",
        )
    yield EachFinished(
        table, as_text(table), "stopped" if state == "stopped" else "complete", saved.message_id
    )


@dataclass(slots=True)
class GrowingTable:
    """What the documents asked so far answered. `started`: monotonic seconds."""

    question: EachQuestion
    started: float
    rows: list[Row] = field(default_factory=list)
    unsure: list[Row] = field(default_factory=list)
    outside: int = 0
    without: int = 0
    documents: int = 0
    total: int = 0
    unread: int = 0
    first: float | None = None  # when the first document had been asked, monotonic seconds

    @property
    def condition(self) -> str:
        return self.question.condition.words if self.question.condition else ""

    def asking(self, file: str = "") -> Asking:
        left = None
        if self.documents >= _TELLING and self.first is not None:
            left = (time.monotonic() - self.first) / (self.documents - 1) * (self.total - self.documents)
        return Asking(self.documents, self.total, file, self.question.asked, self.condition, left)

    def take(self, read: EachRead) -> RowFound | None:
        """The row of the next document, if it gives one."""
        self.documents, self.total = read.done, read.total
        self.first = self.first or time.monotonic()
        row, verdict = row_of(read, self.question)
        if row is None:
            self.outside += verdict == "outside"
            self.without += verdict == "without"
            return None
        (self.rows if verdict == "row" else self.unsure).append(row)
        return RowFound(row, verdict == "row")

    def table(self) -> Table:
        """Rows by value where values were compared, else the surest first."""
        compared = self.question.condition is not None
        return Table(
            self.question.asked,
            self.condition,
            tuple(sorted(self.rows, key=_by_value if compared else _by_confidence)),
            tuple(sorted(self.unsure, key=_by_confidence)),
            self.outside,
            self.without,
            self.documents,
            self.total,
            self.unread,
            round(time.monotonic() - self.started, 3),
            self.question.unapplied,
        )


def _followed(
    replies: Iterator[EachRead | EachEnded], growing: GrowingTable, saved: SavedTable
) -> Iterator[Asking | RowFound]:
    for reply in replies:
        if isinstance(reply, EachEnded):
            growing.unread = reply.unread
            continue
        saved.begin()
        found = growing.take(reply)
        yield growing.asking(reply.file)
        if found is not None:
            yield found
        if saved.due:
            saved.save(growing.table())


def _by_value(row: Row) -> tuple[float, float]:
    return (math.inf if row.order is None else row.order, -row.confidence)


def _by_confidence(row: Row) -> float:
    return -row.confidence
