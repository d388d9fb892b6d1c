"""From a question to passages: vectors and full text, fused, without repeats, neighbours merged."""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.documents.cells import cell_range
from app.documents.document import Place
from app.retrieval.answerability import Judge, Reading
from app.retrieval.cosine_scale import STARTER, CosineScale
from app.retrieval.embedding import Embedder
from app.retrieval.evidence import WeighedSentences
from app.retrieval.fusion import Ranking, fuse_scores
from app.retrieval.keyword_search import KeywordSearch
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import Hit, Marked, Search, SearchResult
from app.retrieval.reranking import MOST, best_first
from app.retrieval.scope import Scopes
from app.retrieval.stored_vectors import Ids, Vectors, vectors_of
from app.storage.database import Database

_CANDIDATES = 48
# Passages that say the same thing (a copied file, a repeated notice) count once.
_SAME_COSINE = 0.97
_APART = 40  # characters at most between passages that follow one another
_EMPTY = np.empty(0, np.float32)
# Evidence is picked from this many of the best passages; each costs about ten sentence embeddings.
_WITH_EVIDENCE = 5

Rerank = Callable[[str, Sequence[str]], list[float]]


@dataclass(slots=True)
class _Candidate:
    id: int
    place_id: int
    file: str
    place: Place
    quality: float
    heading: str
    start: int
    end: int
    text_on: str  # from `start` to `_APART` characters behind `end`, for the passage that follows
    score: float
    similarity: float

    @property
    def text(self) -> str:
        return self.text_on[: self.end - self.start]


