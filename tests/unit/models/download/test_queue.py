import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.download.pace import BandwidthLimit
from app.models.download.queue import DownloadQueue, Entry, Wanted
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Slow, Status
from tests.unit.models.download.conftest import QUICK, REPO

SIZE = 200_000


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        for name in "abc":
            hub.add(REPO, f"{name}.gguf", b"GGUF" + random.Random(name).randbytes(SIZE - 4))
        yield hub


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def open_queue(tmp_path: Path) -> Iterator[Callable[..., DownloadQueue]]:
    opened: list[DownloadQueue] = []

    def open_(**options: object) -> DownloadQueue:
        given = {"token_for": lambda endpoint: None, "patience": QUICK, "margin_bytes": 0} | options
        opened.append(DownloadQueue(tmp_path / "home" / "downloads.json", **given))  # type: ignore[arg-type]
        return opened[-1]

    yield open_
    for queue in opened:
        queue.close()


@pytest.fixture
def wanted(hub: FakeHub, models: Path) -> Callable[..., Wanted]:
    return lambda *names: Wanted(REPO, tuple(f"{each}.gguf" for each in names), models, hub.endpoint)


def wait_for(queue: DownloadQueue, ready: Callable[[tuple[Entry, ...]], bool]) -> tuple[Entry, ...]:
    cancel = CancelToken()
    timer = threading.Timer(5, cancel.cancel)
    timer.start()
    try:
        for rows in queue.changes(cancel):
            if ready(rows):
                return rows
    finally:
        timer.cancel()
        timer.join()
    pytest.fail(f"never came about: {queue.entries()}")


def all_done(rows: tuple[Entry, ...]) -> bool:
    return all(each.state == "done" for each in rows)


def states(queue: DownloadQueue) -> list[str]:
    return [each.state for each in queue.entries()]


def test_several_models_arrive_two_at_a_time(hub, open_queue, wanted, models):
    hub.order(Slow(bytes_per_s=1_000_000, piece=20_000), times=3)
    queue = open_queue()
    for name in "abc":
        queue.add(wanted(name))
    assert states(queue)[2] == "waiting"
    most = 0
    for rows in queue.changes(CancelToken()):
        most = max(most, sum(each.state == "running" for each in rows))
        if all_done(rows):
            break
    assert most == 2
    assert [each.file for each in rows] == [models / f"{name}.gguf" for name in "abc"]
    assert {(each.bytes_done, each.bytes_total) for each in rows} == {(SIZE, SIZE)}


def test_a_paused_download_stops_and_goes_on_where_it_was(hub, open_queue, wanted):
    hub.order(Slow(bytes_per_s=400_000, piece=10_000))
    queue = open_queue()
    id = queue.add(wanted("a"))
    wait_for(queue, lambda rows: rows[0].bytes_done > 0)
    queue.pause(id)
    assert states(queue) == ["paused"]
    queue.resume(id)
    wait_for(queue, all_done)
    assert hub.sent() < SIZE + 100_000  # only what was under way when it was paused
    queue.pause(id)
    queue.resume(id)
    assert states(queue) == ["done"]


def test_a_pause_makes_room_for_the_next(hub, open_queue, wanted):
    queue = open_queue(at_once=1, limit=BandwidthLimit(50_000))
    first, second = queue.add(wanted("a")), queue.add(wanted("b"))
    assert states(queue) == ["running", "waiting"]
    queue.pause(first)
    wait_for(queue, lambda rows: rows[1].state == "running")
    queue.pause(second)
    assert states(queue) == ["paused", "paused"]


def test_a_failure_says_why_and_can_be_tried_again(hub, open_queue, wanted):
    hub.order(Status(403, "GatedRepo"), method="HEAD")
    queue = open_queue()
    id = queue.add(wanted("a"))
    (row,) = wait_for(queue, lambda rows: rows[0].state == "failed")
    assert f"licence on {hub.endpoint}/{REPO}" in row.note
    queue.resume(id)
    wait_for(queue, all_done)


def test_a_model_is_done_when_it_was_accepted(hub, open_queue, wanted, models):
    seen = []

    def accept(files, arrived, cancel):
        seen.append(([each.sha256 for each in files], arrived.file))
        yield "step"

    queue = open_queue(accept=accept)
    queue.add(wanted("a"))
    (row,) = wait_for(queue, all_done)
    assert row.file == models / "a.gguf" and row.note == ""
    assert seen == [([hashlib.sha256((models / "a.gguf").read_bytes()).hexdigest()], models / "a.gguf")]


