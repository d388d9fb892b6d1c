"""Embedding beside reading: a thread that gives vectors to the passages that wait for one."""

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.base.settings import Schedule
from app.retrieval.embedding import Embedder
from app.retrieval.index_store import IndexStore, WaitingPassage
from app.retrieval.pacing import Pace

_GROUP = 2048  # passages sorted by length together: few are then padded to the length of others
_PIECE = 32  # stored together: few enough to be soon on disk
_LOOK_S = 0.2


class EmbeddingLane:
    """Works while `go` lets it, until `stop`.

    The database tells what waits, so an interrupted run is taken up where it was left. `embedded` counts passages,
    `seconds` the time they took.
    """

    def __init__(
        self,
        store: IndexStore,
        embedder: Callable[[], Embedder],
        pace: Pace,
        schedule: Schedule,
        folders: Sequence[str],
    ) -> None:
        self.embedded = 0
        self.seconds = 0.0
        self._store = store
        self._embedder = embedder
        self._pace = pace
        self._schedule = schedule
        self._folders = list(folders)
        self._stop = CancelToken()
        self._go = threading.Event()
        self._looked = threading.Event()
        self._asked = 0
        self._found_nothing = -1
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="embedding", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def go(self, on: bool) -> None:
        """Whether it may work now, or reading goes first."""
        if on:
            self._asked += 1
            self._go.set()
        else:
            self._go.clear()

    def drained(self, timeout_s: float) -> bool:
        """Whether nothing waited at a look taken after the last `go`, within the time given.

        Raises what ended the thread early.
        """
        self._looked.clear()
        if self._error is None and self._found_nothing < self._asked:
            self._looked.wait(timeout_s)
        if self._error is not None:
            raise self._error
        return self._found_nothing >= self._asked

    def stop(self) -> None:
        """End soon, whatever still waits: it is taken up by the next run."""
        self._stop.cancel()
        self._go.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.cancelled:
                self._go.wait()
                asked = self._asked
                group = self._store.waiting(self._folders, _GROUP)
                if group:
                    self._embed(group)
                    continue
                self._found_nothing = asked
                self._looked.set()
                self._stop.wait(_LOOK_S)
        except Cancelled:
            pass  # only `stop` does that
        except BaseException as error:
            self._error = error
        finally:
            self._looked.set()

    def _embed(self, group: Sequence[WaitingPassage]) -> None:
        distinct = {each.text: each.id for each in group}
        waiting = sorted(distinct.items(), key=lambda each: len(each[0]), reverse=True)
        for first in range(0, len(waiting), _PIECE):
            for _ in self._pace.turn(self._schedule, self._stop):
                pass
            if self._stop.cancelled or not self._go.is_set():
                return
            piece = waiting[first : first + _PIECE]
            started = time.monotonic()
            embedder = self._embedder()
            vectors = embedder.embed([text for text, _ in piece])
            ids = np.array([number for _, number in piece], dtype=np.int64)
            if not self._store.add_vectors(ids, vectors, embedder.name):
                return  # another model serves by now: what waits is listed again
            took = time.monotonic() - started
            self.seconds += took
            self.embedded += len(piece)
            self._pace.breathe(took, self._stop)
