"""The vector index as the worker uses it: always in step with `index.db`.

Most vectors lie in the base, a file that never changes (see `vector_file`). What changed since it was written stands in
the journal `vector_changes`, which triggers fill: following the database means reading its new rows. Vectors that came
are held in memory and compared one by one; those that went are marked. When there are many of both, a new base is
written: the file first, then, in one transaction, its name and the end of the journal that it covers. A kill at any
moment leaves an old or a new base with the journal that belongs to it.

Without a sound file the vectors are read from `index.db` again: at once when they are few, otherwise on a thread
while searches find what was read so far.
"""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.base.errors import AppError
from app.retrieval.stored_vectors import Ids, Vectors, all_vectors, vectors_of
from app.retrieval.vector_building import Sizes, Superseded, build, grown, name_file, still_suits, stored_ids
from app.retrieval.vector_file import FACT, VectorFile, is_sound, open_file, remove_strays, write_file
from app.retrieval.vector_index import (
    Bits,
    Scope,
    VectorIndex,
    bits_of,
    both_bits,
    either_bits,
    has_bits,
    without_bits,
)
from app.storage.database import Database

_KEPT_SCOPES = 4
_SIZES = Sizes()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """Which base this is: changes when somebody writes a new one or the embedding model changes."""

    fact: str | None
    embedder: str


class ModelChanged(AppError):
    """The stored vectors are those of another embedding model by now."""


