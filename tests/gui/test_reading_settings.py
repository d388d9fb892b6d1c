"""The section “Reading documents” of the settings."""

import pytest
from PySide6.QtCore import Qt

from app.base.settings import SettingsStore


@pytest.fixture
def section(window):
    window.show_page("settings")
    return window.page("settings").reading


def saved(backend):
    return SettingsStore(backend.paths.settings_file).current


def test_each_choice_is_saved_at_once(section, backend, window, qtbot):
    with qtbot.waitSignal(window.page("settings").reading_changed):
        section.schedule.setCurrentIndex(section.schedule.findData("plugged"))
        section.schedule.activated.emit(section.schedule.currentIndex())
    section.largest.setCurrentIndex(section.largest.findData(1000))
    section.largest.activated.emit(section.largest.currentIndex())
    for box in (section.recognise, section.archives, section.hidden):
        box.click()
    now = saved(backend)
    assert (now.reading_schedule, now.largest_file) == ("plugged", 1000)
    assert (now.recognise_text, now.read_archives, now.read_hidden) == (False, False, True)


def test_patterns_are_saved_when_all_can_be_followed(section, backend, qtbot, window):
    section.ignore.setFocus()
    qtbot.keyClicks(section.ignore, "drafts/")
    section.ignore.appendPlainText("\n*.tmp  ")
    qtbot.waitUntil(lambda: saved(backend).ignore == ("drafts/", "*.tmp"))
    section.ignore.appendPlainText("!")
    qtbot.keyClick(section.ignore, Qt.Key.Key_Tab)  # leaving the field saves as well
    assert "“!” is no pattern" in section._ignore_hint.text()
    assert saved(backend).ignore == ("drafts/", "*.tmp")
    window.page("settings").refresh()
    assert section.ignore.toPlainText().endswith("!")  # as long as the sentence speaks of it
    section.ignore.setPlainText("*.tmp")
    qtbot.waitUntil(lambda: saved(backend).ignore == ("*.tmp",))
    assert "as in a .gitignore" in section._ignore_hint.text()


def test_what_was_changed_elsewhere_is_shown(section, backend, window):
    backend.settings.change(ignore=("old/",), reading_schedule="idle", read_hidden=True)
    window.page("settings").refresh()
    assert section.ignore.toPlainText() == "old/"
    assert section.schedule.currentData() == "idle" and section.hidden.isChecked()
