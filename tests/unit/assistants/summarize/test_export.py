import os
from pathlib import Path

import docx
import pytest

from app.assistants.events import Source
from app.assistants.summarize.events import Coverage, Point, Summary
from app.assistants.summarize.export import (
    as_html,
    as_markdown,
    check_no_source,
    coverage_words,
    write_summaries,
)
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
        _point("Pets < 5 kg are allowed.", 4),
    ),
    coverage=Coverage(12, 12, 4, 4, "page"),
    extractive=False,
    model="Some 3B",
    style="minutes",
    state="complete",
    remarks=("Only half of it holds text.",),
)


def test_markdown_says_where_each_point_stands() -> None:
    text = as_markdown([SUMMARY])
    assert "*Read 4 of 4 pages with text · written by Some 3B*" in text
    assert "## Decisions\n\n- The rent is £900 & rising. (page 3)" in text
    assert "- Pets < 5 kg are allowed. (page 4)" in text
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


@pytest.mark.parametrize(
    ("coverage", "words"),
    [
        (Coverage(9, 9, 2, 2, "page"), "Read 2 of 2 pages with text"),
        (Coverage(9, 20, 1, 3, "chapter"), "Read 1 of 3 chapters"),
        (Coverage(9, 20, 0, 3, "chapter"), "Read 9 of 20 passages"),
        (Coverage(9, 20, 0, 1, "section"), "Read 9 of 20 passages"),
        (Coverage(9, 20, 4, 8, "place"), "Read 9 of 20 passages"),
        (Coverage(20, 20, 8, 8, "place"), "Read all of it"),
        (Coverage(20, 20, 1, 1, "section"), "Read all of it"),
    ],
)
def test_coverage_counts_what_can_be_counted(coverage: Coverage, words: str) -> None:
    assert coverage_words(coverage) == words


def test_a_document_is_known_by_every_name_it_has(tmp_path: Path) -> None:
    own = tmp_path / "notes.md"
    own.write_text("mine")
    (tmp_path / "other").symlink_to(tmp_path)
    os.link(own, tmp_path / "twin.md")
    for name in (own, tmp_path / "other" / "notes.md", tmp_path / "twin.md"):
        with pytest.raises(AppError, match="is the document itself"):
            check_no_source(name, ["", str(own)])
    check_no_source(tmp_path / "new.md", ["", str(own), "/gone/lease.pdf"])
