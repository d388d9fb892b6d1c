"""Work that waits until nobody asks for anything."""

import threading
import time

import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.engine.quiet import Quiet

LONG = 60.0


def test_it_is_done_once_it_is_quiet():
    done = threading.Event()
    quiet = Quiet(lambda cancel: done.set(), 0.01)
    with quiet.busy(CancelToken()):
        pass
    assert done.wait(10)


def test_it_waits_for_the_request_and_for_those_that_follow():
    times, done = [], threading.Event()
    quiet = Quiet(lambda cancel: (times.append(busy), done.set()), 0.02)
    busy = True
    for _ in range(3):
        with quiet.busy(CancelToken()):
            done.wait(0.05)
    busy = False
    assert done.wait(10)
    quiet.end(1)
    assert times == [False]


def test_at_the_end_it_does_not_wait():
    times = []
    quiet = Quiet(lambda cancel: times.append(1), LONG)
    quiet.end(1)
    assert times == []  # nothing was asked
    with quiet.busy(CancelToken()):
        pass
    quiet.end(1)
    quiet.end(1)
    assert times == [1]


def test_at_the_end_a_request_under_way_is_left_alone():
    times = []
    quiet = Quiet(lambda cancel: times.append(1), LONG)
    with quiet.busy(CancelToken()):
        quiet.end(0.01)
    assert times == []
    quiet.end(1)
    assert times == [1]


def test_a_request_that_waits_for_the_work_can_be_stopped():
    working, go_on, cancel = threading.Event(), threading.Event(), CancelToken()
    quiet = Quiet(lambda cancel: (working.set(), go_on.wait(30)), 0.0)
    with quiet.busy(CancelToken()):
        pass
    assert working.wait(10)
    cancel.cancel()
    try:
        with pytest.raises(Cancelled), quiet.busy(cancel):
            pytest.fail("answered beside the work")
    finally:
        go_on.set()


def test_the_pause_begins_anew_with_each_request():
    times = []
    quiet = Quiet(lambda cancel: times.append(1), LONG)
    with quiet.busy(CancelToken()):
        pass
    late = threading.Thread(target=quiet._do)  # as a timer that ran out while a request came
    late.start()
    late.join()
    assert times == []
    quiet.end(1)
    assert times == [1]


def test_work_gives_way_to_a_request_and_is_tried_again_after_it():
    working, done = threading.Event(), threading.Event()
    tries = []

    def work(cancel):
        tries.append(1)
        working.set()
        if len(tries) == 1:
            assert cancel_comes(cancel)
            raise Cancelled
        done.set()

    quiet = Quiet(work, 0.0)
    with quiet.busy(CancelToken()):
        pass
    assert working.wait(10)
    with quiet.busy(CancelToken()):
        assert len(tries) == 1
    assert done.wait(10)


def cancel_comes(cancel):
    return any(cancel.cancelled or time.sleep(0.01) for _ in range(3000))


def test_at_the_end_work_that_takes_too_long_gives_way():
    ended = []
    quiet = Quiet(lambda cancel: ended.append(cancel_comes(cancel)), LONG)
    with quiet.busy(CancelToken()):
        pass
    quiet.end(0.05)
    assert ended == [True]


def test_at_the_end_work_under_way_gives_way_too():
    working, ended = threading.Event(), []

    def work(cancel):
        working.set()
        ended.append(cancel_comes(cancel))

    quiet = Quiet(work, 0.0)
    with quiet.busy(CancelToken()):
        pass
    assert working.wait(10)
    quiet.end(0.05)
    quiet.end(10)  # where giving way took longer than was waited
    assert ended == [True]
