"""Documents and hostile files that are not part of the project; skipped where they are not at hand."""

import csv
from pathlib import Path

import pytest

from app.base.jobs import CancelToken
from app.documents.chunking import chunk
from app.documents.document import ReadResult, Verdict
from app.documents.limits import Limits
from app.documents.reader_process import ReaderProcess
from tests.unit.documents.conftest import Reader

_UNREAD = {
    Verdict.locked,
    Verdict.empty,
    Verdict.unsupported,
    Verdict.damaged,
    Verdict.too_large,
    Verdict.unreadable,
}
# expected class of the manifest -> the verdicts that honour it
_ALLOWED = {
    "text": {Verdict.indexed, Verdict.partial},
    "locked-or-text": {Verdict.locked, Verdict.indexed, Verdict.empty, Verdict.unsupported},
    "empty": {Verdict.empty},
    "answer-unmoved": {Verdict.indexed},
    "inert": _UNREAD,
    "model-rejected": _UNREAD,
    "walk-survives": _UNREAD,
    "text-or-error": set(Verdict) - {Verdict.timed_out, Verdict.unreadable},
    "limit": set(Verdict) - {Verdict.timed_out, Verdict.unreadable},
}
# Named "text" or "model-rejected" by their sources, and rightly without text, or with, for us.
_EXCEPTIONS = tuple(
    """
    Jackson.htmlz Jackson.mobi encrypted_no_password.xls libreoffice.xlsx simple.unknown simple.zip
    js-authors.pdf js-colors.pdf testHTML_head.html
    testAltChunkHTML.docx testAltChunkMHT.docx testODTEmbeddedImageLink.odt
    testEXCEL_embeddedPDF_mac.xls testEXCEL_embeddedPDF_windows.xlsx
    49-lfs-pointer.gguf
    """.split()
)
_SLOW = ("pdf-flate", "pdf-xobject-self", "csv-unclosed", "csv-100k", "rtf-bin-length", "no-spaces-cjk")
_LEFT_OUT = _SLOW + _EXCEPTIONS
_EVERY = 10


def test_real_documents_are_read_and_cut(shared: Path, read: Reader) -> None:
    files = [
        each
        for each in sorted((shared / "documents").rglob("*"))
        if each.suffix in (".docx", ".pdf", ".pptx")
    ]
    files = files[::3]
    assert len(files) > 25
    unread = []
    for path in files:
        result = read(path)
        if result.document is None:
            unread.append((path.name, result.verdict))
            continue
        chunks = chunk(result.document, lambda texts: [len(text) // 4 + 1 for text in texts], 200)
        assert chunks or all(each.state == "scan" for each in result.document.places)
    assert {verdict for _, verdict in unread} <= {Verdict.empty}
    assert len(unread) <= 3  # drawings without text


def test_places_of_a_real_book_and_a_real_page(shared: Path, read: Reader) -> None:
    book = read(shared / "documents/epub/pride-and-prejudice.epub")
    assert book.document is not None and book.document.title == "Pride and Prejudice"
    assert len(book.document.places) > 60
    paper = read(shared / "documents/docling/pdf/multi_page.pdf")
    assert paper.document is not None
    assert [each.place.number for each in paper.document.places] == [1, 2, 3, 4, 5]
    assert any(block.kind == "heading" for each in paper.document.places for block in each.blocks)


@pytest.mark.parametrize("expected", sorted(_ALLOWED))
def test_hostile_files_get_the_right_verdict(shared: Path, tmp_path: Path, expected: str) -> None:
    folder = shared / "adversarial"
    with (folder / "MANIFEST.tsv").open(newline="") as manifest:
        rows = [row["path"] for row in csv.DictReader(manifest, delimiter="\t") if row["expect"] == expected]
    reader = ReaderProcess(Limits(), tmp_path / "work", tmp_path / "logs")
    wrong: list[tuple[str, ReadResult]] = []
    chosen = [path for path in rows[::_EVERY] if not any(each in path for each in _LEFT_OUT)]
    try:
        for path in chosen:
            result = reader.read(folder / path, CancelToken())
            assert result.verdict == Verdict.indexed or result.reason.endswith(".")
            if result.verdict not in _ALLOWED[expected]:
                wrong.append((path, result))
    finally:
        reader.close()
    assert chosen
    assert not wrong


def test_hidden_instructions_are_not_read(shared: Path, read: Reader) -> None:
    folder = shared / "adversarial/own-synthetic/prompt-injection"
    for pattern in (
        "*vanish.docx",
        "*white.docx",
        "*hidden-sheet.xlsx",
        "*comment.html",
        "*white-tiny.html",
        "*comment.md",
    ):
        paths = sorted(folder.glob(pattern))
        assert paths, pattern
        for path in paths:
            result = read(path)
            assert result.document is not None
            text = "".join(each.text for each in result.document.places)
            assert text and "VEX" not in text, path.name
