"""Work that waits until nobody else does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.base.jobs import CancelToken

_POLL_S = 0.02


class Quiet:
    """Does `work` in a thread of its own once `after_s` seconds have passed without a request, never beside one."""

    def __init__(self, work: Callable[[], None], after_s: float) -> None:
        self._work = work
        self._after_s = after_s
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._waiting = False

    @contextmanager
    def busy(self, cancel: CancelToken) -> Iterator[None]:
        """A request is answered in the body; waits for work that is under way. Raises `Cancelled` while it waits."""
        self._give_up()
        while not self._lock.acquire(timeout=_POLL_S):
            cancel.raise_if_cancelled()
        try:
            yield
        finally:
            self._waiting = True
            self._timer = threading.Timer(self._after_s, self._do)
            self._timer.daemon = True
            self._timer.start()
            self._lock.release()

    def end(self, patience_s: float) -> None:
        """Do now what is waiting; not at all where a request is still under way after `patience_s` seconds."""
        self._give_up()
        if self._lock.acquire(timeout=patience_s):
            try:
                self._work_once()
            finally:
                self._lock.release()

    def _give_up(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _do(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread():  # else a request came first
                self._work_once()

    def _work_once(self) -> None:
        if self._waiting:
            self._waiting = False
            self._work()
