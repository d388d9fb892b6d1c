from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from app.assistants.ask import ask
from app.assistants.chat import chat
from app.assistants.events import (
    AnswerFinished,
    Indexing,
    Notice,
    NotInDocuments,
    Reading,
    SourcesFound,
    TokenAdded,
)
from app.assistants.follow_ups import needs_context
from app.assistants.prompts import answer_from, chat_messages
from app.assistants.questions import unread_words
from app.assistants.records import read_record
from app.base.errors import AppError, Cancelled, WorkerDied
from app.base.jobs import CancelToken
from app.engine.protocol import Message, ModelSpec
from app.storage.conversations import Conversations
from app.storage.database import open_database
from app.storage.migrations import USER
from tests.fixtures.scripted_engine import ScriptedEngine
from tests.fixtures.scripted_library import PASSAGE, QUOTE, ScriptedLibrary


@pytest.fixture
def conversations(paths):
    database = open_database(paths.user_db, USER, durable=True)
    yield Conversations(database)
    database.close()


@pytest.fixture
def model(tmp_path: Path) -> ModelSpec:
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")
    return ModelSpec(str(tmp_path / "tiny.gguf"))


def run(question, conversation, engine, conversations, model, *, library=None, cancel=None):
    return ask(
        question,
        conversation=conversation,
        folders=["/d"],
        library=library or ScriptedLibrary(),
        engine=engine,
        model=model,
        conversations=conversations,
        cancel=cancel or CancelToken(),
        max_tokens=100,
    )


def test_sources_come_before_the_first_word_and_quote_the_document(conversations, model):
    one = conversations.start()
    library = ScriptedLibrary()
    engine = ScriptedEngine(["It lasts 30 months [7]. The moon is made of cheese."])
    events = list(run("How long is the warranty?", one.id, engine, conversations, model, library=library))
    kinds = [type(event) for event in events if not isinstance(event, Reading | Indexing)]
    assert kinds[0] is SourcesFound and kinds[1] is TokenAdded and kinds[-1] is AnswerFinished
    assert isinstance(events[0], Indexing)
    found = next(event for event in events if isinstance(event, SourcesFound))
    assert [(each.number, each.file, each.page) for each in found.sources] == [
        (1, "/d/guide.pdf", 2),
        (2, "/d/other.md", None),
    ]
    first = found.sources[0]
    assert first.quote == "The warranty lasts 30 months from the purchase"[: QUOTE.end - QUOTE.start]
    assert PASSAGE[first.start - 100 : first.end - 100] == first.quote
    ending = events[-1]
    assert ending.text == "It lasts 30 months. The moon is made of cheese."
    assert [(claim.sources, claim.supported) for claim in ending.claims] == [((1,), True), ((), False)]
    question, answer = conversations.messages(one.id)
    assert (question.text, answer.text, answer.state) == (
        "How long is the warranty?",
        ending.text,
        "complete",
    )
    record = read_record(answer.details)
    assert record.sources == ending.sources and record.claims == ending.claims and record.model == "tiny"
    assert not library.holding


def test_instructions_and_passages_first_question_last(conversations, model):
    engine = ScriptedEngine(["It covers the pump."])
    list(run("How long is the warranty?", None, engine, None, model))
    list(run("What does it cover, precisely and in full?", None, engine, None, model))
    first, second = ("\n".join(message.content for message in request) for request in engine.requests)
    shared = first[: first.index("Question:")]
    assert second.startswith(shared) and "30 months" in shared
    assert first.rstrip().endswith("Answer:") and "How long" not in shared


def test_nothing_relevant_means_no_generation(conversations, model):
    one = conversations.start()
    engine = ScriptedEngine(["Invented."])
    events = list(
        run("Who won?", one.id, engine, conversations, model, library=ScriptedLibrary(relevant=False))
    )
    assert isinstance(events[-1], NotInDocuments) and events[-1].nearest[0].file == "/d/guide.pdf"
    assert engine.requests == []
    answer = conversations.messages(one.id)[-1]
    assert answer.state == "refused" and read_record(answer.details).refused


