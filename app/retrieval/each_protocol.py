"""What the front and the retrieval worker say to each other when one question is put to every document.

No slots, as in protocol.py.
"""

from dataclasses import dataclass

from app.base.settings import CAUTION
from app.retrieval.protocol import NO_LIMITS, FileLimits, Hit


@dataclass(frozen=True)
class AskEach:
    """Put one question to every document by itself. Answered by an `EachRead` for each and one `EachEnded`.

    `otherwise`: other ways to ask it, for documents that do not answer the first. `folders` and `limits` as in `Search`.
    `caution`: how sure the answer of a document must be for it to be `answered`.
    """

    question: str
    otherwise: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    limits: FileLimits = NO_LIMITS
    caution: int = CAUTION


@dataclass(frozen=True)
class EachMark:
    """Words of a document that answer: `hit.text[start:end]`; `hit.cells` are theirs. `confidence`: 0 without a reader."""

    hit: Hit
    start: int
    end: int
    confidence: float = 0.0


@dataclass(frozen=True)
class EachRead:
    """What document number `done` (from 1) of `total` answers. `marks`: the likeliest first, also of one not `answered`.

    `answerability` as in `SearchResult`; `answered`: it suffices for the caution asked for.
    """

    file: str
    done: int
    total: int
    marks: tuple[EachMark, ...] = ()
    answerability: float = 0.0
    answered: bool = False


@dataclass(frozen=True)
class EachEnded:
    """`documents` were asked; `unread` files are known and not wholly read yet."""

    documents: int
    unread: int
