"""Another embedding model for a library that is in use: with the starter, and a tiny model of another kind."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.documents.chunking import Chunk
from app.documents.document import Document, Place, PlaceText, ReadResult, Verdict
from app.models.encoders import Encoders
from app.retrieval.index_store import FileText, IndexStore, SeenFile
from app.retrieval.live_vectors import ModelChanged
from app.retrieval.next_vectors import Table, count_passages, fact, take_over
from app.retrieval.pacing import Pace
from app.retrieval.protocol import ReembedProgress, Search, WaitReason
from app.retrieval.reembedding import Reembedder
from app.retrieval.searching import Searcher
from app.retrieval.serving import ServingModel
from app.retrieval.stored_vectors import vectors_of
from app.storage.database import open_database
from app.storage.migrations import INDEX
from tests.fixtures.tiny_encoder import write_tiny_encoder

WORDS = "the tenant may end tenancy by giving two months notice in writing keys are handed over noon".split()


def passage(file: str, number: int) -> str:
    return f"{WORDS[number % len(WORDS)]} {WORDS[number * 7 % len(WORDS)]} {file} {number}."


class Busy(AppError):
    """Another process writes."""


class Calm(Pace):
    """Nothing waits; `at` is called in turn number so-and-so."""

    def __init__(self, at: dict[int, Callable[[], object]] | None = None) -> None:
        super().__init__()
        self.at = at or {}
        self.turns = 0

    def turn(self, schedule: Any, cancel: CancelToken) -> Iterator[WaitReason]:
        self.turns += 1
        self.at.get(self.turns, lambda: None)()
        cancel.raise_if_cancelled()
        yield from ()


class Shelf:
    """A library in the folder `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.open()

    def open(self) -> None:
        """As a new process does."""
        self.database = open_database(self.home / "index.db", INDEX, durable=False)
        self.store = IndexStore(self.database)
        self.serving = ServingModel(self.database, self.home / "vectors.faiss")

    def add(self, name: str, count: int) -> None:
        """A file of `count` passages, embedded for the model that serves."""
        texts = [passage(name, n) for n in range(count)]
        text = " ".join(texts)
        starts = [sum(len(each) + 1 for each in texts[:n]) for n in range(count)]
        chunks = [Chunk(0, start, start + len(each), "") for start, each in zip(starts, texts, strict=True)]
        document = Document("text/plain", name, (PlaceText(Place("document", 1), text, ()),))
        (self.home / name).touch()  # what is gone is not found
        seen = SeenFile(str(self.home / name), len(text), 1)
        embedder = self.serving.current().embedder
        self.store.store([FileText(seen, name, ReadResult(Verdict.indexed, document=document), chunks)])
        waiting = self.store.waiting([str(self.home)], 1000)
        ids = np.array([each.id for each in waiting], dtype=np.int64)
        assert self.store.add_vectors(ids, embedder.embed([each.text for each in waiting]), embedder.name)

    def reembed(self, pace: Pace | None = None, cancel: CancelToken | None = None) -> list[ReembedProgress]:
        run = Reembedder(
            self.store, self.serving, nullcontext, Busy, pace or Calm(), "always", cancel or CancelToken()
        )
        return list(run.run())

    def found(self, question: str) -> str:
        serving = self.serving.current()
        searcher = Searcher(self.database, serving.vectors, serving.embedder, serving.scale)
        return searcher.search(Search(question, 1, "vector")).hits[0].text

    def count(self, table: Table) -> int:
        return count_passages(self.database, table)[0]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of 140 passages that the starter searches."""
    shelf = Shelf(tmp_path_factory.mktemp("filled"))
    shelf.add("notes", 140)
    shelf.database.close()
    return shelf.home / "index.db"


@pytest.fixture
def shelf(tmp_path: Path, filled: Path) -> Shelf:
    shutil.copy(filled, tmp_path)
    return Shelf(tmp_path)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with two other models, one of which wants prefixes."""
    home = tmp_path_factory.mktemp("models")
    encoders = Encoders(home)
    for name, prompts in (("one", {"query": "query: ", "document": "passage: "}), ("two", {})):
        with encoders.staging() as aside:
            write_tiny_encoder(aside, seed=len(prompts), prompts=prompts)
            encoders.put_in_place(aside, name, "import")
    return encoders.folder


def test_the_old_vectors_serve_until_all_new_ones_are_there(shelf: Shelf, models: Path):
    old = shelf.serving.current().embedder
    assert shelf.found(passage("notes", 17)) == passage("notes", 17)
    shelf.serving.current().vectors.rebuild()  # a file of the index that must not come back
    shelf.serving.choose(str(models / "one"))
    seen: list[object] = []

    def meanwhile() -> None:
        seen.append((shelf.serving.current().embedder.name, shelf.found(passage("notes", 30))))
        shelf.add("later", 5)  # is embedded for both

    half = Calm({3: meanwhile})
    progress = shelf.reembed(half)
    assert seen == [(old.name, passage("notes", 30))]
    assert [each.done for each in progress[:4]] == [0, 64, 128, 140] and progress[0].total == 140
    serving = shelf.serving.current()
    assert serving.embedder.name != old.name and serving.embedder.dimensions == 32
    assert shelf.count("vectors") == 145 and shelf.count("next_vectors") == 0
    assert shelf.database.rows("SELECT sum(waiting) FROM files")[0][0] == 0
    text = passage("later", 3)
    (row,) = shelf.database.rows("SELECT max(id) - 1 FROM passages")
    stored = vectors_of(shelf.database, [row[0]], 32)[row[0]]
    assert stored @ serving.embedder.embed([text])[0] > 0.999
    assert stored @ serving.embedder.embed_query(text) < 0.999  # the question has another prefix
    assert fact(shelf.database, "cosine_scale") is not None and shelf.found(text)
    shelf.add("last", 2)
    assert len(serving.vectors) == 147  # the index follows the new table
    assert shelf.reembed()[-1].done == 147
    shelf.serving.choose("")
    shelf.reembed()
    assert len(shelf.serving.current().vectors) == 147
    assert shelf.found(passage("last", 1)) == passage("last", 1)


def test_a_stopped_run_goes_on_and_another_choice_gives_it_up(shelf: Shelf, models: Path):
    shelf.serving.choose(str(models / "one"))
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        shelf.reembed(Calm({3: cancel.cancel}), cancel)
    assert shelf.count("next_vectors") == 128
    shelf.database.close()
    shelf.open()
    shelf.serving.choose(str(models / "one"))
    pace = Calm({1: lambda: shelf.serving.choose(str(models / "two"))})
    assert shelf.reembed(pace)[0].done == 128 and pace.turns == 1
    assert shelf.reembed()[0].done == 0  # the vectors of the other model are of no use
    assert shelf.serving.current().folder == str(models / "two")
    shelf.serving.choose("")
    shelf.reembed(Calm({2: lambda: shelf.serving.choose(str(models / "two"))}))
    assert shelf.count("next_vectors") == 128
    shelf.reembed()  # back to what serves
    assert shelf.count("next_vectors") == 0 and shelf.count("vectors") == 140


def test_without_the_old_model_the_new_vectors_serve_as_they_come(shelf: Shelf, models: Path, tmp_path: Path):
    copy = tmp_path / "gone"
    shutil.copytree(models / "one", copy)
    shelf.serving.choose(str(copy))
    shelf.reembed()
    copy.rename(tmp_path / "moved")
    shelf.open()
    with pytest.raises(
        AppError, match="gone is missing"
    ):  # nobody said what else to take: nothing is dropped
        shelf.serving.current()
    assert shelf.count("vectors") == 140
    shelf.serving.choose(str(tmp_path / "moved"))  # the same weights elsewhere
    assert shelf.serving.current().folder == str(tmp_path / "moved") and shelf.count("vectors") == 140
    (tmp_path / "moved").rename(tmp_path / "away")
    shelf.open()
    shelf.serving.choose("")
    assert shelf.serving.current().folder == ""
    assert shelf.database.rows("SELECT sum(waiting) FROM files")[0][0] == 140
    assert shelf.reembed()[-1].done == 140 and shelf.count("vectors") == 140
    assert shelf.database.rows("SELECT sum(waiting) FROM files")[0][0] == 0


def test_vectors_and_answers_of_a_model_that_no_longer_serves_are_not_taken(shelf: Shelf, models: Path):
    old = shelf.serving.current()
    searcher = Searcher(shelf.database, old.vectors, old.embedder, old.scale)
    shelf.database.rows("DELETE FROM vectors")
    take_over(shelf.database, "nobody", "", instead_of="another")
    assert fact(shelf.database, "embedder") == old.embedder.name  # somebody else was quicker
    take_over(shelf.database, "new", "", instead_of=old.embedder.name)
    vectors = np.ones((1, old.embedder.dimensions), np.float32)
    assert not shelf.store.add_vectors(np.array([1]), vectors, old.embedder.name)
    assert shelf.count("vectors") == 0
    with pytest.raises(ModelChanged):
        searcher.search(Search("notice", 1))


def test_words_are_found_without_the_model(shelf: Shelf):
    found = Searcher(shelf.database, None, None).search(Search("tenancy", 60, "keyword", evidence=True))
    assert len(found.hits) >= 5 and found.relevant and found.similarity == 0
    assert all("tenancy" in hit.text for hit in found.hits)
