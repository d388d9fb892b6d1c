"""What may go wrong around an index: kills, disks, permissions, two Alcoves, damage, files that move while they are read."""

import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.retrieval.client import Library
from app.retrieval.protocol import IndexFinished
from app.storage.passages import IndexReader
from benchmarks.kills import killed_runs
from tests.end2end.conftest import ROOT, Alcove
from tests.fixtures.homes import prepared

FERRY = "The ferry leaves at noon from the old pier."


@pytest.fixture
def no_leaked_threads() -> None:
    """The worker that most tests here share outlives each of them."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    return prepared(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def library(home: DataPaths) -> Iterator[Library]:
    library = Library(home)
    yield library
    library.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Alcove:
    """An index of one document; tests copy it."""
    folder = tmp_path_factory.mktemp("small")
    alcove = Alcove(folder / "home")
    (folder / "docs").mkdir()
    (folder / "docs" / "ferry.txt").write_text(FERRY)
    assert alcove("index", str(folder / "docs")).code == 0
    return alcove


def copied(small: Alcove, tmp_path: Path) -> Alcove:
    return Alcove(Path(shutil.copytree(small.home, tmp_path / "copied")))


def refresh(library: Library, folder: Path) -> IndexFinished:
    *_, finished = library.refresh([str(folder)], CancelToken())
    assert isinstance(finished, IndexFinished)
    return finished


def found(library: Library, words: str, folder: Path) -> list[str]:
    hits = library.search(words, CancelToken(), mode="keyword", folders=[str(folder)]).hits
    return [Path(hit.file).name for hit in hits]


def states(finished: IndexFinished) -> dict[str, str]:
    return {Path(each.file).name: each.state for each in finished.failures}


def test_killed_at_any_moment_the_index_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    outcome = killed_runs(tmp_path, 6, seed=os.getpid(), scans=False, longest_wait_s=1.5)
    assert outcome.killed.total() == 6 and outcome.passages > 100
    assert outcome.wrong == []


def test_a_data_folder_that_cannot_be_written_is_searched_all_the_same(small: Alcove, tmp_path: Path) -> None:
    alcove = copied(small, tmp_path)
    home = str(alcove.home)
    if subprocess.run(["mount", "--bind", home, home], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", home], check=True)
        searched = alcove("search", "ferry", "--json")
        indexed = alcove("index", str(tmp_path))
    finally:
        subprocess.run(["umount", "-l", home], check=False)
    assert searched.json["hits"][0]["text"] == FERRY
    assert "Nothing can be written in" in searched.err and searched.err.count("\n") == 1
    assert indexed.code == 1 and "stays as it is" in indexed.err and "Traceback" not in indexed.err


def test_a_file_that_may_not_grow_is_a_sentence_and_what_is_indexed_stays(
    small: Alcove, tmp_path: Path
) -> None:
    if shutil.which("prlimit") is None:
        pytest.skip("there is no prlimit here")
    alcove = copied(small, tmp_path)
    folder = tmp_path / "more"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.txt").write_text(" ".join(f"word{number * 1000 + each}" for each in range(400)))
    limit = (alcove.home / "index.db").stat().st_size + 60_000
    finished = alcove("index", str(folder), before=["prlimit", f"--fsize={limit}"])
    assert finished.code == 1 and "Traceback" not in finished.err
    assert "cannot be written" in finished.err or "disk is full" in finished.err
    assert alcove("search", "ferry", "--json").json["hits"][0]["text"] == FERRY


def test_twenty_that_start_at_once_write_one_at_a_time(small: Alcove, tmp_path: Path) -> None:
    """Each is the part of a worker that decides who writes; twenty whole commands would only take longer."""
    home = copied(small, tmp_path).home
    script = """
import os, sys, time
from pathlib import Path
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.retrieval.pacing import Pace
from app.retrieval.worker import Retrieval
home = Path(sys.argv[1])
for number in range(20):
    if os.fork() == 0:
        retrieval = Retrieval(Pace(), home / "index.db", home / "index.lock", home / "cache" / "vectors.faiss", home / "logs")
        try:
            with retrieval._writer(CancelToken()), (home / "inside").open("x"):
                time.sleep(0.2)
                (home / "inside").unlink()
            told = "wrote"
        except AppError as error:
            told = str(error)
        except BaseException as error:
            told = repr(error)
        os.write(1, (told + chr(10)).encode())
        os._exit(0)
for number in range(20):
    os.wait()
