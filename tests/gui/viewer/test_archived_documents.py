"""Citations of documents inside archives, and of rows in sheets."""

import json
import os
import time
import zipfile
from itertools import accumulate
from pathlib import Path

import pytest

from app.documents.document import Place
from app.gui.viewer import pane as pane_module


@pytest.fixture
def letter(tmp_path: Path, index_db, add_file) -> str:
    """A letter in an archive, as the index knows both."""
    archive = tmp_path / "post.zip"
    with zipfile.ZipFile(archive, "w") as container:
        container.writestr("letters/rent.pdf", b"%PDF-1.4")
    add_file(archive, [], state="archive")
    path = add_file(
        archive / "letters" / "rent.pdf", [(Place("page", 1), "The rent is due."), (Place("page", 2), "Pay.")]
    )
    with index_db.transaction() as db:
        db.execute("UPDATE files SET container = ? WHERE path = ?", (str(archive), path))
    return path


def test_a_document_in_an_archive_is_shown_as_text_and_leads_to_the_archive(
    pane, letter, cite, opened, monkeypatch, tmp_path
):
    asked: list[str] = []
    monkeypatch.setattr(pane_module, "open_in_system", lambda path: asked.append(path) or True)
    monkeypatch.setattr(pane_module, "show_in_folder", asked.append)
    pane.open_source(cite(letter, Place("page", 1), "rent is due", 4))
    opened()
    assert pane.area.text.view.quote is not None and pane.area.text.view.quote.selectedText() == "rent is due"
    assert (pane.header.name.text(), pane.header.place.text()) == (
        "rent.pdf",
        "Page 1 · In post.zip",
    )
    assert pane.remark.text == ""
    pane.header.open_button.click()
    pane.header.folder_button.click()
    assert asked == [str(tmp_path / "post.zip")] * 2


def test_a_changed_or_missing_archive_is_said(pane, letter, cite, opened, tmp_path):
    os.utime(tmp_path / "post.zip", (time.time() + 60, time.time() + 60))
    pane.open_file(letter)
    opened()
    assert "changed after Alcove read it" in pane.remark.text
    (tmp_path / "post.zip").unlink()
    pane.open_file(letter)
    opened()
    assert "no longer where it was" in pane.remark.text and "rent is due" in pane.area.text.view.toPlainText()
    assert not pane.header.open_button.isEnabled()


def test_an_archive_itself_says_where_its_documents_are(pane, letter, opened, tmp_path):
    pane.open_file(str(tmp_path / "post.zip"))
    opened()
    assert "listed in the library" in pane.area.notice.text


def test_a_row_of_a_sheet_is_marked_and_its_cells_named(pane, add_file, index_db, opened, tmp_path):
    from app.assistants.events import Source

    file = tmp_path / "report.xlsx"
    file.write_bytes(b"PK")
    lines = [f"Item: {number}; Price: {number * 2}" for number in range(500)]
    text = "\n".join(lines)
    begins = accumulate((len(line) + 1 for line in lines), initial=0)
    rows = [(begin, number + 2, 1, 2) for number, begin in zip(range(500), begins, strict=False)]
    path = add_file(file, [(Place("sheet", 1, "2025"), text)])
    with index_db.transaction() as db:
        db.execute("UPDATE places SET rows = ?", (json.dumps(rows),))
    quote = "Item: 400; Price: 800"
    start = text.index(quote)
    source = Source(
        1, path, Place("sheet", 1, "2025"), "", quote, start, start + len(quote), 0.9, quote, "A402:B402"
    )
    pane.open_source(source)
    opened()
    assert pane.header.place.text() == "2025 · A402:B402"
    assert pane.area.text.view.quote.selectedText() == quote
    assert (
        0
        < pane.area.text.view.cursorRect(pane.area.text.view.quote).top()
        < pane.area.text.view.viewport().height()
    )
