"""The process that reads: limits, crashes, hangs, and life after them."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.documents import reader_process
from app.documents.document import Place, Verdict
from app.documents.limits import MIB, Limits
from app.documents.reader_pool import ReaderPool
from app.documents.reader_process import ReaderProcess
from tests.unit.documents.conftest import write_pdf, write_zip

_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files and limits")


@pytest.fixture
def make_reader(tmp_path: Path) -> Iterator["object"]:
    made: list[ReaderProcess] = []

    def make(limits: Limits | None = None) -> ReaderProcess:
        made.append(ReaderProcess(limits or Limits(), tmp_path / "work", tmp_path / "logs"))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("The keys are in the drawer.")
    return path


def _swamp(tmp_path: Path) -> Path:
    """A page whose content takes long to draw: valid, small, slow."""
    path = tmp_path / "slow.html"
    path.write_text("<html>" + "<table><tr><td>x" * 400_000)
    return path


def test_it_starts_when_first_asked_and_cleans_up(make_reader, note: Path, tmp_path: Path) -> None:
    reader = make_reader()
    assert reader.pid is None and not (tmp_path / "work").exists()
    result = reader.read(note, CancelToken())
    assert result.verdict == Verdict.indexed
    assert result.document is not None and result.document.places[0].text == "The keys are in the drawer."
    first = reader.pid
    assert first is not None
    pdf = write_pdf(tmp_path / "a.pdf", [["One."]])
    assert reader.read(pdf, CancelToken()).verdict == Verdict.indexed
    assert reader.pid == first
    assert any((tmp_path / "work").iterdir())  # the native library is unpacked here, not in the shared folder
    reader.close()
    assert reader.pid is None and not any((tmp_path / "work").iterdir())


def test_names_need_not_be_unicode(make_reader, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(path)).write_text("inside")
    except OSError:
        pytest.skip("this file system wants Unicode names")
    assert make_reader().read(Path(os.fsdecode(path)), CancelToken()).verdict == Verdict.indexed


@_POSIX
def test_a_hang_is_timed_out_and_the_next_file_is_read(make_reader, note: Path, tmp_path: Path) -> None:
    reader = make_reader(Limits(seconds=0.2))
    assert reader.read(_swamp(tmp_path), CancelToken()).verdict == Verdict.timed_out
    patient = make_reader()
    assert patient.read(note, CancelToken()).verdict == Verdict.indexed


@_POSIX
def test_what_ends_every_reader_is_damage_and_the_next_file_is_read(make_reader, note: Path) -> None:
    reader = make_reader()
    with _killing(reader, lambda: True):
        result = reader.read(note, CancelToken())
        page = reader.recognise(note, Place("page", 1), CancelToken())
    assert result.verdict == Verdict.damaged and "made the reader stop" in result.reason
    assert (page.state, page.quality) == ("picture", 0.0)
    assert reader.read(note, CancelToken()).verdict == Verdict.indexed


@_POSIX
def test_a_crash_counts_once(make_reader, note: Path, tmp_path: Path) -> None:
    """What ended the reader may have been the system."""
    from PIL import Image

    path = tmp_path / "page.png"
    Image.new("L", (300, 200), 255).save(path)
    reader = make_reader()
    for ask in (
        lambda: reader.recognise(path, Place("page", 1), CancelToken()).state == "picture",
        lambda: reader.read(note, CancelToken()).verdict == Verdict.indexed,
    ):
        reader.read(note, CancelToken())
        first = reader.pid
        os.kill(first, signal.SIGSTOP)  # it takes the request, and ends while it has it
        with _killing(reader, lambda first=first: reader.pid == first):
            assert ask()
        assert reader.pid not in (None, first)


@contextmanager
def _killing(reader: ReaderProcess, wanted: Callable[[], bool]) -> Iterator[None]:
    """Ends the child again and again, while it is `wanted`."""
    done = threading.Event()

    def kill() -> None:
        while not done.wait(0.2):
            pid = reader.pid
            if pid is not None and wanted():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        done.set()
        killer.join()


@pytest.mark.skipif(sys.platform != "linux", reason="the memory limit is kept on Linux only")
def test_memory_is_bounded(make_reader, tmp_path: Path, note: Path) -> None:
    reader = make_reader(Limits(memory_bytes=900 * MIB, file_bytes=4000 * MIB))
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(3000 * MIB)
    result = reader.read(path, CancelToken())
    assert result.verdict in (Verdict.too_large, Verdict.damaged)
    assert reader.read(note, CancelToken()).verdict == Verdict.indexed


@_POSIX
def test_stop_ends_reading_at_once(make_reader, note: Path, tmp_path: Path) -> None:
    reader = make_reader()
    reader.read(note, CancelToken())
    cancel = CancelToken()
    timer = threading.Timer(0.2, cancel.cancel)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        reader.read(_swamp(tmp_path), cancel)
    timer.join()
    assert time.monotonic() - began < 3
    assert reader.read(note, CancelToken()).verdict == Verdict.indexed


def test_a_pool_at_rest_runs_nothing_and_reads_again(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.txt": "Words."})
    pool = ReaderPool(Limits(), tmp_path / "work", tmp_path / "logs", 2)
    try:
        with pool.reader() as reader:
            for _ in range(2):
                assert reader.members(path, CancelToken())[0][0].name == "a.txt"
                assert reader.pid is not None
                pool.rest()
                assert reader.pid is not None, "it is lent out"
        pool.rest()
        assert reader.pid is None
        with pool.reader() as again:
            assert again is reader
            assert again.read(path, CancelToken(), member="a.txt").verdict == Verdict.indexed
            path.unlink()
            assert again.members(path, CancelToken())[1] == Verdict.unreadable
            assert again.read(path, CancelToken(), member="a.txt").verdict == Verdict.unreadable
    finally:
        pool.close()


def test_what_the_parent_held_is_not_the_childs(make_reader, note: Path) -> None:
    held = b"x" * (800 * 1024 * 1024)  # more than a child may hold before it is replaced
    reader = make_reader()
    reader.read(note, CancelToken())
    assert reader.pid is not None and held


def test_the_process_is_replaced_after_many_files(
    make_reader, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_process, "_MAX_FILES", 2)
    reader = make_reader()
    reader.read(note, CancelToken())
    first = reader.pid
    reader.read(note, CancelToken())
    assert reader.pid is None
    reader.read(note, CancelToken())
    assert reader.pid not in (None, first)


def test_a_cancelled_token_reads_nothing(make_reader, note: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        make_reader().read(note, cancel)