def test_a_model_that_is_not_accepted_says_why_and_is_taken_back(hub, open_queue, wanted, models):
    rejected = []

    def accept(files, arrived, cancel):
        raise AppError("It does not load.", "Choose another.")

    queue = open_queue(accept=accept, reject=rejected.append)
    queue.add(wanted("a"))
    (row,) = wait_for(queue, lambda rows: rows[0].state == "failed")
    assert row.note == "It does not load. Choose another."
    queue.remove(row.id)
    assert rejected == [models / "a.gguf"]


def test_a_file_that_lay_there_is_not_taken_back(hub, open_queue, wanted, models):
    rejected = []

    def accept(files, arrived, cancel):
        assert arrived.was_there
        raise AppError("It does not load.", "Choose another.")

    models.mkdir()
    (models / "a.gguf").write_bytes(b"GGUF" + random.Random("a").randbytes(SIZE - 4))
    queue = open_queue(accept=accept, reject=rejected.append)
    id = queue.add(wanted("a"))
    wait_for(queue, lambda rows: rows[0].state == "failed")
    queue.remove(id)
    assert rejected == [] and (models / "a.gguf").exists()


def test_pausing_stops_the_acceptance_too(hub, open_queue, wanted):
    calls = []

    def accept(files, arrived, cancel):
        calls.append(arrived)
        while len(calls) == 1:
            yield cancel.wait(0.01)

    queue = open_queue(accept=accept)
    id = queue.add(wanted("a"))
    wait_for(queue, lambda rows: "loads" in rows[0].note)
    queue.pause(id)
    assert states(queue) == ["paused"]
    sent = hub.sent()
    queue.resume(id)
    wait_for(queue, all_done)
    assert hub.sent() == sent  # all of it was there


def test_the_token_of_the_hub_is_used(hub, open_queue, models):
    hub.add("org/gated", "g.gguf", b"GGUF1234", gated=True)
    queue = open_queue(token_for={hub.endpoint: hub.token}.get)
    queue.add(Wanted("org/gated", ("g.gguf",), models, hub.endpoint))
    wait_for(queue, all_done)


def test_a_waiting_server_is_noted(hub, open_queue, wanted):
    hub.order(Status(429, retry_after="60"))
    queue = open_queue()
    queue.add(wanted("a"))
    wait_for(queue, lambda rows: "asked to wait" in rows[0].note)


def test_removing_stops_it_and_leaves_nothing_but_finished_models(hub, open_queue, wanted, models):
    queue = open_queue(limit=BandwidthLimit(50_000))
    running = queue.add(wanted("a"))
    wait_for(queue, lambda rows: rows[0].bytes_done > 0)
    queue.remove(running)
    assert queue.entries() == () and list(models.iterdir()) == []
    queue = open_queue()
    done = queue.add(wanted("b"))
    wait_for(queue, all_done)
    queue.remove(done)
    assert [each.name for each in models.iterdir()] == ["b.gguf"]


def test_the_same_model_is_not_queued_twice(open_queue, wanted):
    queue = open_queue(limit=BandwidthLimit(50_000))
    first = queue.add(wanted("a"))
    assert queue.add(wanted("a")) == queue.add(replace(wanted("a"), revision="0" * 40)) == first
    assert queue.add(wanted("b")) != first


@pytest.mark.parametrize("state", ["paused", "failed"])
def test_wanted_again_it_goes_on(hub, open_queue, wanted, state):
    if state == "failed":
        hub.order(Status(403, "GatedRepo"), method="HEAD")
    queue = open_queue(limit=BandwidthLimit(50_000))
    id = queue.add(wanted("a"))
    if state == "paused":
        queue.pause(id)
    wait_for(queue, lambda rows: rows[0].state == state)
    queue.limit.bytes_per_s = None
    assert queue.add(wanted("a")) == id
    wait_for(queue, all_done)


def test_two_models_never_share_a_file_on_its_way(hub, open_queue, wanted, models):
    """Of two repositories, or one alone and one in several parts; removing the one would remove the other."""
    hub.add("org/copy", "b.gguf", b"GGUF1234")
    queue = open_queue(limit=BandwidthLimit(400_000))
    id = queue.add(wanted("a", "b"))
    wait_for(queue, lambda rows: rows[0].bytes_done > 0)
    queue.pause(id)
    for other in (wanted("a"), Wanted("org/copy", ("b.gguf",), models, hub.endpoint)):
        with pytest.raises(AppError, match=f"gguf” is in the list of downloads already, from {REPO}"):
            queue.add(other)
        queue.add(replace(other, folder=models / "elsewhere"))
    queue.resume(id)
    wait_for(queue, all_done)
    queue.add(wanted("a"))  # it is there now, and in nobody's way


