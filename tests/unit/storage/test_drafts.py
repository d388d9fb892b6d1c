import pytest

from app.storage.drafts import Drafts


@pytest.fixture
def drafts(database):
    return Drafts(database)


def test_each_conversation_has_its_own_and_a_new_one_too(drafts, conversations):
    one, two = conversations.start("One"), conversations.start("Two")
    for number, text in ((one.id, "First 漢字\nline"), (two.id, "Second"), (None, "New")):
        drafts.keep(number, "Before")
        drafts.keep(number, text)
    assert [drafts.get(number) for number in (one.id, two.id, None)] == ["First 漢字\nline", "Second", "New"]


def test_a_blank_one_is_not_kept(drafts, conversations, database):
    one = conversations.start("One")
    for number in (one.id, None):
        drafts.keep(number, "Typed")
        drafts.keep(number, " \n")
        assert drafts.get(number) == ""
    assert database.rows("SELECT * FROM drafts") == []


def test_it_goes_with_its_conversation(drafts, conversations, database):
    one = conversations.start("One")
    drafts.keep(one.id, "Typed")
    drafts.keep(None, "New")
    conversations.delete(one.id)
    drafts.keep(one.id, "Typed too late")
    assert [row["text"] for row in database.rows("SELECT text FROM drafts")] == ["New"]
