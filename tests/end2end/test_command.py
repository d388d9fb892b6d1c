"""The real command with the real starter models on the samples."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.end2end.conftest import SAMPLES, Alcove, questions

WELCOME = [each for each in questions("answerable") if each.get("welcome")]


def test_indexing_the_samples_reads_every_one_of_them(indexed: Alcove):
    result = indexed("index", str(SAMPLES), "--json").json
    assert set(result) >= {"files", "passages", "seconds", "failures"}
    count = sum(each.is_file() for each in SAMPLES.iterdir())
    assert result["files"] == {
        "seen": count,
        "indexed": 0,
        "unchanged": count,
        "removed": 0,
        "failed": 0,
        "not_recognised": 0,
    }
    assert result["passages"] > 100


@pytest.mark.parametrize("asked", WELCOME, ids=lambda each: each["file"])
def test_a_question_is_answered_with_the_place_it_comes_from(indexed: Alcove, asked):
    finished = indexed("ask", asked["question"], "--json")
    assert finished.code == 0, finished.err
    result = finished.json
    assert result["answered"] and result["answer"].strip()
    assert set(result["timings"]) >= {"search_s", "first_token_s", "total_s", "tokens", "tokens_per_s"}
    assert set(result["sources"][0]) >= {"file", "page", "quote", "start", "end", "score"}
    cited = [(Path(each["file"]).name, each["page"]) for each in result["sources"]]
    assert (asked["file"], asked["page"]) in cited
    assert any(asked["answer"] in " ".join(each["quote"].split()) for each in result["sources"])


def test_what_is_not_there_is_refused_without_a_word_of_the_model(indexed: Alcove):
    finished = indexed("ask", "Who painted The Night Watch?", "--json")
    assert finished.code == 3
    result = finished.json
    assert not result["answered"] and result["model"] is None and result["sources"]
    assert result["timings"]["tokens"] == 0


def test_the_text_for_people_shows_sources_first(indexed: Alcove):
    finished = indexed("ask", WELCOME[0]["question"])
    assert finished.code == 0
    assert finished.out.index(WELCOME[0]["file"]) < finished.out.index("Supported by [1]")


def test_events_stream_as_lines(indexed: Alcove):
    finished = indexed("ask", WELCOME[0]["question"], "--json", "--stream", "--in", str(SAMPLES))
    events = [json.loads(line) for line in finished.out.splitlines()]
    kinds = [each["event"] for each in events]
    assert kinds.index("SourcesFound") < kinds.index("TokenAdded") < kinds.index("AnswerFinished")
    assert kinds[-1] == "AnswerFinished" and events[-1]["answer"]


def test_search_prints_passages_only(indexed: Alcove):
    result = indexed("search", "notice period for the flat", "-k", "3", "--json").json
    assert len(result["hits"]) == 3
    assert set(result["hits"][0]) >= {"file", "page", "text", "start", "end", "score"}
    assert "flat-lease.pdf" in [Path(hit["file"]).name for hit in result["hits"]]


def test_chat_answers_one_message(indexed: Alcove):
    finished = indexed("chat", "--message", "Say hello.", "--json")
    assert finished.code == 0, finished.err
    assert finished.json["answer"] and finished.json["timings"]["tokens"] > 0


def test_without_a_display_the_same_job_is_shown_in_the_terminal(indexed: Alcove):
    finished = indexed()
    assert finished.code == 0, finished.err
    assert "no display" in finished.out and WELCOME[0]["question"] in finished.out
    assert WELCOME[0]["file"] in finished.out and "In the model's words" in finished.out


def test_hardware_and_doctor(indexed: Alcove):
    machine = indexed("hardware", "--json").json
    assert machine["cpu"]["physical_cores"] >= 1 and machine["ram"]["total"] > machine["ram"]["available"] > 0
    assert isinstance(machine["gpus"], list)
    finished = indexed("doctor", "--json")
    assert finished.code == 0, finished.out
    checks = finished.json["checks"]
    assert all(set(each) == {"name", "ok", "detail"} and each["ok"] for each in checks)
    assert any("SmolLM2" in each["name"] or "smollm2" in each["name"].lower() for each in checks)


BAD = {
    "missing folder": (("ask", "What?", "--in", "/no/such/folder"), "no folder"),
    "missing folder to index": (("index", "/no/such/folder"), "no folder"),
    "nothing indexed": (("ask", "What is it about?"), "no documents"),
    "question too long": (("search", "x" * 100_000), "characters"),
    "a path that cannot be": (("index", "~nobody-of-that-name/docs"), "names no file or folder"),
    "a name too long": (("ask", "What?", "--in", "x" * 5000), "names no file or folder"),
    "a model's name too long": (
        ("chat", "--message", "hi", "--model", "x" * 5000 + ".gguf"),
        "names no file",
    ),
    "bytes that are no text": (("ask", "caf\udce9", "--in", str(SAMPLES)), "not valid Unicode"),
    "missing model": (("chat", "--message", "hi", "--model", "nowhere.gguf"), "nowhere"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(alcove: Alcove, case):
    arguments, expected = BAD[case]
    finished = alcove(*arguments)
    assert finished.code == 1
    assert expected in finished.err and "Traceback" not in finished.err
    assert finished.out == ""


@pytest.mark.parametrize("content", [b"this is no model", b"GGUF\x03\x00\x00\x00" + b"\xff" * 64, None])
def test_a_model_file_that_is_none_is_named(alcove: Alcove, tmp_path, content):
    file = tmp_path / "model.gguf"
    if content is None:
        from app.models.installed import starter_chat_model

        file.write_bytes(starter_chat_model().read_bytes()[:3_000_000])
    else:
        file.write_bytes(content)
    finished = alcove("chat", "--message", "hi", "--model", str(file))
    assert finished.code == 1
    assert "model.gguf" in finished.err and "Traceback" not in finished.err


def test_wrong_usage_and_version(alcove: Alcove):
    assert alcove("ask").code == 2
    assert alcove("dance").code == 2
    assert alcove("--version").out.startswith("alcove ")


def test_an_empty_folder_and_a_locked_one(alcove: Alcove, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    finished = alcove("index", str(empty))
    assert finished.code == 0 and "no documents" in finished.out
    without_rights = _without_rights()
    empty.chmod(0)
    try:
        for folder in (empty, empty / "below"):
            finished = alcove("index", str(folder), before=without_rights)
            assert finished.code == 1 and "permission" in finished.err, finished.err
            assert "\n" not in finished.err.strip() and finished.out == ""
    finally:
        empty.chmod(0o700)


def _without_rights() -> list[str]:
    """How to start a command that file permissions apply to."""
    if os.geteuid() != 0:
        return []
    give_up = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]
    if shutil.which("setpriv") is None or subprocess.run([*give_up, "true"], capture_output=True).returncode:
        pytest.skip("root may open everything, and cannot give that up here")
    return give_up


def test_a_data_folder_that_is_a_file(tmp_path):
    (tmp_path / "home").write_text("x")
    finished = Alcove(tmp_path / "home")("hardware")
    assert finished.code == 0  # needs no data
    finished = Alcove(tmp_path / "home")("index", str(SAMPLES))
    assert finished.code == 1 and "data folder" in finished.err and "Traceback" not in finished.err


def test_stop_keeps_what_was_read_and_the_next_run_goes_on(alcove: Alcove, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number:03}.txt").write_text(f"Document {number} is about topic {number}. " * 20)
    process = alcove.popen("index", str(folder))
    database = alcove.home / "index.db"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (database.exists() and _files(database) > 20):
        time.sleep(0.1)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    done = _files(database)
    assert 20 < done <= 400
    assert len(children) >= 2 and not _outliving(children)  # the index worker and its reader
    result = alcove("index", str(folder), "--json").json
    assert result["files"]["seen"] == 400 and result["files"]["unchanged"] >= done


def _files(database: Path) -> int:
    try:
        return int(_rows(database, "SELECT count(*) FROM files")[0][0])
    except sqlite3.Error:
        return 0  # it is only being made


def _rows(database: Path, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def _outliving(children: list[psutil.Process]) -> list[psutil.Process]:
    """Workers that are still there well after their front has gone."""
    _, alive = psutil.wait_procs(children, timeout=5)
    return [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_a_killed_front_leaves_no_workers(indexed: Alcove):
    process = indexed.popen("ask", WELCOME[0]["question"], "--json", "--stream")
    assert process.stdout is not None
    process.stdout.readline()
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert children and not _outliving(children)
    assert indexed("ask", "Who painted The Night Watch?").code == 3


def test_a_killed_model_leaves_the_exact_answer_and_the_next_attempt_works(indexed: Alcove):
    question = WELCOME[0]["question"]
    process = indexed.popen("ask", question, "--json", "--stream")
    assert process.stdout is not None
    engine = None
    for line in process.stdout:
        kind = json.loads(line)["event"]
        if kind == "SourcesFound":
            (engine,) = _workers(process.pid, "app.engine.worker")
        if kind == "Reading":  # the prompt; what a small model writes then is shown once it was checked
            assert engine is not None
            engine.kill()
            break
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0  # the exact answer was there before the model was
    ending = json.loads(rest.splitlines()[-1])
    assert ending["event"] == "AnswerFinished"
    assert ending["answer"] == ending["exact"]["text"] == WELCOME[0]["answer"]
    assert indexed("ask", question, "--json").code == 0


def _workers(front: int, module: str) -> list[psutil.Process]:
    return [each for each in psutil.Process(front).children(recursive=True) if module in each.cmdline()]


def test_only_one_alcove_updates_the_index(alcove: Alcove, tmp_path):
    big, other = tmp_path / "big", tmp_path / "other"
    big.mkdir()
    other.mkdir()
    for number in range(1500):
        (big / f"{number:04}.txt").write_text(f"Document {number} is about topic {number}. " * 40)
    process = alcove.popen("index", str(big))
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _files(alcove.home / "index.db"):
            time.sleep(0.1)
        finished = alcove("index", str(other))
        assert process.poll() is None, "the first one was too quick for this test"
        assert finished.code == 1 and "Another Alcove is updating" in finished.err
        assert "\n" not in finished.err.strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    collections = _rows(alcove.home / "user.db", "SELECT folder FROM collection_folders")
    assert collections == [(str(big),)]  # what was refused is not remembered


def test_watching_reads_what_comes_later(alcove: Alcove, tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "first.txt").write_text("The heron stands in the pond.")
    process = alcove.popen("index", str(folder), "--watch", "--json")
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["files"]["indexed"] == 1
        (folder / "second.txt").write_text("The otter sleeps by day.")
        told = json.loads(process.stdout.readline())  # nothing is told while nothing changes
        assert (told["files"]["indexed"], told["files"]["removed"]) == (1, 0)
        (folder / "second.txt").rename(folder / "third.txt")
        (folder / "first.txt").unlink()
        told = json.loads(process.stdout.readline())
        assert (told["files"]["indexed"], told["files"]["removed"]) == (0, 1)  # the otter was only moved
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130


def test_one_folder_has_one_path(alcove: Alcove, tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    assert alcove("index", str(tmp_path / "elsewhere" / ".." / "docs")).code == 0
    assert _rows(alcove.home / "user.db", "SELECT folder FROM collection_folders") == [(str(folder),)]


def test_the_persons_files_are_never_written(alcove: Alcove, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(SAMPLES, folder)
    before = {each: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.rglob("*")}
    assert alcove("index", str(folder)).code == 0
    assert {each: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.rglob("*")} == before
