"""What asking each document tells while it goes on: pure values."""

from dataclasses import dataclass
from typing import Literal

from app.assistants.events import Indexing, Notice
from app.assistants.tables import Row, Table


@dataclass(frozen=True)
class Asking:
    """`done` of `total` documents have been asked, `file` last; `total` 0: they are being looked for.

    `asked` and `condition` as in `Table`.
    """

    done: int
    total: int
    file: str
    asked: str = ""
    condition: str = ""
    seconds_left: float | None = None


@dataclass(frozen=True)
class RowFound:
    """In the order in which documents are asked, the likeliest first. `sure` False: whether it meets the condition is unknown."""

    row: Row
    sure: bool = True


@dataclass(frozen=True)
class EachFinished:
    """The table as it was saved, sorted. `state` "stopped": the person stopped it, what was found is kept.

    `text` says it in words: a sentence, then a line for each of the first rows.
    """

    table: Table
    text: str
    state: Literal["complete", "stopped"]
    message_id: int | None = None


EachEvent = Indexing | Notice | Asking | RowFound | EachFinished
