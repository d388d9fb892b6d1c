"""Whether what models have read is kept, in the settings."""

import pytest

from app.base.settings import SettingsStore


@pytest.fixture
def choice(window, backend):
    backend.paths.states.mkdir(parents=True)
    (backend.paths.states / "a.state").write_bytes(b"x" * 3_000_000)
    window.show_page("settings")
    return window.page("settings").kept_states


def test_what_it_takes_is_told_and_can_be_cleared(choice, backend):
    assert choice.isChecked()
    assert "It takes 2.9 MB now." in choice.accessibleDescription()
    choice.clear_button.click()
    assert list(backend.paths.states.iterdir()) == []
    assert "takes" not in choice.accessibleDescription()
    assert not choice.clear_button.isEnabled()
    assert choice.isChecked()


def test_switching_it_off_is_saved_and_clears(choice, backend):
    choice.click()
    assert not SettingsStore(backend.paths.settings_file).current.keep_states
    assert list(backend.paths.states.iterdir()) == []
    assert not backend.engine._keeps()
    choice.click()
    assert SettingsStore(backend.paths.settings_file).current.keep_states
    assert backend.engine._keeps()


def test_what_was_changed_elsewhere_is_shown(choice, backend, window):
    backend.settings.change(keep_states=False)
    window.page("settings").refresh()
    assert not choice.isChecked()
