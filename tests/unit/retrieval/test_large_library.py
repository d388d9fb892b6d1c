"""Ranking by words in a library so large that words which stand everywhere are set aside."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from app.documents.chunking import Chunk
from app.documents.document import Block, Document, Place, PlaceText, ReadResult, Verdict
from app.retrieval import keyword_search
from app.retrieval.embedding import Vectors
from app.retrieval.index_store import FileText, IndexStore, SeenFile
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import Search
from app.retrieval.searching import Searcher
from app.storage.database import open_database
from app.storage.migrations import INDEX

_PASSAGES = 600
_DIMENSIONS = 16


class _MeaninglessEmbedder:
    """A vector by the text's own characters: what is tested here is the part that looks at words."""

    dimensions = _DIMENSIONS

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.array(
            [np.random.default_rng(list(text.encode())).normal(size=_DIMENSIONS) for text in texts],
            np.float32,
        )
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_query(self, text: str) -> Vectors:
        return self.embed([text])[0]


def _text(number: int) -> str:
    words = [f"Agreement {number}"]
    words += ["lease"] * (number % 2 == 0) + ["notice"] * (number % 7 == 0) + ["heron"] * (number in (5, 444))
    return " ".join(words) + "."


@pytest.fixture
def searcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Searcher]:
    monkeypatch.setattr(keyword_search, "_MOST_ROWS", 50)
    database = open_database(tmp_path / "index.db", INDEX, durable=False)
    store = IndexStore(database)
    texts = [_text(number) for number in range(_PASSAGES)]
    places = tuple(
        PlaceText(Place("page", page), text, (Block("text", 0, 0, len(text)),))
        for page, text in enumerate(texts)
    )
    result = ReadResult(Verdict.indexed, "", Document("text/plain", "", places))
    chunks = [Chunk(place, 0, len(text), "") for place, text in enumerate(texts)]
    store.store([FileText(SeenFile("/library/all.txt", 1, 0), "0" * 64, result, chunks)])
    stored = store.waiting([], _PASSAGES)
    embedder = _MeaninglessEmbedder()
    store.add_vectors(np.array([each.id for each in stored]), embedder.embed([each.text for each in stored]))
    vectors = LiveVectors(database, tmp_path / "vectors.faiss", _DIMENSIONS)
    yield Searcher(database, vectors, embedder)  # type: ignore[arg-type]
    database.close()


def _found(searcher: Searcher, query: str, mode: str = "keyword") -> list[str]:
    return [hit.text for hit in searcher.search(Search(query, 100, mode)).hits]  # type: ignore[arg-type]


def test_a_rare_word_decides_and_not_the_one_in_every_passage(searcher: Searcher) -> None:
    assert sorted(_found(searcher, "agreement heron")) == [_text(444), _text(5)]


def test_frequent_words_find_the_passages_that_hold_all_of_them(searcher: Searcher) -> None:
    found = _found(searcher, "lease notice")
    assert len(found) == 43  # every fourteenth of 600
    assert all("lease" in text and "notice" in text for text in found)


def test_a_word_of_every_passage_still_finds_something(searcher: Searcher) -> None:
    assert _found(searcher, "agreement")
    assert _found(searcher, "agreement", "hybrid") == _found(searcher, "agreement", "vector")


def test_a_scope_holds_for_frequent_words_too(searcher: Searcher) -> None:
    assert searcher.search(Search("lease notice", 8, "keyword", ("/elsewhere",))).hits == ()


def test_as_many_hits_as_are_asked_for(searcher: Searcher) -> None:
    found = searcher.search(Search("agreement", 90, "vector"))
    assert len(found.hits) == 90 and all(hit.text.endswith(".") for hit in found.hits)


def test_what_went_with_its_folder_is_not_found_in_the_chosen_one_above(searcher: Searcher) -> None:
    assert searcher.search(
        Search("heron", 8, "keyword")
    ).hits  # a drive that is not connected, for all one knows
    assert searcher.search(Search("heron", 8, "keyword", ("/library",))).hits
    assert not searcher.search(Search("heron", 8, "keyword", ("/",))).hits
