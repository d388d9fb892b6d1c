from dataclasses import replace

import pytest

from app.base.errors import AppError
from app.storage.feedback import Feedback, Said


@pytest.fixture
def feedback(database):
    return Feedback(database)


@pytest.fixture
def turn(conversations):
    """Saves a question and its answer; returns the ids of both."""

    def save(conversation, question, answer, state="complete", details=None):
        asked = conversations.add_question(conversation, question)
        number = conversations.begin_answer(conversation)
        conversations.save_answer(number, answer, state, details)
        return asked.id, number

    return save


def test_a_rating_holds_what_its_answer_was_made_of(conversations, feedback, turn):
    one = conversations.start().id
    turn(one, "When is it due?", "On the third.")
    _, answer = turn(one, "Und wo? 漢字", "Here.", "complete", {"model": "m"})
    rating = feedback.rate(answer, "bad", "  At the office. ", "wrong place\n")
    assert feedback.of_conversation(one) == {answer: rating} and feedback.all() == [rating]
    assert (rating.question, rating.answer, rating.correction) == ("Und wo? 漢字", "Here.", "At the office.")
    assert (rating.remark, rating.details) == ("wrong place", {"model": "m"})
    assert rating.history == (Said("user", "When is it due?"), Said("assistant", "On the third."))


def test_one_can_change_ones_mind(conversations, feedback, turn):
    one = conversations.start().id
    _, answer = turn(one, "When?", "Never.")
    feedback.rate(answer, "good")
    feedback.rate(answer, "bad", "On the third.")
    feedback.rate(answer, "bad", "On the fourth.", "the third is a Sunday")
    assert [each.correction for each in feedback.all()] == ["On the fourth."]
    feedback.withdraw(answer)
    feedback.withdraw(answer)
    assert feedback.all() == [] and feedback.count() == (0, 0)
    feedback.rate(answer, "good")
    assert [each.correction for each in feedback.all()] == [""]


def test_a_rating_outlives_its_answer_but_not_its_conversation(conversations, feedback, turn):
    one, other = conversations.start().id, conversations.start().id
    question, answer = turn(one, "When?", "Never.")
    feedback.rate(answer, "bad", "On the third.")
    turn(one, "When?", "Sometimes.")
    conversations.drop_turn(question)  # as answering again does
    (kept,) = feedback.all()
    assert (kept.message, kept.answer, kept.correction) == (None, "Never.", "On the third.")
    assert feedback.of_conversation(one) == {}
    feedback.rate(turn(other, "Who?", "Me.")[1], "good")
    conversations.delete(one)
    assert [each.question for each in feedback.all()] == ["Who?"]


def test_all_can_be_deleted_and_put_back(conversations, feedback, turn):
    one, other = conversations.start().id, conversations.start().id
    first, second, third = (turn(where, "Q?", "A.")[1] for where in (one, one, other))
    feedback.rate(first, "good")
    feedback.rate(second, "bad")
    feedback.rate(third, "bad", "B.")
    assert feedback.count() == (3, 2)
    deleted = feedback.clear()
    assert len(deleted) == 3 and feedback.all() == []
    again = feedback.rate(second, "good")
    conversations.delete(other)
    feedback.put_back(deleted)
    assert sorted(feedback.of_conversation(one).items()) == [(first, deleted[0]), (second, again)]
    assert feedback.count() == (2, 2)


@pytest.mark.parametrize("state", ["writing", "stopped", "failed"])
def test_only_what_was_finished_can_be_rated(conversations, feedback, turn, state):
    one = conversations.start().id
    question, answer = turn(one, "When?", "On the", state)
    for number in (question, answer, 99):
        with pytest.raises(AppError, match="cannot be rated"):
            feedback.rate(number, "good")
    assert feedback.all() == []


def test_that_it_is_not_in_the_documents_can_be_rated(conversations, feedback, turn):
    _, answer = turn(conversations.start().id, "When?", "This is not in your documents.", "refused")
    assert feedback.rate(answer, "bad", "On the third.").correction == "On the third."


def test_a_draft_stays_with_its_rating(conversations, feedback, turn):
    one = conversations.start().id
    _, answer = turn(one, "When?", "Never. 漢字", "complete", {"model": "m", "claims": []})
    feedback.keep_draft(answer, ("lost", ""))  # it is not rated
    rating = feedback.rate(answer, "bad")
    feedback.keep_draft(answer, ("On the “third”", "p. 4"))
    (drafted,) = feedback.all()
    assert drafted == replace(rating, draft=("On the “third”", "p. 4"))
    assert feedback.rate(answer, "bad").draft == drafted.draft
    feedback.put_back(feedback.clear())
    assert feedback.all()[0].draft == drafted.draft
    feedback.keep_draft(answer, None)
    assert feedback.all()[0].draft is None


def test_a_rating_is_found_by_the_answer_that_took_the_place_of_its_own(conversations, feedback, turn):
    one = conversations.start().id
    _, same = turn(one, "When?", "Maybe.")
    question, answer = turn(one, "When?", "Never.")
    feedback.rate(answer, "bad", "On the third.")
    assert feedback.of_earlier(one) == {}
    _, now = turn(one, "When?", "Sometimes.")
    conversations.drop_turn(question)
    (rating,) = feedback.all()
    assert feedback.of_earlier(one) == {now: rating} and same != now
