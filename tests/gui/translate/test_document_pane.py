"""Translating documents: the form, the run, the review with its edits, earlier translations, and one real run."""

import re
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.assistants.translate.engines import Request, Translator
from app.base.files import sha256_of
from app.gui.translate.page import TranslatePage
from app.gui.translate.review_model import Column, ReviewModel
from app.gui.translate.review_rows import EDITED, TO_CHECK
from app.gui.translate.work import Work
from app.storage.glossaries import Term
from tests.gui.conftest import delete
from tests.gui.translate.conftest import SEGMENTS


@pytest.fixture
def documents(page, letter):
    page.take_files([letter])
    return page.documents


@pytest.fixture
def review(documents, qtbot):
    """The review of the scripted translation."""
    with qtbot.waitSignal(documents.ended, timeout=5000):
        documents.form.start_button.click()
    assert documents.currentWidget() is documents.result
    return documents.result.review


def test_a_dropped_file_is_translated_and_shown_for_review(documents, review, script):
    assert script.wishes[0].file.name == "letter.md"
    assert (script.wishes[0].source, script.wishes[0].target) == ("", "de")
    result = documents.result
    assert "letter.de.md" in result.facts.text()
    assert "1 to check" in result.facts.text()
    assert result.remarks.text() == "Slide 3 overflows."
    assert review.model.rowCount() == 3
    assert not result.write_button.isEnabled()
    assert not result.continue_button.isVisible()


def test_a_file_that_cannot_be_translated_is_said_at_once(page, tmp_path):
    page.take_files([tmp_path / "holiday.jpg"])
    assert "cannot keep the layout of holiday.jpg" in page.messages.text
    assert not page.documents.form.start_button.isEnabled()


def test_a_file_the_dialog_did_not_ask_about_is_not_replaced(page, documents, monkeypatch, tmp_path):
    (tmp_path / "mine.md").touch()
    for typed, out in (("mine", None), ("other", tmp_path / "other.md")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=typed: (str(tmp_path / name), ""))
        documents.form.out_button.click()
        assert documents.form.wish.out == out
        assert page.messages.text.startswith("mine.md is there already.")


def test_segments_are_filtered_searched_and_found_by_key(review, qtbot):
    review.filter.button(TO_CHECK).click()
    assert [review.model.rows.at(row).key for row in range(review.model.rowCount())] == ["2"]
    review.filter.button(EDITED).click()
    assert not review.table.isVisible()
    review.filter.button("all").click()
    qtbot.keyClicks(review.search, "kaution")
    qtbot.waitUntil(lambda: review.model.rowCount() == 1, timeout=2000)
    review.search.clear()
    qtbot.waitUntil(lambda: review.model.rowCount() == 3, timeout=2000)
    review.table.go_to(0)
    review.next.click()
    assert review.table.current.key == "2"
    assert review.editor.findings.text() == "The number 1,240 is missing."


def test_an_edit_in_the_cell_is_checked_again_stored_and_remembered(documents, review, script, qtbot):
    review.table.go_to(1)
    review.table.setFocus()
    qtbot.keyClick(review.table, Qt.Key.Key_F2)
    cell = review.table.findChild(type(review.editor.target).__mro__[1])
    cell.setPlainText("Miete: 1.240 Euro")
    qtbot.keyClick(cell, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not review.model.rows.segments[1].findings, timeout=20_000)
    assert review.model.rows.count(TO_CHECK) == 0
    assert "to check" not in documents.result.facts.text()
    assert documents.result.write_button.isEnabled()
    job = documents.result.shown.job
    stored = script.parts.jobs.segments(job)["2"]
    assert (stored.target, stored.origin, stored.findings) == ("Miete: 1.240 Euro", "person", "[]")
    assert script.parts.memory.exact("Rent: 1,240 euros", "en", "de").target == "Miete: 1.240 Euro"


def test_a_lost_tag_in_an_edit_is_flagged(review, qtbot):
    review.table.go_to(0)
    review.editor.target.setPlainText("Mietvertrag")
    review.editor.target.entered.emit()
    qtbot.waitUntil(lambda: bool(review.model.rows.segments[0].findings), timeout=20_000)
    assert [each.kind for each in review.model.rows.segments[0].findings] == ["tags"]
    assert review.editor.findings.text()


def test_stop_keeps_the_segments_and_the_job_can_be_continued_or_removed(page, documents, script, qtbot):
    script.hold.clear()
    documents.form.start_button.click()
    qtbot.waitUntil(lambda: "1 of 3" in documents.running.line.text, timeout=5000)
    assert "2 min left" in documents.running.line.text
    assert documents.running.source.toPlainText() == "Lease"
    with qtbot.waitSignal(documents.ended, timeout=5000):
        assert page.stop()
    assert documents.result.review.model.rowCount() == 1
    assert documents.result.continue_button.isVisible()
    documents.result.back_button.click()
    qtbot.waitUntil(lambda: documents.earlier.chosen is not None, timeout=5000)
    assert documents.earlier.chosen.state == "stopped"
    script.hold.set()
    with qtbot.waitSignal(documents.ended, timeout=5000):
        documents.earlier.continue_button.click()
    assert documents.result.review.model.rowCount() == 3
    assert script.wishes[-1].source == "en"  # as it was recognised
    documents.result.back_button.click()
    qtbot.waitUntil(lambda: documents.earlier.chosen.state == "complete", timeout=5000)
    documents.earlier.remove_button.click()
    qtbot.waitUntil(lambda: documents.earlier.chosen is None, timeout=5000)
    assert len(script.parts.jobs.all()) == 1
    page.messages.dismiss()  # not undone
    qtbot.waitUntil(lambda: not script.parts.jobs.all(), timeout=5000)


