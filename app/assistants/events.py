"""What the use cases tell their front end while they work: pure values, in the order they happen."""

from dataclasses import dataclass
from typing import Literal

from app.documents.document import Place
from app.engine.protocol import PromptProgress
from app.retrieval.protocol import IndexProgress

DOUBTFUL_QUALITY = 0.6


@dataclass(frozen=True)
class Source:
    """A place in a document that bears on the question.

    `number` is what the answer's marks [1], [2]… refer to. `quote` is word for word what the document
    says; `start` and `end` are its offsets in the text of `place`. `passage` is the text around it, from `passage_start`
    on in the text of `place`. `cells` and `quality` as in `Hit`.
    """

    number: int
    file: str
    place: Place
    heading: str
    quote: str
    start: int
    end: int
    score: float
    passage: str
    cells: str = ""
    quality: float = 1.0
    passage_start: int = 0

    @property
    def is_doubtful(self) -> bool:
        """Whether it was recognised from a scan so badly that words may be wrong."""
        return self.quality < DOUBTFUL_QUALITY

    @property
    def page(self) -> int | None:
        """Page or slide number, for formats that have them."""
        return self.place.number if self.place.kind in ("page", "slide") else None


@dataclass(frozen=True)
class Quote:
    """Words of a document that say what a sentence of the answer says: `start` and `end` are offsets in the text of the
    place of source number `source`."""

    source: int
    start: int
    end: int


_AS_LIKELY = 0.5
"""Were as many questions answered in the documents as not, an answer below that would be wrong more often than right."""


@dataclass(frozen=True)
class Lead:
    """The exact answer, word for word out of a source: what stands above the sentences of the language model.

    `start` and `end` are offsets in the text of the place of source number `source`; `confidence`, 0…1: how likely the
    question is answered at all.
    """

    text: str
    source: int
    start: int
    end: int
    confidence: float

    @property
    def sure(self) -> bool:
        return self.confidence >= _AS_LIKELY


@dataclass(frozen=True)
class Claim:
    """A sentence of the answer, by its offsets in the answer's text, and the sources that support it.

    `supported` is false when no source says it: the front end marks such a sentence. `quotes`: where the sources say it.
    `missing`: numbers, dates and names of the sentence that do not stand in them.
    """

    start: int
    end: int
    sources: tuple[int, ...]
    supported: bool
    quotes: tuple[Quote, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timings:
    """Seconds since the question was asked, and the speed of writing."""

    search_s: float
    first_token_s: float
    total_s: float
    tokens: int
    tokens_per_s: float
    prompt_tokens: int
    reused_tokens: int


@dataclass(frozen=True)
class Indexing:
    """Changed documents are being read before the search."""

    progress: IndexProgress


@dataclass(frozen=True)
class Notice:
    """Something the person should know that does not stop the work: one or two plain sentences."""

    text: str


@dataclass(frozen=True)
class SourcesFound:
    """The best passages, shown before the first word of the answer. `unread`: files not wholly read yet."""

    sources: tuple[Source, ...]
    unread: int = 0
    lead: Lead | None = None


@dataclass(frozen=True)
class NotInDocuments:
    """Nothing relevant was found, so nothing was generated; `nearest` are the closest passages."""

    nearest: tuple[Source, ...]
    text: str
    timings: Timings
    unread: int = 0


@dataclass(frozen=True)
class Reading:
    """The model is reading the prompt."""

    progress: PromptProgress


@dataclass(frozen=True)
class TokenAdded:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class Revising:
    """These sentences of the answer do not stand in the documents: the model is asked once more."""

    sentences: tuple[str, ...]


@dataclass(frozen=True)
class AnswerRevised:
    """What was written so far is replaced by `text`, which says more of what the documents say."""

    text: str


@dataclass(frozen=True)
class AnswerFinished:
    """The answer as it was saved. `state` "stopped": the person stopped it, what was there is kept.

    `sources` are those of `SourcesFound` and, after a document was read whole, further ones that are cited. `forgotten`:
    messages of the conversation, the oldest, that no longer fitted into the context.
    """

    text: str
    state: Literal["complete", "stopped"]
    sources: tuple[Source, ...]
    claims: tuple[Claim, ...]
    model: str
    timings: Timings
    message_id: int | None
    unread: int = 0
    lead: Lead | None = None
    forgotten: int = 0


Event = (
    Indexing
    | Notice
    | SourcesFound
    | NotInDocuments
    | Reading
    | TokenAdded
    | Revising
    | AnswerRevised
    | AnswerFinished
)
