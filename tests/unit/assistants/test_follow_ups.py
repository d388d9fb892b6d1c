"""Which questions lean on the one before, and what is asked instead."""

import pytest

from app.assistants.answering import Writer
from app.assistants.follow_ups import Earlier, is_search, needs_context, rewritten, standing_alone
from app.base.jobs import CancelToken
from app.engine.protocol import ModelSpec
from tests.fixtures.scripted_engine import ScriptedEngine


@pytest.mark.parametrize(
    "question",
    [
        "Who signed this agreement?",
        "Is it allowed to smoke in the flat?",
        "How long does it take to renew the lease?",
        "Is there a deposit?",
        "Which company moved its headquarters?",
        "When did Marie Curie win her first Nobel Prize?",
        "What does the clause that forbids smoking say?",
        "What does the dishwasher need before it starts?",
        "What are the rules in this document?",
        "Does Ms Adler keep her keys?",
        "Who is Brown?",
        "Why was the contract ended?",
        "Is smoking allowed?",
        "And what is the notice period for the flat in Tannery Lane?",
    ],
)
def test_questions_that_say_what_they_are_about_stay_as_they_are(question):
    assert not needs_context(question)
    assert standing_alone(question, [Earlier("How long is the dishwasher's warranty?")]) == question


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        ("How long is the dishwasher's warranty?", "Does it cover the pump?", "Does the dishwasher's warranty cover the pump?"),
        ("How long is the dishwasher's warranty?", "And the pump?", "The pump, concerning the dishwasher's warranty?"),
        ("When was Marie Curie born?", "Where did she study?", "Where did Marie Curie study?"),
        ("When was Marie Curie born?", "What was her first job?", "What was Marie Curie’s first job?"),
        ("Is smoking allowed in the flat?", "Who lives there?", "Who lives in the flat?"),
        ("What is the deposit for the flat?", "When is that paid back?", "When is the deposit for the flat paid back?"),
        ("What does photosynthesis need?", "Where does it happen?", "Where does photosynthesis happen?"),
        ("Who signed the lease?", "When?", "When, concerning the lease?"),
        ("When did the Second World War end?", "Why did it begin?", "Why did the Second World War begin?"),
    ],
)  # fmt: skip
def test_what_the_question_before_was_about_is_put_in(before, question, alone):
    assert standing_alone(question, [Earlier(before)]) == alone
    assert standing_alone(question, []) == question


@pytest.mark.parametrize(
    "message",
    ["rent", "Rent?", "notice period", "deposit 2021", "Tannery Lane", "Kündigungsfrist", "late fees"],
)
def test_what_one_types_into_a_search_box_is_told_from_the_rest_of_a_question(message):
    assert is_search(message)


@pytest.mark.parametrize(
    "message",
    [
        "And the pump?", "the pump", "in winter", "Why?", "how much", "when exactly", "what about rent", "more details", "its price",
        "another example", "", "?", "How much is the rent?", "Warum?",
    ],
)  # fmt: skip
def test_what_asks_more_about_what_was_said_is_no_search(message):
    assert not is_search(message)


def test_what_was_searched_for_is_what_the_next_question_is_about():
    asked = [Earlier("Does the dishwasher need salt?"), Earlier("rent", asked="rent")]
    assert standing_alone("When is it due?", asked) == "When is rent due?"


def test_a_person_is_the_answer_to_who():
    assert (
        standing_alone("When did he die?", [Earlier("Who founded Apple?", "Steve Jobs")])
        == "When did Steve Jobs die?"
    )


def test_follow_ups_of_follow_ups_are_about_the_first():
    asked = [Earlier("How long is the dishwasher's warranty?"), Earlier("Does it last longer for a pump?")]
    assert "dishwasher's warranty" in standing_alone("And what does it cost?", asked[:1])
    assert "the dishwasher's warranty" in standing_alone("And why?", asked)


def writer(engine):
    return Writer(engine, ModelSpec("model.gguf"), CancelToken(), 100)


def test_an_engine_that_fails_leaves_the_question_put_together_by_rule():
    asked = [Earlier("How long is the dishwasher's warranty?")]
    question = "Does it cover the pump?"
    engine = ScriptedEngine(fail_at=0)
    assert rewritten(question, asked, writer(engine)) == standing_alone(question, asked)


def test_a_long_question_before_is_told_in_part():
    engine = ScriptedEngine(["x"])
    rewritten("Does it cover the pump?", [Earlier("Is the warranty long? " * 400)], writer(engine))
    assert len(engine.requests[0][1].content) < 500
