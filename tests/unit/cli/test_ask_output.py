"""How `alcove ask` prints the exact answer, a revised one, and what the documents do not say."""

import json
from dataclasses import replace

import pytest

from app.assistants.events import (
    AnswerFinished,
    AnswerRevised,
    Claim,
    Lead,
    Quote,
    Revising,
    Source,
    SourcesFound,
    Timings,
    TokenAdded,
)
from app.cli import ask
from app.cli.main import run
from app.cli.session import Session
from app.documents.document import Place
from app.engine.protocol import ModelSpec

TEXT = "The warranty lasts 30 months."
SOURCE = Source(1, "/docs/guide.pdf", Place("page", 2), "", TEXT, 100, 129, 0.9, TEXT, passage_start=100)
LEAD = Lead("30 months", 1, 119, 128, 0.93)
TIMINGS = Timings(0.1, 0.5, 2.5, 40, 20.0, 300, 0)
WRONG = Claim(0, 28, (), supported=False, missing=("36 months",))
RIGHT = Claim(0, 29, (1,), supported=True, quotes=(Quote(1, 100, 129),))


def finished(text, claim, lead=LEAD):
    return AnswerFinished(text, "complete", (SOURCE,), (claim,), "tiny", TIMINGS, None, lead=lead)


@pytest.fixture
def answer(monkeypatch, tmp_path, capsys):
    """What is printed for these events; `settings` are asked for on the way."""

    def printed(*events, arguments=()):
        asked = {}

        def work(question, **named):
            asked.update(named)
            yield from events

        monkeypatch.setattr(ask, "ask", work)
        monkeypatch.setattr(Session, "model_to_use", lambda *_: ModelSpec("model.gguf"))
        code = run(["ask", "How long?", "--in", str(tmp_path), *arguments], open_window=lambda paths: 0)
        assert (code, asked["caution"]) == (0, 2)
        return capsys.readouterr().out

    return printed


def test_the_exact_answer_is_part_of_the_object(answer):
    events = (SourcesFound((SOURCE,), 0, LEAD), TokenAdded(TEXT), finished(TEXT, RIGHT))
    result = json.loads(answer(*events, arguments=["--json"]))
    assert result["exact"] == {
        "text": "30 months", "file": "/docs/guide.pdf", "page": 2, "start": 119, "end": 128, "confidence": 0.93,
    }  # fmt: skip
    assert result["claims"][0]["quotes"] == [{"source": 1, "start": 100, "end": 129}]
    assert json.loads(answer(finished(TEXT, RIGHT, lead=None), arguments=["--json"]))["exact"] is None


def test_the_exact_answer_is_printed_first_and_not_twice(answer):
    out = answer(SourcesFound((SOURCE,), 0, LEAD), TokenAdded(TEXT), finished(TEXT, RIGHT))
    assert out.index("30 months  [1]") < out.index("guide.pdf, page 2") < out.index("In the model's words:")
    lead = Claim(0, 9, (1,), supported=True, quotes=(Quote(1, 119, 128),))
    out = answer(SourcesFound((SOURCE,), 0, LEAD), TokenAdded("30 months"), finished("30 months", lead))
    assert out.count("30 months") == 2 and "In the model's words" not in out  # the other one in the quote


def test_an_answer_that_is_likelier_wrong_than_right_is_said_to_be_unsure(answer):
    unsure = replace(LEAD, confidence=0.3)
    out = answer(SourcesFound((SOURCE,), 0, unsure), TokenAdded(TEXT), finished(TEXT, RIGHT, lead=unsure))
    assert out.startswith("Unsure: your documents may not answer this.\n30 months  [1]")
    assert "Unsure" not in answer(SourcesFound((SOURCE,), 0, LEAD), TokenAdded(TEXT), finished(TEXT, RIGHT))


def test_a_revised_answer_replaces_the_first(answer):
    wrong = "The warranty lasts 36 months."
    events = (
        SourcesFound((SOURCE,)),
        TokenAdded(wrong),
        Revising((wrong,)),
        AnswerRevised(TEXT),
        finished(TEXT, RIGHT),
    )
    out = answer(*events)
    assert out.index(wrong) < out.index("Corrected after a look at the documents:\n" + TEXT)
    assert json.loads(answer(*events, arguments=["--json"]))["answer"] == TEXT
    lines = answer(*events, arguments=["--json", "--stream"]).splitlines()
    kinds = [json.loads(line)["event"] for line in lines]
    assert kinds == ["SourcesFound", "TokenAdded", "Revising", "AnswerRevised", "AnswerFinished"]
    assert json.loads(lines[3])["text"] == TEXT


def test_what_no_document_says_is_named(answer):
    wrong = "The warranty lasts 36 months"
    out = answer(SourcesFound((SOURCE,)), TokenAdded(wrong), finished(wrong, WRONG))
    assert f"Not found in your documents (36 months), so do not rely on it: “{wrong}”" in out


def test_words_that_begin_with_the_exact_answer_are_printed_whole(answer):
    words = ["30 months", " is how long the warranty lasts."]
    events = (SourcesFound((SOURCE,), 0, LEAD), *map(TokenAdded, words), finished("".join(words), RIGHT))
    assert "In the model's words:\n" + "".join(words) in answer(*events)
    short = (SourcesFound((SOURCE,), 0, LEAD), TokenAdded("30 "), finished("30 ", RIGHT))
    assert "In the model's words:\n30 " in answer(*short)


def test_an_answer_of_which_nothing_is_left_says_so(answer):
    events = (
        SourcesFound((SOURCE,)),
        TokenAdded("See http://x.invalid."),
        AnswerRevised(""),
        finished("", RIGHT),
    )
    assert "Nothing that the model wrote can be shown." in answer(*events)
