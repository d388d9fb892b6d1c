"""The nearest vectors: a FAISS index over passage ids that compares every vector.

Components are held as 16-bit floats, which takes half the memory and about 0.6 of the time of 32-bit ones;
cosines are then off by less than 0.001.

The file is only a cache of the vectors in `index.db`. FAISS loads a damaged file without complaint and
then returns wrong neighbours, so a file whose checksum or generation differs is never used.
"""

import hashlib
import json
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from app.base.files import replacing, write_text
from app.retrieval.embedding import Vectors

Ids = npt.NDArray[np.int64]


class VectorIndex:
    """Inner product over unit vectors, which is their cosine. Not thread-safe: the caller holds a lock."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        halves = faiss.IndexScalarQuantizer(
            dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._index = faiss.IndexIDMap2(halves)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """`vectors` of shape (len(ids), dimensions)."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(ids))

    def remove(self, ids: Ids) -> None:
        if len(ids):
            self._index.remove_ids(ids)

    def ids(self) -> Ids:
        """Every id that is held, in no order."""
        return np.array(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def nearest(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """The `k` nearest passages to `query` of shape (dimensions,): ids and cosines, best first.

        `allowed`: only these ids count.
        """
        k = min(k, len(self) if allowed is None else len(allowed))
        if k <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if allowed is not None:
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))
        cosines, ids = self._index.search(query[None, :], k, params=parameters)
        found = ids[0] >= 0
        return ids[0][found], cosines[0][found]

    def save(self, path: Path, generation: str) -> None:
        """Write the cache file and its checksum. Raises `AppError` when the disk is full."""
        data = faiss.serialize_index(self._index).tobytes()
        with replacing(path) as stream:
            stream.write(data)
        facts = {"generation": generation, "count": len(self), "sha256": hashlib.sha256(data).hexdigest()}
        write_text(_facts_file(path), json.dumps(facts))

    @classmethod
    def load(cls, path: Path, generation: str, dimensions: int) -> "VectorIndex | None":
        """The cached index, or None when it is missing, damaged or of another generation."""
        try:
            facts = json.loads(_facts_file(path).read_text())
            if facts["generation"] != generation:
                return None
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() != facts["sha256"]:
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        loaded = cls(dimensions)
        loaded._index = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        return loaded if len(loaded) == facts["count"] and loaded._index.d == dimensions else None


def _facts_file(path: Path) -> Path:
    return path.with_suffix(".json")