class RemovedAtTheLastByte(BandwidthLimit):
    """The person removes the download when all bytes are there, and it is not yet looked at whether they did."""

    def __init__(self) -> None:
        super().__init__()
        self.left = SIZE
        self.queue: DownloadQueue | None = None
        self.removing = threading.Thread(target=self._remove)

    def _remove(self) -> None:
        assert self.queue is not None
        self.queue.remove(self.queue.entries()[0].id)

    def delay(self, count: int) -> float:
        self.left -= count
        if not self.left and self.queue is not None:
            self.removing.start()
            wait_for(self.queue, lambda rows: all(each.state != "running" for each in rows))
        return 0.0


def test_removed_when_it_has_just_arrived_nothing_stays(open_queue, wanted, models):
    accepted = []

    def accept(files, arrived, cancel):
        accepted.append(arrived.file)
        cancel.raise_if_cancelled()
        yield "step"

    limit = RemovedAtTheLastByte()
    limit.queue = queue = open_queue(accept=accept, reject=Path.unlink, limit=limit)
    queue.add(wanted("a"))
    wait_for(queue, lambda rows: rows == ())
    limit.removing.join()
    assert accepted == [models / "a.gguf"]
    assert list(models.iterdir()) == []


def test_what_has_arrived_and_was_stopped_is_taken_back_after_a_restart(open_queue, wanted, models):
    def accept(files, arrived, cancel):
        while True:
            yield cancel.wait(0.01)

    queue = open_queue(accept=accept)
    queue.add(wanted("a"))
    wait_for(queue, lambda rows: "loads" in rows[0].note)
    queue.close()
    again = open_queue(reject=Path.unlink)
    again.remove(again.entries()[0].id)
    assert list(models.iterdir()) == []


@pytest.mark.parametrize("go_on", [False, True])
def test_a_restart_finds_the_queue_again(hub, open_queue, wanted, models, go_on):
    queue = open_queue(at_once=1, limit=BandwidthLimit(400_000))
    for name in "ab":
        queue.add(wanted(name))
    wait_for(queue, lambda rows: rows[0].bytes_done > 0)
    began = time.monotonic()
    queue.close()
    assert time.monotonic() - began < 1
    again = open_queue(go_on=go_on)
    assert [each.wanted for each in again.entries()] == [wanted("a"), wanted("b")]
    if not go_on:
        assert states(again) == ["paused", "paused"]
        for each in again.entries():
            again.resume(each.id)
    wait_for(again, all_done)
    again.close()
    assert states(open_queue()) == ["done", "done"]
    assert (models / "a.gguf").stat().st_size == SIZE


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"downloads": [{"id": 1}]}', b'{"downloads": [{"id": "x", "wanted": {}}]}'],
)
def test_a_damaged_list_is_an_empty_one(open_queue, tmp_path, content):
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "downloads.json").write_bytes(content)
    assert open_queue().entries() == ()


def test_a_list_that_cannot_be_saved_does_not_stop_the_download(open_queue, wanted, tmp_path):
    (tmp_path / "home").write_text("in the way of the folder")
    queue = open_queue()
    queue.add(wanted("a"))
    wait_for(queue, all_done)


def test_a_bug_in_one_download_does_not_stop_the_others(open_queue, wanted, caplog):
    def token_for(endpoint: str) -> str | None:
        if not asked:
            asked.append(endpoint)
            raise ZeroDivisionError("a secret")
        return None

    asked: list[str] = []
    queue = open_queue(token_for=token_for, at_once=1)
    queue.add(wanted("a"))
    queue.add(wanted("b"))
    rows = wait_for(queue, lambda rows: rows[1].state == "done")
    assert rows[0].state == "failed" and "error in Alcove" in rows[0].note
    assert "ZeroDivisionError" in caplog.text and "a secret" not in caplog.text


def test_watching_ends_when_the_queue_is_closed(open_queue):
    queue = open_queue()
    changes = queue.changes(CancelToken())
    assert next(changes) == ()
    queue.close()
    assert list(changes) == []
