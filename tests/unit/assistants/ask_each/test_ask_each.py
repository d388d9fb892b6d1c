"""The pass over scripted replies of the retrieval worker: rows, what is kept of them, and files."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.assistants.ask_each.ask_each import ask_each
from app.assistants.ask_each.events import Asking, EachFinished, RowFound
from app.assistants.ask_each.table_file import harmless, write_table
from app.assistants.records import read_record
from app.base.errors import AppError, Cancelled, WorkerDied
from app.base.jobs import CancelToken
from app.documents.document import Place
from app.retrieval.each_protocol import EachEnded, EachMark, EachRead
from app.retrieval.protocol import Hit, IndexFinished, Span

QUESTION = "Which contracts end in 2026?"
BOTH = "It starts on 1 July 2023 and ends on 30 June 2026. It can be renewed."


def mark(name: str, text: str, answer: str, confidence: float = 0.9) -> EachMark:
    start = text.index(answer)
    hit = Hit(f"/d/{name}", Place("page", 2), "", text, 100, 100 + len(text), 0.5, 0.6, (Span(0, len(text)),))
    return EachMark(hit, start, start + len(answer), confidence)


def read(name: str, *marks: EachMark, answered: bool = True, answerability: float = 0.8) -> EachRead:
    return EachRead(f"/d/{name}", 0, 0, marks, answerability, answered)


READ = (
    read("late.pdf", mark("late.pdf", "The term ends on 1 May 2027.", "1 May 2027")),
    read("lease.pdf", mark("lease.pdf", BOTH, "30 June 2026")),
    read("stated.pdf", mark("stated.pdf", "Vague. It ends after two years.", "two years")),
    read("bread.txt", mark("bread.txt", "Bake it in 2026.", "2026"), answered=False),
    read("short.pdf", mark("short.pdf", "Ends: 11.03.2026", "11.03")),
)


class ScriptedLibrary:
    """Reads each document as told; with `stop` the token is set after so many."""

    def __init__(self, *replies: EachRead, stop: int = 0, error: AppError | None = None) -> None:
        self.replies = replies
        self.stop = stop
        self.error = error
        self.asked = ""
        self.holding = False
        self.held_while_asked = False

    def refresh(self, folders, cancel: CancelToken, **_options) -> Iterator[IndexFinished]:
        cancel.raise_if_cancelled()
        yield IndexFinished(2, 2, 0, 0, 0, 3, 0.1, ())

    def ask_each(self, question, cancel: CancelToken, **options) -> Iterator[EachRead | EachEnded]:
        self.asked, self.options = question, options
        for number, each in enumerate(self.replies, start=1):
            cancel.raise_if_cancelled()
            self.held_while_asked = self.holding
            yield EachRead(
                each.file, number, len(self.replies), each.marks, each.answerability, each.answered
            )
            if number == self.stop:
                cancel.cancel()
        if self.error:
            raise self.error
        yield EachEnded(len(self.replies), 1)

    @contextmanager
    def held(self) -> Iterator[None]:
        self.holding = True
        yield
        self.holding = False


def run(library, question=QUESTION, cancel=None, **options):
    return ask_each(question, folders=["/d"], library=library, cancel=cancel or CancelToken(), **options)


def names(rows):
    return [each.source.file.removeprefix("/d/") for each in rows]


def test_rows_meet_the_condition_and_are_cited_word_for_word():
    library = ScriptedLibrary(*READ)
    events = list(run(library, caution=3))
    assert library.asked == "When does the contract end?" and library.held_while_asked
    assert library.options["caution"] == 3
    assert [(each.done, each.total) for each in events if isinstance(each, Asking)] == [
        (done, 5 * (done > 0)) for done in range(6)
    ]
    assert names(each.row for each in events if isinstance(each, RowFound)) == [
        "lease.pdf",
        "stated.pdf",
        "short.pdf",
    ]
    table = events[-1].table
    assert names(table.rows) == ["short.pdf", "lease.pdf"]  # by date
    assert names(table.unsure) == ["stated.pdf"]
    assert (table.outside, table.without, table.documents, table.unread) == (1, 1, 5, 1)
    short, lease = table.rows
    assert (lease.answer, lease.value) == ("30 June 2026", "2026-06-30")
    assert lease.source.quote == BOTH.split(". ")[0] + "."
    assert BOTH[lease.source.start - 100 : lease.source.end - 100] == lease.source.quote
    assert lease.source.passage_start == 100 + BOTH.index(lease.source.passage)
    assert BOTH[lease.start - 100 : lease.end - 100] == lease.answer
    assert short.answer == "11.03.2026"  # the whole date, of which a part was marked
    assert "5 documents were asked: 2 meet “in 2026”, 1 may or may not" in events[-1].text


def test_without_a_reader_the_value_next_to_the_words_asked_for_is_taken():
    whole = read("lease.pdf", mark("lease.pdf", BOTH, BOTH, 0.0))
    (row,) = list(run(ScriptedLibrary(whole)))[-1].table.rows
    assert row.answer == "30 June 2026"
    (row,) = list(run(ScriptedLibrary(whole), "Which contracts start in 2023?"))[-1].table.rows
    assert row.answer == "1 July 2023"


def test_without_a_condition_the_surest_come_first():
    replies = [
        read("a.txt", mark("a.txt", "Supplier: Kolb", "Kolb"), answerability=0.6),
        read("b.txt", mark("b.txt", "Supplier: Brandt", "Brandt"), answerability=0.9),
    ]
    table = list(run(ScriptedLibrary(*replies), "List all suppliers"))[-1].table
    assert [each.answer for each in table.rows] == ["Brandt", "Kolb"] and table.condition == ""


def test_a_condition_that_was_not_applied_is_told():
    question = "Which invoices from 2024 are over 500 euros?"
    replies = [read("a.txt", mark("a.txt", "Total: 90 EUR", "90 EUR"))]
    library = ScriptedLibrary(*replies)
    ending = list(run(library, question))[-1]
    assert library.asked == question and ending.table.unapplied
    assert "1 answers. No condition was applied" in ending.text
    assert "No condition" not in list(run(ScriptedLibrary(*replies), "List all suppliers"))[-1].text


def test_the_table_is_in_the_conversation(conversations):
    one = conversations.start()
    ending = list(run(ScriptedLibrary(*READ), conversation=one.id, conversations=conversations))[-1]
    question, answer = conversations.messages(one.id)
    assert (question.text, answer.state, answer.id) == (QUESTION, "complete", ending.message_id)
    assert read_record(answer.details).table == ending.table
    assert conversations.search("lease")[0].conversation.id == one.id  # its rows can be found
    again = ScriptedLibrary(*READ[:2])
    list(run(again, conversation=one.id, conversations=conversations, instead_of=question.id))
    assert len(conversations.messages(one.id)) == 2


def test_a_stop_keeps_the_rows(conversations):
    one = conversations.start()
    library = ScriptedLibrary(*READ, stop=2)
    ending = list(run(library, conversation=one.id, conversations=conversations))[-1]
    assert isinstance(ending, EachFinished) and ending.state == "stopped"
    assert names(ending.table.rows) == ["lease.pdf"]
    assert (ending.table.documents, ending.table.total) == (2, 5)
    saved = conversations.messages(one.id)[-1]
    assert saved.state == "stopped" and read_record(saved.details).table == ending.table


def test_an_error_keeps_the_rows_too(conversations):
    one = conversations.start()
    library = ScriptedLibrary(*READ[:2], error=WorkerDied("It stopped.", "Try again."))
    with pytest.raises(WorkerDied):
        list(run(library, conversation=one.id, conversations=conversations))
    saved = conversations.messages(one.id)[-1]
    assert saved.state == "failed" and names(read_record(saved.details).table.rows) == ["lease.pdf"]


def test_nothing_to_ask():
    with pytest.raises(AppError, match="no readable text"):
        list(run(ScriptedLibrary()))
    with pytest.raises(AppError, match="empty"):
        list(run(ScriptedLibrary(*READ), " "))
    stopped = CancelToken()
    stopped.cancel()
    with pytest.raises(Cancelled):
        list(run(ScriptedLibrary(*READ), cancel=stopped))


def test_negative_numbers_stay_numbers_in_a_file():
    assert [harmless(each) for each in ("-12.5", "+3", "-1,200", "-x", "=1")] == [
        "-12.5",
        "+3",
        "-1,200",
        "'-x",
        "'=1",
    ]


def test_a_file_of_the_table_is_harmless(tmp_path):
    formula = read("=cmd.txt", mark("=cmd.txt", '=HYPERLINK("evil";"Kolb")', '=HYPERLINK("evil";"Kolb")'))
    table = list(run(ScriptedLibrary(formula, *READ[:2]), "List all suppliers"))[-1].table
    out = tmp_path / "table.csv"
    out.write_text("before")
    write_table(out, table)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [each["File"] for each in rows] == ["'=cmd.txt", "late.pdf", "lease.pdf"]
    assert all(each["Answer"][0] != "=" and each["Quote"][0] != "=" for each in rows)
    assert rows[2]["Place"] == "page 2" and rows[2]["Path"] == "/d/lease.pdf"
    assert list(tmp_path.glob(".*.part")) == []


def test_a_document_is_never_replaced_by_its_table(tmp_path):
    document = tmp_path / "costs.csv"
    document.write_text("Supplier: Kolb")
    found = mark("costs.csv", "Supplier: Kolb", "Kolb")
    own = replace(found, hit=replace(found.hit, file=str(document)))
    table = list(run(ScriptedLibrary(read("costs.csv", own)), "List all suppliers"))[-1].table
    with pytest.raises(AppError, match="one of the documents"):
        write_table(document, table)
    assert document.read_text() == "Supplier: Kolb"
