"""Translating a typed text: detection, streaming, Stop, swap, findings, and the refusal of the starter model."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.gui.translate.page import TranslatePage
from app.gui.translate.work import Work
from tests.fixtures.tiny_translation_model import write_tiny_translation_model
from tests.gui.conftest import delete

GERMAN = "Guten Morgen, wie geht es Ihnen heute? Das Wetter ist schön."


def test_the_language_is_recognised_while_typing(page, qtbot):
    page.text.source.field.setPlainText(GERMAN)
    qtbot.waitUntil(lambda: page.text.source_code == "de", timeout=20_000)
    assert "German" in page.text.source_box.itemText(0)
    assert page.text.source_box.code == ""  # it stays a recognition, not a choice
    page.text.source.field.clear()
    qtbot.waitUntil(lambda: page.text.source_code == "", timeout=5000)


def test_a_text_is_translated_and_a_finding_leads_to_its_segment(page, script, qtbot):
    page.text.source.field.setPlainText("Good morning.\n\nRoom 5 is free.")
    assert page.text.translate_button.isEnabled()
    with qtbot.waitSignal(page.text.run.ended, timeout=5000):
        qtbot.keyClick(page.text.source.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert script.wishes[0].target == "de"
    assert page.text.target.text == "[Good morning.]\n[Room 5 is free.]"
    findings = page.text.findings.list
    assert [findings.item(row).text() for row in range(findings.count())] == ["The number 5 is missing."]
    findings.itemClicked.emit(findings.item(0))
    marked = [_marked(side.field) for side in (page.text.source, page.text.target)]
    assert marked == ["Room 5 is free.", "[Room 5 is free.]"]
    page.text.target.copy_button.click()
    assert QApplication.clipboard().text() == page.text.target.text


def _marked(field):
    selections = field.extraSelections()  # owns the cursor
    return selections[0].cursor.selectedText()


def test_stop_keeps_what_was_translated(page, script, qtbot):
    script.hold.clear()
    page.text.source.field.setPlainText("One.\nTwo.\nThree.")
    page.text.translate_button.click()
    qtbot.waitUntil(lambda: page.text.target.text == "[One.]", timeout=5000)
    assert page.text.stop_button.isVisible()
    with qtbot.waitSignal(page.text.run.ended, timeout=5000):
        assert page.stop()
    assert page.text.target.text == "[One.]"
    assert "Stopped" in page.text.target.note.text()
    assert not page.stop()


def test_swap_turns_languages_and_texts_around(page, qtbot):
    page.text.source_box.setCurrentIndex(page.text.source_box.findData("en"))
    page.text.source.field.setPlainText("Good morning.")
    with qtbot.waitSignal(page.text.run.ended, timeout=5000):
        page.text.translate()
    page.text.swap_button.click()
    assert (page.text.source_box.code, page.text.target_box.code) == ("de", "en")
    assert (page.text.source.text, page.text.target.text) == ("[Good morning.]", "Good morning.")


@pytest.mark.parametrize(
    ("code", "direction"), [("ar", Qt.LayoutDirection.RightToLeft), ("fr", Qt.LayoutDirection.LeftToRight)]
)
def test_lines_run_as_the_language_does(page, code, direction):
    box = page.text.target_box
    box.setCurrentIndex(box.findData(code))
    assert page.text.target.field.document().defaultTextOption().textDirection() == direction


@pytest.fixture
def real_page(backend, jobs):
    """Nothing is scripted: the starter model, and what is added."""
    made = TranslatePage(backend, jobs, work=Work(backend))
    made.show()
    yield made
    jobs.stop_all(5000)
    made.close_parts()
    delete(made)


def test_the_starter_model_refuses_with_what_to_do(real_page, qtbot):
    pane = real_page.text
    pane.target_box.setCurrentIndex(pane.target_box.findData("de"))
    qtbot.waitUntil(pane.refusal.isVisible, timeout=20_000)
    assert "English" in pane.refusal.what.text()
    assert pane.refusal.remedy.text()
    pane.source.field.setPlainText("Good morning.")
    assert not pane.translate_button.isEnabled()
    with qtbot.waitSignal(real_page.models_wanted):
        pane.refusal.models.click()


def test_a_small_model_from_a_folder_translates_at_once(real_page, tmp_path, qtbot):
    write_tiny_translation_model(tmp_path / "deen", "de", "en", {"eins": "one", "zwei": "two"})
    pane = real_page.text
    pane.source_box.setCurrentIndex(pane.source_box.findData("de"))
    pane.target_box.setCurrentIndex(pane.target_box.findData("en"))
    qtbot.waitUntil(pane.refusal.isVisible, timeout=20_000)
    pane.refusal.folder_chosen.emit(str(tmp_path))
    qtbot.waitUntil(lambda: not pane.refusal.isVisible(), timeout=20_000)
    assert "German to English" in real_page.messages.text
    assert pane.engine.text == "Firefox de-en · German, English"
    pane.source.field.setPlainText("eins zwei.")
    with qtbot.waitSignal(pane.run.ended, timeout=20_000):
        pane.translate_button.click()
    assert pane.target.text.strip() == "one two."


def test_a_folder_without_translation_models_is_said(page, tmp_path, qtbot):
    page.text.refusal.folder_chosen.emit(str(tmp_path))
    assert page.adding.line.isVisible()
    qtbot.waitUntil(lambda: "There is no Firefox translation model" in page.messages.text, timeout=10_000)
    assert not page.adding.line.isVisible()
