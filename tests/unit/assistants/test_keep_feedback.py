import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.assistants.ask import NOT_FOUND, ask
from app.assistants.chat import chat
from app.assistants.events import Lead
from app.assistants.keep_feedback import FeedbackExported, example, export_feedback
from app.assistants.records import read_record
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.settings import Settings
from app.documents.document import Place
from app.engine.choose import model_to_use
from app.retrieval.protocol import Hit, Marked, SearchResult, Span
from app.storage.feedback import Feedback
from tests.fixtures.scripted_engine import ScriptedEngine

PASSAGE = "Please read this first. The warranty lasts 30 months from the purchase. It covers the pump."
OTHER = "Filters are not covered."


class OnePage:
    """Finds the same two passages for every question."""

    relevant = True
    marked = None

    def search(self, query, cancel, **options):
        hits = (
            Hit("/d/guide.pdf", Place("page", 2), "", PASSAGE, 0, len(PASSAGE), 0.03, 0.7, (Span(24, 71),)),
            Hit(
                "/d/more.md",
                Place("document", 1),
                "",
                OTHER,
                0,
                len(OTHER),
                0.02,
                0.6,
                (Span(0, len(OTHER)),),
            ),
        )
        return SearchResult(hits, self.relevant, 0.7, 2, 0.01, 0, self.marked)

    @contextmanager
    def held(self):
        yield


@pytest.fixture
def feedback(database):
    return Feedback(database)


@pytest.fixture
def talk(conversations, paths):
    """Asks within one conversation, over documents or not; returns the id of the answer."""
    one = conversations.start().id

    def talk(question, engine, *, documents=True, relevant=True, marked=None, model=None):
        library = OnePage()
        library.relevant, library.marked = relevant, marked
        shared = {
            "conversation": one, "library": library, "engine": engine, "conversations": conversations,
            "model": model_to_use(Settings(), paths, model), "cancel": CancelToken(), "max_tokens": 50,
        }  # fmt: skip
        list(
            ask(question, folders=["/d"], refresh=False, **shared) if documents else chat(question, **shared)
        )
        return conversations.messages(one)[-1].id

    return talk


@pytest.fixture
def export(feedback, paths, tmp_path):
    """Exports; returns what was said of it and the examples, each a list of role and content."""

    def export(file=None):
        file = file or tmp_path / "set.jsonl"
        told = export_feedback(file, feedback, Settings(), paths, CancelToken())
        lines = file.read_text("utf-8").splitlines()
        return told, [[tuple(each.values()) for each in json.loads(line)["messages"]] for line in lines]

    return export


def asked(request):
    return [(each.role, each.content) for each in request]


@pytest.fixture
def large(paths):
    """The name of a model that is not tiny."""
    with (paths.models / "large.gguf").open("wb") as stream:
        stream.truncate(800_000_000)  # takes no room on the disk
    return "large"


@pytest.mark.parametrize("model", [None, "large"])
def test_an_example_is_what_the_model_was_asked_and_the_right_answer(model, talk, feedback, export, large):
    """A tiny model is shown quotes, a large one the passages around them; the second question leans on the first."""
    engine = ScriptedEngine(["30 months.", "It covers the engine."])
    feedback.rate(talk("How long is the warranty?", engine, model=model), "good")
    feedback.rate(
        talk("And what does it cover?", engine, model=model), "bad", "The pump.\nFilters: no.", "漢字"
    )
    told, (first, second) = export()
    assert (told.examples, told.left_out) == (2, 0)
    assert first == [*asked(engine.requests[0]), ("assistant", "30 months.")]
    answering = [each for each in engine.requests if "Passages:" in each[1].content]
    assert second == [*asked(answering[1]), ("assistant", "The pump.\nFilters: no.")]
    assert ("Please read this first" in first[1][1]) == (model == large)
    assert "Question: What does the warranty cover?" in second[1][1]


def test_the_sentence_that_seems_to_answer_is_pointed_out_as_it_was(talk, feedback, export, large):
    marked = Marked(0, 43, 52, 0.9)
    engine = ScriptedEngine(["The warranty lasts 30 months."])
    feedback.rate(talk("How long is the warranty?", engine, marked=marked, model=large), "good")
    feedback.rate(talk("How long is the warranty?", ScriptedEngine([""]), marked=marked), "good")
    _, (first, second) = export()
    assert first[:-1] == asked(engine.requests[-1])
    assert "The passages say: “The warranty lasts 30 months from the purchase.”" in first[1][1]
    assert second[-1] == ("assistant", "30 months")  # a tiny model found no words for it
    assert second[1][1].startswith("Passages:") and "How long is the warranty?" in second[1][1]


