"""Work that waits until nobody else does."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.engine.time_limit import TimeLimit

_POLL_S = 0.02
_TIDYING_S = 0.1  # that work takes to give way


class Quiet:
    """Does `work` in a thread of its own once `after_s` seconds have passed without a request, never beside one.

    `work` may raise `Cancelled` when its token says so: a request has come, or the time is up. After that request it is tried
    again.
    """

    def __init__(self, work: Callable[[CancelToken], None], after_s: float) -> None:
        self._work = work
        self._after_s = after_s
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._undisturbed = CancelToken()
        self._waiting = False

    @contextmanager
    def busy(self, cancel: CancelToken) -> Iterator[None]:
        """A request is answered in the body; work that is under way gives way. Raises `Cancelled` while it waits for that."""
        self._give_up()
        self._undisturbed.cancel()
        while not self._lock.acquire(timeout=_POLL_S):
            cancel.raise_if_cancelled()
        try:
            yield
        finally:
            self._waiting = True
            self._undisturbed = CancelToken()
            self._timer = threading.Timer(self._after_s, self._do)
            self._timer.daemon = True
            self._timer.start()
            self._lock.release()

    def end(self, patience_s: float) -> None:
        """Do now what is waiting, as far as it is done within `patience_s` seconds; not at all beside a request."""
        self._give_up()
        until = time.monotonic() + patience_s
        if not self._lock.acquire(timeout=patience_s):
            self._undisturbed.cancel()
            if not self._lock.acquire(timeout=_TIDYING_S):
                return
        try:
            self._work_once(TimeLimit(CancelToken(), until - time.monotonic()))
        finally:
            self._lock.release()

    def _give_up(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _do(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread():  # else a request came first
                self._work_once(self._undisturbed)

    def _work_once(self, cancel: CancelToken) -> None:
        if self._waiting:
            self._waiting = False
            with suppress(Cancelled):
                self._work(cancel)
