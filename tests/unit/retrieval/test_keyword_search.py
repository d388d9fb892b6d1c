"""Ranking by words alone: how many rows it looks at, what it says of those it does not list."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.retrieval import keyword_search
from app.retrieval.keyword_search import KeywordSearch
from app.storage.database import Database, open_database
from app.storage.migrations import INDEX


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "index.db", INDEX, durable=False)
    with opened.transaction() as db:
        for number in range(1, 601):
            words = ["lease"] * (number % 2 == 0) + ["notice"] * (number % 7 == 0) + ["heron"] * (number == 9)
            text = " ".join(["agreement", *words, *["filler"] * (number % 5)])
            db.execute("INSERT INTO passages_text (rowid, heading, text) VALUES (?, '', ?)", (number, text))
    yield opened
    opened.close()


@pytest.mark.parametrize(("most", "found"), [(50, 1), (90, 86), (400, 200)])
def test_words_are_taken_rarest_first_until_they_match_enough(
    database: Database, monkeypatch: pytest.MonkeyPatch, most: int, found: int
) -> None:
    monkeypatch.setattr(keyword_search, "_MOST_ROWS", most)
    scores = KeywordSearch(database).ranking("agreement lease notice heron", 48).scores
    assert next(iter(scores)) == 9  # the rarest word decides whatever else is looked at
    assert len(scores) == found  # heron; with notice; with lease as well, and then no more than are listed


def test_the_floor_is_the_last_candidate_and_what_is_not_listed_has_the_last_score(
    database: Database,
) -> None:
    ranking = KeywordSearch(database).ranking("lease", 48)
    scores = list(ranking.scores.values())
    assert len(scores) == 200 < 300 and scores == sorted(scores, reverse=True)
    assert (ranking.floor, ranking.absent) == (scores[47], scores[199])
    few = KeywordSearch(database).ranking("heron", 48)
    assert (len(few.scores), few.floor, few.absent) == (1, 0.0, 0.0)


def test_only_passages_in_scope_are_listed(database: Database) -> None:
    allowed = np.array([2, 3, 14, 28], dtype=np.int64)
    assert set(KeywordSearch(database).ranking("lease notice", 48, allowed).scores) == {2, 14, 28}
    assert KeywordSearch(database).ranking("?!", 48, allowed).scores == {}


def test_words_that_all_are_everywhere_count_only_together_or_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyword_search, "_MOST_ROWS", 50)
    search = KeywordSearch(database)
    together = search.ranking("lease notice absentword", 48).scores
    assert set(together) == set(range(14, 601, 14)) and set(together.values()) == {1.0}
    assert search.ranking("agreement", 48).scores == {}
    assert len(search.ranking("agreement", 48, alone=True).scores) == 50


@pytest.mark.parametrize("most", [50, 3])
def test_words_that_are_frequent_elsewhere_count_in_their_scope(
    database: Database, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(keyword_search, "_MOST_ROWS", most)
    newest = np.arange(595, 601, dtype=np.int64)
    search = KeywordSearch(database)
    assert set(search.ranking("lease", 48, newest).scores) == {596, 598, 600}
    assert set(search.ranking("agreement", 48, alone=True).scores) == set(range(601 - most, 601))
