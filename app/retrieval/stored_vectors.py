"""Vectors as they lie in `index.db`, which is the truth for them.

Components are 16-bit floats, as in the vector index: half the space, cosines off by less than 0.001. Databases from
before hold 32-bit ones; the length of a blob tells.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from app.storage.database import Database

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
_AT_ONCE = 10_000


def packed(vector: Vectors) -> bytes:
    """The blob for one vector of shape (dimensions,)."""
    return vector.astype(np.float16).tobytes()


def fits(blob: bytes, dimensions: int) -> bool:
    """Whether it is a vector of so many components, and not one of another model."""
    return len(blob) in (2 * dimensions, 4 * dimensions)


def unpacked(blobs: Sequence[bytes], dimensions: int) -> Vectors:
    """Shape (len(blobs), dimensions). Each blob has 2 or 4 bytes a component."""
    vectors = np.empty((len(blobs), dimensions), dtype=np.float32)
    for row, blob in enumerate(blobs):
        vectors[row] = np.frombuffer(blob, np.float16 if len(blob) == 2 * dimensions else np.float32)
    return vectors


def all_vectors(database: Database, dimensions: int) -> Iterator[tuple[Ids, Vectors]]:
    """Every stored vector of the right size, in steps: ids of shape (n,), vectors of shape (n, dimensions)."""
    last = -1
    while True:
        rows = database.rows(
            "SELECT passage_id, vector FROM vectors WHERE passage_id > ? ORDER BY passage_id LIMIT ?",
            (last, _AT_ONCE),
        )
        if not rows:
            return
        last = rows[-1][0]
        fitting = [row for row in rows if fits(row[1], dimensions)]
        ids = np.fromiter((row[0] for row in fitting), dtype=np.int64, count=len(fitting))
        yield ids, unpacked([row[1] for row in fitting], dimensions)


def vectors_of(database: Database, ids: Sequence[int], dimensions: int) -> dict[int, Vectors]:
    """The stored vectors of some passages, each of shape (dimensions,); those without one are left out."""
    found: dict[int, Vectors] = {}
    for first in range(0, len(ids), 500):
        chosen = list(map(int, ids[first : first + 500]))
        marks = ",".join("?" * len(chosen))
        rows = [
            row
            for row in database.rows(
                f"SELECT passage_id, vector FROM vectors WHERE passage_id IN ({marks})",  # noqa: S608
                chosen,
            )
            if fits(row[1], dimensions)
        ]
        found.update(
            zip((row[0] for row in rows), unpacked([row[1] for row in rows], dimensions), strict=True)
        )
    return found