def test_glossaries_of_the_collection_are_chosen_beforehand(page, script, backend, letter, qtbot):
    backend.collections.add("Flat", [letter.parent])
    terms = [Term("rent", "Miete")]
    kept = script.parts.glossaries
    ids = {
        name: kept.add(name, "en", "de", terms, owner).id
        for name, owner in (("For all", ""), ("Flat", "Flat"), ("Other", "Work"))
    }
    kept.add("French", "en", "fr", terms)
    page.take_files([letter])
    menu = page.documents.form.glossaries
    qtbot.waitUntil(lambda: menu.chosen == (ids["Flat"], ids["For all"]), timeout=5000)
    assert menu.text() == "Flat, For all"
    other = next(action for action in menu.menu().actions() if action.text().startswith("Other"))
    other.trigger()
    assert set(menu.chosen) == set(ids.values())


def test_ten_thousand_segments_are_filtered_at_once():
    model = ReviewModel()
    model.show_segments([SEGMENTS[number % 3] for number in range(10_000)])
    started = time.perf_counter()
    model.show_only(TO_CHECK, "rent")
    model.index(5, Column.TARGET).data()
    assert model.rowCount() == 3333
    assert time.perf_counter() - started < 0.5


class Shouting:
    """Translates by writing capitals, and keeps tags and marks."""

    name, keeps_tags = "Shouting", True

    def refusal(self, source, target):
        return None

    def translate(self, request: Request, cancel) -> str:
        return "".join(
            part if part.startswith(("<", "{")) else part.upper()
            for part in re.split(r"(<[^>]*>|\{[^}]*\})", request.text)
        )


class Real(Work):
    """Everything real but the engine."""

    def translator(self, source: str, target: str) -> Translator:
        return Shouting()


def test_a_real_run_writes_the_file_and_an_edit_into_it(backend, jobs, themed, letter, qtbot):
    work = Real(backend)
    page = TranslatePage(backend, jobs, work=work)
    page.show()
    errors: list[object] = []
    page.documents.failed.connect(errors.append)
    page.documents.form.source_box.choose("en")
    page.documents.form.target_box.choose("de")
    page.take_files([letter])
    with qtbot.waitSignal(page.documents.ended, timeout=30_000):
        page.documents.form.start_button.setEnabled(True)
        page.documents.form.start_button.click()
    assert not errors, errors
    out = letter.with_name("letter.de.md")
    written = out.read_text("utf-8")
    assert written.startswith("# THE LEASE\n\nTHE TENANT PAYS 1,240 EUROS EVERY MONTH.")
    assert "- **KEYS** BY NOON" in written
    review = page.documents.result.review
    key = review.model.rows.segments[0].key
    review.model.edit(key, "Der Mietvertrag")
    page.documents.result.write_button.click()
    qtbot.waitUntil(lambda: "# Der Mietvertrag" in out.read_text("utf-8"), timeout=30_000)
    assert Path(page.documents.result.shown.out) == out
    kept = page.documents.result.shown.job
    qtbot.waitUntil(lambda: work.parts.jobs.get(kept).written == sha256_of(out), timeout=30_000)
    out.write_text("# Corrected elsewhere", "utf-8")
    review.model.edit(key, "Der Pachtvertrag")
    page.documents.result.write_button.click()
    beside = letter.with_name("letter.de (2).md")
    qtbot.waitUntil(lambda: page.documents.result.shown.out == str(beside), timeout=30_000)
    assert "# Der Pachtvertrag" in beside.read_text("utf-8")
    assert out.read_text("utf-8") == "# Corrected elsewhere"
    assert not errors, errors
    jobs.stop_all(5000)
    page.close_parts()
    delete(page)


@pytest.fixture
def german(tmp_path):
    file = tmp_path / "Anhang.txt"
    file.write_text(
        "Der Mieter darf keine Hunde halten. Die Kaution ist vor dem Einzug zu zahlen.\n", "utf-8"
    )
    return file


@pytest.fixture
def real_page(backend, jobs, themed):
    """Nothing is scripted: the starter model, which knows English only."""
    made = TranslatePage(backend, jobs, work=Work(backend))
    made.text.target_box.choose("en")
    made.documents.form.target_box.choose("en")
    made.show()
    yield made
    jobs.stop_all(5000)
    made.close_parts()
    delete(made)


def test_what_no_model_here_can_translate_is_said_before_it_is_started(real_page, german, qtbot):
    real_page.take_files([german])
    form = real_page.documents.form
    qtbot.waitUntil(form.refusal.isVisible, timeout=30_000)
    assert form.source_code == "de" and form.source_box.currentText() == "German (detected)"
    assert "would not translate German properly" in form.refusal.what.text()
    assert not form.start_button.isEnabled() and real_page.messages.isHidden()
    with qtbot.waitSignal(real_page.models_wanted):
        form.refusal.models.click()
    asked = []
    real_page.adding.fetch = lambda *pair: asked.append(pair)
    form.refusal.fetch_wanted.emit()
    assert asked == [("de", "en")]


def test_a_refused_start_is_said_once_with_what_to_do(real_page, german, qtbot):
    real_page.take_files([german])
    with qtbot.waitSignal(real_page.documents.failed, timeout=30_000):
        real_page.documents.form.start_button.click()  # before its language is known
    qtbot.waitUntil(real_page.documents.form.refusal.isVisible, timeout=30_000)
    assert real_page.messages.isHidden() and not real_page.documents.form.start_button.isEnabled()


def test_an_error_stays_with_the_page(page, tmp_path):
    page.take_files([tmp_path / "holiday.jpg"])
    assert page.messages.isVisible()
    page.hide()
    assert page.messages.isHidden()
    page.show()
    page.messages.show_note("Copied.")
    page.hide()
    assert not page.messages.isHidden()