@pytest.mark.parametrize("relevant", [True, False])
def test_an_answer_says_and_keeps_that_files_were_still_being_read(conversations, model, relevant):
    one = conversations.start()
    library = ScriptedLibrary(relevant=relevant)
    library.unread = 3
    events = list(run("How long?", one.id, ScriptedEngine(["Yes."]), conversations, model, library=library))
    told = [
        each.unread for each in events if isinstance(each, SourcesFound | NotInDocuments | AnswerFinished)
    ]
    assert told == ([3, 3] if relevant else [3])
    assert read_record(conversations.messages(one.id)[-1].details).unread == 3
    assert unread_words(3) == "3 files are still being read; the answer may be incomplete."
    assert unread_words(0) == ""


def test_a_stopped_answer_keeps_what_it_had(conversations, model):
    one = conversations.start()
    token = CancelToken()
    words = []
    for event in run(
        "How long?", one.id, ScriptedEngine(["one two three four five"]), conversations, model, cancel=token
    ):
        if isinstance(event, TokenAdded):
            words.append(event.text)
            if len(words) == 2:
                token.cancel()
    assert isinstance(event, AnswerFinished) and event.state == "stopped"
    assert event.text == "".join(words).strip() == "one two"
    saved = conversations.messages(one.id)[-1]
    assert (saved.text, saved.state) == ("one two", "stopped")
    assert read_record(saved.details).sources


def test_a_stop_before_the_first_word_raises_and_keeps_the_question(conversations, model):
    one = conversations.start()
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(run("How long?", one.id, ScriptedEngine(), conversations, model, cancel=token))
    assert [each.text for each in conversations.messages(one.id)] == ["How long?"]


def test_an_engine_that_dies_in_mid_answer_loses_no_word(conversations, model):
    one = conversations.start()
    engine = ScriptedEngine(
        ["one two three four"], fail_at=2, error=WorkerDied("The language model stopped.", "Try again.")
    )
    with pytest.raises(WorkerDied):
        list(run("How long?", one.id, engine, conversations, model))
    saved = conversations.messages(one.id)[-1]
    assert (saved.text, saved.state) == ("one two ", "failed")
    assert read_record(saved.details).sources


def test_an_abandoned_answer_is_saved_as_stopped(conversations, model):
    one = conversations.start()
    events = run("How long?", one.id, ScriptedEngine(["one two three"]), conversations, model)
    for event in events:
        if isinstance(event, TokenAdded):
            break
    events.close()
    saved = conversations.messages(one.id)[-1]
    assert (saved.text, saved.state) == ("one ", "stopped")


@pytest.mark.parametrize(("question", "match"), [("  ", "empty"), ("x" * 100_000, "100,000 characters")])
def test_impossible_questions_are_refused_before_anything_is_saved(conversations, model, question, match):
    one = conversations.start()
    with pytest.raises(AppError, match=match):
        list(run(question, one.id, ScriptedEngine(), conversations, model))
    assert conversations.messages(one.id) == []


def test_a_follow_up_is_searched_with_the_question_before_it(conversations, model):
    one = conversations.start()
    library = ScriptedLibrary()
    for question in ("How long is the dishwasher's warranty?", "Does it cover the pump?"):
        list(run(question, one.id, ScriptedEngine(["Yes."]), conversations, model, library=library))
    assert library.queries[1] == "Does the dishwasher's warranty cover the pump?"


