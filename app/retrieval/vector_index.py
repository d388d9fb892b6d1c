"""The nearest vectors with FAISS: every vector is compared while that is fast, then those of the nearest clusters.

A flat index holds 16-bit floats, as `index.db` does. A clustered one (IVF) holds 8 bits a component, relative to
the centre of its cluster; cosines are then off by about 0.001, so the best are compared again with the stored vectors.
Measured by benchmarks/scale.py.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from app.retrieval.stored_vectors import Ids as Ids
from app.retrieval.stored_vectors import Vectors

Bits = npt.NDArray[np.uint8]

# Vectors compared for one question; more when the filter lets only few of a cluster through.
_COMPARED_SHARE = 0.04
_COMPARED_AT_LEAST = 10_000
# Vectors for each cluster that k-means sees.
_SAMPLE_PER_CLUSTER = 40
_ROUNDS = 10
_AT_ONCE = 10_000
_CORES = faiss.omp_get_max_threads()
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Scope:
    """Which ids of one index count: their bits, and how many each cluster holds (empty for a flat index)."""

    bits: Bits
    per_cluster: Ids


class VectorIndex:
    """Inner product over unit vectors, which is their cosine.

    Searches may run side by side; whoever changes it holds a lock against all others. One that lies in mapped
    memory cannot be changed at all.
    """

    def __init__(self, dimensions: int, index: faiss.Index | None = None, memory: Bits | None = None) -> None:
        """An empty flat index, or `index`, which may point into `memory`."""
        self._index = _flat(dimensions) if index is None else index
        self._memory = memory
        self._by_cluster: Ids | None = None
        self._sizes: Ids | None = None

    @classmethod
    def clustered(cls, sample: Vectors, clusters: int) -> "VectorIndex":
        """Empty, its clusters found in `sample` of shape (n, dimensions). Takes seconds to a minute."""
        dimensions = sample.shape[1]
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimensions), dimensions, clusters,
            faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT,
        )  # fmt: skip
        faiss.omp_set_num_threads(_CORES)
        index.cp.niter = _ROUNDS
        index.cp.seed = 1
        index.cp.min_points_per_centroid = 1  # fewer are no reason to write to the error stream
        index.train(np.ascontiguousarray(sample))
        return cls(dimensions, index)

    @classmethod
    def mapped(cls, memory: Bits) -> "VectorIndex":
        """What `write` wrote; `memory` was verified, for FAISS itself notices little damage.

        Raises `RuntimeError` when it is no index.
        """
        # the reader takes views of the memory: nothing is read before it is searched
        index = faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(memory), memory.size))
        return cls(index.d, index, memory)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimensions(self) -> int:
        return int(self._index.d)

    @property
    def clusters(self) -> int:
        """0 for a flat index."""
        return int(self._index.nlist) if isinstance(self._index, faiss.IndexIVF) else 0

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """`vectors` of shape (len(ids), dimensions)."""
        if len(ids):
            faiss.omp_set_num_threads(_CORES)
            self._index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(ids))
            self._by_cluster = self._sizes = None

    def remove(self, ids: Ids) -> None:
        if len(ids):
            self._index.remove_ids(ids)
            self._by_cluster = self._sizes = None

    def ids(self) -> Ids:
        """Every id that is held; of a clustered index, cluster by cluster."""
        if not self.clusters:
            return np.array(faiss.vector_to_array(self._index.id_map), dtype=np.int64)
        if self._by_cluster is None:
            held = self._index.invlists
            parts = [_list_ids(held, number) for number in range(self.clusters)]
            self._by_cluster = np.concatenate(parts)
        return self._by_cluster

    def vectors(self) -> Vectors:
        """Of a flat index, in the order of `ids`; shape (n, dimensions)."""
        return np.asarray(self._index.index.reconstruct_n(0, len(self)), dtype=np.float32)

    def scope(self, bits: Bits) -> Scope:
        """For `nearest`, only these ids. Takes milliseconds for a million, so it is worth keeping."""
        if not self.clusters:
            return Scope(bits, np.empty(0, np.int64))
        counted = np.concatenate(([0], np.cumsum(has_bits(bits, self.ids()), dtype=np.int64)))
        return Scope(bits, np.diff(counted[np.concatenate(([0], np.cumsum(self._cluster_sizes())))]))

    def nearest(self, query: Vectors, k: int, scope: Scope | None = None) -> tuple[Ids, Vectors]:
        """The `k` nearest passages to `query` of shape (dimensions,): ids and cosines, best first."""
        k = min(k, len(self))
        if k <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        # FAISS divides questions among threads, not vectors: a second one would only be waited for
        faiss.omp_set_num_threads(1)
        query = np.ascontiguousarray(query[None, :], dtype=np.float32)
        selector = faiss.IDSelectorBitmap(scope.bits) if scope is not None else None
        if self.clusters:
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=self._probes(query, scope))
        else:
            parameters = faiss.SearchParameters(sel=selector)
        cosines, ids = self._index.search(query, k, params=parameters)
        found = ids[0] >= 0
        return ids[0][found], cosines[0][found]

    def copy(self, kept: Bits) -> "VectorIndex":
        """One in memory, with the same clusters, that holds only the ids in `kept`. The rest is not compressed anew."""
        if not self.clusters:
            copy = VectorIndex(self.dimensions)
            ids = self.ids()
            places = np.flatnonzero(has_bits(kept, ids))
            held = self._index.index
            for first in range(0, len(places), _AT_ONCE):
                step = places[first : first + _AT_ONCE]
                copy.add(ids[step], held.reconstruct_batch(step))
            return copy
        copy = VectorIndex(self.dimensions, _same_clusters(self._index))
        for number in range(self.clusters):
            _copy_list(self._index, copy._index, number, kept)
        copy._index.ntotal = copy._index.invlists.compute_ntotal()
        return copy

    def write(self, write: Callable[[bytes], object]) -> None:
        """Hand the bytes of the index to `write`, a piece at a time. Raises what `write` raises."""
        raised: list[BaseException] = []

        def take(piece: bytes) -> int:
            try:
                write(piece)
            except BaseException as error:
                raised.append(error)  # it cannot pass through FAISS
                return 0
            return len(piece)

        try:
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(take, _PIECE_BYTES))
        except RuntimeError:
            if not raised:
                raise
        if raised:
            raise raised[0]

    def _cluster_sizes(self) -> Ids:
        if self._sizes is None:
            held = self._index.invlists
            sizes = [held.list_size(number) for number in range(self.clusters)]
            self._sizes = np.array(sizes, dtype=np.int64)
        return self._sizes

    def _probes(self, query: Vectors, scope: Scope | None) -> int:
        """How many of the nearest clusters hold enough vectors that count.

        A filter whose passages lie far from the question is thus searched as widely as one whose lie near it.
        """
        counts = self._cluster_sizes() if scope is None else scope.per_cluster
        enough = max(_COMPARED_AT_LEAST, int(_COMPARED_SHARE * len(self)))
        _, order = self._index.quantizer.search(query, self.clusters)
        return int(np.searchsorted(np.cumsum(counts[order[0]]), enough)) + 1


def clusters_for(count: int, flat_up_to: int) -> int:
    """How many clusters suit `count` vectors: about twice the square root; 0 while all can be compared."""
    return 0 if count <= flat_up_to else 2 ** round(math.log2(2 * math.sqrt(count)))


def sample_size(clusters: int) -> int:
    """Vectors to find that many clusters in."""
    return _SAMPLE_PER_CLUSTER * clusters


def bits_of(ids: Ids) -> Bits:
    """A set of ids with one bit for each possible one, so that looking one up is quick."""
    marks = np.zeros(int(ids.max()) + 1 if len(ids) else 0, dtype=np.bool_)
    marks[ids] = True
    return np.packbits(marks, bitorder="little")


def has_bits(bits: Bits, ids: Ids) -> npt.NDArray[np.bool_]:
    """For each of `ids` whether it is in the set."""
    known = ids >> 3 < len(bits)
    found = np.zeros(len(ids), dtype=np.bool_)
    inside = ids[known]
    found[known] = (bits[inside >> 3] >> (inside & 7).astype(np.uint8)) & 1
    return found


def without_bits(bits: Bits, ids: Ids) -> Bits:
    """The set without `ids`; `bits` itself stays as it is, for a search may be using it."""
    marks = np.unpackbits(bits, bitorder="little")
    marks[ids[ids < len(marks)]] = 0
    return np.packbits(marks, bitorder="little")


def both_bits(first: Bits, second: Bits) -> Bits:
    """What is in both sets."""
    size = min(len(first), len(second))
    return first[:size] & second[:size]


def either_bits(first: Bits, second: Bits) -> Bits:
    """What is in one of both sets."""
    united = np.zeros(max(len(first), len(second)), dtype=np.uint8)
    united[: len(first)] = first
    united[: len(second)] |= second
    return united


def _flat(dimensions: int) -> faiss.Index:
    halves = faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    return faiss.IndexIDMap(halves)


def _same_clusters(index: faiss.IndexIVF) -> faiss.IndexIVF:
    """Empty; made anew because a clone of a mapped index would point into the memory too."""
    centres = faiss.IndexFlatIP(index.d)
    centres.add(index.quantizer.reconstruct_n(0, index.nlist))
    made = faiss.IndexIVFScalarQuantizer(
        centres, index.d, index.nlist, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    faiss.copy_array_to_vector(faiss.vector_to_array(index.sq.trained), made.sq.trained)
    made.is_trained = True
    return made


def _list_ids(lists: faiss.InvertedLists, number: int) -> Ids:
    size = lists.list_size(number)
    return faiss.rev_swig_ptr(lists.get_ids(number), size).copy() if size else np.empty(0, np.int64)


def _copy_list(source: faiss.IndexIVF, target: faiss.IndexIVF, number: int, kept: Bits) -> None:
    ids = _list_ids(source.invlists, number)
    chosen = has_bits(kept, ids)
    if chosen.any():
        size = source.code_size
        codes = faiss.rev_swig_ptr(source.invlists.get_codes(number), len(ids) * size).reshape(-1, size)
        kept_ids, kept_codes = ids[chosen], np.ascontiguousarray(codes[chosen])
        target.invlists.add_entries(
            number, len(kept_ids), faiss.swig_ptr(kept_ids), faiss.swig_ptr(kept_codes)
        )
