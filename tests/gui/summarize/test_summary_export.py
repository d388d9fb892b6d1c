"""Summaries outside the window: real files, and the clipboard."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QFileDialog

from app.gui.summarize.exporting import suggested_file
from app.gui.summarize.page import SummarizePage
from tests.gui.summarize.conftest import JOINT, LEASE, MINUTES


@pytest.fixture
def shown(page: SummarizePage, summarize: Callable[..., None]) -> SummarizePage:
    summarize("lease.pdf")
    return page


@pytest.mark.parametrize("format_", ["md", "docx", "pdf"])
def test_is_saved_where_the_person_says(
    shown: SummarizePage, format_: str, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / f"out.{format_}"
    asked: list[str] = []
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *args: asked.append(args[2]) or (str(target), "")
    )
    shown.area.export.save_wanted.emit(format_)
    qtbot.waitUntil(lambda: str(target) in shown.messages.text, timeout=5000)
    assert asked == [str(Path(f"/docs/lease summary.{format_}"))]
    assert "940 euros" in _text_of(target)
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".part"] == []


def _text_of(path: Path) -> str:
    if path.suffix == ".docx":
        return "\n".join(each.text for each in docx.Document(str(path)).paragraphs)
    if path.suffix == ".pdf":
        assert path.read_bytes().startswith(b"%PDF")
        document = QPdfDocument()
        document.load(str(path))
        return document.getAllText(0).text()
    return path.read_text("utf-8")


def test_the_document_itself_is_never_overwritten(page: SummarizePage, tmp_path: Path, qtbot: Any) -> None:
    own = tmp_path / "notes.md"
    own.write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path)
    page.exporter.write(tmp_path / "link" / "notes.md", [replace(LEASE, file=str(own))])
    qtbot.waitUntil(lambda: "is the document itself" in page.messages.text, timeout=5000)
    assert own.read_text() == "mine"


def test_is_copied_plain_and_formatted(shown: SummarizePage) -> None:
    shown.exporter.copy()
    data = QGuiApplication.clipboard().mimeData()
    assert "- The rent is 940 euros." in data.text() and "<h1" in data.html()


def test_several_are_named_after_the_joint_one() -> None:
    assert suggested_file([JOINT, LEASE, MINUTES], "pdf") == Path("/docs/2 documents together summary.pdf")
