from pathlib import Path

import docx
import pytest

from app.assistants.events import Source
from app.assistants.summarize.events import Coverage, Point, Summary
from app.assistants.summarize.export import as_html, as_markdown, write_summaries
from app.base.errors import AppError
from app.documents.document import Place


def _point(text: str, page: int, **more: object) -> Point:
    source = Source(page, "/d/lease.pdf", Place("page", page), "", text, 0, len(text), 0.9, text)
    return Point(text, (source,), **more)  # type: ignore[arg-type]


SUMMARY = Summary(
    title="Lease <of> the flat",
    file="/d/lease.pdf",
    text="",
    points=(
        _point("The rent is £900 & rising.", 3, kind="decision"),
        _point("Pets < 5 kg are allowed.", 4, supported=False),
    ),
    coverage=Coverage(12, 12, 4, 4, "page"),
    extractive=False,
    model="Some 3B",
    style="minutes",
    state="complete",
    remarks=("Only half of it holds text.",),
)


def test_markdown_says_where_each_point_stands_and_what_is_doubtful() -> None:
    text = as_markdown([SUMMARY])
    assert "*Read 4 of 4 pages · written by Some 3B*" in text
    assert "## Decisions\n\n- The rent is £900 & rising. (page 3)" in text
    assert "- Pets < 5 kg are allowed. (page 4; not found in the document)" in text
    assert "Only half of it holds text." in text


def test_html_escapes_what_the_document_says() -> None:
    text = as_html([SUMMARY])
    assert "Lease &lt;of&gt; the flat" in text and "Pets &lt; 5 kg" in text and "<of>" not in text
    assert "http" not in text


def test_word_holds_the_same(tmp_path: Path) -> None:
    write_summaries(tmp_path / "summary.docx", [SUMMARY, SUMMARY])
    read = [each.text for each in docx.Document(str(tmp_path / "summary.docx")).paragraphs]
    assert read.count("Lease <of> the flat") == 2
    assert "The rent is £900 & rising. (page 3)" in read
    assert [each.name for each in tmp_path.iterdir()] == ["summary.docx"]


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be written as"):
        write_summaries(tmp_path / "summary.xlsx", [SUMMARY])
