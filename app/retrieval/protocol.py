"""What the front and the retrieval worker say to each other.

No slots: they would double the time it takes to make these classes, which the window waits for.
"""

from dataclasses import dataclass
from typing import Literal

from app.base.settings import CAUTION, Schedule
from app.documents.document import Place
from app.models.encoder_files import Kind

SearchMode = Literal["hybrid", "vector", "keyword"]
WaitReason = Literal["", "answer", "paused", "busy", "battery", "hot"]
"""Why reading waits: an answer is being written, the person paused it, other programs need the processor, there is no
mains power (or little charge), the machine is hot."""


@dataclass(frozen=True)
class Rules:
    """What is read at all. `ignore`: patterns in the syntax of .gitignore, relative to each folder."""

    ignore: tuple[str, ...] = ()
    hidden: bool = False
    largest_bytes: int = 200 * 1024 * 1024
    recognise: bool = True  # text in scans and pictures
    archives: bool = True


@dataclass(frozen=True)
class Span:
    """Character offsets, end excluded."""

    start: int
    end: int


@dataclass(frozen=True)
class Hit:
    """A passage that was found.

    `start` and `end` are offsets into the text of `place`; `evidence` are offsets into `text`, best
    sentence first. `score` is the fused rank score (only for ordering), `similarity` the cosine between
    question and passage (-1…1). `cells`: the range of cells in a sheet ("A2:F9"), else "". `quality`: how sure the
    recognition of a scanned page is, 1 for text that was there.
    """

    file: str
    place: Place
    heading: str
    text: str
    start: int
    end: int
    score: float
    similarity: float
    evidence: tuple[Span, ...] = ()
    cells: str = ""
    quality: float = 1.0

    @property
    def page(self) -> int | None:
        """Page or slide number, for formats that have them."""
        return self.place.number if self.place.kind in ("page", "slide") else None


@dataclass(frozen=True)
class Marked:
    """The words that answer the question: `hits[hit].text[start:end]`. `confidence`, 0…1: how likely they do."""

    hit: int
    start: int
    end: int
    confidence: float


# Requests


@dataclass(frozen=True)
class Index:
    """Bring these folders (or files) up to date. Answered by `IndexProgress`… `IndexFinished`.

    `retry` reads files again that could not be read before. `if_free`: when another Alcove is writing or
    reading is paused, do nothing (no `IndexFinished` then) instead of failing. `only`: look at nothing but these paths below `folders`;
    one that is not there any more is forgotten. `schedule`: when the work may go on; "manual": somebody asked and waits.
    """

    folders: tuple[str, ...]
    retry: bool = False
    if_free: bool = False
    only: tuple[str, ...] = ()
    rules: Rules = Rules()
    schedule: Schedule = "always"


@dataclass(frozen=True)
class Forget:
    """Drop everything known about these folders or files. Answered by nothing."""

    folders: tuple[str, ...]


@dataclass(frozen=True)
class FileLimits:
    """Which files a search looks at, besides the folders.

    `types`: endings of file names without the dot, lower case; empty: all. `since` and `until`: when a file was last
    changed, seconds since 1970, both included.
    """

    types: tuple[str, ...] = ()
    since: float | None = None
    until: float | None = None


NO_LIMITS = FileLimits()


@dataclass(frozen=True)
class Search:
    """Answered by `SearchResult`. `folders` limits the search; empty: everything that is indexed.

    `evidence`: also mark what answers the question, and tell whether anything does. `caution`: how sure that must be,
    from 0 (always `relevant`) to 4 (only when sure).
    """

    query: str
    k: int = 8
    mode: SearchMode = "hybrid"
    folders: tuple[str, ...] = ()
    evidence: bool = False
    limits: FileLimits = NO_LIMITS
    caution: int = CAUTION


@dataclass(frozen=True)
class Pause:
    """Reading waits until it is resumed (`on` false), whatever asks for it. Answered by nothing."""

    on: bool


@dataclass(frozen=True)
class Hold:
    """Indexing waits from now on (an answer is being written). Answered by nothing."""


@dataclass(frozen=True)
class Release:
    """Indexing goes on. Answered by nothing."""


@dataclass(frozen=True)
class Check:
    """Compare database and vector index, and mend what can be rebuilt if asked. Answered by `CheckResult`s."""

    repair: bool = False


@dataclass(frozen=True)
class Digest:
    """What a whole document says in a few of its own sentences. Answered by one `Digested`.

    `file`: an indexed file, or else `text`: pasted, cut and embedded now, nothing of it is stored. `sentences`: how
    many to choose, None for as many as suit the length, 0: only the passages are wanted. `per_section` > 0: that many from each section instead.
    """

    file: str = ""
    text: str = ""
    sentences: int | None = None
    per_section: int = 0


