"""Passages by their words: BM25 of SQLite's full-text index, in a time that does not grow with the library."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.retrieval.fusion import Ranking
from app.retrieval.stored_vectors import Ids
from app.storage.database import Database
from app.storage.fulltext import any_word

# Ranking costs 2–3 µs for each passage that matches: 10,000 take about 25 ms on 2 cores.
_MOST_ROWS = 10_000
# Scores are told of more passages than are candidates: one that the vectors found is then known to hold the words too.
_LISTED = 200
# As many passages at most may hold all the frequent words of a question for that to tell anything.
_TOGETHER = 192


@dataclass(frozen=True, slots=True)
class _Matching:
    """The condition for passages in scope that match an expression, as SQL with one parameter before `parameters`.

    SQLite itself looks at the scope, so that words, however frequent elsewhere, are counted and ranked within it.
    """

    sql: str = "passages_text MATCH ?"
    parameters: tuple[int | bytes, ...] = ()

    @classmethod
    def among(cls, allowed: Ids) -> "_Matching":
        """`allowed`: in order, at least one."""
        first, last = int(allowed[0]), int(allowed[-1])
        marks = np.zeros(last - first + 1, np.uint8)
        marks[allowed - first] = 1
        # the range is followed by the full-text index; the rest is one look into a row of bytes
        sql = f"{cls().sql} AND rowid BETWEEN ? AND ? AND substr(?, rowid - ? + 1, 1) = x'01'"
        return cls(sql, (first, last, marks.tobytes(), first))


class KeywordSearch:
    """Ranks passages for a question. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ranking(
        self, query: str, depth: int, allowed: Ids | None = None, *, alone: bool = False
    ) -> Ranking[int]:
        """Ids and scores of passages that hold telling words of `query`; the floor is the score at `depth`.

        A word that stands in very many passages tells little, and ranking by it takes up to a second: words are taken
        rarest first until they match `_MOST_ROWS` passages. Where all are too frequent, the passages that hold every one
        of them count alike; if even those are many, there are no scores, unless `alone`: no other ranking can help.
        """
        words = [word for word in any_word(query).split(" OR ") if word]
        if not words or (allowed is not None and not len(allowed)):
            return Ranking({})
        listed = max(depth, _LISTED)
        matching = _Matching() if allowed is None else _Matching.among(allowed)
        if allowed is not None and len(allowed) <= _MOST_ROWS:  # no word can match more
            return _ranking(self._by_bm25(words, matching, listed), depth, listed)
        rows = {word: self._count(word, matching) for word in words}
        known = sorted((word for word in rows if rows[word]), key=lambda word: rows[word])
        chosen: list[str] = []
        for word in known:
            if sum(rows[each] for each in [*chosen, word]) > _MOST_ROWS:
                break
            chosen.append(word)
        if chosen or not known:
            return _ranking(self._by_bm25(chosen, matching, listed), depth, listed)
        together = self._holding(" AND ".join(known), matching)
        if len(together) < _TOGETHER:
            return Ranking(dict.fromkeys(together, 1.0))
        if not alone:
            return Ranking({})
        return _ranking(self._by_bm25(known, matching, listed), depth, listed)

    def _by_bm25(self, words: Sequence[str], matching: _Matching, most: int) -> dict[int, float]:
        """The best passages of the `_MOST_ROWS` newest that match, best first."""
        if not words:
            return {}
        rows = self._database.rows(
            # a word in the heading counts double; sorted outside, so that no more rows than these are scored
            f"""SELECT rowid, rank FROM (
                SELECT rowid, rank FROM passages_text WHERE {matching.sql} AND rank MATCH 'bm25(2.0, 1.0)'
                ORDER BY rowid DESC LIMIT ?)
               ORDER BY rank LIMIT ?""",  # noqa: S608
            (" OR ".join(words), *matching.parameters, _MOST_ROWS, most),
        )
        return {number: -rank for number, rank in rows}

    def _holding(self, expression: str, matching: _Matching) -> list[int]:
        rows = self._database.rows(
            f"SELECT rowid FROM passages_text WHERE {matching.sql} LIMIT ?",  # noqa: S608
            (expression, *matching.parameters, _TOGETHER),
        )
        return [row[0] for row in rows]

    def _count(self, word: str, matching: _Matching) -> int:
        """Passages in scope that hold the word, not counted much further than matters (0.1 µs each)."""
        inner = f"SELECT 1 FROM passages_text WHERE {matching.sql} LIMIT ?"  # noqa: S608
        parameters = (word, *matching.parameters, _MOST_ROWS + 1)
        return int(self._database.rows(f"SELECT count(*) FROM ({inner})", parameters)[0][0])  # noqa: S608


def _ranking(found: dict[int, float], depth: int, listed: int) -> Ranking[int]:
    """`found`: best first. All that match are listed if they are fewer than `listed`; others then hold no word."""
    scores = list(found.values())
    return Ranking(
        found,
        floor=scores[depth - 1] if len(scores) >= depth else 0.0,
        absent=scores[-1] if len(scores) == listed else 0.0,
    )
