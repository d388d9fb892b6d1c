"""Making the base of the vector index from `index.db`, and naming its file there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.base.errors import AppError
from app.retrieval.stored_vectors import Ids, Vectors, all_vectors
from app.retrieval.vector_file import FACT, VectorFile, remove_file
from app.retrieval.vector_index import VectorIndex, clusters_for, sample_size
from app.storage.database import Database

_IDS_AT_ONCE = 100_000

Grow = Callable[[VectorIndex, Ids, Vectors], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers of vectors at which something else is done; benchmarks/scale.py shows what they bring."""

    flat_up_to: int = 100_000  # all of them are compared
    read_at_once: int = 20_000  # they are read from the database while a search waits
    changes_at_least: int = 2_000  # a new base is written after so many changes, …
    changes_share: float = 0.1  # … or so many in proportion to the base, …
    changes_at_most: int = 50_000  # … but after so many in any case
    again: int = 16  # candidates beyond those asked for that are compared with the stored vectors

    def changes_before_rewriting(self, base: int) -> int:
        return max(self.changes_at_least, min(self.changes_at_most, int(self.changes_share * base)))


class Superseded(Exception):
    """Somebody else's index is the right one by now."""


def grown(index: VectorIndex, ids: Ids, vectors: Vectors) -> None:
    """How an index grows that nobody searches yet."""
    index.add(ids, vectors)


def build(database: Database, dimensions: int, sizes: Sizes, grow: Grow) -> VectorIndex:
    """An index of all stored vectors, read in steps; `grow` puts each step into it.

    Memory: the index and, while clusters are found, the sample (see `sample_size`). Raises what `grow` raises.
    """
    count = int(database.rows("SELECT count(*) FROM vectors")[0][0])
    clusters = clusters_for(count, sizes.flat_up_to)
    index = VectorIndex(dimensions)
    if clusters:
        sample = _sample(database, dimensions, sample_size(clusters) / count)
        if len(sample) > clusters:  # not where most vectors turn out to have the wrong size
            index = VectorIndex.clustered(sample, clusters)
        del sample
    for ids, vectors in all_vectors(database, dimensions):
        grow(index, ids, vectors)
    return index


def still_suits(base: VectorIndex, count: int, trained: int, sizes: Sizes) -> bool:
    """Whether `count` vectors may share the clusters that were found when there were `trained`."""
    if not clusters_for(count, sizes.flat_up_to):
        return not base.clusters
    return bool(base.clusters) and trained / 2 <= count <= 2 * trained


def name_file(database: Database, cache: Path, file: VectorFile, before: str | None, embedder: str) -> None:
    """Make `file` the one that belongs to the database, with the journal from there on.

    Unless somebody else named one since `before`, or the vectors are another model's by now: then `file` is removed.
    """
    try:
        with database.transaction() as db:
            facts = dict(
                db.execute("SELECT name, value FROM facts WHERE name IN (?, 'embedder')", (FACT,)).fetchall()
            )
            current = (facts.get(FACT), facts.get("embedder", "")) == (before, embedder)
            if current:
                db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (FACT, file.fact()))
                db.execute("DELETE FROM vector_changes WHERE number <= ?", (file.number,))
    except AppError:
        remove_file(cache, file.token)
        raise
    old = VectorFile.of_fact(before) if current else file
    if old is not None:
        remove_file(cache, old.token)


def stored_ids(database: Database, dimensions: int) -> tuple[Ids, int]:
    """Ids of all stored vectors of the right size, and how many there are of another."""
    parts: list[Ids] = []
    unusable, last = 0, -1
    while True:
        rows = database.rows(
            "SELECT passage_id, length(vector) FROM vectors WHERE passage_id > ? ORDER BY passage_id LIMIT ?",
            (last, _IDS_AT_ONCE),
        )
        if not rows:
            return np.concatenate(parts) if parts else np.empty(0, np.int64), unusable
        last = rows[-1][0]
        fitting = [row[0] for row in rows if row[1] in (2 * dimensions, 4 * dimensions)]
        unusable += len(rows) - len(fitting)
        parts.append(np.array(fitting, dtype=np.int64))


def _sample(database: Database, dimensions: int, share: float) -> Vectors:
    chosen = np.random.default_rng(1)
    return np.concatenate(
        [vectors[chosen.random(len(vectors)) < share] for _, vectors in all_vectors(database, dimensions)]
    )
