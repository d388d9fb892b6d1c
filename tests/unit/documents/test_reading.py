"""The verdict on files that are not what they should be."""

import os
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from app.documents.document import Document, Place, PlaceText, ReadResult, Verdict
from tests.unit.documents.conftest import Reader, write_pdf, write_zip


def test_results_cross_a_pipe_as_json(tmp_path: Path, read: Reader) -> None:
    adapter = TypeAdapter(ReadResult)
    for result in (
        read(write_pdf(tmp_path / "a.pdf", [["One."]])),
        ReadResult(Verdict.timed_out, "Too slow."),
    ):
        assert adapter.validate_json(adapter.dump_json(result)) == result


def test_verdicts_are_spelled_as_stored() -> None:
    assert set(Verdict) == set(
        "indexed partial locked empty unsupported damaged too-large timed-out unreadable changed-retrying archive".split()
    )


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "noending"])
def test_the_content_decides_not_the_name(tmp_path: Path, read: Reader, name: str) -> None:
    result = read(write_pdf(tmp_path / name, [["Floor 7."]]))
    assert result.verdict == Verdict.indexed
    assert result.document is not None and result.document.media_type == "application/pdf"


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (b"", Verdict.empty),
        (b" \n\n ", Verdict.empty),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, Verdict.damaged),
        (b"SQLite format 3\0" + b"x" * 50, Verdict.unsupported),
        (bytes(range(256)) * 20, Verdict.unsupported),
        (b"%PDF-1.7\nnonsense", Verdict.damaged),
        (b"PK\x03\x04 cut short", Verdict.damaged),
        (b"GGUF" + b"\0" * 40, Verdict.unsupported),
        (b"\x1f\x8b\x08" + b"\0" * 40, Verdict.unsupported),
    ],
)
def test_verdicts(tmp_path: Path, read: Reader, data: bytes, verdict: Verdict) -> None:
    (tmp_path / "file.bin").write_bytes(data)
    result = read(tmp_path / "file.bin")
    assert result.verdict == verdict
    assert result.document is None
    assert result.reason.endswith(".") and "\n" not in result.reason


def test_a_blank_pdf_is_empty(tmp_path: Path, read: Reader) -> None:
    result = read(write_pdf(tmp_path / "blank.pdf", [[]]))
    assert result == ReadResult(Verdict.empty, "The file holds no text.")


def test_a_large_file_is_not_opened(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "big.txt").write_text("x" * 2000)
    assert read(tmp_path / "big.txt", file_bytes=1000).verdict == Verdict.too_large


def test_a_long_text_is_read_in_part(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "long.txt").write_text("word " * 1000)
    result = read(tmp_path / "long.txt", characters=100)
    assert result.verdict == Verdict.partial and "beginning" in result.reason
    assert result.document is not None
    (place,) = result.document.places
    assert len(place.text) == 100 and place.blocks[-1].end == 100


def test_zip_bombs_are_not_unpacked(tmp_path: Path, read: Reader) -> None:
    bomb = write_zip(
        tmp_path / "bomb.docx", {"[Content_Types].xml": "", "word/document.xml": b"\0" * 20_000_000}
    )
    assert read(bomb).verdict == Verdict.too_large
    many = write_zip(tmp_path / "many.docx", {f"word/{n}": "" for n in range(30)})
    assert read(many, members=20).verdict == Verdict.too_large


def test_an_archive_says_what_to_do(tmp_path: Path, read: Reader) -> None:
    result = read(write_zip(tmp_path / "papers.zip", {"a.txt": "text"}))
    assert result.verdict == Verdict.unsupported and "Unpack it" in result.reason


def test_deep_nesting_is_no_error_of_the_reader(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "deep.xml").write_text("<a>" * 50_000 + "</a>" * 50_000)
    assert read(tmp_path / "deep.xml").verdict == Verdict.too_large
    (tmp_path / "deep.html").write_text("<html>" + "<div>" * 50_000 + "<p>bottom</p>")
    assert read(tmp_path / "deep.html").verdict == Verdict.indexed
    (tmp_path / "deep.json").write_text("[" * 100_000)
    assert read(tmp_path / "deep.json").verdict == Verdict.indexed


def test_missing_files_and_folders_are_unreadable(tmp_path: Path, read: Reader) -> None:
    assert read(tmp_path / "missing.pdf").verdict == Verdict.unreadable
    assert read(tmp_path).verdict == Verdict.unreadable


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_pipes_devices_and_loops_are_unreadable(tmp_path: Path, read: Reader) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    for path in (tmp_path / "pipe.txt", tmp_path / "loop.txt", Path("/dev/zero")):
        assert read(path).verdict == Verdict.unreadable


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_unreadable(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    path.chmod(0)
    assert "permission" in read(path).reason


def test_blocks_slice_the_text(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "a.html").write_text("<html><h1>Title</h1><p>One.</p><pre>x\ny</pre>")
    result = read(tmp_path / "a.html")
    assert result.document is not None
    place: PlaceText = result.document.places[0]
    assert [place.text[each.start : each.end] for each in place.blocks] == ["Title", "One.", "x\ny"]
    assert place.place == Place("document", 1, "")
    assert isinstance(result.document, Document)
