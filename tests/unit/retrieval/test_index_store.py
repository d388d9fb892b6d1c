"""What is written to the index: only what changed, the same text once, and counts that stay true."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.documents.chunking import Chunk
from app.documents.document import Block, Document, Place, PlaceText, ReadResult, Verdict
from app.retrieval.index_store import FileText, IndexStore, SeenFile
from app.retrieval.protocol import FileLimits
from app.retrieval.scope import Scopes
from app.retrieval.stored_vectors import vectors_of
from app.storage.database import open_database
from app.storage.migrations import INDEX

_DIMENSIONS = 8


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IndexStore]:
    database = open_database(tmp_path / "index.db", INDEX, durable=False)
    yield IndexStore(database)
    database.close()


def file_of(path: str, *paragraphs: str, mtime_s: int = 0, container: str = "") -> FileText:
    """One page with a passage for each paragraph."""
    text = "\n\n".join(paragraphs)
    chunks, at = [], 0
    for each in paragraphs:
        chunks.append(Chunk(0, at, at + len(each), ""))
        at += len(each) + 2
    page = PlaceText(Place("page", 1), text, (Block("text", 0, 0, len(text)),))
    result = ReadResult(Verdict.indexed, "", Document("text/plain", "", (page,)))
    return FileText(SeenFile(path, len(text), mtime_s * 10**9), path, result, chunks, container)


def _embed(store: IndexStore, most: int = 100) -> list[str]:
    """Give waiting passages a vector; returns their texts."""
    waiting = {each.text: each.id for each in store.waiting([], most)}
    vectors = np.array(
        [np.random.default_rng(list(text.encode())).normal(size=_DIMENSIONS) for text in waiting], np.float32
    )
    store.add_vectors(np.array(list(waiting.values())), vectors.reshape(-1, _DIMENSIONS))
    return list(waiting)


def _passages(store: IndexStore, path: str) -> dict[str, int]:
    rows = store.database.rows(
        """SELECT p.id, substr(t.text, p.start + 1, p.end - p.start) AS text FROM passages p
           JOIN files f ON f.id = p.file_id JOIN places t ON t.id = p.place_id WHERE f.path = ? ORDER BY p.start""",
        (path,),
    )
    return {row["text"]: row["id"] for row in rows}


def _found(store: IndexStore, word: str) -> list[int]:
    rows = store.database.rows("SELECT rowid FROM passages_text WHERE passages_text MATCH ?", (word,))
    return [row[0] for row in rows]


def _counts_are_true(store: IndexStore) -> bool:
    wrong = store.database.rows(
        """SELECT 1 FROM files f WHERE passages <> (SELECT count(*) FROM passages WHERE file_id = f.id)
           OR waiting <> (SELECT count(*) FROM passages p WHERE p.file_id = f.id
                          AND p.id NOT IN (SELECT passage_id FROM vectors))
           OR scans <> (SELECT count(*) FROM places WHERE file_id = f.id AND state = 'scan')"""
    )
    return not wrong


def test_a_changed_file_keeps_what_did_not_change(store):
    store.store([file_of("/d/a.txt", "First words.", "Second words.", "Third words.")])
    _embed(store)
    before = _passages(store, "/d/a.txt")
    store.store([file_of("/d/a.txt", "New words above.", "First words.", "Third words.")])
    after = _passages(store, "/d/a.txt")
    assert list(after) == ["New words above.", "First words.", "Third words."]
    assert (after["First words."], after["Third words."]) == (before["First words."], before["Third words."])
    assert _found(store, "second") == [] and _found(store, "above") == [after["New words above."]]
    assert _counts_are_true(store)
    assert _embed(store) == ["New words above."]
    assert store.count_waiting([]) == 0 and _counts_are_true(store)


def test_the_same_text_is_embedded_once(store):
    store.store([file_of("/d/a.txt", "Best regards.", "One."), file_of("/d/b.txt", "Best regards.", "Two.")])
    assert sorted(_embed(store)) == ["Best regards.", "One.", "Two."]
    store.store([file_of("/d/c.txt", "Best regards.", "Best regards.", "Three.")])
    assert _embed(store) == ["Three."]
    assert store.count_waiting([]) == 0 and _counts_are_true(store)
    ids = [_passages(store, path)["Best regards."] for path in ("/d/a.txt", "/d/b.txt", "/d/c.txt")]
    found = vectors_of(store.database, ids, _DIMENSIONS)
    assert len(found) == 3 and len({vector.tobytes() for vector in found.values()}) == 1


def test_a_vector_that_arrives_for_a_passage_that_went_is_dropped(store):
    store.store([file_of("/d/a.txt", "Gone soon.")])
    (waiting,) = store.waiting([], 10)
    store.remove(["/d/a.txt"])
    store.add_vectors(np.array([waiting.id]), np.ones((1, _DIMENSIONS), np.float32))
    assert store.database.rows("SELECT count(*) FROM vectors")[0][0] == 0


def test_an_archive_goes_and_moves_with_what_is_in_it(store):
    archive = FileText(SeenFile("/d/a.zip", 9, 1), "h", ReadResult(Verdict.archive))
    inside = file_of("/d/a.zip/letters/one.txt", "Inside the archive.", container="/d/a.zip")
    store.store([archive, inside, file_of("/d/a.zip.txt", "Beside it.")])
    store.touch(store.known(["/d/a.zip"])["/d/a.zip"], SeenFile("/e/moved.zip", 9, 2))
    assert set(store.known([])) == {"/e/moved.zip", "/e/moved.zip/letters/one.txt", "/d/a.zip.txt"}
    assert store.known([])["/e/moved.zip/letters/one.txt"].container == "/e/moved.zip"
    store.remove(["/e/moved.zip"])
    assert set(store.known([])) == {"/d/a.zip.txt"} and _found(store, "archive") == []


def test_a_page_that_is_a_picture_waits_and_is_filled_in(store):
    text = PlaceText(Place("page", 1), "Typed page.", (Block("text", 0, 0, 11),))
    scan = PlaceText(Place("page", 2), "", (), "scan", 0.0)
    result = ReadResult(Verdict.indexed, "", Document("application/pdf", "", (text, scan)))
    store.store([FileText(SeenFile("/d/a.pdf", 9, 0), "h", result, [Chunk(0, 0, 11, "")])])
    (page,) = store.waiting_pages(["/d"])
    assert (page.place.number, page.file.path) == (2, "/d/a.pdf")
    read = replace(scan, text="Recognised words.", state="recognised", quality=0.9)
    store.store_page(page, read, [Chunk(0, 0, 17, "")])
    assert store.waiting_pages([]) == [] and _counts_are_true(store)
    assert (
        list(_passages(store, "/d/a.pdf")) == ["Typed page.", "Recognised words."]
        or len(_found(store, "recognised")) == 1
    )
    store.store_page(page, read, [Chunk(0, 0, 17, "")])  # twice changes nothing
    assert len(_found(store, "recognised")) == 1


@pytest.mark.parametrize(
    ("recognised", "kept"), [("Scan 7\n\nThe tenant pays the rent.", False), ("5can 7.", True), ("", True)]
)
def test_the_words_of_a_scan_give_way_to_more_words_only(store, recognised, kept):
    scan = PlaceText(Place("page", 1), "Scan 7", (Block("text", 0, 0, 6),), "scan")
    result = ReadResult(Verdict.indexed, "", Document("application/pdf", "", (scan,)))
    store.store([FileText(SeenFile("/d/a.pdf", 9, 0), "h", result, [Chunk(0, 0, 6, "")])])
    assert list(_passages(store, "/d/a.pdf")) == ["Scan 7"]
    read = replace(scan, text=recognised, state="recognised" if recognised else "picture", quality=0.8)
    chunks = [Chunk(0, 0, len(recognised), "")] if recognised else []
    store.store_page(store.waiting_pages([])[0], read, chunks)
    assert list(_passages(store, "/d/a.pdf")) == ["Scan 7" if kept else recognised]
    (place,) = store.database.rows("SELECT state, quality FROM places")
    assert tuple(place) == (("text", 1.0) if kept else ("recognised", 0.8))
    assert store.waiting_pages([]) == [] and _counts_are_true(store)
    assert store.known([])["/d/a.pdf"].state == "indexed"


def test_a_picture_without_text_is_said_to_be_empty(store):
    scan = PlaceText(Place("page", 1), "", (), "scan", 0.0)
    result = ReadResult(Verdict.indexed, "", Document("image/*", "", (scan,)))
    store.store([FileText(SeenFile("/d/a.png", 9, 0), "h", result)])
    store.store_page(store.waiting_pages([])[0], replace(scan, state="picture"), [])
    known = store.known([])["/d/a.png"]
    assert (known.state, known.scans) == ("empty", 0) and "picture" in known.reason


def test_a_scope_by_folder_kind_and_date(store):
    store.store(
        [
            file_of("/d/old.txt", "Old.", mtime_s=100),
            file_of("/d/new.PDF", "New.", mtime_s=200),
            file_of("/other/new.pdf", "Other.", mtime_s=300),
        ]
    )
    scopes = Scopes(store.database)
    passages = {path: next(iter(_passages(store, path).values())) for path in store.known([])}

    def allowed(folders=(), **limits):
        found = scopes.allowed(folders, FileLimits(**limits))
        return None if found is None else {path for path, number in passages.items() if number in found}

    assert allowed() is None and allowed(["/d", "/other"]) is None
    assert allowed(["/d"]) == {"/d/old.txt", "/d/new.PDF"}
    assert allowed(types=("pdf",)) == {"/d/new.PDF", "/other/new.pdf"}
    assert allowed(["/d"], types=("pdf", "docx"), since=150.0) == {"/d/new.PDF"}
    assert allowed(until=200.0) == {"/d/old.txt", "/d/new.PDF"} and allowed(types=("p_f",)) == set()
    assert scopes.unread([]) == 3 and scopes.passages() == 3
    store.remove(["/d/new.PDF"])
    assert allowed(types=("pdf",)) == {"/other/new.pdf"} and scopes.passages() == 2
