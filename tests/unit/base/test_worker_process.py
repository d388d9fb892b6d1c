import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pydantic import TypeAdapter

from app.base.errors import AppError, Cancelled, WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.base.worker_process import WorkerProcess, _Server
from tests.fixtures.echo_worker import CODEC, Fail, Said, Say


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerProcess]:
    monkeypatch.setattr(
        WorkerProcess, "_command", lambda self: [sys.executable, "-m", "tests.fixtures.echo_worker"]
    )
    worker = WorkerProcess("tests", CODEC, title="The echo", log_file=tmp_path / "echo.log", grace_s=0.5)
    yield worker
    worker.close()


def test_replies_arrive_in_order_and_unchanged(worker):
    text = 'a line\nanother · 漢字 🙂 \x00 \\ "'
    replies = list(worker.request(Say(text, times=3), CancelToken()))
    assert [reply.text for reply in replies] == [text] * 3


def test_one_process_serves_many_requests(worker):
    assert len({worker.call(Say("x")).pid for _ in range(5)}) == 1


def test_requests_of_several_threads_do_not_mix(worker):
    worker.start()
    seen: dict[str, list[str]] = {}

    def ask(name: str) -> None:
        seen[name] = [reply.text for reply in worker.request(Say(name, times=50), CancelToken())]

    threads = [threading.Thread(target=ask, args=(f"n{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {f"n{number}": [f"n{number}"] * 50 for number in range(4)}


def test_expected_errors_keep_both_sentences(worker):
    with pytest.raises(AppError) as caught:
        worker.call(Fail("app"))
    assert (caught.value.what, caught.value.remedy) == ("It failed.", "Do something.")


def test_bugs_are_reported_without_their_message(worker):
    with pytest.raises(WorkerBug) as caught:
        worker.call(Fail("bug"))
    assert "ValueError" in str(caught.value)
    assert "secret text" not in str(caught.value)


def test_a_killed_worker_is_named_and_the_next_request_works(worker):
    first = worker.call(Say("x")).pid
    with pytest.raises(WorkerDied) as caught:
        worker.call(Fail("die"))
    assert caught.value.what == "The echo stopped unexpectedly." and not caught.value.killed
    assert worker.call(Say("x")).pid != first


def test_a_worker_killed_from_outside_between_requests_is_replaced(worker):
    first = worker.call(Say("x")).pid
    os.kill(first, 9)
    psutil.wait_procs([psutil.Process(first)] if psutil.pid_exists(first) else [], timeout=2)
    time.sleep(0.2)
    assert worker.call(Say("x")).pid != first


def test_stop_ends_a_request_and_keeps_the_process(worker):
    first = worker.call(Say("x")).pid
    token = CancelToken()
    replies = worker.request(Say("again", times=1000, pause_s=0.01), token)
    next(replies)
    token.cancel()
    with pytest.raises(Cancelled):
        list(replies)
    assert worker.call(Say("x")).pid == first


def test_a_worker_that_does_not_stop_is_killed(worker):
    first = worker.call(Say("x")).pid
    token = CancelToken()
    threading.Timer(0.2, token.cancel).start()
    with pytest.raises(Cancelled):
        worker.call(Fail("deaf"), token)
    assert worker.call(Say("x")).pid != first
    assert not psutil.pid_exists(first)


def test_who_waits_beside_a_killed_request_learns_why(worker):
    worker.call(Say("x"))
    token = CancelToken()

    def stopped():
        with contextlib.suppress(Cancelled):
            worker.call(Fail("deaf"), token)

    beside = threading.Thread(target=stopped)
    beside.start()
    threading.Timer(0.3, token.cancel).start()
    with pytest.raises(WorkerDied) as caught:
        worker.call(Fail("deaf"))
    beside.join()
    assert caught.value.killed


def test_leaving_early_stops_the_request(worker):
    replies = worker.request(Say("again", times=100_000, pause_s=0.01), CancelToken())
    next(replies)
    replies.close()
    assert isinstance(worker.call(Say("after")), Said)


def test_prints_of_native_code_do_not_disturb_the_frames(worker, tmp_path):
    assert worker.call(Fail("noise")).text == "still here"
    assert "native library chatter" in (tmp_path / "echo.log").read_text()


def test_the_worker_ends_with_its_front(worker):
    pid = worker.call(Say("x")).pid
    worker.close()
    assert not psutil.pid_exists(pid)


def test_an_already_stopped_request_is_not_sent(worker):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        worker.call(Say("x"), token)
    assert worker.pid is None


def test_what_cannot_be_sent_does_not_cost_the_worker(worker):
    first = worker.call(Say("x")).pid
    with pytest.raises(ValueError, match="surrogate"):
        worker.call(Say("caf\udce9"))
    assert worker.call(Say("x")).pid == first


def test_an_unreadable_answer_is_logged_without_its_text(worker, monkeypatch, caplog):
    monkeypatch.setattr(CODEC, "_adapters", {"Said": TypeAdapter(int)})
    with pytest.raises(WorkerDied):
        worker.call(Say("secret words"))
    assert "ValidationError" in caplog.text and "secret words" not in caplog.text


def test_a_front_that_went_away_is_no_bug(caplog):
    class Gone:
        def write(self, frame: bytes) -> None:
            raise BrokenPipeError

    server = _Server(lambda message, cancel: iter([Said("x", 1)]), CODEC, Gone())
    server.answer(1, Say("x"), server.open(1))
    assert caplog.text == ""
