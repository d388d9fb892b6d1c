"""A million vectors: build, open, search, filters, changes; each against comparing every vector.

The vectors are real ones spread out: SQuAD paragraphs through the embedder, and from those, by the thousand, points
between two neighbours moved by a tenth to a half of the difference of two other neighbours, so that they lie where
real ones would. How near the ten nearest are to a question is printed for as many real ones and spread ones. The
questions are SQuAD's. Without the shared data the vectors are clusters made up at random.

Searching is measured in a fresh process that has nothing but NumPy, FAISS and the library's code.
Run: python -m benchmarks.scale [--passages 1000000]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil

from app.retrieval.live_vectors import LiveVectors
from app.retrieval.stored_vectors import Vectors, packed
from app.retrieval.vector_building import Sizes
from app.storage.database import Database, open_database
from app.storage.migrations import INDEX
from benchmarks.libraries import shared_data, squad

_PARAGRAPHS = 2_500
_QUESTIONS = 200
_CHANGES = 10_000
_K = 10
_STEP = 50_000
_FILTERS = {"none": 1.0, "0.1 %": 0.001, "1 %": 0.01, "10 %": 0.1, "50 %": 0.5}

Mask = npt.NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--searched", type=Path, help=argparse.SUPPRESS)  # the fresh process
    parser.add_argument("--built", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.built:
        _build(options.built)
    elif options.searched:
        _search(options.searched)
    else:
        with tempfile.TemporaryDirectory() as name:
            _measure(Path(name), options.passages)


def _measure(folder: Path, passages: int) -> None:
    real, questions = _real_vectors()
    chance = np.random.default_rng(5)
    stored = np.lib.format.open_memmap(
        folder / "vectors.npy", mode="w+", dtype=np.float16, shape=(passages + _CHANGES, real.shape[1])
    )
    topics = np.empty(len(stored), np.int64)
    for first in range(0, len(stored), _STEP):
        last = min(first + _STEP, len(stored))
        stored[first:last], topics[first:last] = _spread(real, last - first, chance)
    np.save(folder / "questions.npy", questions)
    print(
        f"  {len(real)} vectors spread to {passages}; cosines of the nearest and the tenth nearest to a question:"
    )
    for name, some in (("real", real), ("spread", stored[: len(real)].astype(np.float32))):
        best = -np.sort(-(questions @ some.T), axis=1)[:, [0, _K - 1]]
        print(
            f"    {name}, {len(some)} of them: median {np.median(best[:, 0]):.3f} and {np.median(best[:, 1]):.3f}"
        )
    masks = {name: chance.random(len(stored)) < share for name, share in _FILTERS.items()}
    masks["10 %, one topic"] = topics < len(real) // 10
    _save(folder / "masks.npz", masks)
    database = open_database(folder / "index.db", INDEX, durable=False)
    started = time.perf_counter()
    _insert(database, stored, 0, passages)
    print(f"  stored in index.db in {time.perf_counter() - started:.0f} s", flush=True)
    _again("--built", folder)
    for mask in masks.values():
        mask[passages:] = False
    _save(folder / "truth.npz", _exact(stored, questions, masks))
    _again("--searched", folder)
    database.close()


def _build(folder: Path) -> None:
    live, _ = _open(folder)
    started = time.perf_counter()
    live.wait()
    size = sum(each.stat().st_size for each in folder.glob("*.faiss"))
    if not size:
        live.rebuild()
        size = sum(each.stat().st_size for each in folder.glob("*.faiss"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  built in {time.perf_counter() - started:.0f} s with at most {peak:.0f} MiB; file {size / 2**20:.0f} MiB",
        flush=True,
    )


def _search(folder: Path) -> None:
    """In a fresh process."""
    process = psutil.Process()
    live, database = _open(folder)
    started = time.perf_counter()
    count = len(live)
    print(
        f"  opened in {time.perf_counter() - started:.2f} s, every byte checked: {count} vectors,"
        f" {_resident(process):.0f} MiB resident (limits: 2 s, 900 MiB)",
        flush=True,
    )
    questions = np.load(folder / "questions.npy")
    truth, masks = np.load(folder / "truth.npz"), np.load(folder / "masks.npz")
    for name in truth.files:
        allowed = None if name == "none" else np.flatnonzero(masks[name][:count]) + 1
        started = time.perf_counter()
        live.nearest(questions[0], _K, allowed)
        first = time.perf_counter() - started
        print(
            f"  filter {name:16} first {1000 * first:4.0f} ms; {_asked(live, questions, truth[name], allowed)}",
            flush=True,
        )
    print(f"  {_resident(process):.0f} MiB resident after that")
    _change(folder, live, database, questions)
    print(f"  {_resident(process):.0f} MiB resident in the end (limit 900)")


def _change(folder: Path, live: LiveVectors, database: Database, questions: Vectors) -> None:
    stored = np.load(folder / "vectors.npy", mmap_mode="r")
    passages = len(stored) - _CHANGES
    gone = np.random.default_rng(8).choice(passages, _CHANGES, replace=False)
    _insert(database, stored, passages, len(stored))
    with database.transaction() as db:
        db.executemany("DELETE FROM passages WHERE id = ?", [(int(each) + 1,) for each in gone])
    started = time.perf_counter()
    live.nearest(questions[0], _K)
    followed = time.perf_counter() - started
    left = np.ones(len(stored), np.bool_)
    left[gone] = False
    truth = _exact(stored, questions, {"left": left})["left"]
    del stored  # what the measuring itself looks at is not counted
    print(
        f"  {_CHANGES} added and {_CHANGES} deleted: followed in {followed:.2f} s; {_asked(live, questions, truth)}"
    )
    started = time.perf_counter()
    live.save()
    print(
        f"  new base written in {time.perf_counter() - started:.1f} s; {_asked(live, questions, truth)}",
        flush=True,
    )


def _asked(live: LiveVectors, questions: Vectors, truth: Any, allowed: Any = None) -> str:
    times, found = [], 0
    for question, right in zip(questions, truth, strict=True):
        started = time.perf_counter()
        ids, _ = live.nearest(question, _K, allowed)
        times.append(1000 * (time.perf_counter() - started))
        found += len(set(ids.tolist()) & set(right.tolist()))
    p50, p95 = np.percentile(times, [50, 95])
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms (limit 50), recall@{_K} {found / truth.size:.4f} (limit 0.98)"


def _open(folder: Path) -> tuple[LiveVectors, Database]:
    database = open_database(folder / "index.db", INDEX, durable=False)
    dimensions = np.load(folder / "questions.npy", mmap_mode="r").shape[1]
    # a new base is due after the changes that are made here
    sizes = Sizes(changes_at_least=_CHANGES, changes_at_most=_CHANGES)
    return LiveVectors(database, folder / "vectors.faiss", dimensions, sizes), database


def _again(option: str, folder: Path) -> None:
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "benchmarks.scale", option, str(folder)], check=True)


def _save(file: Path, arrays: Mapping[str, Any]) -> None:
    np.savez(file, allow_pickle=False, **arrays)


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 2**20)


def _insert(database: Database, stored: Any, first: int, last: int) -> None:
    """Passages `first + 1` to `last`, without texts."""
    with database.transaction() as db:
        db.execute(
            "INSERT OR IGNORE INTO files (id, path, size, mtime_ns, hash, state, reason, media_type, title, indexed)"
            " VALUES (1, '/a.txt', 1, 1, '', 'indexed', '', '', '', 0)"
        )
        db.execute(
            "INSERT OR IGNORE INTO places (id, file_id, kind, number, label, text) VALUES (1, 1, 'page', 1, '', '')"
        )
    for start in range(first, last, _STEP):
        numbers = range(start, min(start + _STEP, last))
        with database.transaction() as db:
            db.executemany(
                "INSERT INTO passages (id, file_id, place_id, start, end, heading) VALUES (?, 1, 1, 0, 0, '')",
                ((number + 1,) for number in numbers),
            )
            db.executemany(
                "INSERT INTO vectors VALUES (?, ?)",
                ((number + 1, packed(stored[number])) for number in numbers),
            )


def _exact(stored: Any, questions: Vectors, masks: dict[str, Mask]) -> dict[str, npt.NDArray[np.int64]]:
    """Ids of the ten nearest that each mask lets through, by comparing all."""
    best = {
        name: (np.zeros((len(questions), 0), np.float32), np.zeros((len(questions), 0), np.int64))
        for name in masks
    }
    for first in range(0, len(stored), _STEP):
        block = questions @ stored[first : first + _STEP].astype(np.float32).T
        for name, mask in masks.items():
            places = np.flatnonzero(mask[first : first + _STEP])
            cosines = np.concatenate((best[name][0], block[:, places]), axis=1)
            ids = np.concatenate((best[name][1], np.tile(places + first + 1, (len(questions), 1))), axis=1)
            order = (
                np.argsort(-cosines, axis=1)[:, :_K]
                if cosines.shape[1] <= _K
                else np.argpartition(-cosines, _K - 1, axis=1)[:, :_K]
            )
            best[name] = np.take_along_axis(cosines, order, 1), np.take_along_axis(ids, order, 1)
    return {name: ids for name, (_, ids) in best.items()}


def _real_vectors() -> tuple[Vectors, Vectors]:
    """Vectors to spread, and questions."""
    folder = shared_data()
    if folder is None:
        print("  without the shared data: clusters made up at random")
        chance = np.random.default_rng(2)
        centres = np.repeat(chance.normal(size=(_PARAGRAPHS // 25, 384)), 25, axis=0)
        made = _unit(centres + 0.8 * chance.normal(size=centres.shape))
        return made, _unit(made[:_QUESTIONS] + 0.05 * chance.normal(size=(_QUESTIONS, 384)))
    from app.models.installed import starter_embedder
    from app.retrieval.embedding import Embedder

    embedder = Embedder(starter_embedder())
    articles, asked = squad(folder / "squad" / "train.json")
    paragraphs = [each for article in articles for each in article][:_PARAGRAPHS]
    every = max(1, len(asked) // _QUESTIONS)
    return embedder.embed(paragraphs), embedder.embed([each.text for each in asked[::every][:_QUESTIONS]])


def _spread(real: Vectors, count: int, chance: np.random.Generator) -> tuple[Vectors, npt.NDArray[np.int64]]:
    """`count` vectors among the real ones, and for each the real one it comes from."""
    near = _neighbours(real)
    one, other = chance.integers(len(real), size=(2, count))
    between = chance.random((count, 1), dtype=np.float32)
    moved = 0.1 + 0.4 * chance.random((count, 1), dtype=np.float32)
    made = real[one] + between * (real[_one_of(near, one, chance)] - real[one])
    made += moved * (real[other] - real[_one_of(near, other, chance)])
    return _unit(made), one


def _neighbours(real: Vectors) -> npt.NDArray[np.int64]:
    return np.argsort(-(real @ real.T), axis=1)[:, 1:21]


def _one_of(near: npt.NDArray[np.int64], chosen: Any, chance: np.random.Generator) -> Any:
    return near[chosen, chance.integers(near.shape[1], size=len(chosen))]


def _unit(vectors: Any) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


if __name__ == "__main__":
    main()
