import pytest

from app.base.errors import AppError


def test_a_conversation_takes_its_title_from_the_first_question(conversations):
    one = conversations.start()
    conversations.add_question(one.id, "How long is\nthe notice   period?")
    conversations.add_question(one.id, "And the deposit?")
    assert conversations.get(one.id).title == "How long is the notice period?"


def test_messages_come_back_as_they_were_saved(conversations):
    one = conversations.start("Lease", scope="Home")
    conversations.add_question(one.id, "Frage 漢字?")
    answer = conversations.begin_answer(one.id)
    conversations.save_answer(answer, "Half", "writing")
    conversations.save_answer(answer, "Half an answer", "stopped", {"sources": [1]})
    question, saved = conversations.messages(one.id)
    assert (question.role, question.text, question.state) == ("user", "Frage 漢字?", "complete")
    assert (saved.role, saved.text, saved.state, saved.details) == (
        "assistant", "Half an answer", "stopped", {"sources": [1]},
    )  # fmt: skip


def test_details_saved_early_stay_when_later_saves_have_none(conversations):
    one = conversations.start()
    answer = conversations.begin_answer(one.id)
    conversations.save_answer(answer, "", "writing", {"model": "m"})
    conversations.save_answer(answer, "text", "failed")
    assert conversations.messages(one.id)[0].details == {"model": "m"}


def test_answers_cut_off_by_a_crash_are_closed_with_their_text(conversations):
    one = conversations.start()
    conversations.save_answer(conversations.begin_answer(one.id), "what was there", "writing")
    assert conversations.close_interrupted() == 1
    assert conversations.messages(one.id)[0].state == "stopped"
    assert conversations.search("what was")[0].conversation.id == one.id


def test_search_finds_words_in_messages_and_titles(conversations):
    lease = conversations.start("Flat in Harrow")
    conversations.add_question(lease.id, "When is the deposit paid back?")
    other = conversations.start("Recipes")
    answer = conversations.begin_answer(other.id)
    conversations.save_answer(answer, "Knead the dough. 漢字テスト", "complete")
    found = lambda query: [each.conversation.id for each in conversations.search(query)]  # noqa: E731
    assert found("deposit paid") == [lease.id]
    assert found("depos") == [lease.id]
    assert found("harrow") == [lease.id]
    assert found("字テ") == [other.id]
    assert found("dough deposit") == []
    assert found('"') == [] and found("") == []


def test_search_follows_edits_and_deletions(conversations):
    one = conversations.start("x")
    question = conversations.add_question(one.id, "about zebras")
    answer = conversations.begin_answer(one.id)
    conversations.save_answer(answer, "they are striped", "complete")
    conversations.drop_from(question.id)
    assert conversations.messages(one.id) == []
    assert conversations.search("zebras") == [] and conversations.search("striped") == []
    conversations.add_question(one.id, "about lions")
    conversations.delete(one.id)
    assert conversations.search("lions") == [] and conversations.all() == []


def test_writing_into_a_deleted_conversation_is_an_expected_error(conversations):
    one = conversations.start()
    conversations.delete(one.id)
    for write in (
        lambda: conversations.add_question(one.id, "x"),
        lambda: conversations.begin_answer(one.id),
    ):
        with pytest.raises(AppError, match="deleted"):
            write()


def test_newest_first(conversations):
    first, second = conversations.start("a"), conversations.start("b")
    conversations.add_question(first.id, "again")
    assert [each.id for each in conversations.all()] == [first.id, second.id]
