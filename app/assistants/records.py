"""What is kept of an answer beside its words, so that it can be shown again later."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from app.assistants.events import Claim, Lead, Source, Timings
from app.assistants.tables import Table

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Record:
    """`refused`: nothing relevant was found and `sources` are only the nearest passages. `asked`: the question as it was
    searched for, with what it leans on of the one before.

    `unread`: files that were not wholly read yet when the answer was looked for.
    """

    sources: tuple[Source, ...] = ()
    claims: tuple[Claim, ...] = ()
    refused: bool = False
    model: str = ""
    timings: Timings | None = None
    forgotten: int = 0  # messages of the conversation that no longer fitted into the context
    unread: int = 0
    lead: Lead | None = None
    asked: str = ""
    table: Table | None = None  # what each document answered


@cache
def _adapter() -> "TypeAdapter[Record]":
    """Made when first needed: importing pydantic would delay the window."""
    from pydantic import TypeAdapter

    return TypeAdapter(Record)


def write_record(record: Record) -> dict[str, Any]:
    """As JSON types, for `Conversations.save_answer`."""
    return dict(_adapter().dump_python(record, mode="json"))


def read_record(details: Mapping[str, Any]) -> Record:
    """The record of a stored message; empty when it holds none (an older or interrupted answer)."""
    try:
        return _adapter().validate_python(dict(details)) if details else Record()
    except ValueError:  # pydantic's own error is one
        return Record()