class Searcher:
    """Answers `Search` requests. Safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        vectors: LiveVectors | None,
        embedder: Embedder | None,
        scale: CosineScale = STARTER,
        rerank: Rerank | None = None,
        judge: Judge | None = None,
    ) -> None:
        """`scale`: of the embedder's cosines. `rerank`: scores of the first texts for a question (reranking.py). `judge`:
        reads the first hits and tells whether they answer the question; without one, as search alone tells it.

        Without `vectors` and `embedder` passages can be found by their words only ("keyword"), and nothing is told of
        their likeness to the question.
        """
        self._database = database
        self._vectors = vectors
        self._embedder = embedder
        self._scale = scale
        self._rerank = rerank
        self._judge = judge or Judge()
        self._scopes = Scopes(database)
        self._keywords = KeywordSearch(database)

    def search(self, request: Search) -> SearchResult:
        """The best passages for the question, best first; `seconds` is measured here, from end to end.

        Raises `ModelChanged` when the vectors are no longer those of the embedder.
        """
        started = time.perf_counter()
        allowed = self._scopes.allowed(request.folders, request.limits)
        query = _EMPTY if self._embedder is None else self._embedder.embed_query(request.query[:4000])
        candidates = self._load(request, self._scores(request, query, allowed), query)
        if self._vectors is not None:
            self._vectors.follow()  # up to here they belonged to `query`
        if self._rerank is not None and request.mode == "hybrid":
            candidates = self._read_again(request.query, candidates, self._rerank)
        chosen = _merge_neighbours(candidates[: request.k * 2])[: request.k]
        hits = tuple(_hit(each) for each in chosen)
        similarity = self._scale.as_starter(max((hit.similarity for hit in hits), default=0.0))
        read, whole = Reading(), None
        if hits and request.evidence and self._embedder is not None:
            first, others = hits[:_WITH_EVIDENCE], hits[_WITH_EVIDENCE:]
            sentences = WeighedSentences(request.query, query, first, self._embedder, self._scale)
            read = self._judge.read(request.query, first, sentences.windows())
            hits = (*sentences.telling(read.spans), *others)
            similarity = max(similarity, sentences.strongest)
            read, whole = self._judge.read_rows(request.query, hits, read), sentences.whole
        judged = self._judge.judged(request.query, hits, similarity, read)
        judged = judged.saying(whole, request.query, hits)
        answer = judged.marked
        hits = tuple(
            self._with_cells(hit, each, answer if answer is not None and answer.hit == number else None)
            for number, (hit, each) in enumerate(zip(hits, chosen, strict=True))
        )
        # without a model that could tell, words that were found are all there is
        relevant = bool(hits) and (self._embedder is None or judged.suffices(request.caution))
        passages = self._scopes.passages() if allowed is None else len(allowed)
        unread = self._scopes.unread(request.folders, request.limits)
        seconds = time.perf_counter() - started
        return SearchResult(
            hits, relevant, round(similarity, 4), passages, seconds, unread,
            judged.marked, round(judged.answerability, 4),
        )  # fmt: skip

    def _read_again(self, question: str, candidates: list[_Candidate], rerank: Rerank) -> list[_Candidate]:
        texts = [f"{each.heading}\n{each.text}".strip() for each in candidates[:MOST]]
        return [candidates[position] for position in best_first(rerank(question, texts), len(candidates))]

    def _scores(self, request: Search, query: Vectors, allowed: Ids | None) -> dict[int, float]:
        """Ids of the passages worth looking at, best first."""
        depth = _depth(request)
        words: Ranking[int] = Ranking({})
        cosines: Ranking[int] = Ranking({})
        if request.mode != "vector":
            alone = request.mode == "keyword"
            words = self._keywords.ranking(request.query, depth, allowed, alone=alone)
        if request.mode != "keyword" and self._vectors is not None:
            cosines = self._cosines(self._vectors, query, depth, words.scores, allowed)
        # either may be empty: no word is found, or no vector is there yet
        return fuse_scores(
            [*words.scores, *cosines.scores], [each for each in (words, cosines) if each.scores]
        )

    def _cosines(
        self, index: LiveVectors, query: Vectors, depth: int, others: Iterable[int], allowed: Ids | None
    ) -> Ranking[int]:
        """Of the `depth` nearest passages, and of `others`; the floor is the last of the nearest."""
        ids, found = index.nearest(query, depth, allowed)
        near = dict(zip(ids.tolist(), found.tolist(), strict=True))
        floor = min(near.values(), default=0.0)
        missing = [number for number in others if number not in near]
        vectors = vectors_of(self._database, missing, len(query))
        cosines = near | {number: float(vector @ query) for number, vector in vectors.items()}
        return Ranking(cosines, floor, absent=floor)  # absent: its vector is yet to come

    def _load(self, request: Search, scores: dict[int, float], query: Vectors) -> list[_Candidate]:
        """The passages of the best ranks with their texts, near-copies left out."""
        ids = list(scores)[: _depth(request)]
        marks = ",".join("?" * len(ids))
        rows: dict[int, sqlite3.Row] = {
            row["id"]: row
            for row in self._database.rows(
                f"""SELECT p.id, p.place_id, p.start, p.end, p.heading, p.digest, f.path, f.container, t.kind, t.number, t.label,
                        t.quality, substr(t.text, p.start + 1, p.end - p.start + {_APART}) AS text_on
                    FROM passages p JOIN files f ON f.id = p.file_id JOIN places t ON t.id = p.place_id
                    WHERE p.id IN ({marks})""",  # noqa: S608
                ids,
            )
        }
        vectors = vectors_of(self._database, list(rows), len(query)) if len(query) else {}
        kept: list[_Candidate] = []
        kept_vectors: list[Vectors] = []
        kept_digests: set[int] = set()
        looked: dict[str, bool] = {}
        for number in ids:
            if number not in rows:
                continue
            row, vector = rows[number], vectors.get(number)
            if row["digest"] in kept_digests:
                continue
            if _is_gone(row["container"] or row["path"], request.folders, looked):
                continue
            kept_digests.update([row["digest"]] if row["digest"] else [])
            if vector is not None:
                if any(float(vector @ other) >= _SAME_COSINE for other in kept_vectors):
                    continue
                kept_vectors.append(vector)
            similarity = 0.0 if vector is None else float(vector @ query)
            place = Place(row["kind"], row["number"], row["label"])
            kept.append(
                _Candidate(
                    number, row["place_id"], row["path"], place, row["quality"], row["heading"],
                    row["start"], row["end"], row["text_on"], scores[number], similarity,
                )
            )  # fmt: skip
        return kept

    def _with_cells(self, hit: Hit, each: _Candidate, answer: Marked | None) -> Hit:
        """Of a sheet: the cells of the evidence, or of the whole passage where none was picked; of the `answer` where it
        stands outside of that, for then it is what is quoted."""
        rows = self._database.rows(
            # the number of a place may be given again, that of a passage never is
            """SELECT t.rows FROM passages p JOIN places t ON t.id = p.place_id
               WHERE p.id = ? AND t.id = ? AND t.rows <> ''""",
            (each.id, each.place_id),
        )
        if not rows:
            return hit
        start, end = (hit.evidence[0].start, hit.evidence[0].end) if hit.evidence else (0, len(hit.text))
        if answer is not None and not start <= answer.start <= answer.end <= end:
            start, end = answer.start, answer.end
        return replace(hit, cells=cell_range(json.loads(rows[0]["rows"]), hit.start + start, hit.start + end))


def _depth(request: Search) -> int:
    """How many candidates there are: two passages may become one hit."""
    return max(_CANDIDATES, 2 * request.k)


def _hit(each: _Candidate) -> Hit:
    return Hit(
        each.file, each.place, each.heading, each.text, each.start, each.end, round(each.score, 6),
        round(each.similarity, 4), quality=round(each.quality, 2),
    )  # fmt: skip


def _merge_neighbours(candidates: list[_Candidate]) -> list[_Candidate]:
    """Passages that follow one another in the same place become one (pairs only, so a hit stays short)."""
    merged: list[_Candidate] = []
    grown: set[int] = set()
    for each in candidates:
        partner = next(
            (
                other
                for other in merged
                if other.place_id == each.place_id
                and other.id not in grown
                and -_APART <= max(other.start, each.start) - min(other.end, each.end) <= _APART
                and other.heading == each.heading
            ),
            None,
        )
        if partner is None:
            merged.append(each)
        else:
            first, second = sorted((partner, each), key=lambda one: (one.start, one.end))
            if second.end > first.end:
                partner.text_on = first.text_on[: second.start - first.start] + second.text_on
            else:
                partner.text_on = first.text_on
            partner.start, partner.end = first.start, max(first.end, second.end)
            partner.similarity = max(partner.similarity, each.similarity)
            grown.add(partner.id)
    return merged


def _is_gone(file: str, folders: Sequence[str], looked: dict[str, bool]) -> bool:
    """Whether it was deleted or moved since it was read. What lies on a drive that is not connected still counts.

    It is connected when the folder of the file is there, or the one of `folders` it lies in. `looked` keeps what was
    found out in this search.
    """
    if file not in looked:
        path = Path(file)
        looked[file] = not os.path.lexists(path) and any(
            each.is_dir() for each in path.parents if each == path.parent or str(each) in folders
        )
    return looked[file]
