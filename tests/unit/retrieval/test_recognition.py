"""Which pages are recognised, and what happens to those that cannot be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.documents.document import Document, Place, PlaceText, ReadResult, Verdict
from app.documents.limits import Limits
from app.documents.reader_pool import ReaderPool
from app.retrieval.file_reading import FileReading
from app.retrieval.index_store import FileText, IndexStore, SeenFile
from app.retrieval.pacing import Pace
from app.retrieval.protocol import Index
from app.retrieval.recognition import Recognition
from app.storage.database import open_database
from app.storage.migrations import INDEX

SCAN = PlaceText(Place("page", 1), "", (), "scan", 0.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IndexStore]:
    database = open_database(tmp_path / "index.db", INDEX, durable=False)
    yield IndexStore(database)
    database.close()


def recognised(store: IndexStore, pool: ReaderPool) -> Recognition:
    def embedder() -> None:
        raise AssertionError("nothing is recognised here")

    pace = Pace()
    request = Index(("/",))
    recognition = Recognition(store, pool, FileReading(pool, store, embedder, pace, request), pace)  # type: ignore[arg-type]
    for _ in recognition.recognise(store.waiting_pages([]), "manual", CancelToken()):
        pass
    return recognition


def test_pages_of_a_changed_archive_wait_for_the_next_refresh(store, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"another archive than the one that was read")
    result = ReadResult(Verdict.indexed, "", Document("image/*", "", (SCAN,)))
    store.store(
        [
            FileText(SeenFile(str(path), 9, 0), "h", ReadResult(Verdict.archive)),
            FileText(SeenFile(f"{path}/a.png", 9, 0), "h", result, (), str(path)),
        ]
    )
    pool = ReaderPool(Limits(), tmp_path / "work", tmp_path / "logs", 1)
    assert recognised(store, pool).failures == ()
    assert len(store.waiting_pages([])) == 1
    assert not (tmp_path / "work").exists(), "no reader was asked"


def test_when_no_reader_starts_the_pages_wait_and_it_is_said_once(store, tmp_path):
    files = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for path in files:
        path.write_bytes(b"picture")
        facts = path.stat()
        result = ReadResult(Verdict.indexed, "", Document("image/*", "", (SCAN,)))
        store.store([FileText(SeenFile(str(path), facts.st_size, facts.st_mtime_ns), "h", result)])
    pool = _Unable(Limits(), tmp_path / "work", tmp_path / "logs", 1)
    (failure,) = recognised(store, pool).failures
    assert failure.reason == "No reader. Try again."
    assert len(store.waiting_pages([])) == 3 and pool.asked < 3


class _Unable(ReaderPool):
    """One whose readers do not start."""

    asked = 0

    def reader(self):
        self.asked += 1
        raise AppError("No reader.", "Try again.")
