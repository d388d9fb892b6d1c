"""The list of conversations."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from app.base.errors import AppError
from app.gui import errors
from app.gui.chat.conversation_delegate import ID


@pytest.fixture
def talks(window, backend):
    made = []
    for title in ("Garden", "Lease", "Tax"):
        talk = backend.conversations.start(title)
        backend.conversations.add_question(talk.id, f"A question about the {title.lower()} letter")
        made.append(talk.id)
    window.chat.open_conversation(None)
    return made


def titles(window):
    view = window.chat.conversations.list
    return [view.item(row).text() for row in range(view.count())]


def choose(window, number):
    view = window.chat.conversations.list
    for row in range(view.count()):
        if view.item(row).data(ID) == number:
            view.setCurrentRow(row)


def test_newest_first_and_choosing_opens(window, talks):
    assert titles(window) == ["Tax", "Lease", "Garden"]
    choose(window, talks[1])
    assert window.chat.view.current == talks[1]
    assert window.chat.head.title.text() == "Lease"


def test_full_text_search_shows_where_the_words_are(window, talks, qtbot):
    field = window.chat.conversations.search_field
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, "lease let")
    qtbot.waitUntil(lambda: titles(window) == ["Lease"])
    assert "lease letter" in window.chat.conversations.list.item(0).data(257)
    qtbot.keyClicks(field, "zzz")
    qtbot.waitUntil(lambda: titles(window) == [])
    assert window.chat.conversations._empty.isVisible()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(titles(window)) == 3)


def test_rename_in_place(window, talks, qtbot, backend):
    choose(window, talks[0])
    view = window.chat.conversations.list
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, "Balcony")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Balcony" in titles(window))
    assert backend.conversations.get(talks[0]).title == "Balcony"
    qtbot.waitUntil(lambda: window.chat.head.title.text() == "Balcony")


def test_an_empty_name_is_not_taken(window, talks, qtbot, backend):
    choose(window, talks[0])
    window.chat.conversations.list.currentItem().setText("  ")
    qtbot.waitUntil(lambda: "Garden" in titles(window))
    assert backend.conversations.get(talks[0]).title == "Garden"


def test_delete_can_be_undone(window, talks, qtbot, backend):
    choose(window, talks[1])
    view = window.chat.conversations.list
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert titles(window) == ["Tax", "Garden"]
    assert window.chat.view.current is None
    assert window.messages.text.startswith("“Lease” was deleted. You can bring it back until")
    assert len(backend.conversations.all()) == 3  # still there until the chance has passed
    window.messages._button.click()
    assert titles(window) == ["Tax", "Lease", "Garden"]
    assert window.chat.view.current == talks[1]
    window.messages.dismiss()
    assert len(backend.conversations.all()) == 3


def test_delete_is_final_once_the_message_is_gone(window, talks, backend):
    window.chat.conversations.delete(talks[1])
    window.chat.conversations.delete(talks[2])  # the second message takes the place of the first
    assert [each.id for each in backend.conversations.all()] == [talks[2], talks[0]]
    window.messages.dismiss()
    assert [each.id for each in backend.conversations.all()] == [talks[0]]


def test_undo_stays_while_other_messages_come_and_go(window, talks, qtbot, backend, monkeypatch):
    monkeypatch.setattr(errors, "_PASSING_MS", 30)
    window.chat.conversations.delete(talks[1])
    qtbot.wait(200)  # longer than any passing message stays
    assert window.messages._button.text() == "Undo" and window.messages.isVisible()
    window.messages.show_error(AppError("The disk is full.", "Free some space."))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.messages.text.startswith("“Lease”")
    window.messages.show_note("Copied.")
    assert window.messages.text == "Copied."
    qtbot.waitUntil(lambda: window.messages.text.startswith("“Lease”"))
    qtbot.keyClick(window, Qt.Key.Key_Escape)  # meant for something else
    assert window.messages.isVisible() and len(backend.conversations.all()) == 3
    window.messages._button.click()
    assert titles(window) == ["Tax", "Lease", "Garden"]
    assert not window.messages.isVisible()


def test_the_button_of_a_passing_message_does_not_undo(window, talks, backend):
    done = []
    window.chat.conversations.delete(talks[1])
    window.messages.show_note("Saved.", "Show", lambda: done.append(1))
    window.messages._button.click()
    assert done == [1] and titles(window) == ["Tax", "Garden"]
    window.messages._button.click()
    assert titles(window) == ["Tax", "Lease", "Garden"]


def test_escape_in_the_offer_makes_the_deletion_final(window, talks, qtbot, backend):
    window.chat.conversations.delete(talks[1])
    window.messages._close.setFocus()
    qtbot.keyClick(window.messages._close, Qt.Key.Key_Escape)
    assert not window.messages.isVisible() and len(backend.conversations.all()) == 2


def test_delete_is_final_at_quit_below_another_message(window, talks, backend):
    window.chat.conversations.delete(talks[0])
    window.messages.show_error(AppError("The disk is full.", "Free some space."))
    window.close()
    assert talks[0] not in [each.id for each in backend.conversations.all()]


def test_delete_is_final_when_the_window_closes(window, talks, backend):
    window.chat.conversations.delete(talks[0])
    window.close()
    assert talks[0] not in [each.id for each in backend.conversations.all()]


def test_deleting_a_conversation_stops_its_answer(window, script, qtbot, jobs, backend):
    script.hold.clear()
    window.chat.ask("Slow?")
    number = window.chat.view.current
    qtbot.waitUntil(lambda: window.chat.view.transcript.last_answer.text != "")
    window.chat.conversations.delete(number)
    window.messages.dismiss()
    qtbot.waitUntil(lambda: jobs.running == 0)
    assert titles(window) == []
    assert backend.conversations.all() == []
    assert not window.messages.isVisible()
