"""`alcove ask-each` over scripted events: what is printed, what is written, and how it ends."""

import json

import pytest

from app.assistants.ask_each.events import Asking, EachFinished, RowFound
from app.assistants.events import Notice, Source
from app.assistants.tables import Row, Table
from app.cli import ask_each
from app.cli.main import run
from app.documents.document import Place

QUESTION = "Which contracts end in 2026?"


def row(name: str, answer: str, quote: str, value: str = "") -> Row:
    source = Source(1, f"/docs/{name}", Place("page", 3), "", quote, 10, 10 + len(quote), 0.7, quote)
    return Row(source, answer, 15, 15 + len(answer), 0.9, value)


FOUND = row("[b]lease.pdf", "30 June 2026", "It ends on 30 June 2026.", "2026-06-30")
VAGUE = row("printer.pdf", "two years", "It runs for two years.")
TABLE = Table("When does the contract end?", "in 2026", (FOUND,), (VAGUE,), 1, 2, 5, 5, 1, 0.5)


@pytest.fixture
def asked(monkeypatch, tmp_path, capsys):
    """Runs the command over a table; returns the exit code, stdout, stderr and the options of the use case."""
    (tmp_path / "docs").mkdir()

    def call(*arguments, table=TABLE, state="complete"):
        options = {}

        def work(question, **named):
            options.update(named, question=question)
            yield Asking(0, 0, "", table.asked, table.condition)
            yield Notice("It [b] is old.")
            yield Asking(1, 5, "/docs/[b]lease.pdf")
            yield RowFound(FOUND)
            if state == "stopped":
                named["cancel"].cancel()
            yield EachFinished(table, "words", state)

        monkeypatch.setattr(ask_each, "ask_each", work)
        code = run(
            ["ask-each", QUESTION, "--in", str(tmp_path / "docs"), *arguments], open_window=lambda paths: 0
        )
        shown = capsys.readouterr()
        return code, shown.out, shown.err, options

    return call


def test_a_table_with_what_is_not_sure_below(asked):
    code, out, err, options = asked("--type", "pdf", "--caution", "4")
    assert code == 0 and options["caution"] == 4 and options["limits"].types == ("pdf",)
    assert "Asked of each document: When does the contract end? (wanted: in 2026)" in out
    assert out.index("[b]lease.pdf") < out.index("Not sure") < out.index("printer.pdf")
    assert "30 June 2026" in out and "page 3" in out and "\\[b]" not in out
    assert "5 documents were asked: 1 meets “in 2026”, 1 may or may not, 1 does not, 2 do not say." in out
    assert "It [b] is old." in err and "1 file is still being read" in err


def test_one_object(asked):
    code, out, _, _ = asked("--json")
    result = json.loads(out)
    assert code == 0 and result["complete"] and result["out"] is None
    assert [each["file"] for each in result["rows"] + result["unsure"]] == [
        "/docs/[b]lease.pdf",
        "/docs/printer.pdf",
    ]
    first = result["rows"][0]
    assert (first["page"], first["answer"], first["value"]) == (3, "30 June 2026", "2026-06-30")
    assert (first["quote"], first["quote_start"], first["start"]) == ("It ends on 30 June 2026.", 10, 15)
    assert (result["documents"], result["outside"], result["without"], result["unread"]) == (5, 1, 2, 1)


def test_a_stream_of_events(asked):
    _, out, err, _ = asked("--json", "--stream")
    events = [json.loads(line) for line in out.splitlines()]
    assert [each["event"] for each in events] == ["Asking", "Notice", "Asking", "RowFound", "EachFinished"]
    assert events[-1]["rows"][0]["answer"] == "30 June 2026" and "It [b] is old." in err


def test_no_row_is_not_in_the_documents(asked):
    code, out, _, _ = asked(table=Table("When?", without=5, documents=5, total=5))
    assert code == 3 and "5 documents were asked: 0 answer, 5 do not say." in out


def test_a_stop_prints_what_there_is(asked, tmp_path):
    out_file = tmp_path / "table.csv"
    code, out, _, _ = asked("--json", "--out", str(out_file), state="stopped")
    assert code == 130 and not json.loads(out)["complete"]
    assert "30 June 2026" in out_file.read_text(encoding="utf-8-sig")


def test_a_file_that_is_there_is_kept_unless_told(asked, tmp_path):
    out_file = tmp_path / "table.csv"
    out_file.write_text("mine")
    code, _, err, options = asked("--out", str(out_file))
    assert code == 1 and "is there already" in err and not options and out_file.read_text() == "mine"
    code, out, _, _ = asked("--out", str(out_file), "--overwrite")
    assert code == 0 and "table.csv" in out
    assert "2026-06-30" in out_file.read_text(encoding="utf-8-sig")
