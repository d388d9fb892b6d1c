"""The vector index: exact where it claims to be, in step with the database, never loaded from a damaged file."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.base.errors import AppError
from app.retrieval import live_vectors, vector_building
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.stored_vectors import Ids, Vectors, all_vectors, packed, unpacked
from app.retrieval.vector_building import Sizes
from app.retrieval.vector_file import FACT, VectorFile, is_sound, open_file, write_file
from app.retrieval.vector_index import VectorIndex, bits_of, without_bits
from app.storage.database import Database, open_database
from app.storage.migrations import INDEX

_DIMENSIONS = 16
# everything happens that happens with a million, with hundreds
_SMALL = Sizes(flat_up_to=300, read_at_once=0, changes_at_least=50, again=200)


def unit_vectors(count: int, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, _DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors.astype(np.float16), dtype=np.float32)


class _Library:
    """An `index.db` with passages and vectors, and what an exact search over them finds."""

    def __init__(self, folder: Path) -> None:
        self.database = open_database(folder / "index.db", INDEX, durable=False)
        self.cache = folder / "vectors.faiss"
        self._seed = 0

    def live(self, sizes: Sizes = _SMALL, dimensions: int = _DIMENSIONS) -> LiveVectors:
        return LiveVectors(self.database, self.cache, dimensions, sizes)

    def add(self, count: int) -> list[int]:
        """A file with `count` passages; returns their ids."""
        self._seed += 1
        ids = []
        with self.database.transaction() as db:
            file = db.execute(
                "INSERT INTO files (path, size, mtime_ns, hash, state, reason, media_type, title, indexed)"
                " VALUES (?, 1, 1, '', 'indexed', '', '', '', 0) RETURNING id",
                (f"/{self._seed}.txt",),
            ).fetchone()[0]
            place = db.execute(
                "INSERT INTO places (file_id, kind, number, label, text) VALUES (?, 'page', 1, '', '') RETURNING id",
                (file,),
            ).fetchone()[0]
            for vector in unit_vectors(count, self._seed):
                number = db.execute(
                    "INSERT INTO passages (file_id, place_id, start, end, heading) VALUES (?, ?, 0, 0, '') RETURNING id",
                    (file, place),
                ).fetchone()[0]
                db.execute("INSERT INTO vectors VALUES (?, ?)", (number, packed(vector)))
                ids.append(number)
        return ids

    def change(self, statement: str, *parameters: object) -> None:
        with self.database.transaction() as db:
            db.execute(statement, parameters)

    def exact(self, query: Vectors, k: int, allowed: Ids | None = None) -> list[int]:
        rows = self.database.rows("SELECT passage_id, vector FROM vectors")
        ids = np.array([row[0] for row in rows], dtype=np.int64)
        cosines = unpacked([row[1] for row in rows], _DIMENSIONS) @ query
        if allowed is not None:
            ids, cosines = ids[np.isin(ids, allowed)], cosines[np.isin(ids, allowed)]
        return [int(each) for each in ids[np.argsort(-cosines, kind="stable")[:k]]]

    def agrees(self, live: LiveVectors, allowed: Ids | None = None) -> bool:
        return all(
            live.nearest(query, 10, allowed)[0].tolist() == self.exact(query, 10, allowed)
            for query in unit_vectors(5, seed=999)
        )

    def fact(self) -> VectorFile | None:
        rows = self.database.rows("SELECT value FROM facts WHERE name = ?", (FACT,))
        return VectorFile.of_fact(rows[0][0]) if rows else None

    def files(self) -> list[str]:
        return sorted(each.name for each in self.cache.parent.glob("*.faiss"))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[_Library]:
    made = _Library(tmp_path)
    yield made
    made.database.close()


@pytest.fixture(params=[200, 900], ids=["flat", "clustered"])
def saved(request: pytest.FixtureRequest, library: _Library) -> _Library:
    """One whose vectors were written to a file."""
    library.add(request.param)
    live = library.live()
    live.wait()
    assert library.fact() is not None
    assert library.database.rows("SELECT count(*) FROM vector_changes")[0][0] == 0
    return library


def test_nearest_are_exact_within_what_is_allowed(saved: _Library) -> None:
    live = saved.live()
    ids = np.array([row[0] for row in saved.database.rows("SELECT passage_id FROM vectors")], dtype=np.int64)
    assert saved.agrees(live)
    for allowed in (ids[::100], ids[::9], ids[::2], ids[:40], np.array([3, 10**7]), np.empty(0, np.int64)):
        assert saved.agrees(live, allowed)
        assert saved.agrees(live, allowed)  # from what it remembers of the filter
    assert len(live.nearest(unit_vectors(1)[0], 0)[0]) == 0


def test_it_follows_the_journal(saved: _Library) -> None:
    live = saved.live()
    before = len(live)
    some = np.array(saved.exact(unit_vectors(1, seed=999)[0], 30), dtype=np.int64)
    assert saved.agrees(live, some)
    added = saved.add(10)
    assert saved.agrees(live)
    assert len(live) == before + 10
    saved.change("DELETE FROM vectors WHERE passage_id IN (SELECT passage_id FROM vectors LIMIT 3)")
    saved.change("DELETE FROM passages WHERE id IN (?, ?)", int(some[0]), added[0])  # cascades to the vectors
    saved.change(
        "INSERT OR REPLACE INTO vectors VALUES (?, ?)", int(some[1]), packed(unit_vectors(1, seed=999)[0])
    )
    assert live.nearest(unit_vectors(1, seed=999)[0], 1)[0].tolist() == [int(some[1])]
    assert saved.agrees(live)
    assert saved.agrees(live, some)
    assert len(live) == saved.database.rows("SELECT count(*) FROM vectors")[0][0]
    saved.change("DELETE FROM files WHERE path = '/1.txt'")
    assert saved.agrees(live)
    assert (len(live), live.verify()) == (9, ())
    assert saved.agrees(saved.live())


def test_a_new_base_is_written_when_enough_has_changed(saved: _Library) -> None:
    live = saved.live()
    first = saved.fact()
    saved.add(20)
    live.save()
    assert saved.fact() == first
    saved.add(60)
    saved.change("DELETE FROM vectors WHERE passage_id % 7 = 0")
    live.save()
    second = saved.fact()
    assert second is not None
    assert second != first
    assert saved.files() == [f"vectors-{second.token}.faiss"]
    assert saved.database.rows("SELECT count(*) FROM vector_changes")[0][0] == 0
    assert saved.agrees(live)
    assert (len(live), live.verify()) == (second.count, ())


def test_a_small_library_needs_no_file(library: _Library) -> None:
    library.add(30)
    live = library.live(Sizes())
    assert library.agrees(live)
    live.save()
    assert (live.building, library.files()) == (False, [])


def test_from_flat_to_clustered_and_clustered_anew_when_it_has_doubled(library: _Library) -> None:
    live = library.live()
    trained = []
    for count in (250, 150, 150, 400):
        library.add(count)
        live.save()
        live.wait()
        assert library.agrees(live)
        file = library.fact()
        assert file is not None
        trained.append(file.trained)
    assert trained == [250, 400, 400, 950]


@pytest.mark.parametrize("step", ["write_file", "name_file", "remove_file"])
def test_killed_while_it_writes_a_new_base(
    saved: _Library, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    live = saved.live()
    saved.add(120)
    module = live_vectors if step != "remove_file" else vector_building

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, step, killed)
        with pytest.raises(KeyboardInterrupt):
            live.save()
    for each in (live, saved.live()):
        assert saved.agrees(each)
        assert each.verify() == ()


def test_a_full_disk_is_said_and_searching_goes_on(saved: _Library, monkeypatch: pytest.MonkeyPatch) -> None:
    live = saved.live()
    saved.add(120)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    files = saved.files()
    monkeypatch.setattr("app.base.files.os.fsync", full)
    with pytest.raises(AppError, match="disk is full"):
        live.save()
    assert saved.agrees(live)
    fresh = saved.live()
    assert saved.agrees(fresh)
    assert saved.files() == files
    # not even a first file can be written
    saved.change("DELETE FROM facts WHERE name = ?", FACT)
    fresh.wait()
    assert not fresh.building
    assert saved.agrees(fresh)


def test_two_processes_use_one_database(saved: _Library, tmp_path: Path) -> None:
    mine = saved.live()
    others = LiveVectors(
        open_database(tmp_path / "index.db", INDEX, durable=False), saved.cache, _DIMENSIONS, _SMALL
    )
    assert saved.agrees(others)
    for _ in range(2):
        saved.add(120)
        mine.save()
        saved.change("DELETE FROM vectors WHERE passage_id % 11 = 0")
        assert saved.agrees(others)
        saved.add(120)
        others.save()
        assert saved.agrees(mine)
        assert len(mine) == len(others)
    assert len(saved.files()) == 1


def test_who_comes_second_throws_its_file_away(saved: _Library, monkeypatch: pytest.MonkeyPatch) -> None:
    live, other = saved.live(), saved.live()
    saved.add(120)
    write = write_file

    def overtaken(*arguments: object, **named: object) -> VectorFile:
        monkeypatch.undo()
        other.save()
        return write(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(live_vectors, "write_file", overtaken)
    live.save()
    file = saved.fact()
    assert file is not None
    assert saved.files() == [f"vectors-{file.token}.faiss"]
    assert saved.agrees(live)


def test_vectors_of_another_model_are_read_anew(saved: _Library) -> None:
    live = saved.live()
    assert saved.agrees(live)
    with saved.database.transaction() as db:
        db.execute("INSERT OR REPLACE INTO facts VALUES ('embedder', 'another')")
        db.execute("DROP TABLE vectors")  # with its triggers: the journal says nothing
        db.execute("CREATE TABLE vectors (passage_id INTEGER PRIMARY KEY, vector BLOB NOT NULL)")
        for number, vector in enumerate(unit_vectors(400, seed=77)):
            db.execute("INSERT INTO vectors VALUES (?, ?)", (number, packed(vector)))
    live.wait()
    assert saved.agrees(live)
    wider = saved.live(dimensions=32)
    wider.wait()
    assert len(wider) == 0
    assert wider.verify() == ("400 stored vectors have the wrong size.",)


def test_what_was_read_so_far_is_found_while_vectors_are_read_anew(
    library: _Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = library.add(900)
    live = library.live()
    steps: list[tuple[bool, int]] = []

    def slowly(database: Database, dimensions: int) -> Iterator[tuple[Ids, Vectors]]:
        for read_ids, vectors in all_vectors(database, dimensions):
            for first in range(0, len(read_ids), 300):
                yield read_ids[first : first + 300], vectors[first : first + 300]
                live.nearest(vectors[0], 3)
                steps.append((live.building, len(live)))
                if len(steps) == 4:  # of 3 for the clusters and 3 that fill them: changes on both sides of it
                    library.change("DELETE FROM vectors WHERE passage_id IN (?, ?)", ids[0], ids[-1])
                    library.change("INSERT OR REPLACE INTO vectors VALUES (?, ?)", ids[1], packed(vectors[5]))
                    library.change(
                        "INSERT OR REPLACE INTO vectors VALUES (?, ?)", ids[-2], packed(vectors[6])
                    )

    monkeypatch.setattr(vector_building, "all_vectors", slowly)
    live.wait()
    assert all(building for building, _ in steps)
    assert [count for _, count in steps] == [0, 0, 0, 300, 600, 898]
    assert library.agrees(live)
    assert (len(live), live.verify()) == (898, ())


def test_half_of_the_vectors_never_pass_for_all(library: _Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.add(900)
    live = library.live()

    def failing(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(VectorIndex, "clustered", failing)
        live.wait()
        assert len(live) < 900
    live.wait()
    assert library.agrees(live)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    place = chance.randrange(len(data))
    match chance.randrange(3):
        case 0:
            changed[place] ^= 1 << chance.randrange(8)
        case 1:
            del changed[place:]
        case 2:
            page = place // 4096 * 4096
            changed[page : page + 4096] = bytes(len(changed[page : page + 4096]))
    return bytes(changed)


@pytest.mark.parametrize("clusters", [0, 16])
def test_no_damaged_file_is_ever_used(tmp_path: Path, clusters: int) -> None:
    vectors = unit_vectors(1000)
    index = VectorIndex.clustered(vectors, clusters) if clusters else VectorIndex(_DIMENSIONS)
    index.add(np.arange(1000, dtype=np.int64), vectors)
    cache = tmp_path / "vectors.faiss"
    file = write_file(index, cache, number=1, embedder="", trained=1000)
    path = next(tmp_path.glob("vectors-*.faiss"))
    data = path.read_bytes()
    opened = open_file(file, cache)
    assert opened is not None
    assert opened.nearest(vectors[3], 5)[0].tolist() == index.nearest(vectors[3], 5)[0].tolist()
    chance = random.Random(4)
    for _ in range(200):
        damaged = _damaged(data, chance)
        path.unlink()  # `opened` still looks at the bytes it was given
        path.write_bytes(damaged)
        assert is_sound(file, cache) == (damaged == data)
        assert (open_file(file, cache) is None) == (damaged != data)
    path.unlink()
    assert open_file(file, cache) is None


def test_a_damaged_file_is_found_and_replaced(saved: _Library) -> None:
    path = next(saved.cache.parent.glob("vectors-*.faiss"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.unlink()
    path.write_bytes(data)
    live = saved.live()
    assert live.verify() == ("The file of the vector index is damaged.",)
    assert saved.agrees(live)
    assert live.verify() == ()
    assert saved.files() == [f"vectors-{saved.fact().token}.faiss"]  # type: ignore[union-attr]


def test_counts_that_differ_are_found_and_mended(saved: _Library) -> None:
    live = saved.live()
    with saved.database.transaction() as db:  # as if the journal had been lost
        db.execute("DELETE FROM vectors WHERE passage_id IN (1, 2)")
        db.execute("DELETE FROM vector_changes")
    saved.add(1)
    saved.change("DELETE FROM vector_changes")
    assert live.verify() == (
        "1 vectors are missing from the vector index.",
        "2 vectors of the vector index belong to no passage.",
    )
    live.rebuild()
    assert live.verify() == ()
    assert saved.agrees(live)


def test_files_of_before_are_cleared_away(saved: _Library) -> None:
    for name in ("vectors.faiss", "vectors.json"):
        saved.cache.with_name(name).write_text("of an earlier version")
    assert len(saved.live()) > 0
    assert len(saved.files()) == 1
    assert not saved.cache.with_suffix(".json").exists()


def test_sets_of_ids() -> None:
    bits = without_bits(bits_of(np.array([1, 9, 64])), np.array([9, 500]))
    assert np.unpackbits(bits, bitorder="little").nonzero()[0].tolist() == [1, 64]


def test_a_locked_database_leaves_no_file_behind(saved: _Library, monkeypatch: pytest.MonkeyPatch) -> None:
    live = saved.live()
    saved.add(120)
    files = saved.files()
    saved.database._connection.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(saved.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(AppError):
        live.save()
    other.close()
    assert saved.files() == files
    assert saved.agrees(live)
