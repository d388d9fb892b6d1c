"""Asking, and everything that can happen to an answer."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from app.base.errors import AppError
from app.gui import theme
from app.gui.chat.passages import PassagesCard, SourceCard


def cards(widget):
    return [each for each in widget.findChildren(SourceCard) if not each.isHidden()]


def test_an_answer_over_documents_is_cited_and_honest(window, ask, script, backend):
    ask("How long is the notice?")
    view = window.chat.view.transcript.last_answer
    assert script.requests[0].scope == "My documents"
    assert view.text == "Two months. [1] The van is paid for."
    assert [each.source.number for each in cards(window.chat.sources)] == [1, 2]
    evidence = view.findChild(PassagesCard)
    assert evidence is not None and evidence.isVisible()
    assert "tiny" in view.state_text and "words a second" in view.state_text
    legend = [each.text() for each in view.findChildren(type(view.words.label)) if each.isVisible()]
    assert "Underlined in amber: not found in your documents." in legend
    assert [each.role for each in backend.conversations.messages(window.chat.view.current)] == [
        "user",
        "assistant",
    ]


def test_sources_stand_there_before_the_first_word(window, script, qtbot):
    script.hold.clear()
    script.words = [""]
    window.chat.ask("How long?")
    qtbot.waitUntil(lambda: len(cards(window.chat.sources)) == 2)
    view = window.chat.view.transcript.last_answer
    assert view.text == "" and not view.finished
    qtbot.waitUntil(
        lambda: "Reading the passages… 40 %" in view.progress_text or view.progress_text == "Writing…"
    )
    script.hold.set()
    qtbot.waitUntil(lambda: view.finished)


def test_words_appear_while_they_are_written_and_stop_keeps_them(window, script, qtbot, backend):
    script.hold.clear()
    window.chat.composer.field.setPlainText("How long?")
    assert window.chat.composer._button.isEnabled()
    window.chat.composer._button.click()
    view = window.chat.view.transcript.last_answer
    qtbot.waitUntil(lambda: view.text == "Two months. ")
    assert view.progress_text == "Writing…"
    with qtbot.waitSignal(window.chat.answers.ended):
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        assert view.progress_text == "Stopping…"
    assert view.text.strip() == "Two months."
    assert view.state_text.startswith("Stopped")
    saved = backend.conversations.messages(window.chat.view.current)[-1]
    assert (saved.text, saved.state) == ("Two months. ", "stopped")
    assert not window.chat.composer._button.isEnabled()  # nothing typed


def test_not_in_the_documents_shows_the_nearest_and_no_words_of_the_model(window, ask, script):
    script.refuses = True
    ask("What is the capital of Peru?")
    view = window.chat.view.transcript.last_answer
    texts = [each.text() for each in view.findChildren(type(view.words.label)) if each.isVisible()]
    assert "Not in your documents" in texts
    assert "Two months' notice is needed." in texts
    assert not view.words.text.isVisible() and not view.words.label.isVisible()
    assert cards(window.chat.sources) == []


def test_a_refused_question_can_be_answered_anyway(window, ask, script, qtbot, backend):
    script.refuses = True
    ask("Who pays for the van?")
    view = window.chat.view.transcript.last_answer
    assert view._line.anyway.isVisible()
    script.refuses = False
    with qtbot.waitSignal(window.chat.answers.ended):
        view._line.anyway.click()
    assert [each.anyway for each in script.requests] == [False, True]
    answered = window.chat.view.transcript.last_answer
    assert answered.text.startswith("Two months.")
    assert not answered._line.anyway.isVisible()
    assert [each.state for each in backend.conversations.messages(window.chat.view.current)][1:] == [
        "complete"
    ]


def test_plain_chat_has_no_sources(window, ask, script):
    window.chat.composer._choose("", by_person=True)
    ask("Hello")
    assert script.requests[0].scope == ""
    assert window.chat.sources.isHidden()
    assert window.chat.view.transcript.last_answer.findChild(PassagesCard) is None


def test_an_error_keeps_the_question_and_can_be_tried_again(window, ask, script):
    script.error = AppError("The language model stopped unexpectedly.", "Try again: it is started afresh.")
    ask("How long?")
    assert window.messages.isVisible()
    assert window.messages.text == "The language model stopped unexpectedly. Try again: it is started afresh."
    view = window.chat.view.transcript.last_answer
    assert view.state_text.startswith("Could not be finished")
    script.error = None
    with_answers = window.chat.answers
    view._line.again_wanted.emit()
    assert with_answers.live(window.chat.view.current) is not None


def test_a_question_that_was_refused_comes_back_to_the_field(window, ask, script, backend):
    script.error_before_saving = AppError("The question is too long.", "Shorten it.")
    ask("long " * 30)
    assert window.chat.composer.field.toPlainText() == ("long " * 30).strip()
    assert window.messages.text.startswith("The question is too long.")
    assert backend.conversations.all() == []
    assert window.chat.view.current is None


def test_answering_again_replaces_the_last_answer(window, ask, script, qtbot, backend):
    ask("How long?")
    ask("And the keys?")
    script.words = ["By noon."]
    script.claims = ()
    with qtbot.waitSignal(window.chat.answers.ended):
        qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    messages = backend.conversations.messages(window.chat.view.current)
    assert [each.text for each in messages] == [
        "How long?",
        "Two months. The van is paid for.",
        "And the keys?",
        "By noon.",
    ]
    assert window.chat.view.transcript.turns == 2
    assert window.chat.view.transcript.last_answer.text.startswith("By noon.")


def test_an_answer_stays_when_writing_it_again_fails(window, ask, script, qtbot, backend):
    ask("How long?")
    script.error_before_saving = AppError("The drive is gone.", "Connect it.")
    with qtbot.waitSignal(window.chat.answers.ended):
        qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    messages = backend.conversations.messages(window.chat.view.current)
    assert [each.text for each in messages] == ["How long?", "Two months. The van is paid for."]
    assert window.chat.view.transcript.turns == 1
    assert window.chat.view.transcript.last_answer.text.startswith("Two months.")


def test_only_the_last_answer_offers_to_be_written_again(window, ask):
    ask("One?")
    first = window.chat.view.transcript.last_answer
    assert first._line._again.isVisible()
    ask("Two?")
    assert not first._line._again.isVisible()
    assert window.chat.view.transcript.last_answer._line._again.isVisible()


def test_an_answer_goes_on_while_another_conversation_is_in_view(window, script, qtbot, backend, ask):
    script.hold.clear()
    window.chat.ask("Slow one?")
    first = window.chat.view.current
    qtbot.waitUntil(lambda: window.chat.view.transcript.last_answer.text == "Two months. ")
    window.chat.new_conversation()
    assert window.chat.view.transcript.turns == 0
    window.chat.open_conversation(first)
    view = window.chat.view.transcript.last_answer
    qtbot.waitUntil(lambda: view.text == "Two months. ")
    assert view.progress_text == "Writing…"
    window.chat.new_conversation()
    with qtbot.waitSignal(window.chat.answers.ended):
        script.hold.set()
    assert backend.conversations.messages(first)[-1].state == "complete"
    window.chat.open_conversation(first)
    assert window.chat.view.transcript.turns == 1
    assert window.chat.view.transcript.last_answer.text.startswith("Two months.")


def test_a_conversation_looks_the_same_when_it_is_opened_again(window, ask):
    ask("How long?")
    before = window.chat.view.transcript.last_answer
    text, state = before.text, before.state_text
    number = window.chat.view.current
    window.chat.new_conversation()
    window.chat.open_conversation(number)
    after = window.chat.view.transcript.last_answer
    assert (after.text, after.state_text) == (text, state)
    assert len(cards(window.chat.sources)) == 2


def test_that_files_were_still_being_read_stays_with_the_answer(window, ask, script, qtbot):
    script.unread = 3
    script.hold.clear()
    window.chat.ask("How long?")
    view = window.chat.view.transcript.last_answer
    qtbot.waitUntil(lambda: view.unread.text.startswith("3 files are still being read;"))
    script.hold.set()
    said = "3 files were still being read; the answer may be incomplete."
    qtbot.waitUntil(lambda: view.unread.text == said and window.chat.answers.running() == set())
    number = window.chat.view.current
    window.chat.new_conversation()
    window.chat.open_conversation(number)
    assert window.chat.view.transcript.last_answer.unread.text == said
    script.unread = 0
    ask("And now?")
    assert window.chat.view.transcript.last_answer.unread.text == ""


def test_a_citation_opens_its_source(window, ask, qtbot):
    ask("How long?")
    opened = []
    window.chat.citations_opened.disconnect()
    window.chat.citations_opened.connect(opened.append)
    view = window.chat.view.transcript.last_answer
    view.words.text.cited.emit(1, -1)
    card = cards(window.chat.sources)[1]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    files = [each.places[each.first].file for each in opened]
    assert files == ["/docs/lease.pdf", "/docs/rules.docx", "/docs/rules.docx"]
    assert card.property("active") == "true"


def test_copy_takes_the_words_and_the_places(window, ask, qtbot):
    ask("How long?")
    qtbot.keyClick(
        window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert QGuiApplication.clipboard().text() == "Two months. The van is paid for.\n\n[1] lease.pdf · Page 1"


def test_links_ask_before_they_open(window, ask, script, qtbot):
    script.words, script.claims = (
        ["See [the law](https://example.org/a?b=1) or [this](file:///etc/passwd)."],
        (),
    )
    ask("Which law?")
    text = window.chat.view.transcript.last_answer.words.text
    assert "https://example.org/a?b=1" in text.toHtml()
    text.link_clicked.emit("https://example.org/a?b=1")
    box = window.findChild(QMessageBox)
    assert box is not None and box.informativeText() == "https://example.org/a?b=1"
    box.button(QMessageBox.StandardButton.Cancel).click()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is None)
    text.link_clicked.emit("file:///etc/passwd")
    assert window.findChild(QMessageBox) is None


def test_nothing_is_loaded_by_showing_a_message(window, ask, script):
    script.words, script.claims = ["![x](http://example.org/x.png) <img src='file:///etc/hostname'>"], ()
    ask("Picture?")
    text = window.chat.view.transcript.last_answer.words.text
    assert text.loadResource(2, "http://example.org/x.png") is None
    assert "<img" not in text.toHtml()


def test_messages_are_as_tall_as_their_text_and_follow_the_theme(window, ask, script, qtbot, themed):
    script.words, script.claims = ["A long line of words. " * 200 + "\n\n```python\nx = 1\n```"], ()
    ask("Tell me everything.")
    text = window.chat.view.transcript.last_answer.words.text
    qtbot.waitUntil(lambda: abs(text.height() - text.document().size().height()) <= 2)
    tall = text.height()
    window.resize(760, 800)
    qtbot.waitUntil(lambda: text.height() > tall)
    before = text.toHtml()
    theme.apply_theme(themed, "dark")
    qtbot.waitUntil(lambda: text.toHtml() != before)
    theme.apply_theme(themed, "light")


def test_the_newest_words_stay_in_view_unless_the_person_scrolled_up(window, script, qtbot):
    script.words = ["line\n\n" * 60, "more\n\n" * 60, "end"]
    script.hold.clear()
    window.chat.ask("Go on")
    bar = window.chat.view.transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 500 and bar.value() == bar.maximum())
    bar.setValue(100)
    assert window.chat.view.transcript.newest.button.isVisible()
    before = bar.maximum()
    script.hold.set()
    qtbot.waitUntil(lambda: bar.maximum() > before)
    qtbot.waitUntil(lambda: window.chat.view.transcript.last_answer.finished)
    assert bar.value() == 100
    window.chat.view.transcript.newest.button.click()
    assert bar.value() == bar.maximum()


@pytest.mark.parametrize("size", [(1200, 800), (820, 512)])
def test_the_way_to_the_newest_message_covers_no_text(window, ask, script, qtbot, size):
    script.words = ["line\n\n" * 90]
    window.resize(*size)
    ask("Go on")
    transcript = window.chat.view.transcript
    bar, button = transcript.verticalScrollBar(), transcript.newest.button
    qtbot.waitUntil(lambda: bar.maximum() > 500)
    whole = transcript.viewport().height()
    bar.setValue(bar.maximum() // 2)
    assert button.isVisible() and transcript.rect().contains(button.geometry())
    assert not transcript.viewport().geometry().intersects(button.geometry())
    button.click()
    assert button.isHidden() and transcript.viewport().height() == whole and bar.value() == bar.maximum()


def test_a_long_conversation_is_laid_out_from_its_end(window, backend, qtbot):
    talk = backend.conversations.start("Long")
    for number in range(100):
        backend.conversations.add_question(talk.id, f"question {number}")
        backend.conversations.save_answer(
            backend.conversations.begin_answer(talk.id), f"answer {number}", "complete", {}
        )
    window.chat.open_conversation(talk.id)
    transcript = window.chat.view.transcript
    assert len(transcript._answers) < 60 and transcript.turns == 100
    assert transcript.last_answer.text == "answer 99"
    while not transcript._earlier.isHidden():
        transcript._earlier.click()
    assert [each.text for each in transcript._answers] == [f"answer {number}" for number in range(100)]


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.ShiftModifier])
def test_shift_enter_begins_a_new_line_and_the_field_grows(window, qtbot, modifier):
    field = window.chat.composer.field
    low = field.height()
    qtbot.keyClicks(field, "one")
    qtbot.keyClick(field, Qt.Key.Key_Return, modifier)
    qtbot.keyClicks(field, "two")
    assert field.toPlainText() == "one\ntwo"
    assert field.height() > low
    assert window.chat.view.current is None


def test_enter_sends_nothing_when_nothing_is_typed(window, qtbot, script):
    qtbot.keyClicks(window.chat.composer.field, "  ")
    qtbot.keyClick(window.chat.composer.field, Qt.Key.Key_Return)
    assert script.requests == []
    assert not window.chat.composer._button.isEnabled()


def test_the_scope_is_kept_with_the_conversation(window, ask, backend, tmp_path):
    backend.collections.add("Papers & more", [tmp_path])
    window.show_page("chat")
    window.chat.composer._choose("Papers & more", by_person=True)
    ask("What about it?")
    first = window.chat.view.current
    window.chat.composer._choose("", by_person=True)
    assert backend.conversations.get(first).scope == ""
    window.chat.composer._choose("Papers & more", by_person=True)
    window.chat.new_conversation()
    window.chat.composer._choose("My documents", by_person=True)
    window.chat.open_conversation(first)
    assert window.chat.composer.scope == "Papers & more"
