"""What is typed and not sent is there again: after another conversation, after quitting, after a crash."""

import pytest
from PySide6.QtCore import Qt

from app.backend import close_backend, open_backend
from app.base.errors import AppError
from app.base.paths import find_paths
from app.gui.main_window import MainWindow
from app.storage.drafts import Drafts


@pytest.fixture
def drafts(backend):
    return Drafts(backend.user_db)


def text(window):
    return window.chat.composer.field.toPlainText()


def write(window, qtbot, words):
    qtbot.keyClicks(window.chat.composer.field, words)


def test_it_is_saved_without_quitting_and_restored_in_the_next_window(window, backend, jobs, qtbot):
    write(window, qtbot, "Who pays?")
    kept = open_backend(find_paths())  # what a start after a crash reads
    qtbot.waitUntil(lambda: Drafts(kept.user_db).get(None) == "Who pays?")
    close_backend(kept)
    again = MainWindow(backend, jobs)
    qtbot.addWidget(again)
    assert text(again) == "Who pays?"
    assert again.chat.composer._button.isEnabled()


def test_it_is_saved_at_quit(window, drafts, qtbot):
    write(window, qtbot, "Who p")
    window.close()  # before the pause has passed
    assert drafts.get(None) == "Who p"


def test_each_conversation_keeps_its_own(window, backend, drafts, qtbot):
    one, two = (backend.conversations.start(title).id for title in ("One", "Two"))
    write(window, qtbot, "new")
    for number, words in ((one, "first"), (two, "second")):
        window.chat.open_conversation(number)
        assert text(window) == ""
        write(window, qtbot, words)
    for number, words in ((one, "first"), (None, "new"), (two, "second")):
        window.chat.open_conversation(number)
        assert text(window) == words
        write(window, qtbot, "!")
        window.chat.drafts.save()
        assert drafts.get(number) == words + "!"


def test_it_is_gone_when_it_was_sent(window, ask, drafts, backend, qtbot):
    write(window, qtbot, "Draft")
    window.chat.drafts.save()
    ask("How long?")
    assert drafts.get(None) == "" and backend.user_db.rows("SELECT * FROM drafts") == []
    write(window, qtbot, "And then?")
    window.chat.drafts.save()
    qtbot.keyClick(window.chat.composer.field, Qt.Key.Key_Return)
    assert backend.user_db.rows("SELECT * FROM drafts") == []


def test_what_is_typed_while_it_answers_belongs_to_that_conversation(window, script, drafts, qtbot):
    script.hold.clear()
    window.chat.ask("Slow?")
    number = window.chat.view.current
    write(window, qtbot, "Next")
    window.chat.new_conversation()
    assert text(window) == "" and drafts.get(number) == "Next"


def test_it_goes_with_its_conversation_and_comes_back_with_it(window, ask, drafts, backend, qtbot):
    ask("How long?")
    number = window.chat.view.current
    write(window, qtbot, "And then?")
    window.chat.conversations.delete(number)
    assert text(window) == ""
    window.messages._button.click()
    assert window.chat.view.current == number and text(window) == "And then?"
    window.chat.conversations.delete(number)
    window.close()
    assert backend.user_db.rows("SELECT * FROM drafts") == []


def test_a_question_that_was_not_accepted_is_a_draft_again(window, script, drafts, qtbot):
    script.error_before_saving = AppError("No model.", "Add one.")
    window.chat.composer.field.setPlainText("How long?")
    with qtbot.waitSignal(window.chat.answers.ended):
        qtbot.keyClick(window.chat.composer.field, Qt.Key.Key_Return)
    assert text(window) == "How long?" and window.chat.view.current is None
    window.chat.drafts.save()
    assert drafts.get(None) == "How long?"


def test_where_nothing_can_be_written_drafts_last_while_it_runs(window, backend, qtbot):
    one = backend.conversations.start("One").id
    window.chat.drafts._saved = False
    write(window, qtbot, "new")
    window.chat.open_conversation(one)
    assert text(window) == ""
    window.chat.open_conversation(None)
    assert text(window) == "new" and backend.user_db.rows("SELECT * FROM drafts") == []
