"""One question put to every document by itself: the best passages of each, and what answers there.

No search for each document: the question is embedded once, its words are looked up once, and a document's passages are
ranked by the vectors that are stored.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from app.base.jobs import CancelToken
from app.documents.cells import cell_range
from app.documents.document import Place
from app.retrieval.answerability import Judge, Judged
from app.retrieval.each_protocol import AskEach, EachEnded, EachMark, EachRead
from app.retrieval.evidence import WeighedSentences, Window
from app.retrieval.live_vectors import ModelChanged
from app.retrieval.pacing import Pace
from app.retrieval.protocol import Hit, Marked
from app.retrieval.readers.span_reader import ReadSpan, confidence
from app.retrieval.scope import ScopedFile, Scopes
from app.retrieval.serving import Serving
from app.retrieval.stored_vectors import Ids, Vectors, fits, unpacked
from app.storage.database import Database
from app.storage.fulltext import any_word

_PASSAGES = 3  # of each document are read: what a reader takes its time for
# The weight of the words a passage shares with the question, beside its cosine; as in evidence.py.
_WORD_WEIGHT = 0.5
_FREQUENT = 100_000  # passages: a word that stands in more tells hardly anything
_LIKELY = (
    512  # passages nearest of all, whose documents are asked first: a pass that is stopped has the best of it
)


@dataclass(frozen=True, slots=True)
class _Question:
    """`vector` in the space of `serving`; `words`: how much each tells (0…1, all together 1), and the passages that hold it."""

    serving: Serving
    vector: Vectors
    words: tuple[tuple[float, Ids], ...]


class EachDocument:
    """Answers `AskEach` requests. Safe to use from several threads."""

    def __init__(
        self, database: Database, serving: Callable[[CancelToken], Serving], judge: Judge, pace: Pace
    ) -> None:
        """`serving`: the embedding model at work now; it may change in the middle of a pass."""
        self._database = database
        self._serving = serving
        self._judge = judge
        self._pace = pace
        self._scopes = Scopes(database)

    def ask(self, request: AskEach, coming: int, cancel: CancelToken) -> Iterator[EachRead | EachEnded]:
        """One reply for each document with text that was read by now, the likeliest first. `coming`: files that the index
        does not hold yet. Raises `Cancelled`."""
        allowed = self._scopes.allowed(request.folders, request.limits)
        question, files = self._begun(request, allowed, cancel)
        for done, file in enumerate(files, start=1):
            cancel.raise_if_cancelled()
            started = time.perf_counter()
            if self._serving(cancel) is not question.serving:
                question = self._understood(request.question, allowed, cancel)
            yield self._read(request, question, file, done, len(files))
            self._pace.breathe(time.perf_counter() - started, cancel)
        yield EachEnded(len(files), self._scopes.unread(request.folders, request.limits) + coming)

    def _begun(
        self, request: AskEach, allowed: Ids | None, cancel: CancelToken
    ) -> tuple[_Question, list[ScopedFile]]:
        """Begins again when the model changes just then: the vectors are another one's by now."""
        found = self._scopes.files(request.folders, request.limits)
        while True:
            cancel.raise_if_cancelled()
            with suppress(ModelChanged):
                question = self._understood(request.question, allowed, cancel)
                return question, self._likeliest_first(found, question, allowed)

    def _understood(self, question: str, allowed: Ids | None, cancel: CancelToken) -> _Question:
        serving = self._serving(cancel)
        passages = self._scopes.passages() if allowed is None else len(allowed)
        found = [
            ids
            for word in filter(None, any_word(question).split(" OR "))
            if len(ids := self._holding(word)) <= _FREQUENT
        ]
        weights = [math.log(1 + passages / (1 + len(each))) for each in found]
        total = sum(weights) or 1.0
        vector = serving.embedder.embed_query(question)
        return _Question(
            serving, vector, tuple((weight / total, ids) for weight, ids in zip(weights, found, strict=True))
        )

    def _holding(self, word: str) -> Ids:
        rows = self._database.rows(
            "SELECT rowid FROM passages_text WHERE passages_text MATCH ? LIMIT ?", (word, _FREQUENT + 1)
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))

    def _likeliest_first(
        self, files: Sequence[ScopedFile], question: _Question, allowed: Ids | None
    ) -> list[ScopedFile]:
        ids, _ = question.serving.vectors.nearest(question.vector, _LIKELY, allowed)
        marks = ",".join("?" * len(ids))
        owners = {
            row[0]: row[1]
            for row in self._database.rows(
                f"SELECT id, file_id FROM passages WHERE id IN ({marks})",  # noqa: S608
                ids.tolist(),
            )
        }
        ranks: dict[int, int] = {}
        for rank, number in enumerate(ids.tolist()):
            ranks.setdefault(owners.get(number, -1), rank)
        return sorted(files, key=lambda file: ranks.get(file.id, _LIKELY))

    def _read(
        self, request: AskEach, question: _Question, file: ScopedFile, done: int, total: int
    ) -> EachRead:
        serving = question.serving
        found = self._best_of(file, question)
        if not found:  # it was read anew just now
            return EachRead(file.path, done, total)
        sentences = WeighedSentences(
            request.question, question.vector, [hit for hit, _ in found], serving.embedder, serving.scale
        )
        hits = sentences.telling()
        similarity = max(sentences.strongest, *(serving.scale.as_starter(hit.similarity) for hit in hits))
        judged, spans = self._judged(request, hits, sentences.windows(), similarity)
        judged = judged.saying(sentences.whole, request.question, hits)
        marks = _marks(hits, spans)
        if sentences.whole is not None and judged.marked is not None:
            marks = [judged.marked]
        elif judged.marked is not None:  # which weighs how near the passages are
            first = judged.marked.hit
            marks.sort(key=lambda mark: mark.hit != first)
        with_cells = (
            EachMark(
                _with_cells(hits[mark.hit], found[mark.hit][1], mark), mark.start, mark.end, mark.confidence
            )
            for mark in marks
        )
        return EachRead(
            file.path, done, total, tuple(with_cells), round(judged.answerability, 4), judged.suffices(request.caution)
        )  # fmt: skip

    def _judged(
        self, request: AskEach, hits: Sequence[Hit], windows: Sequence[Window], similarity: float
    ) -> tuple[Judged, Sequence[ReadSpan]]:
        """The first way of asking that is answered, or else the one that is answered best."""
        best: tuple[Judged, Sequence[ReadSpan]] | None = None
        for asked in (request.question, *request.otherwise):
            read = self._judge.read(asked, hits, windows)
            spans = read.spans
            judged = self._judge.judged(asked, hits, similarity, read)
            if best is None or judged.answerability > best[0].answerability:
                best = judged, spans
            if judged.suffices(request.caution) or not spans:  # without a reader the words hardly matter
                break
        assert best is not None
        return best

    def _best_of(self, file: ScopedFile, question: _Question) -> list[tuple[Hit, str]]:
        """The passages of a file that bear most on the question, best first, each with the rows of its sheet as JSON."""
        rows = self._database.rows(
            """SELECT p.id, v.vector FROM passages p LEFT JOIN vectors v ON v.passage_id = p.id
               WHERE p.file_id = ? ORDER BY p.id""",
            (file.id,),
        )
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        size = len(question.vector)
        cosines = np.zeros(len(rows), dtype=np.float32)
        embedded = [at for at, row in enumerate(rows) if row[1] is not None and fits(row[1], size)]
        if embedded:
            cosines[embedded] = unpacked([rows[at][1] for at in embedded], size) @ question.vector
        shared = np.zeros(len(rows), dtype=np.float32)
        for weight, holding in question.words:
            shared += weight * np.isin(ids, holding, assume_unique=True)
        scores = cosines + _WORD_WEIGHT * shared
        best = np.argsort(-scores, kind="stable")[:_PASSAGES]
        found = (self._hit(int(ids[at]), float(scores[at]), float(cosines[at])) for at in best)
        return [each for each in found if each is not None]

    def _hit(self, passage: int, score: float, similarity: float) -> tuple[Hit, str] | None:
        rows = self._database.rows(
            """SELECT p.start, p.end, p.heading, f.path, t.kind, t.number, t.label, t.quality, t.rows,
                      substr(t.text, p.start + 1, p.end - p.start) AS text
               FROM passages p JOIN files f ON f.id = p.file_id JOIN places t ON t.id = p.place_id WHERE p.id = ?""",
            (passage,),
        )
        if not rows:
            return None
        row = rows[0]
        hit = Hit(
            row["path"], Place(row["kind"], row["number"], row["label"]), row["heading"], row["text"], row["start"],
            row["end"], round(score, 4), round(similarity, 4), quality=round(row["quality"], 2),
        )  # fmt: skip
        return hit, row["rows"]


def _marks(hits: Sequence[Hit], spans: Sequence[ReadSpan]) -> list[Marked]:
    """What the reader marked, surest first; without a reader the sentences that bear most on the question."""
    read = [
        Marked(number, span.start, span.end, round(confidence(span), 4))
        for number, span in enumerate(spans[: len(hits)])
        if span.end > span.start
    ]
    if read:
        return sorted(read, key=lambda mark: -mark.confidence)
    return [
        Marked(number, each.start, each.end, 0.0)
        for number, hit in enumerate(hits)
        for each in hit.evidence[:1]
    ]


def _with_cells(hit: Hit, rows: str, mark: Marked) -> Hit:
    if not rows:
        return hit
    return replace(hit, cells=cell_range(json.loads(rows), hit.start + mark.start, hit.start + mark.end))
