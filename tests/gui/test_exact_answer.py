"""The exact answer above the model's words, and sentences that the documents do not say."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QTextCursor, QTextDocumentFragment
from PySide6.QtWidgets import QApplication, QLabel, QToolTip

from app.assistants.events import Claim, Lead, Quote
from app.gui.chat.exact_answer import ExactAnswer
from app.gui.theme import DARK, LIGHT, apply_theme
from tests.gui.conftest import delete, source

LEAD = Lead("Two months'", 1, 0, 11, 0.9)


@pytest.fixture
def opened(window):
    """What the viewer was asked to show: file, offsets."""
    found = []
    window.chat.citations_opened.connect(lambda citations: found.append(citations.places[citations.first]))
    return found


def test_the_exact_answer_stands_above_the_words_and_opens_at_its_words(window, ask, script, opened, qtbot):
    script.lead = LEAD
    ask("How long?")
    view = window.chat.view.transcript.last_answer
    (exact,) = view.findChildren(ExactAnswer)
    assert exact.isVisible() and exact.words == "Two months'"
    assert "Exact answer: Two months'" in exact.accessibleName()
    assert exact.mapTo(view, QPoint(0, 0)).y() < view.words.text.mapTo(view, QPoint(0, 0)).y()
    exact.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(exact, Qt.Key.Key_Return)
    window.chat.composer.field.setFocus()
    qtbot.mouseClick(exact, Qt.MouseButton.LeftButton, pos=QPoint(20, exact.height() // 2))
    assert len(opened) == 2
    assert (opened[0].file, opened[0].start, opened[0].end) == ("/docs/lease.pdf", 0, 11)
    # and when the conversation is opened again
    number = window.chat.view.current
    window.chat.new_conversation()
    window.chat.open_conversation(number)
    (again,) = window.chat.view.transcript.last_answer.findChildren(ExactAnswer)
    assert again.words == "Two months'"


def test_words_that_are_the_exact_answer_are_not_said_twice(window, ask, script):
    script.lead, script.words, script.claims = LEAD, ["Two months'"], (Claim(0, 11, (1,), supported=True),)
    ask("How long?")
    view = window.chat.view.transcript.last_answer
    assert view.findChild(ExactAnswer).isVisible()
    assert not view.words.text.isVisible() and not view.words.label.isVisible()


def test_an_answer_that_is_likelier_wrong_than_right_is_said_to_be_unsure(window, ask, script):
    note = "Unsure: your documents may not answer this."
    for confidence, unsure in ((0.9, False), (0.3, True)):
        script.lead = replace(LEAD, confidence=confidence)
        ask("How long?")
        view = window.chat.view.transcript.last_answer
        assert (note in [each.text() for each in view.findChildren(QLabel)]) is unsure
        assert ("unsure" in view.findChild(ExactAnswer).accessibleName()) is unsure


def test_an_answer_without_exact_words_has_only_its_quote(window, ask):
    ask("How long?")
    assert window.chat.view.transcript.last_answer.findChild(ExactAnswer) is None


def tip_over(view, words):
    text = view.words.text
    cursor = text.document().find(words)
    place = text.cursorRect(QTextCursor(cursor)).center() - QPoint(4, 0)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, text.viewport().mapToGlobal(place))
    QApplication.sendEvent(text.viewport(), event)
    return QTextDocumentFragment.fromHtml(QToolTip.text()).toPlainText()


def test_marks_name_the_words_they_stand_for_and_open_them(window, ask, script, opened):
    script.claims = (
        Claim(0, 11, (1,), supported=True, quotes=(Quote(1, 0, 19),)),
        Claim(12, 32, (), supported=False, missing=("the van", "<b>2026</b>")),
    )
    ask("How long?")
    view = window.chat.view.transcript.last_answer
    assert tip_over(view, "The van") == "Not found in your documents: the van, <b>2026</b>"
    assert tip_over(view, "[1]") == "lease.pdf · Page 1\n“Two months' notice ”".replace(" ”", "”")
    view.words.text.cited.emit(1, 0)
    assert (opened[0].start, opened[0].end) == (0, 19)
    QToolTip.hideText()


def test_a_revised_answer_replaces_what_was_written(window, ask, script):
    script.words, script.claims, script.revised = ["It is paid."], (), "Two months."
    ask("How long?")
    assert window.chat.view.transcript.last_answer.text == "Two months."


def test_the_exact_answer_follows_the_theme(themed, qtbot):
    exact = ExactAnswer(LEAD, source(1))
    exact.show()
    assert LIGHT.accent in exact.text()
    try:
        apply_theme(themed, "dark")
        qtbot.waitUntil(lambda: DARK.accent in exact.text())
    finally:
        apply_theme(themed, "light")
        delete(exact)
