import io
import json

import pytest

from app.cli.main import run
from app.storage.conversations import Conversations
from app.storage.database import open_database
from app.storage.feedback import Feedback
from app.storage.migrations import USER


@pytest.fixture
def command(capsys):
    def call(*arguments):
        code = run(["feedback", *map(str, arguments)], open_window=lambda paths: 0)
        shown = capsys.readouterr()
        return code, json.loads(shown.out) if "--json" in arguments and shown.out else shown.out, shown.err

    return call


@pytest.fixture
def rated(paths):
    """Three rated answers: a good one, a corrected one, a bad one."""
    database = open_database(paths.user_db, USER, durable=True)
    conversations, feedback = Conversations(database), Feedback(database)
    one = conversations.start().id
    for verdict, correction, remark in (
        ("good", "", ""),
        ("bad", "On the third. 漢字", "[b]"),
        ("bad", "", ""),
    ):
        conversations.add_question(one, "When is it due?")
        answer = conversations.begin_answer(one)
        conversations.save_answer(answer, "Soon.", "complete", {"model": "tiny"})
        feedback.rate(answer, verdict, correction, remark)
    database.close()


def test_ratings_are_listed_exported_and_deleted(command, rated, tmp_path):
    code, listed, _ = command("list", "--json")
    assert code == 0
    assert [(each["verdict"], each["correction"], each["exported"]) for each in listed["ratings"]] == [
        ("good", "", True), ("bad", "On the third. 漢字", True), ("bad", "", False),
    ]  # fmt: skip
    assert {each["model"] for each in listed["ratings"]} == {"tiny"}
    file = tmp_path / "set.jsonl"
    assert command("export", file, "--json") == (
        0, {"file": str(file), "examples": 2, "left_out": 1}, "",
    )  # fmt: skip
    last = [json.loads(line)["messages"][-1]["content"] for line in file.read_text("utf-8").splitlines()]
    assert last == ["Soon.", "On the third. 漢字"]
    assert command("clear", "--yes", "--json")[:2] == (0, {"deleted": 3})
    assert command("list", "--json")[:2] == (0, {"ratings": []})
    assert file.exists()


def test_the_same_as_text(command, rated, tmp_path):
    code, out, _ = command("list")
    assert code == 0 and "[bad] When is it due?\n  Soon.\n  Right: On the third. 漢字\n  Remark: [b]\n" in out
    code, out, _ = command("export", tmp_path / "set.jsonl")
    assert code == 0 and out.startswith("2 examples written to") and "1 left out" in out
    code, _, said = command("clear")  # nobody can be asked here
    assert code == 1 and "--yes" in said
    assert command("clear", "-y")[1] == "3 ratings deleted\n"


def test_ratings_are_deleted_only_when_the_person_agrees(command, rated, monkeypatch):
    class Typed(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Typed("n\n"))
    _, _, asked = command("clear")
    assert "Delete 3 ratings?" in asked and "[bad]" in command("list")[1]
    monkeypatch.setattr("sys.stdin", Typed("y\n"))
    assert command("clear")[1] == "3 ratings deleted\n"


def test_nothing_to_export_is_an_error_and_nothing_is_written(command, tmp_path):
    code, out, said = command("export", tmp_path / "set.jsonl")
    assert (code, out) == (1, "") and "nothing to export" in said
    assert not (tmp_path / "set.jsonl").exists()
    assert command("export")[0] == 2
    assert "thumbs" in command("list")[1]