class LiveVectors:
    """Follows the database, whoever changed it; safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        cache: Path,
        dimensions: int,
        sizes: Sizes = _SIZES,
        embedder: str | None = None,
    ) -> None:
        """`cache`: the files lie beside it, named after it.

        `embedder`: with the vectors of another one every method raises `ModelChanged`; None: any will do.
        """
        self._database = database
        self._cache = cache
        self._dimensions = dimensions
        self._sizes = sizes
        self._embedder = embedder
        self._lock = threading.RLock()
        self._rewriting = threading.Lock()
        self._reader: threading.Thread | None = None
        self._known: _Known | None = None
        self._file: VectorFile | None = None
        self._number = 0
        self._start(VectorIndex(dimensions), 0)

    @property
    def building(self) -> bool:
        """Whether the vectors are being read anew, so that searches do not find all of them yet."""
        return self._reader is not None and self._reader.is_alive()

    def nearest(self, query: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """The `k` nearest passages to `query` of shape (dimensions,): ids and cosines, best first.

        `allowed`: only these ids count. The same array, handed over again, is looked through only once.
        """
        with self._lock:
            self._follow()
            base, scope, bits = self._base, *self._scopes_of(allowed)
            wanted = k + self._sizes.again if base.clusters else k
            found = base.nearest(query, wanted, scope) if self.building else None  # it is growing
            recent = self._recent.nearest(
                query, k, None if bits is None else Scope(bits, np.empty(0, np.int64))
            )
        ids, cosines = found if found is not None else base.nearest(query, wanted, scope)
        if base.clusters:
            ids, cosines = self._compared_again(query, ids)
        ids, cosines = np.concatenate((ids, recent[0])), np.concatenate((cosines, recent[1]))
        best = np.argsort(-cosines, kind="stable")[:k]
        return ids[best], cosines[best]

    def follow(self) -> None:
        """Take up what changed."""
        with self._lock:
            self._follow()

    def save(self) -> None:
        """Write a new base if enough has changed. Raises `AppError` when the disk is full."""
        with self._lock:
            self._follow()
            if self.building:
                return
        with self._rewriting:
            with self._lock:
                self._follow()
                changes = self._number - (self._file.number if self._file else 0)
                if changes <= self._sizes.changes_before_rewriting(len(self._base)):
                    return
            self._write_base()

    def rebuild(self) -> None:
        """Read every vector again and write a new base. Raises `AppError` when the disk is full."""
        self.wait()
        with self._rewriting:
            self._write_base(anew=True)

    def wait(self) -> None:
        """Until the vectors are no longer being read anew."""
        with self._lock:
            self._follow()
            reader = self._reader
        if reader is not None:
            reader.join()

    def verify(self) -> tuple[str, ...]:
        """What is wrong, one sentence each: looks at every byte of the file and every row of the table."""
        # before anything opens it, for a damaged one is then replaced
        named = VectorFile.of_fact(self._news()[0].fact)
        wrong = []
        if named is not None and not is_sound(named, self._cache):
            wrong.append("The file of the vector index is damaged.")
        self.wait()
        with self._lock:
            self._follow()
            base = self._base.ids()
            held = np.concatenate((base[has_bits(self._alive, base)], self._recent.ids()))
            stored, unusable = stored_ids(self._database, self._dimensions)
        for sentence, count in (
            ("{} vectors are missing from the vector index.", len(np.setdiff1d(stored, held))),
            ("{} vectors of the vector index belong to no passage.", len(np.setdiff1d(held, stored))),
            ("{} stored vectors have the wrong size.", unusable),
        ):
            if count:
                wrong.append(sentence.format(count))
        return tuple(wrong)

    def __len__(self) -> int:
        with self._lock:
            self._follow()
            return len(self._base) - self._gone + len(self._recent)

    def _start(self, base: VectorIndex, number: int) -> None:
        """From here on, `number` is the last row of the journal that was followed."""
        self._base = base
        self._number = number
        self._recent = VectorIndex(self._dimensions)
        self._alive = bits_of(base.ids())
        self._gone = 0
        # changed while the base is being read anew: no vector of before may enter it
        self._touched = np.empty(0, np.int64)
        self._forget_scopes()

    def _forget_scopes(self) -> None:
        self._scopes: list[tuple[Ids, Scope, Bits]] = []
        self._unfiltered: Scope | None = None

    def _follow(self) -> None:
        known, changes = self._news()
        while known != self._known:
            self._open(known)
            known, changes = self._news()
        if changes:
            self._apply(np.unique([row[1] for row in changes]).astype(np.int64))
            self._number = changes[-1][0]

    def _news(self) -> tuple[_Known, list[tuple[int, int]]]:
        """In one statement, so that the journal is the one that belongs to the base."""
        rows = self._database.rows(
            "SELECT -2 AS number, value FROM facts WHERE name = ?"
            " UNION ALL SELECT -1, value FROM facts WHERE name = 'embedder'"
            " UNION ALL SELECT number, passage_id FROM vector_changes WHERE number > ? ORDER BY 1",
            (FACT, self._number),
        )
        facts = {row[0]: row[1] for row in rows if row[0] < 0}
        known = _Known(facts.get(-2), facts.get(-1, ""))
        if self._embedder not in (None, known.embedder):
            raise ModelChanged("The library has just changed to another search model.", "Try again.")
        return known, [tuple(row) for row in rows if row[0] >= 0]

    def _open(self, known: _Known) -> None:
        self._known = known
        file = VectorFile.of_fact(known.fact)
        base = None
        if file is not None and (file.embedder, file.dimensions) == (known.embedder, self._dimensions):
            base = open_file(file, self._cache)
        remove_strays(self._cache, file.token if file is not None else "")
        self._file = None if base is None else file
        if base is not None:
            assert file is not None
            self._start(base, file.number)
        else:
            self._start_over()

    def _start_over(self) -> None:
        """Read every vector from the database."""
        rows = self._database.rows("SELECT coalesce(max(number), 0) FROM vector_changes")
        self._start(VectorIndex(self._dimensions), max(self._number, rows[0][0]))
        limit = self._sizes.read_at_once
        counted = self._database.rows("SELECT count(*) FROM (SELECT 1 FROM vectors LIMIT ?)", (limit + 1,))
        if counted[0][0] <= limit:
            for ids, vectors in all_vectors(self._database, self._dimensions):
                self._recent.add(ids, vectors)
        else:
            self._reader = threading.Thread(
                target=self._read_anew,
                args=(self._known, self._number, self._base),
                name="vectors",
                daemon=True,
            )
            self._reader.start()

    def _read_anew(self, known: _Known, number: int, base: VectorIndex) -> None:
        def grow(index: VectorIndex, ids: Ids, vectors: Vectors) -> None:
            nonlocal base
            with self._lock:
                if self._base is not base:
                    raise Superseded
                self._base = base = index
                fresh = ~np.isin(ids, self._touched)
                index.add(ids[fresh], vectors[fresh])
                self._alive = either_bits(self._alive, bits_of(ids[fresh]))
                self._forget_scopes()

        with self._rewriting:
            try:
                index = build(self._database, self._dimensions, self._sizes, grow)
            except Superseded:
                return
            except Exception:
                _log.exception("The vectors could not be read anew")
                with self._lock:
                    if self._base is base:
                        self._known = None  # half of them must not pass for all: the next search begins again
                return
            try:
                self._publish(index, known, number, trained=len(index))
            except AppError as error:  # a full disk: what was read is searched all the same
                _log.warning("The vector index could not be written: %s", error)

    def _apply(self, ids: Ids) -> None:
        """Passages whose vector came, went or was replaced."""
        going = has_bits(self._alive, ids)
        if going.any():
            self._alive = without_bits(self._alive, ids)
            self._gone += int(going.sum())
        self._recent.remove(ids)
        stored = vectors_of(self._database, ids.tolist(), self._dimensions)
        if stored:
            self._recent.add(np.array(list(stored), dtype=np.int64), np.stack(list(stored.values())))
        if self.building:
            self._touched = np.union1d(self._touched, ids)
        self._forget_scopes()

    def _write_base(self, *, anew: bool = False) -> None:
        """With `_rewriting` held, for that takes long."""
        with self._lock:
            self._follow()
            assert self._known is not None
            known, number, file, base, alive = self._known, self._number, self._file, self._base, self._alive
            ids, vectors = self._recent.ids(), self._recent.vectors()
        if anew or file is None or not still_suits(base, len(base) + len(ids), file.trained, self._sizes):
            index = build(self._database, self._dimensions, self._sizes, grown)
            trained = len(index)
        else:
            index, trained = base.copy(alive), file.trained
            index.add(ids, vectors)
        self._publish(index, known, number, trained)

    def _publish(self, index: VectorIndex, known: _Known, number: int, trained: int) -> None:
        """From the next question on, every process that has the database open uses the new file."""
        file = write_file(index, self._cache, number=number, embedder=known.embedder, trained=trained)
        name_file(self._database, self._cache, file, known.fact, known.embedder)

    def _scopes_of(self, allowed: Ids | None) -> tuple[Scope | None, Bits | None]:
        """What counts in the base, and in the vectors that came since; None for all of it."""
        if allowed is None:
            if self._gone and self._unfiltered is None:
                self._unfiltered = self._base.scope(self._alive)
            return self._unfiltered, None
        for kept, scope, bits in self._scopes:
            if kept is allowed:
                return scope, bits
        bits = bits_of(allowed)
        scope = self._base.scope(both_bits(bits, self._alive))
        self._scopes = [*self._scopes[1 - _KEPT_SCOPES :], (allowed, scope, bits)]
        return scope, bits

    def _compared_again(self, query: Vectors, ids: Ids) -> tuple[Ids, Vectors]:
        """With the stored vectors, which are exact; one that was deleted this moment is left out."""
        stored = vectors_of(self._database, ids.tolist(), self._dimensions)
        if not stored:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return np.array(list(stored), dtype=np.int64), np.stack(list(stored.values())) @ query
