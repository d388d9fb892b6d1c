"""The section “Downloads” of the settings, with a keyring in memory."""

import keyring
import pytest
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMessageBox

from app.base.settings import SettingsStore
from app.models.download.access_token import read_token
from app.models.download.address import HUB
from tests.gui.conftest import delete
from tests.unit.models.download.test_access_token import InMemory

MIRROR = "https://mirror.example/hub"


@pytest.fixture
def ring():
    before = keyring.get_keyring()
    backend = InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def section(ring, window, qtbot, monkeypatch):
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    window.show_page("settings")
    found = window.page("settings").downloads
    qtbot.waitUntil(lambda: found.token.state.text() == "None is kept.")
    return found


def saved(backend):
    return SettingsStore(backend.paths.settings_file).current


def enter(section, mirror):
    section.mirror.setText(mirror)
    section.mirror.editingFinished.emit()


def keep(section, token):
    section.token.enter.click()
    dialog = section.token.findChild(QInputDialog)
    assert dialog.textEchoMode() == QLineEdit.EchoMode.Password
    dialog.setTextValue(token)
    dialog.accept()
    delete(dialog)


def test_a_mirror_is_saved_when_it_is_an_address(section, backend):
    assert section.mirror.placeholderText() == HUB
    enter(section, f" {MIRROR}/ ")
    assert (saved(backend).mirror, section.mirror.text()) == (MIRROR, MIRROR)
    enter(section, "https://me:secret@mirror.example")
    assert saved(backend).mirror == MIRROR and "This is no web address" in section._mirror_hint.text()
    enter(section, "")
    assert saved(backend).mirror == "" and "Another address" in section._mirror_hint.text()


def test_a_limit_is_saved_and_told_to_downloads_under_way(section, backend, window):
    told = []
    window.page("settings").download_limit_changed.connect(told.append)
    for text in ("2 MiB/s", "As fast as it goes"):
        section.limit.setCurrentText(text)
        section.limit.activated.emit(section.limit.currentIndex())
        told.append(saved(backend).download_limit)
    assert told == [2.0, 2.0, None, None]


def test_a_token_is_kept_for_its_hub_only_and_never_shown(section, ring, qtbot):
    keep(section, "hf_secret")
    qtbot.waitUntil(lambda: section.token.state.text() == "One is kept.")
    assert read_token(HUB) == "hf_secret" and "huggingface.co only" in section._token_hint.text()
    assert not any("hf_secret" in each.text() for each in section.findChildren(QLineEdit))
    enter(section, MIRROR)
    qtbot.waitUntil(lambda: section.token.state.text() == "None is kept.")
    assert not section.token.forget.isEnabled() and "mirror.example only" in section._token_hint.text()
    enter(section, "")
    qtbot.waitUntil(section.token.forget.isEnabled)
    section.token.forget.click()
    box = section.token.findChild(QMessageBox)
    next(each for each in box.buttons() if "Remove" in each.text()).click()
    qtbot.waitUntil(lambda: section.token.state.text() == "None is kept.")
    assert ring.held == {}


def test_a_locked_keyring_is_told_in_its_place(section, ring, window, qtbot):
    ring.locked = True
    keep(section, "hf_secret")
    qtbot.waitUntil(lambda: "keyring could not be opened" in section.token.state.text())
    assert section.token.enter.isEnabled() and window.messages.isHidden()
    ring.locked = False
    section.refresh()
    qtbot.waitUntil(lambda: section.token.state.text() == "None is kept.")
