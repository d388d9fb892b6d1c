"""A small translation model in an offline kit, out of the window and into it."""

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.engine.small_translation.models import SmallModels
from app.gui.models.kit_dialog import KitDialog
from tests.fixtures.tiny_translation_model import write_tiny_translation_model

SOON = 30_000


@pytest.fixture
def body(window, backend, qtbot):
    write_tiny_translation_model(
        backend.paths.models / "translation" / "de-en", "de", "en", {"haus": "house"}
    )
    window.show_page("models")
    page = window.page("models")
    qtbot.waitUntil(lambda: page.body is not None and page.body.list.current is not None, timeout=SOON)
    return page.body


def test_a_translation_model_comes_along(body, window, backend, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "stick"))
    body.header.kit_export_wanted.emit()
    dialog = body.findChild(KitDialog)
    (item,) = dialog.list.findItems("de-en", Qt.MatchFlag.MatchStartsWith)
    item.setCheckState(Qt.CheckState.Checked)
    assert "The kit takes 256" in dialog._total.text()
    dialog.go_on.click()
    qtbot.waitUntil(lambda: "The kit is in" in window.messages.text, timeout=SOON)
    assert (tmp_path / "stick" / "translation" / "de-en" / "vocab.deen.spm").is_file()
    shutil.rmtree(backend.paths.models / "translation")
    body.header.kit_import_wanted.emit()
    qtbot.waitUntil(lambda: "“de-en” was installed." in window.messages.text, timeout=SOON)
    assert [each.pair for each in SmallModels(backend.paths.models).installed()] == ["de-en"]
