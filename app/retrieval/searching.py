"""From a question to passages: vectors and full text, fused, without repeats, neighbours merged."""

import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.documents.document import Place
from app.retrieval.embedding import Embedder, Vectors
from app.retrieval.evidence import relevance, telling_spans
from app.retrieval.fusion import fuse_ranks
from app.retrieval.index_store import generation, read_vectors_of
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import Hit, Search, SearchResult
from app.retrieval.vector_index import Ids
from app.storage.database import Database
from app.storage.fulltext import any_word
from app.storage.passages import within

_CANDIDATES = 48
_SMALL_LIBRARY = 5_000
# As many passages at most may hold all the frequent words of a question for that to tell anything.
_TOGETHER = 4 * _CANDIDATES
# Passages that say the same thing (a copied file, a repeated notice) count once.
_SAME_COSINE = 0.97
# Evidence is picked from this many of the best passages; each costs about ten sentence embeddings.
_WITH_EVIDENCE = 5


@dataclass(slots=True)
class _Candidate:
    id: int
    place_id: int
    file: str
    place: Place
    place_text: str
    heading: str
    start: int
    end: int
    score: float
    similarity: float


class Searcher:
    """Answers `Search` requests. Safe to use from several threads."""

    def __init__(self, database: Database, vectors: LiveVectors, embedder: Embedder) -> None:
        self._database = database
        self._vectors = vectors
        self._embedder = embedder
        self._scope_lock = threading.Lock()
        self._scopes: dict[tuple[str, ...], tuple[str, Ids | None]] = {}

    def search(self, request: Search) -> SearchResult:
        """The best passages for the question, best first; `seconds` is measured here, from end to end."""
        started = time.perf_counter()
        allowed = self._allowed(request.folders)
        query = self._embedder.embed([request.query[:4000]])[0]
        rankings = []
        if request.mode != "keyword":
            rankings.append([int(each) for each in self._vectors.nearest(query, _CANDIDATES, allowed)[0]])
        if request.mode != "vector":
            rankings.append(self._keyword_ranking(request, query, allowed))
        candidates = self._load(fuse_ranks(rankings), query)
        chosen = _merge_neighbours(candidates[: request.k * 2])[: request.k]
        hits = tuple(_hit(each) for each in chosen)
        similarity = max((hit.similarity for hit in hits), default=0.0)
        if hits and request.evidence:
            hits, strongest = telling_spans(request.query, query, hits, self._embedder, _WITH_EVIDENCE)
            similarity = max(similarity, strongest)
        relevant = relevance(request.query, hits, similarity)
        passages = self._count() if allowed is None else len(allowed)
        return SearchResult(hits, relevant, round(similarity, 4), passages, time.perf_counter() - started)

    def _keyword_ranking(self, request: Search, query: Vectors, allowed: Ids | None) -> list[int]:
        words = any_word(request.query)
        inside = None if allowed is None else set(allowed.tolist())
        passages = self._count()
        if not words or passages < _SMALL_LIBRARY or (inside is not None and len(inside) < _SMALL_LIBRARY):
            return self._by_bm25(words, inside)
        # A word that stands in many passages of a large library tells little, and ranking by it takes up to a
        # second. If there are only such words, the passages that hold all of them are ranked by similarity.
        few = passages // 100
        rare = [word for word in words.split(" OR ") if self._count_matches(word, few) < few]
        if rare:
            return self._by_bm25(" OR ".join(rare), inside)
        together = words.replace(" OR ", " AND ")
        rows = self._database.rows(
            "SELECT rowid FROM passages_text WHERE passages_text MATCH ? LIMIT ?", (together, _TOGETHER)
        )
        if len(rows) == _TOGETHER:
            return self._by_bm25(words, inside) if request.mode == "keyword" else []
        matches = [row[0] for row in rows if inside is None or row[0] in inside]
        vectors = read_vectors_of(self._database, matches, self._embedder.dimensions)
        nearest = sorted(vectors, key=lambda number: float(vectors[number] @ query), reverse=True)
        return nearest[:_CANDIDATES]

    def _by_bm25(self, words: str, inside: set[int] | None) -> list[int]:
        if not words:
            return []
        found: list[int] = []
        limit = _CANDIDATES if inside is None else -1
        for row in self._database.rows(
            # a word in the heading counts double
            "SELECT rowid FROM passages_text WHERE passages_text MATCH ?"
            " AND rank MATCH 'bm25(2.0, 1.0)' ORDER BY rank LIMIT ?",
            (words, limit),
        ):
            if inside is None or row[0] in inside:
                found.append(row[0])
                if len(found) == _CANDIDATES:
                    break
        return found

    def _count_matches(self, expression: str, most: int) -> int:
        """Passages that match, not counted further than `most`."""
        inner = "SELECT 1 FROM passages_text WHERE passages_text MATCH ? LIMIT ?"
        return int(self._database.rows(f"SELECT count(*) FROM ({inner})", (expression, most))[0][0])  # noqa: S608

    def _count(self) -> int:
        return int(self._database.rows("SELECT count(*) FROM passages")[0][0])

    def _allowed(self, folders: Sequence[str]) -> Ids | None:
        """Ids of the passages below `folders`; None when that is all of them."""
        key = tuple(sorted(folders))
        if not key:
            return None
        now = generation(self._database)
        with self._scope_lock:
            if key in self._scopes and self._scopes[key][0] == now:
                return self._scopes[key][1]
        where, parameters = within("f.path", key)
        rows = self._database.rows(
            f"SELECT p.id FROM passages p JOIN files f ON f.id = p.file_id WHERE {where}",  # noqa: S608
            parameters,
        )
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        allowed = None if len(ids) == self._count() else ids
        with self._scope_lock:
            self._scopes[key] = (now, allowed)
        return allowed

    def _load(self, scores: dict[int, float], query: Vectors) -> list[_Candidate]:
        """The passages of the best ranks with their texts, near-copies left out."""
        ids = list(scores)[:_CANDIDATES]
        marks = ",".join("?" * len(ids))
        rows: dict[int, sqlite3.Row] = {
            row["id"]: row
            for row in self._database.rows(
                f"""SELECT p.id, p.place_id, p.start, p.end, p.heading, f.path, t.kind, t.number, t.label, t.text
                    FROM passages p JOIN files f ON f.id = p.file_id JOIN places t ON t.id = p.place_id
                    WHERE p.id IN ({marks})""",  # noqa: S608
                ids,
            )
        }
        vectors = read_vectors_of(self._database, list(rows), self._embedder.dimensions)
        kept: list[_Candidate] = []
        kept_vectors: list[Vectors] = []
        for number in ids:
            if number not in rows:
                continue
            row, vector = rows[number], vectors.get(number)
            if vector is not None:
                if any(float(vector @ other) >= _SAME_COSINE for other in kept_vectors):
                    continue
                kept_vectors.append(vector)
            similarity = 0.0 if vector is None else float(vector @ query)
            place = Place(row["kind"], row["number"], row["label"])
            kept.append(
                _Candidate(
                    number, row["place_id"], row["path"], place, row["text"], row["heading"],
                    row["start"], row["end"], scores[number], similarity,
                )
            )  # fmt: skip
        return kept


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
                and abs(other.id - each.id) == 1
                and other.heading == each.heading
            ),
            None,
        )
        if partner is None:
            merged.append(each)
        else:
            partner.start = min(partner.start, each.start)
            partner.end = max(partner.end, each.end)
            partner.similarity = max(partner.similarity, each.similarity)
            grown.add(partner.id)
    return merged


def _hit(each: _Candidate) -> Hit:
    text = each.place_text[each.start : each.end]
    return Hit(
        each.file, each.place, each.heading, text, each.start, each.end, round(each.score, 6),
        round(each.similarity, 4),
    )  # fmt: skip
