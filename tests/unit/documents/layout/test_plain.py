"""Plain text: paragraphs, wrapping, encodings."""

from pathlib import Path

import pytest

from app.documents.document import ReadFailure, Verdict
from tests.unit.documents.layout.text_files import changed, is_reproduced, texts

_WRAPPED = """TITLE

    This paragraph was broken by an editor when its lines had got as long as
    this, and it goes on for a second line and even for a third one, where
    it ends.

  - a bullet
  2. another
Name\tAddress
"""


def test_lines_that_an_editor_broke_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(_WRAPPED)
    found = texts(path)
    assert found[0] == "TITLE" and found[1].endswith("even for a third one, where it ends.")
    assert found[2:] == ["a bullet", "another", "Name Address"]
    assert is_reproduced(path)


def test_a_changed_paragraph_is_broken_at_the_same_width(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(_WRAPPED)
    out = changed(path, lambda text: text.replace("it", "something else")).decode().splitlines()
    paragraph = [line for line in out[2:] if line.startswith("    ")]
    assert len(paragraph) == 4 - 1 and max(map(len, paragraph)) <= 76
    assert "  - a bullet" in out and "Name\tAddress" in out


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffEins\r\nzwei\r\n".encode(),
        "Größe\n\nÜbung".encode("cp1252"),
        "Привет, мир.\r\rКак дела".encode("utf-16"),
        b"caf\xc3\xa9 \xff broken \xc3\xa9\n",
        b"<g1> like a tag\n",
    ],
)
def test_encodings_and_line_ends_come_back(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert is_reproduced(path)


def test_a_letter_that_the_encoding_lacks_makes_it_unicode(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Größe".encode("cp1252"))
    assert changed(path, lambda _: "размер") == "размер".encode()


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(bytes(range(32)) * 100)
    with pytest.raises(ReadFailure) as failure:
        texts(path)
    assert failure.value.verdict is Verdict.unsupported
