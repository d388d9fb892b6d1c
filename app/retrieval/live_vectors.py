"""The vector index as the worker uses it: always in step with `index.db`."""

import threading
from pathlib import Path

import numpy as np

from app.retrieval.embedding import Vectors
from app.retrieval.index_store import generation, read_vectors
from app.retrieval.vector_index import Ids, VectorIndex
from app.storage.database import Database


class LiveVectors:
    """Follows the database by comparing ids, whoever changed it; safe to use from several threads."""

    def __init__(self, database: Database, cache: Path, dimensions: int) -> None:
        self._database = database
        self._cache = cache
        self._dimensions = dimensions
        self._lock = threading.Lock()
        self._generation: str | None = None
        self._index = VectorIndex(dimensions)

    def nearest(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """As `VectorIndex.nearest`, over the vectors the database holds now."""
        with self._lock:
            self._follow()
            return self._index.nearest(query, k, allowed)

    def save(self) -> None:
        """Bring the cache file up to date. Raises `AppError` when the disk is full."""
        with self._lock:
            self._follow()
            assert self._generation is not None
            if VectorIndex.load(self._cache, self._generation, self._dimensions) is None:
                self._index.save(self._cache, self._generation)

    def __len__(self) -> int:
        with self._lock:
            self._follow()
            return len(self._index)

    def _follow(self) -> None:
        now = generation(self._database)
        if now == self._generation:
            return
        if self._generation is None:
            cached = VectorIndex.load(self._cache, now, self._dimensions)
            count = self._database.rows("SELECT count(*) FROM vectors")[0][0]
            self._index = cached if cached is not None and len(cached) == count else self._rebuilt()
        else:
            self._apply_difference()
        self._generation = now

    def _rebuilt(self) -> VectorIndex:
        index = VectorIndex(self._dimensions)
        index.add(*read_vectors(self._database, self._dimensions))
        return index

    def _apply_difference(self) -> None:
        """Passage ids are never given twice, so comparing ids is enough."""
        rows = self._database.rows("SELECT passage_id FROM vectors")
        stored = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        held = self._index.ids()
        self._index.remove(np.setdiff1d(held, stored, assume_unique=True))
        missing = np.setdiff1d(stored, held, assume_unique=True)
        for first in range(0, len(missing), 500):
            chosen = missing[first : first + 500]
            marks = ",".join("?" * len(chosen))
            found = self._database.rows(
                f"SELECT passage_id, vector FROM vectors WHERE passage_id IN ({marks})",  # noqa: S608
                [int(each) for each in chosen],
            )
            if found:
                ids = np.array([row[0] for row in found], dtype=np.int64)
                vectors = np.frombuffer(b"".join(row[1] for row in found), dtype=np.float32)
                self._index.add(ids, vectors.reshape(-1, self._dimensions))