@dataclass(frozen=True)
class Compare:
    """How alike each text is to each of its candidates. Answered by one `Compared`.

    `candidates[i]` belong to `texts[i]`.
    """

    texts: tuple[str, ...]
    candidates: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Choose:
    """The models the person wants the library searched with: folders, "" for the starter, no reranker, Alcove's reader.

    Answered by nothing. The stored vectors serve until `Reembed` has made those of another embedder.
    """

    embedder: str = ""
    reranker: str = ""
    reader: str = ""


@dataclass(frozen=True)
class Reembed:
    """Make the vectors of the chosen embedder, and let it serve then. Answered by `ReembedProgress`…, `Reembedded`.

    Where it serves already, that is said at once. It goes on where an earlier one was stopped.
    """

    schedule: Schedule = "always"


@dataclass(frozen=True)
class TryOut:
    """Load the model in `folder` and let it work once. Answered by one `TriedOut`."""

    folder: str
    kind: Kind


# Replies


@dataclass(frozen=True)
class IndexProgress:
    """How far indexing is. `total` counts files to read, 0 while folders are still being listed.

    Stages: files are listed, read (their words can be searched from then on), their passages embedded, pages that are
    pictures recognised. `passages` of `passages_total` are embedded, `pages` of `pages_total` recognised, in this run.
    `removed`: files that are gone and were forgotten; told once, before any is read.
    """

    stage: Literal["listing", "reading", "embedding", "recognising", "waiting"]
    done: int
    total: int
    file: str
    passages: int
    passages_per_s: float
    seconds_left: float | None
    passages_total: int = 0
    pages: int = 0
    pages_total: int = 0
    reason: WaitReason = ""
    removed: int = 0


@dataclass(frozen=True)
class FileFailure:
    file: str
    state: str
    reason: str


@dataclass(frozen=True)
class IndexFinished:
    """What a refresh did, counted in files (`passages`: all that the folders hold now)."""

    seen: int
    indexed: int
    unchanged: int
    removed: int
    failed: int
    passages: int
    seconds: float
    failures: tuple[FileFailure, ...]


@dataclass(frozen=True)
class SearchResult:
    """Hits, best first. `relevant` is false when nothing indexed seems to answer the question.

    `marked`: the words that answer it, as the reader sees it, or the whole sentence that bears on a question whether or which;
    None where evidence was not asked for or nothing answers.
    `answerability`, 0…1: how likely it is answered here at all, as calibrated for the models at work.

    `similarity` is the largest cosine of the question with a passage or, where evidence was asked for,
    with one of its sentences. `passages` counts all that were searched; `unread` the files among them that are known
    and not wholly read yet (their passages are not all embedded, or pages wait to be recognised).
    """

    hits: tuple[Hit, ...]
    relevant: bool
    similarity: float
    passages: int
    seconds: float
    unread: int = 0
    marked: Marked | None = None
    answerability: float = 1.0


@dataclass(frozen=True)
class CheckResult:
    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class DocumentPassage:
    """Passage `number` (from 1) of a document; `start` and `end` are offsets into the text of `place`.

    `section`: the outermost heading that tells parts of the document apart, carried over pages without one; "" before
    the first and where there are none. `heading`: all headings above the passage on its own page.
    """

    number: int
    place: Place
    heading: str
    text: str
    start: int
    end: int
    section: str = ""


@dataclass(frozen=True)
class Extract:
    """A chosen sentence: `text[start:end]` of passage number `passage`. `score`: how central it is, 0…1."""

    passage: int
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Digested:
    """All passages of the document and the sentences chosen from them, both in document order.

    `places` counts the document's pages with text (or what `unit` names: slides, sheets, chapters, sections); `state`
    is the file's `Verdict`. `reason`: why only part was read, or looked at, as sentences for a person; else "".
    """

    title: str
    passages: tuple[DocumentPassage, ...]
    extracts: tuple[Extract, ...]
    places: int
    unit: str
    state: str
    reason: str


@dataclass(frozen=True)
class Compared:
    """Cosines (-1…1): `similarities[i][j]` of text i and its candidate j."""

    similarities: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class ReembedProgress:
    """`done` of `total` passages have a vector of the new model (both 0: not known); `reason`: why it waits now."""

    done: int
    total: int
    passages_per_s: float
    seconds_left: float | None
    reason: WaitReason = ""


@dataclass(frozen=True)
class Reembedded:
    """`serves` False: another model was chosen meanwhile."""

    serves: bool


@dataclass(frozen=True)
class TriedOut:
    """`max_tokens`: of a text that the model looks at. `dimensions` of its vectors; 0 for what makes none."""

    max_tokens: int
    dimensions: int = 0
