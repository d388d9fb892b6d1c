"""Rating an answer, correcting it, changing one's mind; and the section of the settings about it."""

import json

import pytest
from PySide6.QtCore import Qt

from app.base.errors import AppError
from app.gui.chat.conversation_view import ConversationView
from app.storage.feedback import Feedback
from tests.gui.conftest import delete


@pytest.fixture
def feedback(backend):
    return Feedback(backend.user_db)


@pytest.fixture
def last(window):
    """What is below the newest answer."""
    return lambda: window.chat.view.transcript.last_answer.feedback


def said(feedback):
    return [(each.verdict, each.correction, each.remark) for each in feedback.all()]


def write(last, correction, remark=""):
    last().form.correction.setPlainText(correction)
    last().form.remark.setText(remark)


def test_a_thumb_is_saved_at_once_and_taken_back_by_pressing_it_again(window, ask, last, feedback, qtbot):
    ask("How long?")
    buttons = last().buttons
    assert buttons.isVisible() and not buttons.good.isChecked() and not buttons.correct.isVisible()
    assert (buttons.good.accessibleName(), buttons.bad.accessibleName()) == ("Good answer", "Wrong answer")
    buttons.good.setFocus()
    qtbot.keyClick(buttons.good, Qt.Key.Key_Space)
    assert said(feedback) == [("good", "", "")] and buttons.good.isChecked()
    buttons.bad.click()
    assert said(feedback) == [("bad", "", "")]
    assert buttons.bad.isChecked() and not buttons.good.isChecked() and last().form.isVisible()
    buttons.bad.click()
    assert said(feedback) == [] and not buttons.bad.isChecked() and not last().isVisible()


