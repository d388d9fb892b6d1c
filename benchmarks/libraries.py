"""Libraries for measuring: built straight into an index, from SQuAD or from made-up text."""

import itertools
import json
import os
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.documents.chunking import Chunk
from app.documents.document import Block, Document, Place, PlaceText, ReadResult, Verdict
from app.models.installed import starter_embedder
from app.retrieval.embedding import Embedder
from app.retrieval.index_store import FileText, IndexStore, SeenFile
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.searching import Searcher
from app.storage.database import Database, open_database
from app.storage.migrations import INDEX

_WORDS = 4000
_TOGETHER = 200  # files stored in one transaction


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    answers: tuple[str, ...]
    article: int
    paragraph: int  # over all articles


def shared_data() -> Path | None:
    """The folder with test data that is not part of the project, if it is there."""
    folder = Path(os.environ.get("ALCOVE_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"
    return folder if folder.is_dir() else None


def squad(file: Path) -> tuple[list[list[str]], list[Question]]:
    """Paragraphs by article, and the questions that have an answer."""
    articles: list[list[str]] = []
    questions: list[Question] = []
    count = 0
    for number, article in enumerate(json.loads(file.read_text(encoding="utf-8"))["data"]):
        articles.append([each["context"] for each in article["paragraphs"]])
        for paragraph in article["paragraphs"]:
            for each in paragraph["qas"]:
                if not each["is_impossible"]:
                    answers = tuple(answer["text"] for answer in each["answers"])
                    questions.append(Question(each["question"], answers, number, count))
            count += 1
    return articles, questions


def made_up_texts(count: int, seed: int = 1) -> Iterator[str]:
    """Texts of about 120 words with the word frequencies of a language (Zipf), all different."""
    random_words = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgk"
    words = ["".join(random_words.choices(letters, k=random_words.randint(2, 10))) for _ in range(_WORDS)]
    weights = [1 / (rank + 1) for rank in range(_WORDS)]
    for _ in range(count):
        yield (
            " ".join(random_words.choices(words, weights, k=random_words.randint(60, 160))).capitalize() + "."
        )


def store_texts(database: Database, texts: Iterable[str], pages: int = 1) -> list[tuple[int, str]]:
    """Files of `pages` pages, one passage on each; returns passage ids and texts to embed."""
    store = IndexStore(database)
    remaining = iter(texts)
    files = (
        _file(number, of_file)
        for number, of_file in enumerate(iter(lambda: list(itertools.islice(remaining, pages)), []))
    )
    while together := list(itertools.islice(files, _TOGETHER)):
        store.store(together)
    return sorted((each.id, each.text) for each in store.waiting([], sys.maxsize))


def _file(number: int, texts: Sequence[str]) -> FileText:
    places = tuple(
        PlaceText(Place("page", page), text, (Block("text", 0, 0, len(text)),))
        for page, text in enumerate(texts, start=1)
    )
    result = ReadResult(Verdict.indexed, "", Document("text/plain", "", places))
    seen = SeenFile(f"/library/{number // 1000:04}/{number:07}.txt", sum(map(len, texts)), 0)
    chunks = [Chunk(place, 0, len(text), "") for place, text in enumerate(texts)]
    return FileText(seen, f"{number:064}", result, chunks)


def serve_with(database: Database, embedder: Embedder) -> None:
    """A new index is for the vectors of this model."""
    with database.transaction() as db:
        db.execute("INSERT INTO facts VALUES ('embedder', ?)", (embedder.name,))


def library_of(
    folder: Path, texts: Sequence[str], embedder: Embedder | None = None
) -> tuple[Searcher, Embedder]:
    """A searchable library with real vectors."""
    embedder = embedder or Embedder(starter_embedder())
    database = open_database(folder / "index.db", INDEX, durable=False)
    store = IndexStore(database)
    serve_with(database, embedder)
    stored = store_texts(database, texts)
    vectors = embedder.embed([text for _, text in stored])
    numbers = np.array([number for number, _ in stored], dtype=np.int64)
    assert store.add_vectors(numbers, vectors, embedder.name)
    return Searcher(
        database, LiveVectors(database, folder / "vectors.faiss", embedder.dimensions), embedder
    ), embedder
