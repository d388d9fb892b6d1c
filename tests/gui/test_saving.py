"""Where a file goes that the person asked for."""

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from app.gui.saving import ask_where

KINDS = {".docx": "Word documents", ".html": "Web pages"}


@pytest.fixture
def choose(qtbot, monkeypatch, tmp_path):
    """What becomes of a name typed into the dialog, and what is said then."""
    window = QWidget()
    qtbot.addWidget(window)

    def choose(name, kind=""):
        told = []
        typed = str(tmp_path / name) if name else ""
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (typed, kind))
        file = ask_where(window, "Save", tmp_path / "usual.docx", KINDS, told.append, accepted=(".txt",))
        return file and file.name, [each.what for each in told]

    return choose


@pytest.mark.parametrize(
    ("name", "kind", "file"),
    [
        ("mine.DOCX", "", "mine.DOCX"),
        ("mine.txt", "", "mine.txt"),
        ("mine", "", "mine.docx"),
        ("v1.2", "Web pages (*.html)", "v1.2.html"),
        ("", "", None),
    ],
)
def test_a_name_gets_the_chosen_ending_unless_it_has_one(choose, name, kind, file):
    assert choose(name, kind) == (file, [])


def test_a_file_the_dialog_did_not_ask_about_is_not_replaced(choose, tmp_path):
    (tmp_path / "mine.docx").touch()
    assert choose("mine") == (None, ["mine.docx is there already."])
    assert choose("mine.docx") == ("mine.docx", [])  # the dialog has asked about this one
