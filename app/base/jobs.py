"""Stopping work: one token handed down to everything that takes time."""

import threading
from collections.abc import Callable
from typing import TypeVar

from app.base.errors import Cancelled

_LOOK_S = 0.1
T = TypeVar("T")


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


def stoppable(ask: Callable[[], T], cancel: CancelToken) -> T:
    """What `ask` returns. A stop does not wait for it: it is left to end by itself, and its answer is dropped.

    Only for questions that change nothing and have a time limit of their own. Raises `Cancelled`, and what `ask` raises.
    """
    answers: list[T] = []
    errors: list[BaseException] = []
    ended = threading.Event()

    def work() -> None:
        try:
            answers.append(ask())
        except BaseException as error:
            errors.append(error)
        ended.set()

    threading.Thread(target=work, name="question", daemon=True).start()
    while not ended.wait(_LOOK_S):
        cancel.raise_if_cancelled()
    if errors:
        raise errors[0]
    return answers[0]
