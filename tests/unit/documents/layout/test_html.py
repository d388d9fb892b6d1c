"""Pages: what is translated, what is left alone, and the bytes around it."""

from pathlib import Path

import pytest

from app.documents.document import ReadFailure, Verdict
from app.documents.layout.formats import read_layout
from app.documents.limits import Limits
from tests.unit.documents.layout.text_files import changed, is_reproduced, rewritten, segments, texts

_PAGE = """<!doctype html>
<html lang=en><head><title>Tom &amp; Ann</title><meta name="description" content='It&#39;s ours'>
<script>if (a<b) document.write("<p>no</p>")</script></head><body>
<p>Hello <b>bold&nbsp;text</b> and
   <a href="x?a=1&b=2" title=Link>a link</a>, see <code>x < y</code>.<br>AT&T a < b
<ul><li><input type=checkbox> One<li><em>Two</em></ul>
<pre>keep this</pre><p translate=no>Foo</p><p class="x notranslate">Bar</p><svg><text>pic</text></svg>
<button>Go</button><select><option>First</select><input placeholder="Your name"><h2><a id=top></a>Head</h2>
<td>caf&eacute; &lt;g1&gt; au lait</td>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(_PAGE)
    return path


def test_blocks_are_segments_and_inline_markup_is_tags(page: Path) -> None:
    assert texts(page) == [
        "Tom & Ann",
        "It's ours",
        "Hello <g1>bold\xa0text</g1> and <g2>a link</g2>, see <x3>.<x4>AT&T a < b",
        "Link",
        "One",
        "Two",
        "Go",
        "First",
        "Your name",
        "Head",
        "café <x1> au lait",
    ]
    kinds = {each.text: each.kind for each in segments(page)}
    assert (kinds["Tom & Ann"], kinds["Head"], kinds["Link"]) == ("title", "heading", "alt")
    assert read_layout(page, Limits()).language == "en"


def test_the_same_targets_give_the_same_bytes(page: Path) -> None:
    assert is_reproduced(page)


def test_targets_are_escaped_and_the_rest_stays(page: Path) -> None:
    out = changed(page, lambda text: text.replace("First", "<&>").replace("Your name", 'a "b" <c>')).decode()
    expected = _PAGE.replace("First", "&lt;&amp;&gt;").replace("Your name", "a &quot;b&quot; &lt;c&gt;")
    assert out == expected


def test_the_language_and_its_direction_are_set(page: Path) -> None:
    assert b'<html dir="rtl" lang="ar">' in rewritten(page, {}, "ar")
    assert b'<html lang="de">' in rewritten(page, {}, "de")


def test_lost_tags_lose_nothing(page: Path) -> None:
    out = rewritten(page, {"3": "Alles anders <g2>hier</g1> <x9>"}).decode()
    assert "<p>Alles anders hier <code>x < y</code><br> <ul>" in " ".join(out.split())


def test_the_charset_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "old.htm"
    path.write_bytes('<meta charset="iso-8859-2"><p>žluťoučký'.encode("iso-8859-2"))
    assert texts(path) == ["žluťoučký"]
    assert changed(path, lambda _: "kůň Ω").endswith("kůň &#937;".encode("iso-8859-2"))


def test_bytes_that_are_no_text_come_back(tmp_path: Path) -> None:
    path = tmp_path / "broken.html"
    path.write_bytes("<p>naïve café über".encode() + b"\xff and\0 more" + b" text" * 20)
    assert "<x1>" in texts(path)[0]
    assert is_reproduced(path)


def test_xhtml_is_read_as_xml(tmp_path: Path) -> None:
    path = tmp_path / "page.xhtml"
    path.write_text(
        '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>A<br/>b <i/>c &amp; d</p><script/><p>E</p>'
    )
    assert texts(path) == ["A<x1>b <x2>c & d", "E"]
    path.write_text('<!DOCTYPE html [<!ENTITY a "aaaa">]><html><p>&a;</p></html>')
    with pytest.raises(ReadFailure) as failure:
        texts(path)
    assert failure.value.verdict is Verdict.unsupported


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["<!--", '<a b="', "<b><i></b>x", "<", "&a", "<a  =", "<br>x<br> ", "<code>y"]
)
def test_time_grows_with_the_length_only(tmp_path: Path, piece: str) -> None:
    path = tmp_path / "hostile.html"
    path.write_text("<p>Text</p>" + piece * 2_000)
    assert changed(path, str.upper).startswith(b"<p>TEXT</p>")
