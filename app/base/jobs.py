"""Stopping work: one token handed down to everything that takes time."""

import threading

from app.base.errors import Cancelled


class CancelToken:
    """Set once, from any thread; long work looks at it often."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raises `Cancelled` once `cancel` was called."""
        if self._event.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> bool:
        """Sleep up to `seconds`; true as soon as the work was cancelled."""
        return self._event.wait(seconds)
