"""Tables of what documents answer, as they are shown and kept."""

from dataclasses import dataclass

from app.assistants.events import Source


@dataclass(frozen=True)
class Row:
    """What one document answers.

    `source.quote` is the sentence (or table row) that says so, word for word; `answer` are the telling words of it, `start`
    and `end` their offsets in the text of `source.place`. `confidence`: 0…1. `value`: what was compared, in one notation
    (see `Value.shown`), and `order` what it is sorted by; both empty where the answer is no date, amount or number.
    """

    source: Source
    answer: str
    start: int
    end: int
    confidence: float
    value: str = ""
    order: float | None = None


@dataclass(frozen=True)
class Table:
    """Answers of many documents to one question.

    `asked`: what each was asked, `condition`: the words of the question that chose among the answers ("in 2026"), or "".
    `rows` meet it; of `unsure` that cannot be told. `outside` documents answer, but do not meet it; `without` do not answer.
    They are among `documents` that were asked, of `total`; `unread` more are not wholly read yet. `unapplied`: the question
    names conditions that could not be applied, so each document was asked it as it stands.
    """

    asked: str
    condition: str = ""
    rows: tuple[Row, ...] = ()
    unsure: tuple[Row, ...] = ()
    outside: int = 0
    without: int = 0
    documents: int = 0
    total: int = 0
    unread: int = 0
    seconds: float = 0.0
    unapplied: bool = False