def test_a_correction_is_saved_shown_edited_and_there_again(window, ask, last, feedback, qtbot):
    ask("How long?")
    last().buttons.bad.click()
    assert last().form.correction.hasFocus()
    write(last, "Three months. 漢字", "It is in the appendix.")
    qtbot.keyClick(last().form.correction, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert said(feedback) == [("bad", "Three months. 漢字", "It is in the appendix.")]
    assert not last().is_open and last().shown_correction == "Three months. 漢字"
    last().buttons.correct.click()
    assert last().form.words == ("Three months. 漢字", "It is in the appendix.")
    write(last, "Four months.")
    last().form.save_button.click()
    number = window.chat.view.current
    window.chat.new_conversation()
    window.chat.open_conversation(number)
    assert last().isVisible() and last().shown_correction == "Four months."
    assert last().buttons.bad.isChecked() and last().buttons.correct.text() == "Edit correction"


def test_esc_closes_the_form_keeps_what_was_typed_and_stops_nothing(
    window, ask, last, feedback, script, qtbot
):
    ask("How long?")
    first, number = last(), window.chat.view.current
    first.buttons.bad.click()
    first.form.correction.setPlainText("Three mon")
    script.hold.clear()
    window.chat.ask("And the keys?")
    first.form.focus()
    qtbot.keyClick(first.form.correction, Qt.Key.Key_Escape)
    assert not first.is_open and first.buttons.correct.hasFocus()
    with qtbot.waitSignal(window.chat.answers.ended):
        assert window.chat.answers.live(number) is not None and window.chat.view.transcript.turns == 2
        script.hold.set()
    assert said(feedback) == [("bad", "", "")]
    assert window.chat.view.transcript.last_answer.state_text.startswith("2.5 s")  # not stopped
    window.chat.new_conversation()
    window.chat.open_conversation(number)
    again = window.chat.view.transcript._answers[0].feedback
    again.buttons.correct.click()
    assert again.form.words == ("Three mon", "")
    again.form.save_button.click()
    assert said(feedback) == [("bad", "Three mon", "")] and again.shown_correction == "Three mon"


def test_what_is_being_typed_outlives_the_window(window, ask, last, backend, jobs, feedback):
    ask("How long?")
    number = window.chat.view.current
    last().buttons.bad.click()
    write(last, "Three mon", "page 4")
    window.close()
    (rating,) = feedback.all()
    assert (rating.correction, rating.draft) == ("", ("Three mon", "page 4"))
    assert "draft" not in rating.details  # what the answer was made of is as it was
    later = ConversationView(backend.conversations, feedback, window.chat.answers)
    later.show_conversation(number)
    again = later.transcript.last_answer.feedback
    assert again.buttons.correct.text() == "Go on with your correction"
    again.buttons.correct.click()
    assert again.form.words == ("Three mon", "page 4")
    again.form.save_button.click()
    (rating,) = feedback.all()
    assert (rating.correction, rating.remark, rating.draft) == ("Three mon", "page 4", None)
    assert again.buttons.correct.text() == "Edit correction"
    delete(later)


def test_what_is_being_typed_is_saved_after_a_pause(window, ask, last, feedback, qtbot):
    ask("How long?")
    last().buttons.bad.click()
    write(last, "Three")
    qtbot.waitUntil(lambda: feedback.all()[0].draft == ("Three", ""))


def test_what_is_being_typed_and_cannot_be_saved_is_tried_again(window, ask, last, feedback, monkeypatch):
    def refuse(*_: object) -> None:
        raise AppError("The disk is full.", "Make room.")

    ask("How long?")
    last().buttons.bad.click()
    write(last, "Three")
    with monkeypatch.context() as full:
        full.setattr(Feedback, "keep_draft", refuse)
        window.chat.view.ratings.save_drafts()
    assert window.messages.text.startswith("The disk is full.")
    window.chat.view.ratings.save_drafts()
    assert feedback.all()[0].draft == ("Three", "")


def test_what_was_said_of_the_version_before_is_shown_and_taken_up(window, ask, last, feedback, qtbot):
    ask("And now?")
    ask("How long?")
    last().buttons.bad.click()
    write(last, "Three mon")
    with qtbot.waitSignal(window.chat.answers.ended):
        window.chat.view._again_last()
    assert not last().is_open and last().isVisible()
    assert last().shown_earlier.startswith("You rated the version before this one as wrong.")
    assert last().shown_earlier.endswith("Your unsaved correction Three mon")
    last().buttons.bad.click()
    assert last().form.words == ("Three mon", "")
    write(last, "Three months.")
    last().form.save_button.click()
    with qtbot.waitSignal(window.chat.answers.ended):
        window.chat.view._again_last()
    assert last().shown_earlier.endswith("as wrong. Your correction Three months.")
    assert said(feedback) == [("bad", "", ""), ("bad", "Three months.", "")]
    number = window.chat.view.current
    window.chat.open_conversation(number)
    assert last().shown_earlier.endswith("Your correction Three months.")
    assert window.chat.view.transcript._answers[0].feedback.shown_earlier == ""


def test_answering_again_in_vain_leaves_what_was_being_typed(window, ask, last, script, qtbot):
    ask("How long?")
    last().buttons.bad.click()
    write(last, "Three mon")
    script.error_before_saving = AppError("The language model stopped unexpectedly.", "Try again.")
    with qtbot.waitSignal(window.chat.answers.ended):
        window.chat.view._again_last()
    assert last().buttons.correct.text() == "Go on with your correction" and last().shown_earlier == ""
    last().buttons.correct.click()
    assert last().form.words == ("Three mon", "")


def test_a_correction_that_no_longer_counts_can_be_had_back(window, ask, last, feedback):
    ask("How long?")
    last().buttons.bad.click()
    write(last, "Three months.", "wrong page")
    last().form.save_button.click()
    for thumb in ("bad", "good"):
        getattr(last().buttons, thumb).click()
        assert last().shown_correction == ""
        assert window.messages.text == "Your correction was taken back."
        window.messages._button.click()
        assert said(feedback) == [("bad", "Three months.", "wrong page")]
        assert last().shown_correction == "Three months." and last().buttons.bad.isChecked()
    last().buttons.bad.click()
    window.messages.dismiss()
    last().buttons.bad.click()
    assert last().form.words == ("Three months.", "wrong page")  # the words are still there to save


def test_that_it_is_not_in_the_documents_can_be_corrected(window, ask, last, feedback, script):
    script.refuses = True
    ask("When is it due?")
    last().buttons.bad.click()
    write(last, "On the third.")
    last().form.save_button.click()
    (rating,) = feedback.all()
    assert (rating.answer, rating.correction) == ("This is not in your documents.", "On the third.")


def test_what_broke_off_cannot_be_rated(window, ask, last, script):
    script.error = AppError("The language model stopped unexpectedly.", "Try again.")
    ask("How long?")
    assert not last().buttons.isVisible()


def test_a_rating_that_cannot_be_saved_is_told_and_not_shown(window, ask, last, feedback, backend):
    ask("How long?")
    backend.conversations.delete(window.chat.view.current)  # as another window of the same data does
    last().buttons.bad.click()
    assert window.messages.text.startswith("This answer cannot be rated")
    assert not last().buttons.bad.isChecked() and not last().is_open


@pytest.fixture
def section(window, ask, last):
    """The section of the settings, after two answers were rated."""
    ask("How long?")
    last().buttons.good.click()
    ask("And the keys?")
    last().buttons.bad.click()
    window.show_page("settings")
    return window.page("settings").feedback


def test_ratings_are_exported_when_the_person_asks(window, section, monkeypatch, tmp_path, qtbot):
    assert section.counted.text() == "2 answers rated, 1 of them good or corrected."
    file = tmp_path / "mine.jsonl"
    monkeypatch.setattr("app.gui.saving.QFileDialog.getSaveFileName", lambda *_: (str(file), ""))
    section.export_button.click()
    qtbot.waitUntil(lambda: window.messages.text == f"Saved as {file}")
    (line,) = file.read_text("utf-8").splitlines()
    _system, user, assistant = json.loads(line)["messages"]
    assert "Two months' notice is needed." in user["content"] and "How long?" in user["content"]
    assert assistant == {"role": "assistant", "content": "Two months. The van is paid for."}
    theirs = tmp_path / "notes.jsonl"
    theirs.write_text("mine")
    section.export(theirs)
    qtbot.waitUntil(lambda: "is there already" in window.messages.text)
    assert theirs.read_text() == "mine"


def test_all_ratings_can_be_deleted_and_had_back(window, section, feedback, last):
    section.delete_button.click()
    assert feedback.all() == [] and section.counted.text() == "No answer was rated yet."
    assert not section.delete_button.isEnabled() and not section.export_button.isEnabled()
    window.messages._button.click()
    assert section.counted.text() == "2 answers rated, 1 of them good or corrected."
    section.delete_button.click()
    window.messages.dismiss()
    window.show_page("chat")
    assert not last().buttons.bad.isChecked() and not last().is_open