"""
    run = subprocess.run(
        [sys.executable, "-c", script, str(home)], cwd=ROOT, text=True, stdout=subprocess.PIPE, timeout=60
    )
    told = run.stdout.splitlines()
    assert len(told) == 20 and "wrote" in told
    assert all(each == "wrote" or each.startswith("Another Alcove is updating") for each in told), told


def test_files_that_change_vanish_and_move_while_they_are_read(
    library: Library, home: DataPaths, tmp_path: Path
) -> None:
    folder = tmp_path / "restless"
    folder.mkdir()
    for number in range(24):
        (folder / f"{number:02}.txt").write_text(f"Version 0 of the zebra paper {number}.")
    stop = threading.Event()

    def disturb() -> None:
        version = 0
        while not stop.wait(0.002):
            version += 1
            number = version % 16
            with contextlib.suppress(OSError):
                (folder / f"{number:02}.txt").write_text(
                    f"Version {version} of the zebra paper. " * (version % 9 + 1)
                )
            with contextlib.suppress(OSError):
                (folder / "new.tmp").write_text(f"Replaced {version}: zebra.")
                (folder / "new.tmp").replace(folder / f"{16 + version % 6}.txt")
            with contextlib.suppress(OSError):
                (folder / f"{22 + version % 2}.txt").unlink()

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        finished = refresh(library, folder)
        assert set(states(finished).values()) <= {"changed-retrying", "empty", "unreadable"}
    finally:
        stop.set()
        disturber.join()
    finished = refresh(library, folder)
    assert finished.failed == 0 and finished.seen == len(list(folder.iterdir()))
    with contextlib.closing(IndexReader(home.index_db)) as reader:
        for path in folder.iterdir():
            (place,) = reader.text_of(str(path))
            assert place.text == path.read_text().strip()


def test_links_pipes_devices_odd_names_and_times_do_not_matter(library: Library, tmp_path: Path) -> None:
    folder, outside = tmp_path / "odd", tmp_path / "outside"
    (folder / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.txt").write_text("Nobody chose the walrus.")
    for name, target in (
        ("loop", "."),
        ("up", ".."),
        ("self", "self"),
        ("away", outside),
        ("zero", "/dev/zero"),
    ):
        (folder / "deep" / name).symlink_to(target)
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(folder / "socket.txt"))
    names = [
        "new\nline.txt",
        "tab\t.txt",
        "\u202efdp.txt",
        "<img src=x>.txt",
        "-rf.txt",
        "cafe\u0301.txt",
        "caf\xe9.txt",
    ]
    for number, name in enumerate(names):
        (folder / name).write_text(f"The walrus rests on floe {number}.")
    with contextlib.suppress(OSError):  # not every file system takes it
        os.close(os.open(os.fsencode(folder) + b"/lat\xe9in.txt", os.O_CREAT | os.O_WRONLY))
    for number, when in enumerate((0, 2**32 + 10**8, -(10**9))):  # 1970, 2109, 1938
        path = folder / f"time{number}.txt"
        path.write_text(f"The walrus has time {number}.")
        os.utime(path, (when, when))
    finished = refresh(library, folder)
    assert finished.indexed == len(names) + 3
    assert states(finished) in ({}, {"lat\ufffdin.txt": "unreadable"})
    assert sorted(found(library, "walrus floe", folder))[:1] == ["-rf.txt"]
    assert "secret.txt" not in found(library, "walrus", tmp_path)
    again = refresh(library, folder)
    assert (again.indexed, again.unchanged) == (0, len(names) + 3)
    os.utime(folder / "time1.txt", (1, 1))
    (folder / "time1.txt").write_text("The heron has time 9.")
    os.utime(folder / "time1.txt", (1, 1))  # older than before, and changed all the same
    assert refresh(library, folder).indexed == 1


def test_a_file_without_permission_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may open everything, and cannot give that up here")
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "open.txt").write_text(FERRY)
    (folder / "closed.txt").write_text("The strongbox is behind the oil painting.")
    (folder / "closed.txt").chmod(0)
    give_up = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]
    before = give_up if os.geteuid() == 0 else []
    alcove = Alcove(tmp_path / "home")
    first = alcove("index", str(folder), "--json", before=before).json
    assert first["files"]["indexed"] == 1
    assert [(Path(each["file"]).name, each["state"]) for each in first["failures"]] == [
        ("closed.txt", "unreadable")
    ]
    assert first["failures"][0]["reason"].endswith(".")


def test_an_index_of_a_newer_alcove_is_refused_and_left_alone(small: Alcove, tmp_path: Path) -> None:
    alcove = copied(small, tmp_path)
    index = alcove.home / "index.db"
    with contextlib.closing(sqlite3.connect(index)) as db:
        db.execute("PRAGMA user_version=99")
    before = index.read_bytes()
    mended = alcove("doctor", "--repair", "--json")
    assert mended.code == 1 and "newer version" in mended.out
    assert index.read_bytes() == before and not list(alcove.home.glob("index-damaged-*"))


def test_an_index_with_a_zeroed_page_is_set_aside_and_read_anew(small: Alcove, tmp_path: Path) -> None:
    alcove = copied(small, tmp_path)
    index = alcove.home / "index.db"
    with contextlib.closing(sqlite3.connect(index)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'places'").fetchone()[0]
    data = bytearray(index.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = bytes(4096)
    index.write_bytes(data)
    mended = alcove("doctor", "--repair", "--json")
    assert mended.code == 0, mended.out
    assert "rebuilt from your documents" in mended.out
    (kept,) = alcove.home.glob("index-damaged-*.db")
    assert kept.read_bytes() == data
    assert alcove("search", "ferry", "--json").json["hits"][0]["text"] == FERRY


def test_a_writer_keeps_the_doctor_from_setting_its_index_aside(small: Alcove, tmp_path: Path) -> None:
    from filelock import FileLock

    alcove = copied(small, tmp_path)
    (alcove.home / "index.db").write_bytes(b"no database any more" * 500)
    with FileLock(alcove.home / "index.lock"):
        refused = alcove("doctor", "--repair", "--json")
    assert refused.code == 1 and "Another Alcove is updating" in refused.out
    assert not list(alcove.home.glob("index-damaged-*"))
