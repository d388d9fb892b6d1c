import io
import json
import os
import signal

import pytest

from app.base.errors import AppError
from app.base.paths import resource
from app.cli.main import run
from tests.fixtures.scripted_engine import ScriptedEngine

HARBOUR = "The harbour authority bought three electric cranes for the north quay in 2021."
SCHOOL = "The village school received a new library with four thousand books last autumn."


@pytest.fixture
def summarize(capsys, monkeypatch):
    """Runs `alcove summarize …`; returns the exit code, what stands on stdout (from JSON) and on stderr."""

    def call(*arguments, text=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        code = run(["summarize", *map(str, arguments)], open_window=lambda paths: 0)
        shown = capsys.readouterr()
        return code, json.loads(shown.out) if "--json" in arguments and shown.out else shown.out, shown.err

    return call


@pytest.fixture
def scripted(monkeypatch):
    """The engine says these answers instead of a model's."""

    def script(*answers):
        engine = ScriptedEngine(answers)
        monkeypatch.setattr("app.backend.Engine", lambda *_arguments: engine)

    return script


@pytest.fixture
def files(tmp_path):
    """Two documents in a folder of their own, which are asked about in this order."""
    folder = tmp_path / "documents"
    folder.mkdir()
    named = folder / "a-harbour.md", folder / "b-school.md"
    for file, text in zip(named, (HARBOUR, SCHOOL), strict=True):
        file.write_text(text, encoding="utf-8")
    return named


def test_a_sample_is_summarised_with_the_places_of_its_points(summarize, tmp_path):
    lease = tmp_path / "lease.pdf"
    lease.write_bytes((resource("samples") / "flat-lease.pdf").read_bytes())
    target = tmp_path / "summary.md"
    code, out, err = summarize(lease, "--way", "extractive", "--sentences", 3, "--json", "--out", target)
    assert code == 0, err
    assert {"summary", "points", "coverage", "extractive"} <= out.keys() and out["extractive"]
    assert out["coverage"]["passages_read"] == out["coverage"]["passages_total"] > 0
    assert len(out["points"]) == 3
    for point in out["points"]:
        assert point["text"] in out["summary"] and point["sources"][0]["page"] in (1, 2, 3, 4)
        assert "supported" not in point
    assert out["out"] == str(target) and "Read 4 of 4 pages with text" in target.read_text("utf-8")


def test_a_folder_is_read_anew_and_nothing_comes_twice(summarize, files, tmp_path):
    first, _ = files
    (tmp_path / "link.md").symlink_to(first)
    out = summarize(tmp_path / "link.md", first.parent, first, "--way", "extractive", "--json")[1]
    assert out["title"] == "2 documents together"
    assert [each["summary"][2:] for each in out["documents"]] == [HARBOUR, SCHOOL]


def test_the_document_is_not_replaced_through_a_link(summarize, files):
    first, _ = files
    link = first.with_name("elsewhere.md")
    link.hardlink_to(first)
    code, out, err = summarize(first, "--way", "extractive", "--out", link, "--overwrite")
    assert (code, out) == (1, "") and "is the document itself" in err
    assert first.read_text("utf-8") == HARBOUR and link.samefile(first)


def test_a_file_that_is_there_is_replaced_only_when_asked_for(summarize, files, tmp_path):
    mine = tmp_path / "letter.txt"
    mine.write_text("Dear Sir", encoding="utf-8")
    code, _, err = summarize(files[0], "--way", "extractive", "--out", mine)
    assert code == 1 and "there already" in err and mine.read_text("utf-8") == "Dear Sir"
    assert "does not exist" in summarize(files[0], "--out", tmp_path / "nowhere" / "s.md")[2]
    code, _, err = summarize(files[0], "--way", "extractive", "--out", mine, "--overwrite")
    assert code == 0 and f"• {HARBOUR}" in mine.read_text("utf-8"), err


def test_one_document_that_cannot_be_read_shows_in_the_exit_code(summarize, files, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    code, out, err = summarize(files[0], empty, "--way", "extractive")
    assert code == 1 and HARBOUR in out and "empty.txt" in err


def test_what_is_finished_before_a_stop_is_given(summarize, scripted, files):
    def stopped(_messages):
        os.kill(os.getpid(), signal.SIGINT)
        return "Never said."

    scripted(f"- {HARBOUR} [1]", stopped)
    code, out, err = summarize(*files, "--way", "model", "--json")
    assert code == 130 and "Stopping" in err
    assert out["file"] == str(files[0]) and HARBOUR in out["summary"]


def test_what_is_finished_before_an_error_is_given(summarize, scripted, files, tmp_path):
    def failing(_messages):
        raise AppError("The language model stopped unexpectedly.", "Try again.")

    scripted(f"- {HARBOUR} [1]", failing)
    code, out, err = summarize(*files, "--way", "model", "--out", tmp_path / "out.md")
    assert code == 1 and "stopped unexpectedly" in err and "Written to" in out
    assert HARBOUR in (tmp_path / "out.md").read_text("utf-8")


def test_nothing_to_read_is_told(summarize, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    code, out, err = summarize(empty)
    assert (code, out) == (1, "") and "no document in “empty”" in err
    assert "no folder, file or collection" in summarize(tmp_path / "gone.pdf")[2]
    assert "nothing to summarise" in summarize("-", text=" \n")[2]
