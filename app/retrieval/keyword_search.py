"""Passages by their words: BM25 of SQLite's full-text index, in a time that does not grow with the library."""

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
        words = any_word(query).split(" OR ")
        rows = {word: self._count(word) for word in words if word}
        known = sorted((word for word in rows if rows[word]), key=lambda word: rows[word])
        inside = None if allowed is None else set(allowed.tolist())
        chosen: list[str] = []
        for word in known:
            if sum(rows[each] for each in [*chosen, word]) > _MOST_ROWS:
                break
            chosen.append(word)
        if chosen or not known:
            return _ranking(self._by_bm25(" OR ".join(chosen), inside), depth)
        together = self._holding(" AND ".join(known))
        if len(together) < _TOGETHER:
            return Ranking({number: 1.0 for number in together if inside is None or number in inside})
        return _ranking(self._by_bm25(" OR ".join(known), inside), depth) if alone else Ranking({})

    def _by_bm25(self, words: str, inside: set[int] | None) -> dict[int, float]:
        """The best passages of the first `_MOST_ROWS` that match."""
        if not words:
            return {}
        found: dict[int, float] = {}
        for number, rank in self._database.rows(
            # a word in the heading counts double; sorted outside, so that no more rows than these are scored
            """SELECT rowid, rank FROM (
                SELECT rowid, rank FROM passages_text WHERE passages_text MATCH ? AND rank MATCH 'bm25(2.0, 1.0)' LIMIT ?)
               ORDER BY rank LIMIT ?""",
            (words, _MOST_ROWS, _LISTED if inside is None else -1),
        ):
            if inside is None or number in inside:
                found[number] = -rank
                if len(found) == _LISTED:
                    break
        return found

    def _holding(self, expression: str) -> list[int]:
        rows = self._database.rows(
            "SELECT rowid FROM passages_text WHERE passages_text MATCH ? LIMIT ?", (expression, _TOGETHER)
        )
        return [row[0] for row in rows]

    def _count(self, word: str) -> int:
        """Passages that hold the word, not counted much further than matters (0.1 µs each)."""
        inner = "SELECT 1 FROM passages_text WHERE passages_text MATCH ? LIMIT ?"
        return int(self._database.rows(f"SELECT count(*) FROM ({inner})", (word, _MOST_ROWS + 1))[0][0])  # noqa: S608


def _ranking(found: dict[int, float], depth: int) -> Ranking[int]:
    """`found`: best first. All that match are listed if they are fewer than `_LISTED`; others then hold no word."""
    scores = list(found.values())
    return Ranking(
        found,
        floor=scores[depth - 1] if len(scores) >= depth else 0.0,
        absent=scores[-1] if len(scores) == _LISTED else 0.0,
    )
