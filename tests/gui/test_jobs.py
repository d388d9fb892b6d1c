"""The bridge from work to the window."""

import threading
import time

import pytest
from PySide6.QtCore import QObject

from app.base.errors import AppError, Cancelled


def test_a_burst_arrives_in_order_in_few_slot_calls(jobs, qtbot):
    got, calls = [], []
    original = jobs._deliver
    jobs._timer.timeout.disconnect()
    jobs._timer.timeout.connect(lambda: (calls.append(1), original()))
    done = []
    jobs.run(lambda _token: iter(range(5000)), on_event=got.append, on_done=lambda: done.append(1))
    qtbot.waitUntil(lambda: bool(done))
    assert got == list(range(5000))
    assert len(calls) < 50


def test_callbacks_are_called_on_the_gui_thread(jobs, qtbot):
    threads = []

    def work(_token):
        threads.append(threading.current_thread())
        yield 1

    jobs.run(work, on_event=lambda _: threads.append(threading.current_thread()))
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


def test_stop_is_silent_and_events_before_it_arrive(jobs, qtbot):
    got, ended = [], []

    def work(token):
        yield "first"
        while not token.wait(0.01):
            pass
        raise Cancelled

    job = jobs.run(
        work,
        on_event=got.append,
        on_stopped=lambda: ended.append("stopped"),
        on_done=lambda: ended.append("done"),
    )
    qtbot.waitUntil(lambda: got == ["first"])
    assert job.running
    job.stop()
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == ["stopped"]
    assert not job.running


def test_expected_errors_go_to_their_handler_or_to_the_message_bar(jobs, qtbot):
    def work(_token):
        raise AppError("The disk is full.", "Free some space.")
        yield

    own = []
    jobs.run(work, on_error=own.append)
    qtbot.waitUntil(lambda: bool(own))
    assert own[0].remedy == "Free some space."
    with qtbot.waitSignal(jobs.failed) as caught:
        jobs.run(work)
    assert caught.args[0].what == "The disk is full."


def test_a_mistake_in_work_or_in_a_callback_is_reported_and_stops_nothing_else(jobs, qtbot):
    jobs.setProperty("bugs_expected", True)
    bugs, got = [], []
    jobs.bug.connect(bugs.append)

    def broken(_token):
        yield 1
        raise ValueError("secret text")

    def clumsy(event):
        got.append(event)
        raise KeyError("oh")

    jobs.run(broken)
    jobs.run(lambda _token: iter([1, 2]), on_event=clumsy)
    qtbot.waitUntil(lambda: len(bugs) == 3)
    assert got == [1, 2]
    assert {type(each) for each in bugs} == {ValueError, KeyError}


def test_nothing_reaches_a_deleted_widget_and_its_job_is_stopped(jobs, qtbot):
    class Receiver(QObject):
        def take(self, event):
            got.append(event)

    got, gone = [], threading.Event()

    def work(token):
        number = 0
        while not token.wait(0.005):
            number += 1
            yield number
        gone.set()

    receiver = Receiver()
    jobs.run(work, on_event=receiver.take)
    qtbot.waitUntil(lambda: len(got) > 2)
    receiver.deleteLater()
    del receiver
    qtbot.waitUntil(gone.is_set)
    qtbot.wait(60)
    assert jobs.running == 0


def test_stop_all_waits_for_every_thread(jobs, qtbot):
    ended = []

    def work(token):
        while not token.wait(0.01):
            pass
        ended.append(1)
        yield 1

    got = []
    for _ in range(5):
        jobs.run(work, on_event=got.append)
    assert jobs.stop_all(3000)
    assert len(ended) == 5
    qtbot.wait(50)
    assert got == []  # nothing is delivered after the end


def test_stop_all_does_not_wait_for_ever(jobs):
    release = threading.Event()

    def stubborn(_token):
        release.wait(5)
        yield

    jobs.run(stubborn)
    started = time.monotonic()
    assert not jobs.stop_all(100)
    assert time.monotonic() - started < 1
    release.set()


def test_no_event_is_forgotten_between_two_deliveries(jobs, qtbot):
    """The thread may append at the very moment the window has taken the last event."""
    ended = []

    def work(_token):
        for number in range(200):
            time.sleep(0.0003 if number % 3 else 0.002)
            yield number

    for _ in range(8):
        got = []
        jobs.run(work, on_event=got.append, on_done=lambda got=got: ended.append(len(got)))
    qtbot.waitUntil(lambda: len(ended) == 8, timeout=8000)
    assert ended == [200] * 8


def test_a_job_that_only_waits_makes_nobody_busy(jobs, qtbot):
    def wait(token):
        token.wait(60)
        return ()

    watching = jobs.run(wait, waits=True)
    assert jobs.running == 1 and not jobs.busy
    work = jobs.run(wait)
    assert jobs.busy
    work.stop()
    qtbot.waitUntil(lambda: not jobs.busy)
    watching.stop()
    qtbot.waitUntil(lambda: jobs.running == 0)


@pytest.mark.parametrize("count", [30])
def test_many_jobs_at_once(jobs, qtbot, count):
    done = []
    for _ in range(count):
        jobs.run(lambda _token: iter(range(10)), on_done=lambda: done.append(1))
    qtbot.waitUntil(lambda: len(done) == count)
    assert jobs.running == 0