def test_in_plain_chat_the_conversation_comes_before(talk, feedback, export):
    engine = ScriptedEngine(["Hello.", "You said hi."])
    talk("hi", engine, documents=False)
    feedback.rate(talk("What did I say?", engine, documents=False), "good")
    _, (only,) = export()
    assert only == [*asked(engine.requests[1]), ("assistant", "You said hi.")]
    assert [role for role, _ in only] == ["system", "user", "assistant", "user", "assistant"]


def test_a_refusal_is_an_example_of_itself_or_of_what_was_overlooked(talk, feedback, export):
    refused = talk("Who sells it?", ScriptedEngine(), relevant=False)
    feedback.rate(refused, "good")
    _, ((system, user, last),) = export()
    assert system[0] == "system" and OTHER in user[1] and user[1].endswith("Question: Who sells it?\nAnswer:")
    assert last == ("assistant", NOT_FOUND)
    feedback.rate(refused, "bad", "Smith & Sons.")
    assert export()[1][0][-1] == ("assistant", "Smith & Sons.")


def test_what_is_only_wrong_teaches_nothing(talk, feedback, export, tmp_path):
    wrong = talk("How long?", ScriptedEngine(["12 months."]))
    feedback.rate(wrong, "bad", "", "not in the guide")
    with pytest.raises(AppError, match="nothing to export"):
        export()
    assert list(tmp_path.glob("*.jsonl")) == []
    feedback.rate(talk("How long?", ScriptedEngine(["30 months."])), "good")
    told, examples = export()
    assert told == FeedbackExported(tmp_path / "set.jsonl", 1, 1) and len(examples) == 1


def test_details_that_cannot_be_read_are_left_out(talk, feedback, export, database, tmp_path):
    broken = talk("How long?", ScriptedEngine(["30 months."]))
    feedback.rate(broken, "good")
    feedback.rate(talk("How long is it?", ScriptedEngine(["30 months. 漢字"])), "good")
    with database.transaction() as db:
        db.execute("UPDATE feedback SET details = ? WHERE answer LIKE '30 months.'", ('{"sources": 7}',))
    told, examples = export()
    assert (told.examples, told.left_out, len(examples)) == (1, 1, 1)
    assert (tmp_path / "set.jsonl").read_bytes().isascii()


def test_a_source_is_found_by_its_number(feedback, talk):
    feedback.rate(talk("How long?", ScriptedEngine(["30 months."])), "good")
    (rating,) = feedback.all()
    record = read_record(rating.details)
    numbered = tuple(replace(each, number=each.number + 4) for each in record.sources)
    lead = Lead("30 months", 5, 43, 52, 0.9)
    messages = example(rating, replace(record, sources=numbered, lead=lead), tiny=False)
    assert "The passages say: “The warranty lasts 30 months from the purchase.”" in messages[1].content


def test_only_a_set_of_examples_is_replaced(talk, feedback, export, paths, tmp_path):
    feedback.rate(talk("How long?", ScriptedEngine(["30 months."])), "good")
    export()
    assert len(export()[1]) == 1  # one's own file is
    theirs = tmp_path / "log.jsonl"
    theirs.write_text('{"level": "info"}\n')
    with pytest.raises(AppError, match="is there already"):
        export(theirs)
    assert theirs.read_text() == '{"level": "info"}\n'
    with pytest.raises(AppError, match=r"does not end in \.jsonl"):
        export(tmp_path / "set.txt")
    with pytest.raises(AppError, match="does not exist"):
        export(tmp_path / "gone" / "set.jsonl")
    stopped = CancelToken()
    stopped.cancel()
    before = (tmp_path / "set.jsonl").read_bytes()
    with pytest.raises(Cancelled):
        export_feedback(tmp_path / "set.jsonl", feedback, Settings(), paths, stopped)
    assert (tmp_path / "set.jsonl").read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} == {"home", "set.jsonl", "log.jsonl"}
