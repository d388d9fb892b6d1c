"""By keyboard alone: Tab goes through everything that is shown, in the order in which it is read, and back."""

import gc
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton

from app.assistants.events import Lead
from app.gui.chat.exact_answer import ExactAnswer
from app.gui.chat.message_text import MessageText
from app.gui.theme import apply_theme, colours
from tests.gui.conftest import source

CHAT = [
    "Your question",
    "Asked over: My documents",
    "Ask each document by itself",
    "Hide the sources",
    "Open source 1",
    "Open source 2",
    *("Chat", "Library", "Summarise", "Translate", "Models", "Settings", "Keyboard shortcuts"),
    *("Search chats", "New chat", "Chats"),
    *("Model: Starter model", "Show or hide the sources"),
    *("Exact answer: Two months", "Open lease.pdf · Page 1"),
    *("[1]", "The van is paid for."),
    *("Copy the answer", "Answer again", "Good answer", "Wrong answer"),
]


def named(widget):
    """What has the focus, as it is announced; of a text the link that is marked."""
    if isinstance(widget, MessageText):
        return widget.textCursor().selectedText()
    return widget.accessibleName() or (
        widget.text() if isinstance(widget, (QPushButton, QToolButton)) else ""
    )


def walk(qtbot, key, steps):
    seen = []
    for _ in range(steps):
        seen.append(named(QApplication.focusWidget()))
        qtbot.keyClick(QApplication.focusWidget(), key)
        gc.collect()
    return seen


@pytest.fixture
def answered(window, ask, script):
    script.lead = Lead("Two months", 1, 0, 10, 0.9)
    script.sources = tuple(replace(each, passage="Two months' notice is needed.") for each in script.sources)
    ask("How long?")
    QApplication.processEvents()
    return window


def test_tab_visits_everything_in_the_order_it_is_read_and_back(answered, qtbot):
    assert answered.chat.composer.field.hasFocus()
    bar = answered.chat.view.transcript.verticalScrollBar()
    assert walk(qtbot, Qt.Key.Key_Tab, len(CHAT)) == CHAT
    assert walk(qtbot, Qt.Key.Key_Backtab, len(CHAT)) == [CHAT[0], *reversed(CHAT[1:])]
    assert answered.chat.composer.field.hasFocus()
    assert bar.minimum() == 0  # still there for Python


def test_tab_reaches_the_composer_of_a_new_chat_and_leaves_it(window, qtbot):
    new = [each for each in CHAT[:17] if "ource" not in each and each != "Chats"]
    assert walk(qtbot, Qt.Key.Key_Tab, len(new) + 1) == [*new, new[0]]


def test_what_is_tabbed_to_is_scrolled_into_view(answered, ask, qtbot):
    for _ in range(5):
        ask("And then?")
    QApplication.processEvents()
    transcript = answered.chat.view.transcript
    assert transcript.verticalScrollBar().value() == transcript.verticalScrollBar().maximum() > 0
    answered.chat.columns.sources_button.setFocus()
    qtbot.keyClick(answered.chat.columns.sources_button, Qt.Key.Key_Tab)
    first = QApplication.focusWidget()
    assert isinstance(first, ExactAnswer) and transcript.isAncestorOf(first)
    shown = first.mapTo(transcript.viewport(), first.rect().topLeft()).y()
    assert 0 <= shown < transcript.viewport().height()


def test_enter_opens_a_citation_and_closing_leads_back_to_it(answered, qtbot, jobs):
    field = answered.chat.composer.field
    qtbot.keyClick(field, Qt.Key.Key_Backtab)
    for _ in range(5):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    mark = QApplication.focusWidget()
    assert named(mark) == "[1]"
    qtbot.keyClick(mark, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: answered.viewer.is_open and jobs.running == 0)
    pane = answered.viewer._pane
    qtbot.waitUntil(lambda: pane.isAncestorOf(answered.focusWidget()))
    qtbot.keyClick(answered.focusWidget(), Qt.Key.Key_Escape)
    assert not answered.viewer.is_open and mark.hasFocus() and named(mark) == "[1]"


def test_closing_the_document_leads_back_to_its_source(answered, qtbot, jobs):
    opener = next(
        each
        for each in answered.chat.sources.findChildren(QPushButton)
        if each.accessibleName() == "Open source 2"
    )
    opener.setFocus()
    qtbot.keyClick(opener, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: answered.viewer.is_open and jobs.running == 0)
    pane = answered.viewer._pane
    qtbot.waitUntil(lambda: pane.isAncestorOf(answered.focusWidget()))
    assert not opener.isVisible()
    pane.header.close_button.setFocus()
    pane.header.close_button.click()
    assert opener.isVisible() and opener.hasFocus()


def test_closing_the_document_leaves_the_focus_to_whoever_moved_on(answered, qtbot, jobs):
    answered.chat.conversations.list.setFocus()
    answered.chat._open_source(source(1))
    qtbot.waitUntil(lambda: answered.viewer.is_open and jobs.running == 0)
    answered.chat.composer.setFocus()
    answered.viewer.close_viewer()
    assert answered.chat.composer.field.hasFocus()


def test_where_the_opener_is_gone_the_question_field_gets_the_focus(answered, qtbot, jobs):
    answered.chat.sources.findChildren(QPushButton)[0].setFocus()
    answered.chat._open_source(source(1))
    qtbot.waitUntil(lambda: answered.viewer.is_open and jobs.running == 0)
    pane = answered.viewer._pane
    qtbot.waitUntil(lambda: pane.isAncestorOf(answered.focusWidget()))
    answered.chat.new_conversation()
    pane.header.close_button.setFocus()
    answered.viewer.close_viewer()
    assert answered.chat.composer.field.hasFocus()


def test_hiding_the_sources_leaves_the_focus_near(answered, qtbot):
    close = next(
        each
        for each in answered.chat.sources.findChildren(QToolButton)
        if each.accessibleName() == "Hide the sources"
    )
    close.setFocus()
    qtbot.keyClick(close, Qt.Key.Key_Space)
    assert answered.chat.sources.isHidden()
    assert answered.chat.isAncestorOf(QApplication.focusWidget())


def test_the_page_in_view_stays_marked_when_its_button_is_pressed_again(window):
    buttons = window.rail._buttons
    for name in ("library", "library", "settings"):
        buttons[name].click()
        assert [each for each, button in buttons.items() if button.isChecked()] == [name]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_document_in_view_shows_that_it_has_the_keyboard(answered, qtbot, jobs, themed, theme):
    apply_theme(themed, theme)
    answered.chat._open_source(source(1))
    qtbot.waitUntil(lambda: answered.viewer.is_open and jobs.running == 0)
    view = answered.viewer._pane.area.text.view
    answered.viewer._pane.area.setCurrentWidget(answered.viewer._pane.area.text)
    middle = view.height() // 2
    view.setFocus()
    assert view.grab().toImage().pixelColor(0, middle).name() == colours().accent
    answered.chat.composer.setFocus()
    assert view.grab().toImage().pixelColor(0, middle).name() != colours().accent
    apply_theme(themed, "light")
