"""The subcommands with the heavy parts replaced: what is printed where, and what is remembered."""

import json
import subprocess
import sys

import pytest

from app.assistants.events import Indexing, Notice, Source, SourcesFound, TokenAdded
from app.backend import close_backend, open_backend
from app.base.errors import AppError, WorkerDied
from app.cli import ask, chat
from app.cli.main import run
from app.cli.session import Session, describe, resolve_scope
from app.documents.document import Place
from app.engine.protocol import ModelSpec
from app.retrieval.client import Library
from app.retrieval.protocol import IndexProgress

SOURCE = Source(1, "/docs/[b]契約.txt", Place("document", 1), "", "第三条", 0, 3, 0.9, "第三条")
READING = IndexProgress("reading", 1, 2, "/docs/[b]契約.txt", 0, 0.0, None)


def alcove(*arguments: str) -> int:
    return run(list(arguments), open_window=lambda paths: 0)


def breaking(*events):
    def work(*positional, **named):
        yield from events
        raise WorkerDied("The language model stopped unexpectedly.", "Try again: it is started afresh.")

    return work


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setattr(Session, "model_to_use", lambda *_: ModelSpec("model.gguf"))


@pytest.fixture
def broken_answer(monkeypatch, model):
    events = [Indexing(READING), Notice("It [b] is old."), SourcesFound((SOURCE,)), TokenAdded("Half an ")]
    monkeypatch.setattr(ask, "ask", breaking(*events, TokenAdded("answer")))


def test_an_answer_that_breaks_off_is_printed_as_far_as_it_came(broken_answer, tmp_path, capsys):
    assert alcove("ask", "What?", "--in", str(tmp_path), "--json") == 1
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert (result["answer"], result["answered"]) == ("Half an answer", False)
    assert result["error"].startswith("The language model stopped")
    assert result["sources"][0]["quote"] == "第三条"
    assert "It [b] is old." in shown.err and "stopped unexpectedly" in shown.err


def test_the_same_as_text(broken_answer, tmp_path, capsys):
    assert alcove("ask", "What?", "--in", str(tmp_path)) == 1
    shown = capsys.readouterr()
    assert shown.out.endswith("Half an answer\n") and "It [b] is old." in shown.err


def test_a_warning_in_a_stream_is_shown_too(broken_answer, tmp_path, capsys):
    assert alcove("ask", "What?", "--in", str(tmp_path), "--json", "--stream") == 1
    shown = capsys.readouterr()
    assert [json.loads(line)["event"] for line in shown.out.splitlines()][-1] == "TokenAdded"
    assert "It [b] is old." in shown.err


def test_a_chat_that_breaks_off(monkeypatch, model, capsys):
    monkeypatch.setattr(chat, "chat", breaking(TokenAdded("Half")))
    assert alcove("chat", "--message", "Hi", "--json") == 1
    result = json.loads(capsys.readouterr().out)
    assert result["answer"] == "Half" and "stopped" in result["error"]


def test_the_prompt_is_no_part_of_the_output(monkeypatch, model, capsys):
    monkeypatch.setattr("builtins.input", lambda prompt="": sys.stdout.write(prompt) and "")
    assert alcove("chat", "--json") == 0
    shown = capsys.readouterr()
    assert shown.out == "" and "You: " in shown.err


def test_file_names_are_no_markup():
    from rich.text import Text

    assert Text.from_markup(describe(READING)).plain == "Reading [b]契約.txt"


def test_folders_are_remembered_only_once_they_could_be_listed(monkeypatch, paths, tmp_path):
    listing = IndexProgress("listing", 0, 0, "", 0, 0.0, None)

    def refresh(events):
        def work(self, *_, **__):
            yield from events
            raise AppError("No.")

        monkeypatch.setattr(Library, "refresh", work)

    def remembered():
        backend = open_backend(paths)
        folders = backend.collections.folders()
        close_backend(backend)
        return folders

    refresh([listing])
    assert alcove("index", str(tmp_path)) == 1
    assert remembered() == ()
    refresh([listing, READING])
    assert alcove("index", str(tmp_path)) == 1
    assert remembered() == (str(tmp_path),)


def test_a_scope_is_a_folder_or_a_collection(paths, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    backend = open_backend(paths)
    try:
        backend.collections.add("~odd", [tmp_path / "docs"])
        assert resolve_scope(backend, ["..", "~odd"]) == (str(tmp_path), str(tmp_path / "docs"))
        for bad in ("~nobody-of-that-name", "", "x" * 5000, "a\0b"):
            with pytest.raises(AppError):
                resolve_scope(backend, [bad])
    finally:
        close_backend(backend)


def test_bytes_that_are_no_text_are_refused(tmp_path, capsys):
    assert alcove("ask", "caf\udce9", "--in", str(tmp_path)) == 1
    shown = capsys.readouterr().err
    assert "not valid Unicode" in shown


@pytest.mark.parametrize("home", ["~nobody-of-that-name/x", "x" * 5000])
def test_a_home_that_cannot_be_is_a_sentence(monkeypatch, capsys, home):
    monkeypatch.setenv("ALCOVE_HOME", home)
    expected = 0 if home.startswith("x") else 1  # hardware needs no data
    assert alcove("hardware", "--json") == expected
    assert "Traceback" not in capsys.readouterr().err
    assert alcove("index", ".") == 1


def test_a_bug_is_reported_even_without_a_home(monkeypatch, capsys, tmp_path):
    reasons = [ValueError("secret words"), AppError("No.")]

    def broken(home):
        raise reasons.pop(0)

    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("app.cli.main.find_paths", broken)
    assert alcove("hardware") == 70
    (report,) = tmp_path.glob("crash-*.txt")
    assert str(report) in capsys.readouterr().err


def test_output_is_utf8_whatever_the_console(own_home):
    code = """
import sys
from app.cli.main import run
from app.cli.session import print_json
def window(paths):
    print_json({"file": "契約\\udce9.txt", "text": "a question"})
    print(sys.stdin.read())
    return 0
sys.exit(run([], open_window=window))
"""
    environment = {
        "PYTHONIOENCODING": "cp1252:strict",
        "QT_QPA_PLATFORM": "offscreen",
        "ALCOVE_HOME": str(own_home),
    }
    done = subprocess.run([sys.executable, "-c", code], input=b"\x81", capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "契約\\udce9.txt".encode() in done.stdout and "�".encode() in done.stdout
