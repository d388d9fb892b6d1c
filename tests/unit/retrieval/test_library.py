"""The real retrieval worker over small folders: what is read, kept, found and forgotten."""

import os
import shutil
import sqlite3
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.base.errors import AppError, Cancelled, WorkerDied
from app.base.jobs import CancelToken
from app.base.paths import DataPaths, find_paths
from app.retrieval.client import Library
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import IndexFinished, IndexProgress
from app.storage.database import open_database, open_read_only
from app.storage.migrations import INDEX
from app.storage.passages import IndexReader
from tests.fixtures.homes import prepared

TEXTS = {
    "lease.txt": "The tenant pays the rent on the third of the month.\n\nThe deposit is 1,450 euros.",
    "pump.md": "# Pump\n\nThe drain pump is under warranty for five years.\n\n# Door\n\nThe door opens by itself.",
    "sub/bread.txt": "Knead the dough for ten minutes, then let it rest for an hour.",
}


def write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    write(folder, TEXTS)
    return folder


@pytest.fixture(scope="module")
def shared_paths(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    return prepared(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def warm_library(shared_paths: DataPaths) -> Iterator[Library]:
    """Starting a worker loads torch, which takes seconds: most tests share one."""
    library = Library(shared_paths)
    yield library
    library.close()


@pytest.fixture
def library(warm_library: Library, folder: Path) -> Iterator[Library]:
    yield warm_library
    warm_library.forget([str(folder)])


@pytest.fixture(autouse=True)
def no_leaked_threads() -> None:
    """The shared worker's reader thread outlives one test on purpose."""


def refresh(library: Library, folder: Path, **options: Any) -> IndexFinished:
    events = list(library.refresh([str(folder)], CancelToken(), **options))
    assert all(isinstance(each, IndexProgress) for each in events[:-1])
    assert isinstance(events[-1], IndexFinished)
    return events[-1]


def names(library: Library, query: str, folder: Path, **options: str) -> list[str]:
    result = library.search(query, CancelToken(), folders=[str(folder)], **options)
    return [Path(hit.file).name for hit in result.hits]


def contents(paths: DataPaths) -> list[tuple[object, ...]]:
    database = open_read_only(paths.index_db)
    assert database is not None
    rows = database.rows(
        """SELECT f.path, f.state, t.text, p.start, p.end, p.heading, length(v.vector)
           FROM files f LEFT JOIN passages p ON p.file_id = f.id LEFT JOIN places t ON t.id = p.place_id
           LEFT JOIN vectors v ON v.passage_id = p.id ORDER BY f.path, p.start"""
    )
    found = [tuple(row) for row in rows]
    database.close()
    return found


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
def test_a_question_finds_the_passage(library, folder, mode):
    finished = refresh(library, folder)
    assert (finished.seen, finished.indexed, finished.failed) == (3, 3, 0)
    assert names(library, "How long is the pump under warranty?", folder, mode=mode)[0] == "pump.md"


def test_offsets_lead_back_to_the_text_and_evidence_is_verbatim(library, folder, shared_paths):
    refresh(library, folder)
    result = library.search("deposit", CancelToken(), folders=[str(folder)], evidence=True)
    hit = result.hits[0]
    reader = IndexReader(shared_paths.index_db)
    text = reader.text_of(hit.file)[0].text
    reader.close()
    assert text[hit.start : hit.end] == hit.text
    span = hit.evidence[0]
    assert "1,450 euros" in hit.text[span.start : span.end]


def test_nothing_changed_reads_nothing(library, folder):
    refresh(library, folder)
    again = refresh(library, folder)
    assert (again.seen, again.indexed, again.unchanged, again.removed) == (3, 0, 3, 0)


def test_a_changed_file_replaces_its_passages(library, folder):
    refresh(library, folder)
    (folder / "pump.md").write_text("# Pump\n\nThe pump is guaranteed for 77 weeks.")
    assert refresh(library, folder).indexed == 1
    assert names(library, "77 weeks", folder, mode="keyword") == ["pump.md"]
    assert names(library, "drain", folder, mode="keyword") == []


def test_a_touched_file_is_not_read_again(library, folder):
    refresh(library, folder)
    os.utime(folder / "pump.md", (1, 1))
    again = refresh(library, folder)
    assert (again.indexed, again.unchanged) == (0, 3)


def test_moved_copied_and_deleted_files(library, folder):
    refresh(library, folder)
    (folder / "pump.md").rename(folder / "sub" / "renamed.md")
    shutil.copy(folder / "lease.txt", folder / "copy.txt")
    (folder / "sub" / "bread.txt").unlink()
    again = refresh(library, folder)
    assert (again.seen, again.indexed, again.unchanged, again.removed) == (3, 1, 2, 1)
    assert names(library, "drain pump", folder, mode="keyword") == ["renamed.md"]
    assert names(library, "dough", folder, mode="keyword") == []
    assert len(names(library, "deposit euros", folder)) >= 1


def test_a_search_stays_in_its_folders(library, folder):
    refresh(library, folder)
    assert names(library, "dough", folder / "sub") == ["bread.txt"]
    assert "bread.txt" not in names(library, "dough", folder / "lease.txt")


def test_missing_and_unreadable_things_are_named(library, folder, tmp_path):
    with pytest.raises(AppError, match="no such file or folder"):
        refresh(library, tmp_path / "nowhere")
    (folder / "nothing.txt").write_text("")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nthis is cut off")
    finished = refresh(library, folder)
    states = {Path(each.file).name: each.state for each in finished.failures}
    assert states["nothing.txt"] == "empty"
    assert states["broken.pdf"] == "damaged"
    assert all(each.reason for each in finished.failures)
    again = refresh(library, folder)
    assert (again.indexed, again.failed) == (0, 2)


def test_a_vanished_folder_keeps_what_was_read_from_it(library, folder, tmp_path):
    other = tmp_path / "other"
    write(other, {"a.txt": "The ferry leaves at noon."})
    list(library.refresh([str(folder), str(other)], CancelToken()))
    other.rename(tmp_path / "unplugged")
    events = list(library.refresh([str(folder), str(other)], CancelToken()))
    assert events[-1].removed == 0 and events[-1].failed == 1
    assert names(library, "ferry", other, mode="keyword") == ["a.txt"]
    library.forget([str(other)])
    assert names(library, "ferry", other, mode="keyword") == []


def test_an_empty_folder_is_no_error(library, tmp_path):
    (tmp_path / "empty").mkdir()
    finished = refresh(library, tmp_path / "empty")
    assert (finished.seen, finished.passages) == (0, 0)


def test_stop_keeps_what_was_read(library, folder, shared_paths):
    write(
        folder,
        {f"many/{number:03}.txt": f"Document {number} speaks of topic {number}." for number in range(200)},
    )
    token = CancelToken()
    with pytest.raises(Cancelled):
        for event in library.refresh([str(folder)], token):
            if event.done >= 20:
                token.cancel()
    done = len([row for row in contents(shared_paths) if "/many/" in str(row[0])])
    assert 20 - len(TEXTS) <= done < 200
    finished = refresh(library, folder)
    assert finished.indexed <= 203 - done
    assert finished.seen == 203
    assert len(contents(shared_paths)) == finished.passages >= 203


def test_searching_works_while_indexing(library, folder):
    refresh(library, folder)
    write(
        folder,
        {f"many/{number:03}.txt": f"Document {number} speaks of topic {number}." for number in range(150)},
    )
    events: list[object] = []
    indexing = threading.Thread(target=lambda: events.extend(library.refresh([str(folder)], CancelToken())))
    indexing.start()
    assert names(library, "deposit", folder, mode="keyword") == ["lease.txt"]
    indexing.join()
    assert events[-1].indexed == 150


def test_indexing_waits_while_an_answer_is_written(library, folder):
    token = CancelToken()
    with library.held():
        stages = []
        for event in library.refresh([str(folder)], token):
            if isinstance(event, IndexProgress):
                stages.append(event.stage)
                if event.stage == "waiting":
                    break
        assert stages[-1] == "waiting"
    assert refresh(library, folder).passages >= 3


def test_the_killed_worker_resumes_to_the_same_index(folder, tmp_path):
    write(
        folder,
        {f"many/{number:03}.txt": f"Document {number} is about topic {number}." * 3 for number in range(60)},
    )
    whole, broken = find_paths(tmp_path / "whole"), find_paths(tmp_path / "broken")
    for paths in (whole, broken):
        paths.prepare()
    library = Library(broken)
    acknowledged = 0
    with pytest.raises(WorkerDied):
        for event in library.refresh([str(folder)], CancelToken()):
            if event.done >= 20 and event.done > acknowledged:
                acknowledged = event.done
                assert library.worker_pid is not None
                os.kill(library.worker_pid, 9)
    assert len(contents(broken)) >= acknowledged >= 20
    assert refresh(library, folder).seen == 63
    library.close()
    other = Library(whole)
    refresh(other, folder)
    other.close()
    assert contents(broken) == contents(whole)


def test_a_second_writer_is_told_and_a_second_reader_is_served(folder, tmp_path):
    paths = prepared(tmp_path / "both")
    first, second = Library(paths), Library(paths)
    write(folder, {f"many/{number:03}.txt": f"Document {number}." for number in range(80)})
    running = first.refresh([str(folder)], CancelToken())
    next(running)
    with pytest.raises(AppError, match="Another Alcove is updating"):
        refresh(second, folder)
    assert list(second.refresh([str(folder)], CancelToken(), if_free=True)) == []
    finished = list(running)[-1]
    assert isinstance(finished, IndexFinished)
    assert names(second, "deposit", folder)[0] == "lease.txt"
    first.close()
    second.close()


def test_a_full_disk_is_one_sentence_and_goes_on_when_there_is_room(folder, tmp_path):
    home = tmp_path / "small"
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "none", str(home)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        paths = find_paths(home)
        paths.prepare()
        (home / "filler").write_bytes(
            bytes(300_000)
        )  # few documents fill the rest: embedding many takes long
        library = Library(paths)
        write(
            folder,
            {f"many/{n:03}.txt": " ".join(f"word{n * 1000 + i}" for i in range(120)) for n in range(40)},
        )
        with pytest.raises(AppError, match="disk is full"):
            refresh(library, folder)
        subprocess.run(["mount", "-o", "remount,size=64m", str(home)], check=True)
        assert refresh(library, folder).seen == 43
        with sqlite3.connect(paths.index_db) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        db.close()
        library.close()
    finally:
        time.sleep(0.2)
        subprocess.run(["umount", "-l", str(home)], check=False)


def _written_vectors(paths: DataPaths) -> list[Path]:
    """The file of the vector index, which so few vectors alone do not need. No worker may be running."""
    database = open_database(paths.index_db, INDEX, durable=False)
    dimensions = database.rows("SELECT length(vector) / 2 FROM vectors LIMIT 1")[0][0]
    LiveVectors(database, paths.vector_cache, dimensions).rebuild()
    database.close()
    return list(paths.vector_cache.parent.glob("vectors-*.faiss"))


def test_damaged_vector_cache_never_gives_wrong_neighbours(folder, tmp_path):
    paths = prepared(tmp_path / "damaged")
    library = Library(paths)
    refresh(library, folder)
    expected = names(library, "How long is the pump under warranty?", folder, mode="vector")
    library.close()
    (file,) = _written_vectors(paths)
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = bytes(400)
    file.write_bytes(data)
    library = Library(paths)
    assert names(library, "How long is the pump under warranty?", folder, mode="vector") == expected
    assert not all(check.ok for check in library.check(CancelToken()))
    list(library.check(CancelToken(), repair=True))
    assert all(check.ok for check in library.check(CancelToken()))
    library.close()


def test_the_worker_goes_with_its_front(tmp_path):
    paths = prepared(tmp_path / "ends")
    library = Library(paths)
    library.warm_up()
    pid = library.worker_pid
    assert pid is not None
    library.close()
    assert not psutil.pid_exists(pid)


def test_a_file_replaced_while_its_twin_is_copied_is_not_mixed_up(library, folder):
    (folder / "old.txt").write_text("The parrot is called Ezra.")
    refresh(library, folder)
    for round in range(5):
        (folder / "old.txt").rename(folder / f"moved{round}.txt")
        (folder / "old.txt").write_text(f"The cat is called Miriam {round}.")
        refresh(library, folder)
        found = library.search("parrot cat called", CancelToken(), folders=[str(folder)], mode="keyword")
        for hit in found.hits:
            on_disk = Path(hit.file).read_text()
            assert hit.text in on_disk


def test_a_question_does_not_wait_for_indexing_in_the_same_window(library, folder):
    refresh(library, folder)
    write(folder, {f"many/{number:03}.txt": f"Document {number} on topic {number}." for number in range(100)})
    running = library.refresh([str(folder)], CancelToken())
    next(running)
    assert list(library.refresh([str(folder)], CancelToken(), if_free=True)) == []
    token = CancelToken()
    threading.Timer(0.3, token.cancel).start()
    with pytest.raises(Cancelled):
        list(library.refresh([str(folder)], token))
    assert isinstance(list(running)[-1], IndexFinished)


def test_many_waiting_requests_do_not_block_the_end_of_an_answer(library, folder):
    write(folder, {f"many/{number:03}.txt": f"Document {number} on topic {number}." for number in range(40)})
    running = library.refresh([str(folder)], CancelToken())
    next(running)
    with library.held(), library.held():
        waiting = [threading.Thread(target=library.forget, args=([f"/nowhere/{n}"],)) for n in range(12)]
        for thread in waiting:
            thread.start()
        time.sleep(0.3)
    assert isinstance(list(running)[-1], IndexFinished)
    for thread in waiting:
        thread.join()


def test_the_cache_of_another_database_is_never_used(folder, tmp_path):
    paths = prepared(tmp_path / "anew")
    for number, texts in enumerate((TEXTS, {name: text[::-1] for name, text in TEXTS.items()})):
        library = Library(paths)
        write(folder, texts)
        refresh(library, folder)
        hit = library.search(texts["lease.txt"], CancelToken(), mode="vector").hits[0]
        assert (Path(hit.file).name, hit.similarity > 0.8) == ("lease.txt", True), number
        library.close()
        assert len(_written_vectors(paths)) == number + 1
        for file in paths.data.glob("index.db*"):
            file.unlink()


def test_only_what_is_named_is_looked_at(library, folder):
    refresh(library, folder)
    (folder / "pump.md").write_text("# Pump\n\nThe pump hums in the cellar.")
    (folder / "lease.txt").write_text("The lease was torn up in anger.")
    (folder / "sub" / "bread.txt").unlink()
    finished = refresh(library, folder, only=[str(folder / "pump.md"), str(folder / "sub" / "bread.txt")])
    assert (finished.indexed, finished.removed) == (1, 1)
    assert names(library, "hums cellar", folder, mode="keyword") == ["pump.md"]
    assert names(library, "dough", folder, mode="keyword") == []
    assert names(library, "anger", folder, mode="keyword") == []
    assert refresh(library, folder).indexed == 1


def test_an_archive_is_a_folder_of_documents(library, folder):
    def pack(**texts: str) -> None:
        with zipfile.ZipFile(folder / "post.zip", "w") as archive:
            for name, text in texts.items():
                archive.writestr(f"letters/{name}.txt", text)

    pack(anna="The heron stands in the reeds.", bert="The otter swims upstream.")
    finished = refresh(library, folder)
    assert (finished.seen, finished.indexed, finished.failed) == (6, 5, 0)
    hit = library.search("heron reeds", CancelToken(), folders=[str(folder / "post.zip")]).hits[0]
    assert hit.file == f"{folder}/post.zip/letters/anna.txt"
    assert refresh(library, folder).indexed == 0
    pack(anna="The heron stands in the reeds.", carl="The lynx hides.")
    again = refresh(library, folder)
    assert (again.indexed, again.removed) == (1, 1)
    assert names(library, "otter", folder, mode="keyword") == []
    (folder / "post.zip").rename(folder / "moved.zip")
    assert refresh(library, folder).indexed == 0
    assert names(library, "heron", folder / "moved.zip", mode="keyword") == ["anna.txt"]
    (folder / "moved.zip").unlink()
    assert refresh(library, folder).removed == 3
    assert names(library, "heron", folder, mode="keyword") == []


def test_reading_that_is_paused_waits_until_it_is_resumed(library, folder):
    library.pause(True)
    seen: list[str] = []
    finished = None
    for event in library.refresh([str(folder)], CancelToken()):
        if isinstance(event, IndexProgress):
            seen.append(event.reason)
            if event.reason == "paused":
                assert list(library.refresh([str(folder)], CancelToken(), if_free=True)) == []
                library.pause(False)
        finished = event
    assert "paused" in seen and isinstance(finished, IndexFinished) and finished.indexed == 3


def test_what_is_removed_while_the_library_is_read_goes_at_once_and_stays_out(library, folder):
    write(folder, {f"many/{number:03}.txt": f"Document {number} on topic {number}." for number in range(60)})
    refresh(library, folder, only=[str(folder / "pump.md")])
    running = library.refresh([str(folder)], CancelToken())
    next(running)
    with library.held():
        library.forget([str(folder / "many"), str(folder / "pump.md")])  # does not wait for the run
        assert names(library, "warranty", folder, mode="keyword") == []
    assert isinstance(list(running)[-1], IndexFinished)
    assert names(library, "topic", folder, mode="keyword") == []
    assert names(library, "dough", folder, mode="keyword") == ["bread.txt"]


def test_an_answer_tells_of_files_that_are_listed_and_not_read_yet(library, folder):
    running = library.refresh([str(folder)], CancelToken())
    next(running)
    with library.held():
        waiting = next(event for event in running if event.stage == "waiting")
        found = library.search("rent", CancelToken(), folders=[str(folder)])
        assert waiting.total == found.unread == 3
        assert library.search("rent", CancelToken(), folders=[str(folder / "sub")]).unread == 1
    list(running)
    assert library.search("rent", CancelToken(), folders=[str(folder)]).unread == 0
