"""The viewer beside the chat: what was clicked is what is shown, and keys go where the focus is."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.assistants.events import Claim, Quote
from app.documents.document import Place
from app.gui.main_window import MainWindow
from app.gui.viewer.loading import load
from app.storage.database import open_read_only
from tests.gui.conftest import delete, source

RULES = "Keys are handed over by noon. Breakfast is at eight."


@pytest.fixture
def rules(tmp_path, add_file):
    path = tmp_path / "rules.docx"
    path.write_bytes(b"PK")
    return add_file(path, [(Place("page", 1), RULES)])


@pytest.fixture
def asked(window, script, rules, ask, jobs, qtbot):
    """An answer of two sentences, each with its own words of the one source."""
    found = replace(source(1, RULES[:29], rules), passage=RULES)
    script.sources = (found,)
    script.claims = (
        Claim(0, 11, (1,), True, (Quote(1, 0, 29),)),
        Claim(12, 32, (1,), True, (Quote(1, 30, 52),)),
    )
    ask("When?")
    return window.chat.view.transcript.last_answer


def test_a_sentence_opens_at_its_own_words_with_those_of_the_others_marked(window, asked, jobs, qtbot):
    asked.words.text.cited.emit(1, 1)
    qtbot.waitUntil(lambda: window.viewer.is_open and jobs.running == 0)
    pane = window.viewer._pane
    qtbot.waitUntil(lambda: pane.area.text.view.quote is not None)
    assert pane.area.text.view.quote.selectedText() == "Breakfast is at eight."
    assert pane.citation_bar.label.text() == "Quote 2 of 2"
    assert len(pane.area.text.view.extraSelections()) == 2


def test_a_document_stands_beside_the_page_it_was_opened_from_alone(window, asked, jobs, qtbot):
    asked.words.text.cited.emit(1, 1)
    qtbot.waitUntil(lambda: window.viewer.is_open and jobs.running == 0)
    for other in ("models", "settings"):
        window.show_page(other)
        assert not window.viewer.is_open
    window.show_page("chat")
    assert window.viewer.is_open
    assert window.viewer._pane.citation_bar.label.text() == "Quote 2 of 2"
    window.viewer.close_viewer()
    window.show_page("models")
    window.show_page("chat")
    assert not window.viewer.is_open


def test_keys_of_the_viewer_are_its_own_while_it_has_the_focus(window, asked, jobs, qtbot):
    asked.words.text.cited.emit(1, 0)
    qtbot.waitUntil(lambda: window.viewer.is_open and jobs.running == 0)
    pane = window.viewer._pane
    view = pane.area.text.view
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = pane.find_bar.field
    assert field.hasFocus()
    qtbot.keyClicks(field, "eight")
    assert pane.find_bar.count.text() == "1 of 1"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert window.viewer.is_open and not pane.find_bar.isVisible() and view.hasFocus()
    qtbot.keyClick(view, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: pane.citation_bar.label.text() == "Quote 2 of 2")
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not window.viewer.is_open
    composer = window.chat.composer.field
    composer.setFocus()
    qtbot.keyClick(composer, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert not composer.hasFocus() and not window.viewer.is_open


def test_a_folder_that_cannot_be_written_is_said_once(backend, jobs, qtbot):
    kept = open_read_only(backend.paths.user_db)
    made = MainWindow(replace(backend, user_db=kept), jobs)
    made.show()
    assert "so nothing is saved" in made.messages.text and made.messages.isVisible()
    made.messages.dismiss()
    assert not made.messages.isVisible()
    made.close()
    jobs.stop_all(5000)
    made.close_parts()
    delete(made)
    kept.close()


@pytest.mark.parametrize("moved_on", [True, False])
def test_a_document_that_loads_slowly_leaves_the_keyboard_to_whoever_moved_on(
    window, asked, jobs, qtbot, monkeypatch, moved_on
):
    go_on = threading.Event()
    composer, conversations = window.chat.composer.field, window.chat.conversations.list
    conversations.setFocus()
    asked.words.text.cited.emit(1, 0)
    qtbot.waitUntil(lambda: window.viewer.is_open and jobs.running == 0)
    pane = window.viewer._pane

    def slowly(*wanted):
        assert go_on.wait(5)
        return load(*wanted)

    monkeypatch.setattr("app.gui.viewer.pane.load", slowly)
    conversations.setFocus()
    asked.words.text.cited.emit(1, 1)
    if moved_on:
        composer.setFocus()
    go_on.set()
    qtbot.waitUntil(lambda: pane.citation_bar.label.text() == "Quote 2 of 2" and jobs.running == 0)
    qtbot.waitUntil(lambda: pane.area.text.view.quote.selectedText() == "Breakfast is at eight.")
    assert composer.hasFocus() is moved_on and pane.area.text.view.hasFocus() is not moved_on


def test_the_keyboard_stays_in_the_viewer_while_the_next_document_loads(window, asked, jobs, qtbot, tmp_path):
    asked.words.text.cited.emit(1, 0)
    qtbot.waitUntil(lambda: window.viewer.is_open and jobs.running == 0)
    pane = window.viewer._pane
    qtbot.waitUntil(pane.area.text.view.hasFocus)
    window.viewer.open_file(str(tmp_path / "never.docx"))
    assert pane.area.isAncestorOf(window.focusWidget())
    qtbot.waitUntil(lambda: jobs.running == 0 and "no longer there" in pane.area.notice.text)
    assert pane.area.isAncestorOf(window.focusWidget())
