"""What a refresh finds to do, on real folders and archives, without embedding anything."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.jobs import CancelToken
from app.documents.limits import Limits
from app.documents.reader_pool import ReaderPool
from app.retrieval.changes import Changes, Comparison
from app.retrieval.file_reading import FileReading, Twin
from app.retrieval.index_store import IndexStore
from app.retrieval.pacing import Pace
from app.retrieval.protocol import Index, Rules
from app.retrieval.walking import list_files, list_only
from app.storage.database import open_database
from app.storage.migrations import INDEX


class _Tokens:
    max_tokens = 256

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReaderPool]:
    work = tmp_path_factory.mktemp("reader")
    pool = ReaderPool(Limits(), work, work, size=1)
    yield pool
    pool.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> None:
    """The reader that all tests share outlives one of them on purpose."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IndexStore]:
    database = open_database(tmp_path / "index.db", INDEX, durable=False)
    yield IndexStore(database)
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    return tmp_path / "documents"


def _refresh(
    store: IndexStore, pool: ReaderPool, roots: list[Path], only: list[Path] | None = None, **rules: object
) -> Changes:
    """List, compare, read and store, as the indexer does."""
    request = Index(tuple(map(str, roots)), only=tuple(map(str, only or ())), rules=Rules(**rules))  # type: ignore[arg-type]
    if only:
        listing = list_only(request.only, request.folders, request.rules)
    else:
        listing = list_files(request.folders, request.rules)
    known = store.known(request.only or request.folders)
    changes = Comparison(store, pool, request, CancelToken()).changes(listing, known)
    reading = FileReading(pool, store, _Tokens, Pace(), request)  # type: ignore[arg-type]
    for file in changes.to_read:
        read = reading.read(file, CancelToken())
        if isinstance(read, Twin):
            store.copy(read.known, read.seen)
        else:
            store.store([read])
    store.store(changes.opened)
    return changes


def _names(store: IndexStore, folder: Path) -> dict[str, str]:
    return {path[len(str(folder)) + 1 :]: each.state for path, each in store.known([str(folder)]).items()}


def _pack(file: Path, **texts: str) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name.replace("__", "/") + ".txt", text)


def test_archives_are_closed_and_opened_again_by_the_setting(store, pool, folder):
    _pack(folder / "post.zip", one="The heron.", drafts__two="The otter.")
    _refresh(store, pool, [folder])
    assert _names(store, folder) == {
        "post.zip": "archive", "post.zip/one.txt": "indexed", "post.zip/drafts/two.txt": "indexed"
    }  # fmt: skip
    assert _refresh(store, pool, [folder], archives=False).removed == 2
    assert set(_names(store, folder)) == {"post.zip"}
    _refresh(store, pool, [folder])
    assert len(_names(store, folder)) == 3
    assert _refresh(store, pool, [folder]).to_read == []


def test_patterns_and_the_size_limit_count_for_archives_too(store, pool, folder):
    _pack(folder / "post.zip", one="The heron.", drafts__two="The otter.")
    _refresh(store, pool, [folder], ignore=("drafts/",))
    assert set(_names(store, folder)) == {"post.zip", "post.zip/one.txt"}
    _pack(folder / "post.zip", one="The heron stands.", drafts__two="The otter.")
    _refresh(store, pool, [folder], largest_bytes=20)
    assert _names(store, folder) == {"post.zip": "too-large"}
    _refresh(store, pool, [folder])
    assert _names(store, folder)["post.zip/one.txt"] == "indexed"


def test_what_is_told_of_outside_the_folders_changes_nothing(store, pool, tmp_path, folder):
    other = tmp_path / "other"
    other.mkdir()
    (folder / "a.txt").write_text("The heron.")
    (other / "b.txt").write_text("The otter.")
    _refresh(store, pool, [folder, other])
    inner = folder / "build"
    inner.mkdir()
    (inner / "c.txt").write_text("The lynx.")
    (folder / ".gitignore").write_text("build/")
    _refresh(store, pool, [folder, inner, other])
    assert set(_names(store, folder)) == {"a.txt", "build/c.txt"}
    changes = _refresh(store, pool, [folder, inner], only=[folder])
    assert changes.removed == 0 and set(_names(store, folder)) == {"a.txt", "build/c.txt"}


def test_a_renamed_file_is_read_anew_only_where_its_ending_changed(store, pool, folder):
    (folder / "notes.txt").write_text("# Heron\n\nStands still.")
    _refresh(store, pool, [folder])
    (folder / "notes.txt").rename(folder / "moved.txt")
    assert _refresh(store, pool, [folder]).to_read == []
    (folder / "moved.txt").rename(folder / "moved.md")
    (read,) = _refresh(store, pool, [folder]).to_read
    assert read.seen.path.endswith("moved.md")


def test_many_paths_are_looked_up_one_by_one(store, pool, folder):
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"Note {number}.")
    _refresh(store, pool, [folder])
    paths = [str(folder / f"{number}.txt") for number in range(55)]
    assert set(store.known(paths)) == set(paths)
    assert store.count_waiting(paths) == 55
