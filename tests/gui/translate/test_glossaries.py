"""The dialog of glossaries and translation memory, over a real database and real files."""

import pytest
from PySide6.QtCore import Qt

from app.gui.translate.glossaries_dialog import GlossariesDialog
from app.gui.translate.glossary_import import ImportWish
from app.gui.translate.terms_model import TermColumn
from app.storage.glossaries import Term
from tests.gui.conftest import delete


@pytest.fixture
def dialog(script, jobs):
    made = GlossariesDialog(script, jobs, ["Flat"], "de")
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.show()
    yield made
    made.close()
    jobs.stop_all(5000)
    script.close()
    delete(made)


@pytest.fixture
def imported(dialog, tmp_path, qtbot):
    """A glossary read from a real file through the dialog."""
    file = tmp_path / "tenancy.csv"
    file.write_text("notice,Kündigung\nlease,Mietvertrag\nlease,Mietvertrag\n,leer\n", "utf-8")
    dialog.glossaries.import_file(ImportWish(file, "Tenancy", "en", "de", "Flat"))
    qtbot.waitUntil(lambda: dialog.glossaries.terms.model.rowCount() == 2, timeout=20_000)
    return dialog.glossaries


def test_a_glossary_is_imported_and_says_what_was_skipped(imported, dialog, script):
    glossary = script.parts.glossaries.all()[0]
    assert (glossary.name, glossary.collection, glossary.terms) == ("Tenancy", "Flat", 2)
    assert "skipped" in dialog.messages.text
    assert imported.terms.name.text() == "Tenancy"
    assert imported.terms.collection.currentData() == "Flat"


def test_terms_are_edited_added_and_removed(imported, dialog, script, qtbot):
    model, kept = imported.terms.model, script.parts.glossaries
    model.setData(model.index(0, TermColumn.TARGET), "die Kündigung")
    locked = model.index(0, TermColumn.LOCKED)
    model.setData(locked, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    at = model.add()
    model.setData(at, "rent")
    model.setData(at.siblingAtColumn(TermColumn.TARGET), "Miete")
    imported.terms.table.selectRow(1)
    imported.terms.remove_button.click()
    id = kept.all()[0].id
    wanted = [Term("notice", "die Kündigung", locked=True), Term("rent", "Miete")]
    qtbot.waitUntil(lambda: kept.terms(id) == wanted, timeout=5000)


def test_a_name_that_is_taken_is_said(imported, dialog, script, qtbot):
    script.parts.glossaries.add("Style", "en", "de", [Term("app", "App")])
    imported.terms.name.setText("style")
    imported.terms.name.editingFinished.emit()
    qtbot.waitUntil(lambda: "There is a glossary “Style” already." in dialog.messages.text, timeout=5000)
    qtbot.waitUntil(lambda: imported.terms.name.text() == "Tenancy", timeout=5000)


def test_a_removed_glossary_can_be_brought_back(imported, dialog, script, qtbot):
    imported.list.remove_button.click()
    qtbot.waitUntil(lambda: imported.list.current is None, timeout=5000)
    assert len(script.parts.glossaries.all()) == 1
    dialog.messages._button.click()
    qtbot.waitUntil(lambda: imported.list.current is not None, timeout=5000)
    imported.list.remove_button.click()
    qtbot.waitUntil(lambda: imported.list.current is None, timeout=5000)
    dialog.messages.dismiss()
    qtbot.waitUntil(lambda: not script.parts.glossaries.all(), timeout=5000)


def test_the_memory_goes_out_and_comes_back(dialog, script, tmp_path, qtbot):
    memory = script.parts.memory
    memory.remember("en", "de", [("Rent", "Miete"), ("Deposit", "Kaution")], "person")
    file = tmp_path / "memory.tmx"
    with qtbot.waitSignal(dialog.memory.said, timeout=20_000):
        dialog.memory.export_file(file)
    for text in ("Rent", "Deposit"):
        memory.forget(text, "en", "de")
    with qtbot.waitSignal(dialog.memory.said, timeout=20_000):
        dialog.memory.import_file(file)
    assert memory.exact("Rent", "en", "de").target == "Miete"
    qtbot.waitUntil(lambda: dialog.memory.count.text() == "2 translations remembered", timeout=5000)
    file.write_text("no memory", "utf-8")
    with qtbot.waitSignal(dialog.memory.failed, timeout=5000):
        dialog.memory.import_file(file)
    assert memory.count() == 2
