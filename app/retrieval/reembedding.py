"""Making the vectors of another embedding model in the background, while those of the old one serve.

It goes on where it was stopped or killed. What is read meanwhile is embedded for the old model first (indexing.py), so
that it is found, and for the new one here. When every passage has its new vector, the new model takes over at once.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.settings import Schedule
from app.retrieval.cosine_scale import SAMPLE, measured_scale, write_scale
from app.retrieval.embedding import Embedder
from app.retrieval.index_store import IndexStore
from app.retrieval.next_vectors import (
    Passage,
    Table,
    add_next,
    begin_next,
    count_passages,
    drop_next,
    fact,
    note_folder,
    note_scale,
    some_passages,
    swap,
    without_vector,
)
from app.retrieval.pacing import Pace
from app.retrieval.protocol import ReembedProgress, WaitReason
from app.retrieval.serving import STARTER_FOLDER, Serving, ServingModel, open_embedder
from app.retrieval.stored_vectors import Vectors

_LISTED = 512  # passages at once: enough to sort by length
_PIECE = 64  # is on the disk when the next one begins
_RETRY_S = 1.0
_SAVED_EVERY = 20_000  # passages that serve already; until then their vectors are compared one by one

T = TypeVar("T")
Events = Generator[ReembedProgress, None, T]
Writer = Callable[[], AbstractContextManager[None]]


@dataclass(slots=True)
class _Run:
    """Passages: `stored` of `total` have a vector, `done` were embedded in this run. `worked_s`: without the waiting."""

    embedder: Embedder
    table: Table
    stored: int = 0
    total: int = 0
    done: int = 0
    worked_s: float = 0.0


class Reembedder:
    """One run. `writer` gives the right to write for a moment; it raises `busy` while another Alcove has it."""

    def __init__(
        self,
        store: IndexStore,
        serving: ServingModel,
        writer: Writer,
        busy: type[AppError],
        pace: Pace,
        schedule: Schedule,
        cancel: CancelToken,
    ) -> None:
        self._store = store
        self._database = store.database
        self._serving = serving
        self._writer = writer
        self._busy = busy
        self._pace = pace
        self._schedule: Schedule = schedule
        self._cancel = cancel

    def run(self) -> Iterator[ReembedProgress]:
        """Until the chosen model serves, or another one is chosen. Raises `AppError` and `Cancelled`."""
        wanted = self._serving.wanted
        if wanted is None:
            return
        current = self._serving.current(self._cancel)
        if current.folder == wanted:
            yield from self._complete(current)
            return
        embedder = open_embedder(wanted)
        if embedder.name == current.embedder.name:  # the same model under another name
            yield from self._written(lambda: note_folder(self._database, wanted))
            return
        yield from self._written(lambda: begin_next(self._database, embedder.name))
        run = _Run(embedder, "next_vectors")
        while (yield from self._pass(run, wanted)):
            scale = self._measured(embedder)
            if (yield from self._written(partial(swap, self._database, embedder.name, wanted, scale))):
                return

    def _complete(self, current: Serving) -> Events[None]:
        """Nothing is to come. A model that took over at once, as the old one was gone, may lack vectors still."""
        yield from self._written(lambda: drop_next(self._database))
        run = _Run(current.embedder, "vectors")
        whole = yield from self._pass(run, current.folder, current.vectors.save)
        if run.done:
            current.vectors.save()
        if whole and current.folder != STARTER_FOLDER and fact(self._database, "cosine_scale") is None:
            scale = self._measured(current.embedder)
            yield from self._written(lambda: note_scale(self._database, scale))

    def _pass(self, run: _Run, wanted: str, save: Callable[[], object] = lambda: None) -> Events[bool]:
        """Once over all passages without a vector; returns False when another model was chosen meanwhile.

        `save` is called now and then.
        """
        saved = 0
        run.stored, run.total = count_passages(self._database, run.table)
        yield _progress(run)
        last = -1
        while listed := without_vector(self._database, run.table, last, _LISTED):
            last = listed[-1].id
            once = list({each.digest or -each.id: each for each in listed}.values())
            once.sort(key=lambda each: len(each.text), reverse=True)
            for first in range(0, len(once), _PIECE):
                yield from self._waited(run)
                whole = yield from self._embed(run, once[first : first + _PIECE])
                if not whole or self._serving.wanted != wanted:
                    return False
                yield _progress(run)
                if run.done - saved >= _SAVED_EVERY:
                    saved = run.done
                    save()
        return self._serving.wanted == wanted

    def _embed(self, run: _Run, piece: list[Passage]) -> Events[bool]:
        """Returns False when another process wants another model."""
        started = time.monotonic()
        vectors = run.embedder.embed(
            [each.text for each in piece], lambda done: self._cancel.raise_if_cancelled()
        )
        worked = time.monotonic() - started
        run.worked_s += worked
        run.done += len(piece)
        came = yield from self._written(lambda: self._keep(run, piece, vectors))
        run.stored = min(run.total, run.stored + (came or 0))
        self._pace.breathe(worked, self._cancel)
        return came is not None

    def _keep(self, run: _Run, piece: list[Passage], vectors: Vectors) -> int | None:
        """How many passages have a vector now that had none; None when another model is wanted."""
        if run.table == "next_vectors":
            return add_next(self._database, run.embedder.name, piece, vectors)
        ids = np.array([each.id for each in piece], dtype=np.int64)
        return len(piece) if self._store.add_vectors(ids, vectors, run.embedder.name) else None

    def _measured(self, embedder: Embedder) -> str:
        return write_scale(measured_scale(some_passages(self._database, SAMPLE), embedder))

    def _written(self, write: Callable[[], T]) -> Events[T]:
        """What `write` returns, as soon as no other Alcove is writing."""
        while True:
            try:
                with self._writer():
                    return write()
            except AppError as error:
                if not isinstance(error, self._busy):
                    raise
            yield ReembedProgress(0, 0, 0.0, None, "busy")
            self._cancel.wait(_RETRY_S)
            self._cancel.raise_if_cancelled()

    def _waited(self, run: _Run) -> Iterator[ReembedProgress]:
        self._cancel.raise_if_cancelled()
        for reason in self._pace.turn(self._schedule, self._cancel):
            yield _progress(run, reason)


def _progress(run: _Run, reason: WaitReason = "") -> ReembedProgress:
    speed = run.done / run.worked_s if run.worked_s else 0.0
    left = (run.total - run.stored) / speed if speed else None
    return ReembedProgress(run.stored, run.total, speed, left, reason)
