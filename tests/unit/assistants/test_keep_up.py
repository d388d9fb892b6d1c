"""Keeping folders up to date: real files and the system's own messages, a library that notes what it is asked."""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.assistants import watching
from app.assistants.events import Indexing, Notice
from app.assistants.keep_up import KeepUpEvent, KeptUp, RefreshFailed, Watching, keep_up
from app.assistants.when_to_look import Due, Looks, Timing
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.settings import SettingsStore
from app.retrieval.protocol import IndexFinished, IndexProgress

EVERYTHING: tuple[str, ...] = ()
FINISHED = IndexFinished(1, 0, 1, 0, 0, 1, 0.01, ())


class NotingLibrary:
    """`answers`: what the next refreshes do, an error or reasons to wait until it is stopped; else they succeed."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.answers: list[AppError | str] = []

    def refresh(self, folders: Any, cancel: CancelToken, **options: Any) -> Iterator[Any]:
        assert options["if_free"] and options["unasked"]
        self.asked.append(options["only"])
        yield IndexProgress("listing", 0, 0, "", 0, 0.0, None)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, AppError):
            raise answer
        if answer == "another Alcove is writing":
            return
        if answer is not None:
            yield IndexProgress("waiting", 0, 9, "", 0, 0.0, None, reason=answer)  # type: ignore[arg-type]
            cancel.wait(10)
            cancel.raise_if_cancelled()
        yield FINISHED


class Keeping:
    """`keep_up` on a thread; `wall` is moved by the test."""

    def __init__(self, folder: Path, settings: SettingsStore, **options: Any) -> None:
        self.folder = folder
        self.folders = [str(folder)]
        self.settings = settings
        self.library = NotingLibrary()
        self.cancel = CancelToken()
        self.again = threading.Event()
        self.wall = 0.0
        self.events: queue.SimpleQueue[KeepUpEvent] = queue.SimpleQueue()
        self.ended: BaseException | None = None
        self.timing = Timing(
            calm=0.3, look=0.3, again=0.1, wall=lambda: self.wall + time.monotonic(), **options
        )
        self._thread = threading.Thread(target=self._work)

    def start(self, **options: Any) -> None:
        self._options = options
        self._thread.start()

    def _work(self) -> None:
        library: Any = self.library
        try:
            for event in keep_up(
                lambda: self.folders, library=library, settings=self.settings, cancel=self.cancel, again=self.again,
                timing=self.timing, **self._options,
            ):  # fmt: skip
                self.events.put(event)
        except BaseException as error:
            self.ended = error

    def next(self, kind: type[Any]) -> Any:
        """The next event of this kind; others are passed over."""
        while True:
            event = self.events.get(timeout=8)
            if isinstance(event, kind):
                return event

    def rest(self) -> None:
        """Until the folders are watched and nothing is under way."""
        self.next(Watching)
        time.sleep(0.1)
        while not self.events.empty():
            self.events.get()
        self.library.asked.clear()

    def asked_after(self, change: Callable[[], object], wanted: int = 1) -> set[str]:
        """What was looked at after a change, relative to the folder: at least `wanted` paths."""
        change()
        asked: set[str] = set()
        while len(asked) < wanted:
            asked |= {os.path.relpath(each, self.folder) for each in self.next(KeptUp).only}
        return asked

    def stop(self) -> float:
        started = time.perf_counter()
        self.cancel.cancel()
        self._thread.join(5)
        return time.perf_counter() - started


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "documents"
    (made / "sub").mkdir(parents=True)
    (made / "a.txt").write_text("a")
    return made


@pytest.fixture
def settings(tmp_path):
    return SettingsStore(tmp_path / "settings.json")


@pytest.fixture
def make(folder, settings):
    made: list[Keeping] = []

    def make_one(**options: Any) -> Keeping:
        made.append(Keeping(folder, settings, **options))
        return made[0]

    yield make_one
    assert made[0].stop() < 2
    assert isinstance(made[0].ended, Cancelled)


@pytest.fixture
def keeping(make):
    return make()


def test_first_everything_then_only_what_changed(keeping, folder):
    keeping.start()
    assert keeping.next(Indexing).progress.stage == "listing"
    assert keeping.next(KeptUp).only == EVERYTHING
    assert keeping.next(Watching) == Watching((str(folder),), None)
    assert keeping.asked_after(lambda: (folder / "b.txt").write_text("b")) == {"b.txt"}
    assert keeping.asked_after(lambda: (folder / "b.txt").rename(folder / "sub" / "c.txt"), 2) == {
        "b.txt",
        "sub/c.txt",
    }
    assert keeping.asked_after(lambda: (folder / "sub" / "c.txt").unlink()) == {"sub/c.txt"}
    assert keeping.asked_after(lambda: (folder / "sub").rename(folder / "new"), 2) == {"sub", "new"}
    assert keeping.asked_after(lambda: (folder / "new" / "d.txt").write_text("d")) == {"new/d.txt"}
    assert keeping.asked_after(lambda: (folder / ".gitignore").write_text("*.log\n")) == {"."}
    assert keeping.stop() < 0.5 or os.getloadavg()[0] > 4


def test_what_is_not_read_changes_nothing(keeping, folder, tmp_path, settings):
    settings.change(ignore=("*.tmp", "build/"))
    (folder / "build").mkdir()
    (folder / "home").mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    keeping.start(own=[folder / "home"])
    keeping.rest()

    def change() -> None:
        for name in (".hidden", "x.tmp", "build/x.txt", "home/index.db", "~$a.docx", "link/x.txt"):
            (folder / name).write_text("x")
        os.mkfifo(folder / "pipe")
        (folder / "pipe").unlink()
        (folder / "seen.txt").write_text("x")

    asked = keeping.asked_after(change)
    time.sleep(0.4)  # nothing follows
    asked |= {os.path.relpath(each, folder) for only in keeping.library.asked for each in only}
    assert "seen.txt" in asked and asked <= {"seen.txt", "pipe"}


def test_many_changes_are_read_together(keeping, folder):
    keeping.start()
    keeping.rest()

    def change() -> None:
        for number in range(40):
            (folder / f"{number}.txt").write_text("x")
            time.sleep(0.01)

    assert len(keeping.asked_after(change, 40)) == 40
    assert len(keeping.library.asked) <= 2


def test_a_drive_that_goes_and_comes_back_is_watched_again(keeping, folder, tmp_path):
    keeping.start()
    keeping.rest()
    away = tmp_path / "away"
    assert keeping.asked_after(lambda: folder.rename(away)) == {"."}
    keeping.rest()
    assert keeping.asked_after(lambda: away.rename(folder)) == {"."}
    keeping.rest()
    assert keeping.asked_after(lambda: (folder / "b.txt").write_text("b")) == {"b.txt"}


def test_new_folders_and_new_rules_are_followed(keeping, folder, tmp_path, settings):
    keeping.start()
    keeping.rest()
    other = tmp_path / "other.txt"
    other.write_text("x")
    keeping.folders = [str(folder), str(other)]
    assert keeping.next(KeptUp).only == (str(other),)
    keeping.rest()
    other.write_text("y")
    assert keeping.next(KeptUp).only == (str(other),)
    settings.change(ignore=("*.tmp",))
    assert keeping.next(KeptUp).only == EVERYTHING


def test_only_when_asked_and_not_while_paused(keeping, folder, settings):
    settings.change(reading_schedule="manual")
    keeping.start()
    time.sleep(0.5)
    assert keeping.library.asked == []
    keeping.again.set()
    assert keeping.next(KeptUp).only == EVERYTHING
    settings.change(reading_schedule="always")
    assert keeping.next(KeptUp).only == EVERYTHING
    keeping.rest()
    settings.change(reading_paused=True)
    (folder / "b.txt").write_text("b")
    time.sleep(0.5)
    assert keeping.library.asked == []
    settings.change(reading_paused=False)
    assert keeping.next(KeptUp).only == (str(folder / "b.txt"),)


def test_errors_are_told_and_tried_again(keeping):
    keeping.library.answers += [
        AppError("The disk is full.", "Free some space."),
        "another Alcove is writing",
    ]
    keeping.start()
    failed = keeping.next(RefreshFailed)
    assert (failed.error.what, failed.again_s) == ("The disk is full.", 0.1)
    assert keeping.next(KeptUp).only == EVERYTHING
    assert keeping.library.asked == [EVERYTHING] * 3


def test_a_deleted_file_does_not_wait_for_a_refresh_that_waits(keeping, folder):
    keeping.library.answers += ["battery"]
    keeping.start()
    while keeping.next(Indexing).progress.reason != "battery":
        pass
    time.sleep(0.5)  # the system is asked to tell of changes
    (folder / "a.txt").unlink()
    assert keeping.next(KeptUp).only == EVERYTHING
    assert keeping.library.asked == [EVERYTHING] * 2


def test_where_the_system_refuses_folders_are_looked_at_now_and_then(make, folder, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", refuse)
    keeping = make(poll=0.4)
    keeping.start()
    assert keeping.next(Notice).text.startswith("Too many folders to be told of every change")
    assert keeping.next(Watching).polling_s >= 0.4
    for _ in range(2):
        assert keeping.next(KeptUp).only == (str(folder),)
    assert len(keeping.library.asked) <= 5


def test_a_network_drive_is_looked_at_and_the_others_are_watched(make, folder, tmp_path, monkeypatch):
    remote = tmp_path / "remote"
    remote.mkdir()
    monkeypatch.setattr(watching, "_is_remote", lambda path: path == str(remote))
    keeping = make(poll=0.5)
    keeping.folders.append(str(remote))
    keeping.start()
    assert str(remote) in keeping.next(Notice).text
    while keeping.next(KeptUp).only != (str(remote),):
        pass
    (folder / "b.txt").write_text("b")
    assert any(str(folder / "b.txt") in keeping.next(KeptUp).only for _ in range(4))


def test_after_a_sleep_everything_is_looked_at(keeping):
    keeping.start()
    keeping.rest()
    keeping.wall += 3600
    assert keeping.next(KeptUp).only == EVERYTHING
    keeping.rest()
    keeping.wall -= 10 * 365 * 86400
    assert keeping.next(KeptUp).only == EVERYTHING


def test_looking_takes_a_fiftieth_of_the_time_at_most():
    now = [0.0]
    looks = Looks(Timing(now=lambda: now[0], wall=lambda: now[0]))
    assert looks.wanted and looks.poll_wanted
    looks.begun(everything=True)
    looks.succeeded(6.0)
    assert (looks.poll_s, looks.wanted, looks.poll_wanted) == (300.0, False, False)
    now[0] = 301.0
    assert (looks.wanted, looks.poll_wanted) == (False, True)
    assert [looks.failed() for _ in range(8)] == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]
    assert not looks.allowed
    looks.allow()
    assert looks.allowed
    now[0] = 1802.0
    assert looks.wanted


def test_changes_are_gathered_until_it_is_calm_but_not_for_ever():
    timing, due = Timing(), Due()
    assert not due.is_calm(0.0, timing)
    for tenths in range(200):
        due.add([f"{tenths}"], tenths / 10)
        assert due.is_calm(tenths / 10, timing) == (tenths >= 150)
    assert Due(paths={"a"}, first=0.0, latest=0.0).is_calm(1.5, timing)
    assert Due(everything=True).is_calm(0.0, timing)
