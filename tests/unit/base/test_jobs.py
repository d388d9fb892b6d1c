import threading
import time

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken, stoppable


def test_the_answer_and_the_error_come_through():
    assert stoppable(lambda: 42, CancelToken()) == 42

    def fails() -> None:
        raise AppError("No.", "Try.")

    with pytest.raises(AppError, match="No"):
        stoppable(fails, CancelToken())


def test_a_time_out_of_the_question_itself_is_an_answer():
    def late() -> None:
        raise TimeoutError("the server")

    with pytest.raises(TimeoutError, match="the server"):
        stoppable(late, CancelToken())


def test_a_stop_does_not_wait():
    cancel, released = CancelToken(), threading.Event()
    threading.Timer(0.1, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        stoppable(released.wait, cancel)
    assert time.monotonic() - began < 2
    released.set()
