"""Books: pages, contents, title; nothing else changes."""

import zipfile
from pathlib import Path

import pytest

from app.documents.document import ReadFailure, Verdict
from tests.unit.documents.conftest import write_zip
from tests.unit.documents.layout.text_files import changed, is_reproduced, segments, texts

_PACKAGE = """<?xml version="1.0"?><package xmlns:dc="x"><metadata><dc:title>A tale</dc:title><dc:language>en</dc:language>
</metadata><manifest><item id="b" href="t%20wo.xhtml" media-type="application/xhtml+xml"/><item id="a" href="one.xhtml"
media-type="application/xhtml+xml"/><item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>
<spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""
_MEMBERS: dict[str, str | bytes] = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
    "OPS/book.opf": _PACKAGE,
    "OPS/one.xhtml": '<html xml:lang="en"><body><p>Once <i>upon</i> a time.</p></body></html>',
    "OPS/t wo.xhtml": "<html><body><h1>Two</h1></body></html>",
    "OPS/toc.ncx": "<ncx><navLabel><text>Chapter</text></navLabel></ncx>",
    "OPS/font.otf": b"\0\1\2",
}


def test_texts_come_in_reading_order(tmp_path: Path) -> None:
    book = write_zip(tmp_path / "book.epub", _MEMBERS)
    assert texts(book) == ["A tale", "Once <g1>upon</g1> a time.", "Two", "Chapter"]
    assert [each.place for each in segments(book)] == ["", "chapter 1", "chapter 2", "contents"]
    assert is_reproduced(book)


def test_only_members_with_text_change(tmp_path: Path) -> None:
    book = write_zip(tmp_path / "book.epub", _MEMBERS)
    changed(book, str.swapcase, "he")
    with zipfile.ZipFile(tmp_path / "out.epub") as container:
        assert container.namelist() == list(_MEMBERS)
        assert container.read("OPS/font.otf") == b"\0\1\2"
        assert b"<dc:language>he</dc:language>" in container.read("OPS/book.opf")
        one = container.read("OPS/one.xhtml").decode()
    assert 'xml:lang="he"' in one and 'dir="rtl"' in one


def test_copy_protection_is_said(tmp_path: Path) -> None:
    protection = (
        '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    )
    book = write_zip(tmp_path / "book.epub", {**_MEMBERS, "META-INF/encryption.xml": protection})
    with pytest.raises(ReadFailure) as failure:
        texts(book)
    assert failure.value.verdict is Verdict.locked