def test_a_few_words_stand_by_themselves_where_the_documents_answer_them(conversations, model):
    class Lease(ScriptedLibrary):
        def search(self, query, cancel, **options):
            self.relevant = "pump" not in query or "warranty" in query
            return super().search(query, cancel, **options)

    one = conversations.start()
    library = Lease()
    for question in ("How long is the dishwasher's warranty?", "rent", "When is it due?", "warranty", "pump"):
        list(run(question, one.id, ScriptedEngine(["Yes."]), conversations, model, library=library))
    assert library.queries[1:] == [
        "rent",
        "When is rent due?",
        "warranty",
        "pump",
        "Pump, concerning warranty?",
    ]
    asked = [read_record(each.details).asked for each in conversations.messages(one.id)[1::2]]
    assert asked == [library.queries[0], *library.queries[1:4], library.queries[5]]


def test_only_questions_that_lean_on_the_last_one_are_rewritten():
    assert needs_context("And the pump?") and needs_context("How long does it last, then, in months?")
    assert not needs_context("What is the notice period for the flat in Tannery Lane?")


def count(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def test_the_prompt_stays_within_its_budget():
    passages = [(f"file {number}", "word " * 100) for number in range(5)]
    messages = answer_from(passages, "What?", 320, count)
    assert sum(count([each.content for each in messages])) <= 320
    assert "[1]" in messages[1].content and "[5]" not in messages[1].content
    tight = answer_from(passages, "What?", 140, count)
    assert (
        "[1]" in tight[1].content and "[2]" not in tight[1].content and tight[1].content.endswith("Answer:")
    )


def test_oldest_turns_are_left_out_in_pairs():
    history = [
        Message(role, f"{role} {number} " + "word " * 20)
        for number in range(6)
        for role in ("user", "assistant")
    ]
    messages, left_out = chat_messages(history, "Now?", 250, count)
    assert left_out > 0 and left_out % 2 == 0
    assert messages[0].role == "system" and messages[1].role == "user" and messages[-1].content == "Now?"
    assert messages[1:-1] == tuple(history[left_out:])


def test_what_is_left_of_a_long_conversation_begins_alike_for_several_questions():
    history, begun = [], []
    for number in range(30):
        messages, _ = chat_messages(history, f"question {number}", 400, count)
        assert sum(count([each.content for each in messages])) <= 400
        begun.append(messages[1].content)
        history += [
            Message("user", f"question {number}"),
            Message("assistant", f"answer {number} " + "word " * 20),
        ]
    moved = sum(one != other for one, other in pairwise(begun))
    assert begun[-1] != begun[0]
    assert moved <= len(begun) // 3  # else almost every question would have all of it read again


def test_chat_answers_within_its_conversation(conversations, model):
    one = conversations.start()
    engine = ScriptedEngine(["Hello.", "You said hi."])
    for question in ("hi", "What did I say?"):
        events = list(
            chat(question, conversation=one.id, library=ScriptedLibrary(), engine=engine, model=model, conversations=conversations,
                 cancel=CancelToken(), max_tokens=50)
        )  # fmt: skip
    assert events[-1].text == "You said hi."
    assert [message.content for message in engine.requests[1][1:]] == ["hi", "Hello.", "What did I say?"]
    assert [each.text for each in conversations.messages(one.id)] == [
        "hi",
        "Hello.",
        "What did I say?",
        "You said hi.",
    ]


def test_turns_without_an_answer_do_not_break_the_alternation(conversations, model):
    one = conversations.start()
    conversations.add_question(one.id, "lost")
    conversations.add_question(one.id, "answered")
    conversations.save_answer(conversations.begin_answer(one.id), "yes", "complete")
    engine = ScriptedEngine(["ok"])
    list(chat("next", conversation=one.id, library=ScriptedLibrary(), engine=engine, model=model, conversations=conversations,
              cancel=CancelToken(), max_tokens=50))  # fmt: skip
    roles = [message.role for message in engine.requests[0][1:]]
    assert roles == ["user", "assistant", "user"]


def test_a_growing_answer_is_saved_while_it_grows(conversations, model, monkeypatch):
    monkeypatch.setattr("app.assistants.answering._SAVE_EVERY_S", 0.0)
    one = conversations.start()
    seen: list[str] = []
    for event in run("How long?", one.id, ScriptedEngine(["one two three"]), conversations, model):
        if isinstance(event, TokenAdded):
            seen.append(conversations.messages(one.id)[-1].text)
    assert seen[-1].startswith("one two")


def test_a_folder_that_cannot_be_refreshed_is_noticed_and_searched(conversations, model):
    library = ScriptedLibrary(trouble=AppError("The drive is gone.", "Connect it."))
    events = list(run("How long?", None, ScriptedEngine(["30 months."]), None, model, library=library))
    assert [each.text for each in events if isinstance(each, Notice)] == ["The drive is gone. Connect it."]
    assert isinstance(events[-1], AnswerFinished)


def test_nothing_to_search_is_no_answer_about_the_documents(conversations, model):
    with pytest.raises(AppError, match="no readable text"):
        list(run("How long?", None, ScriptedEngine(), None, model, library=ScriptedLibrary(passages=0)))
    library = ScriptedLibrary(passages=0, trouble=AppError("The drive is gone.", "Connect it."))
    with pytest.raises(AppError, match="drive is gone"):
        list(run("How long?", None, ScriptedEngine(), None, model, library=library))
    busy = ScriptedLibrary(passages=0)
    busy.free = False
    with pytest.raises(AppError, match="still being read"):
        list(run("How long?", None, ScriptedEngine(), None, model, library=busy))


def again(conversations, engine, model, *, conversation, question, library=None):
    return ask(
        question.text, conversation=conversation, folders=["/d"], library=library or ScriptedLibrary(), engine=engine,
        model=model, conversations=conversations, cancel=CancelToken(), max_tokens=100, instead_of=question.id,
    )  # fmt: skip


def test_a_new_answer_takes_the_place_of_the_old_one_once_it_has_words(conversations, model):
    one = conversations.start()
    list(run("How long?", one.id, ScriptedEngine(["old"]), conversations, model))
    question = conversations.messages(one.id)[0]
    list(again(conversations, ScriptedEngine(["new"]), model, conversation=one.id, question=question))
    assert [each.text for each in conversations.messages(one.id)] == ["How long?", "new"]


@pytest.mark.parametrize("place", ["refresh and search", "first word"])
def test_a_failed_new_answer_leaves_the_old_one(conversations, model, place):
    one = conversations.start()
    list(run("How long?", one.id, ScriptedEngine(["old"]), conversations, model))
    question = conversations.messages(one.id)[0]
    library = ScriptedLibrary(passages=0) if place == "refresh and search" else None
    engine = ScriptedEngine(["new"], fail_at=0, error=WorkerDied("It stopped.", "Try again."))
    with pytest.raises(AppError):
        list(again(conversations, engine, model, conversation=one.id, question=question, library=library))
    assert [each.text for each in conversations.messages(one.id)] == ["How long?", "old"]


def test_an_engine_that_cannot_load_leaves_no_half_answer(conversations, model):
    one = conversations.start()

    class Broken(ScriptedEngine):
        def load(self, model, cancel):
            raise AppError("This is no model.", "Choose another.")

    with pytest.raises(AppError, match="no model"):
        list(run("How long?", one.id, Broken(), conversations, model))
    assert [each.role for each in conversations.messages(one.id)] == ["user"]


def test_the_prompt_fits_the_context_the_model_really_has(conversations, model):
    one = conversations.start()
    engine = ScriptedEngine(["word " * 30] * 20, context_length=300)
    for number in range(8):
        list(chat(f"Question {number}?", conversation=one.id, library=ScriptedLibrary(), engine=engine, model=model,
                  conversations=conversations, cancel=CancelToken(), max_tokens=100))  # fmt: skip
    assert all(sum(count([m.content for m in request])) <= 200 for request in engine.requests)
    assert conversations.messages(one.id)[-1].state == "complete"


def test_a_question_too_long_for_the_model_is_said():
    with pytest.raises(AppError, match="too long for the model"):
        answer_from([("a", "b")], "word " * 300, 200, count)
