"""What the window says of what this edition lacks, where a person would choose it."""

import sys

import pytest
from PySide6.QtWidgets import QLabel

from app.gui.library.states import NOT_RECOGNISED, _advice, explanation
from app.models.encoders import Encoders
from app.storage.passages import IndexedFile
from tests.unit.models.test_encoders import write_folder


@pytest.fixture
def light(monkeypatch):
    for each in ("openvino", "torch"):
        monkeypatch.setitem(sys.modules, each, None)
    _advice.cache_clear()
    yield
    _advice.cache_clear()


def test_recognising_text_cannot_be_switched_on(light, window, backend):
    window.show_page("settings")
    box = window.page("settings").reading.recognise
    assert not box.isEnabled() and not box.isChecked()
    assert "Install the full edition of Alcove." in box.accessibleDescription()
    assert backend.settings.current.recognise_text  # as it was, for the day the full edition comes


def test_files_that_stay_unread_say_why(light):
    scan = IndexedFile("/docs/scan.pdf", 9, "empty", "", 0, 0, 1.0, scans=3)
    said = explanation(scan, NOT_RECOGNISED)
    assert "Pages that are pictures: 3." in said and "the full edition can" in said


def test_models_of_others_are_not_chosen(light, window, backend, qtbot):
    encoders = Encoders(backend.paths.models)
    with encoders.staging() as aside:
        encoders.put_in_place(write_folder(aside), "many", "import")
    window.show_page("settings")
    section = window.page("settings").search
    qtbot.waitUntil(lambda: section.embedder.count() == 2)
    assert any("only the search model and the reader" in each.text() for each in section.findChildren(QLabel))
    section.embedder.setCurrentIndex(section.embedder.findData("many"))
    with qtbot.waitSignal(section.failed) as failed:
        section.embedder.activated.emit(section.embedder.currentIndex())
    assert "full edition" in str(failed.args[0])
    assert backend.settings.current.embedder == ""
    qtbot.waitUntil(lambda: section.embedder.currentData() == "")
