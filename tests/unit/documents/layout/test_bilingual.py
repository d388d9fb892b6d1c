"""PDF: both languages side by side, as Word and as a page."""

from pathlib import Path

import docx
import pytest

from app.documents.document import ReadFailure, Verdict
from app.documents.layout.formats import write_layout
from app.documents.limits import Limits
from tests.unit.documents.conftest import write_pdf, write_scan
from tests.unit.documents.layout.text_files import segments, texts


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return write_pdf(tmp_path / "a.pdf", [["The first page has a line."], ["The second page <x1> & more."]])


def test_paragraphs_name_their_page(pdf: Path) -> None:
    assert [(each.text, each.place) for each in segments(pdf)] == [
        ("The first page has a line.", "page 1"),
        ("The second page <x1> & more.", "page 2"),
    ]


def test_word_has_a_table_for_each_page(pdf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.docx"
    write_layout(pdf, out, {"1": "שורה <אחת>"}, "he", Limits())
    document = docx.Document(str(out))
    cells = [[cell.text for cell in table.rows[0].cells] for table in document.tables]
    assert cells == [["The first page has a line.", "שורה <אחת>"], ["The second page <x1> & more."] * 2]
    right = document.tables[0].rows[0].cells[1]._tc.xml
    assert "<w:bidi/>" in right and '<w:lang w:bidi="he"/>' in right
    assert [each.text for each in document.paragraphs] == ["1", "2"]


def test_a_page_for_the_browser(pdf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    write_layout(pdf, out, {"1": "سطر <b>"}, "ar", Limits())
    assert '<td lang="ar" dir="rtl">سطر &lt;b&gt;</td>' in out.read_text(encoding="utf-8")


def test_a_scan_is_said_to_be_one(tmp_path: Path) -> None:
    scan = write_scan(tmp_path / "scan.pdf")
    with pytest.raises(ReadFailure, match="looks like a scan") as failure:
        texts(scan)
    assert failure.value.verdict is Verdict.empty
