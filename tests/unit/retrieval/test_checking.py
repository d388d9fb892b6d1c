"""What `alcove doctor` finds in an index that was damaged on purpose, and that mending it loses nothing of value."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from app.base.jobs import CancelToken
from app.retrieval.checking import check
from app.retrieval.index_store import IndexStore
from app.retrieval.live_vectors import LiveVectors
from app.storage.database import open_database
from app.storage.migrations import INDEX
from tests.unit.retrieval.test_index_store import file_of

_DIMENSIONS = 8


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IndexStore]:
    database = open_database(tmp_path / "index.db", INDEX, durable=False)
    store = IndexStore(database)
    store.store(
        [file_of("/d/a.txt", "The heron stands still.", "The otter swims."), file_of("/d/b.txt", "A lynx.")]
    )
    waiting = store.waiting([], 10)
    vectors = np.random.default_rng(1).normal(size=(len(waiting), _DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.add_vectors(np.array([each.id for each in waiting]), vectors)
    yield store
    database.close()


def _checked(store: IndexStore, tmp_path: Path, *, repair: bool = False) -> dict[str, str]:
    """The details of what is wrong, or was and is repaired."""
    live = LiveVectors(store.database, tmp_path / "vectors.faiss", _DIMENSIONS)
    results = check(store, lambda: live, repair, nullcontext, CancelToken())
    return {each.name: each.detail for each in results if not each.ok or "repaired" in each.detail}


DAMAGE = {
    "a text": (
        "document texts",
        "UPDATE places SET text = replace(text, 'heron', 'heroo') WHERE text LIKE '%heron%'",
    ),
    "a heading": ("document texts", "UPDATE passages SET heading = 'Other' WHERE id = 1"),
    "an offset": ("document texts", "UPDATE passages SET end = end + 900 WHERE id = 2"),
    "a full-text entry": ("document texts", "UPDATE passages_text SET text = 'The crane.' WHERE rowid = 1"),
    "the full-text index": (
        "document texts",
        "UPDATE passages_text_data SET block = zeroblob(40) WHERE id > 10",
    ),
    "a missing full-text entry": ("index contents", "DELETE FROM passages_text WHERE rowid = 3"),
    "a count": ("index contents", "UPDATE files SET waiting = 7 WHERE path = '/d/b.txt'"),
    "an orphan of an archive": (
        "index contents",
        "UPDATE files SET container = '/d/x.zip' WHERE path = '/d/b.txt'",
    ),
    "a vector": (
        "vectors",
        "UPDATE vectors SET vector = X'7B7B7B7B7B7B7B7B7B7B7B7B7B7B7B7B' WHERE passage_id = 1",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_mended(store, tmp_path, name):
    where, statement = DAMAGE[name]
    assert _checked(store, tmp_path) == {}
    with store.database.transaction() as db:
        db.execute(statement)
    assert set(_checked(store, tmp_path)) == {where}
    assert "repaired" in _checked(store, tmp_path, repair=True)[where]
    assert _checked(store, tmp_path) == {}
    # what is forgotten is read again by the next refresh: its file is no longer known, or its passage waits
    left = store.known([])
    assert len(left) == 2 or store.count_waiting([]) == 0
