import re
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document

from app.documents.document import ReadFailure, Verdict
from app.documents.layout.docx import read, write
from app.documents.layout.formats import read_layout
from app.documents.layout.zip_rewriting import rewritten
from app.documents.limits import Limits

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
_BEGIN, _SEPARATE, _END = (_FIELD.format(each) for each in ("begin", "separate", "end"))


def _code(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {text} </w:instrText></w:r>'


def _run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _document(folder: Path, body: str) -> Path:
    """A Word document with `body` in place of what python-docx starts with."""
    plain, path = folder / "plain.docx", folder / "source.docx"
    docx.Document().save(str(plain))
    with zipfile.ZipFile(plain) as container:
        main = container.read("word/document.xml").decode()
    main = re.sub(r"<w:body>.*</w:body>", lambda _: f"<w:body>{body}</w:body>", main, flags=re.DOTALL)
    rewritten(plain, path, {"word/document.xml": main.encode()}, Limits())
    return path


def _texts(path: Path) -> list[str]:
    return [each.text for each in read(path, Limits()).segments if each.kind != "title"]


def _translated(path: Path, *texts: str, language: str = "de") -> tuple[Document, str]:
    """The document with `texts` for its first segments, and the XML of its main part."""
    out = path.with_name("out.docx")
    keys = [each.key for each in read(path, Limits()).segments]
    write(path, out, dict(zip(keys, texts, strict=False)), language, Limits())
    with zipfile.ZipFile(out) as container:
        return docx.Document(str(out)), container.read("word/document.xml").decode()


def test_arbitrary_splits_do_not_show_and_formatting_survives(tmp_path: Path) -> None:
    body = (
        _run("Take ") + '<w:proofErr w:type="spellStart"/>' + _run("two", '<w:b/><w:lang w:val="en-GB"/>')
        + _run(" tab", "<w:b/>") + _run("lets", '<w:b/><w:lang w:val="fr-FR"/>') + _run(" a day.")
    )  # fmt: skip
    path = _document(tmp_path, f'<w:p w:rsidR="00AA"><w:pPr><w:jc w:val="center"/></w:pPr>{body}</w:p>')
    assert _texts(path) == ["Take <g1>two tablets</g1> a day."]
    document, xml = _translated(path, "<g1>Zwei Tabletten</g1> täglich.")
    paragraph = document.paragraphs[0]
    assert [(run.text, run.bold) for run in paragraph.runs] == [("Zwei Tabletten", True), (" täglich.", None)]
    assert paragraph.alignment == 1
    assert xml.count('<w:lang w:val="de"/>') == 2


def test_links_fields_and_bookmarks(tmp_path: Path) -> None:
    body = (
        '<w:bookmarkStart w:id="1" w:name="all"/>' + _run("See ")
        + '<w:hyperlink w:anchor="there">' + _run("this", '<w:u w:val="single"/>') + "</w:hyperlink>" + _run(" and ")
        + _BEGIN + _code('HYPERLINK "https://example.org"') + _SEPARATE + _run("that") + _END + _run(" on page ")
        + _BEGIN + _code("PAGEREF there") + _SEPARATE + _run("seven") + _END + _run(" too")
        + '<w:bookmarkEnd w:id="1"/>'
    )  # fmt: skip
    path = _document(tmp_path, f"<w:p>{body}</w:p>")
    assert _texts(path) == ["See <g1>this</g1> and <g2>that</g2> on page <x3> too"]
    _, xml = _translated(path, "Auch <x3>: <g2>jenes</g2>, <g1>dieses</g1>")
    order = [xml.index(each) for each in ("bookmarkStart", "Auch", "PAGEREF", "HYPERLINK", "jenes", "w:hyperlink", "dieses", "bookmarkEnd")]  # fmt: skip
    assert order == sorted(order)
    assert xml.count('"begin"') == xml.count('"separate"') == xml.count('"end"') == 2
    document, xml = _translated(path, "Nichts davon")
    assert document.paragraphs[0].text == "Nichts davonseven" and "PAGEREF" in xml


def test_tables_of_contents_and_deleted_text_are_left_alone(tmp_path: Path) -> None:
    contents = f"<w:p>{_BEGIN}{_code('TOC')}{_SEPARATE}{_run('First heading')}</w:p><w:p>{_run('Second')}</w:p><w:p>{_END}</w:p>"
    deleted = '<w:del w:id="5"><w:r><w:delText>old</w:delText></w:r></w:del>'
    added = f'<w:ins w:id="6">{_run("new")}</w:ins>'
    path = _document(tmp_path, f"{contents}<w:p>{_run('A ')}{deleted}{added}{_run(' word')}</w:p>")
    assert _texts(path) == ["A <g1>new</g1> word"]
    _, xml = _translated(path, "Ein <g1>neues</g1> Wort")
    assert re.search(r'<w:ins w:id="6">.*neues.*</w:ins>', xml) and "<w:delText>old</w:delText>" in xml
    assert "First heading" in xml and "Second" in xml


def test_a_text_box_is_translated_in_both_its_copies(tmp_path: Path) -> None:
    box = f"<w:txbxContent><w:p>{_run('In a box')}</w:p></w:txbxContent>"
    drawing = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    path = _document(tmp_path, f"<w:p>{_run('Before')}<w:r>{drawing}</w:r>{_run('after')}</w:p>")
    assert _texts(path) == ["Before<x1>after", "In a box"]
    _, xml = _translated(path, "Danach<x1>davor", "Im Kasten")
    assert xml.count("Im Kasten") == 2 and "In a box" not in xml


def test_right_to_left_targets_and_the_order_of_properties(tmp_path: Path) -> None:
    run = _run("Hello", '<w:b/><w:em w:val="dot"/>')
    path = _document(tmp_path, f'<w:p><w:pPr><w:keepNext/><w:jc w:val="left"/></w:pPr>{run}</w:p>')
    _, xml = _translated(path, "مرحبا", language="ar")
    assert re.search(r"<w:keepNext/><w:bidi/><w:jc ", xml)
    assert re.search(r'<w:b/><w:rtl/><w:em w:val="dot"/><w:lang w:bidi="ar"/></w:rPr>', xml)


def test_every_kind_of_text_has_its_place(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "The title"
    document.add_heading("A heading")
    document.add_table(1, 1).cell(0, 0).text = "A cell"
    document.sections[0].header.paragraphs[0].text = "On each page"
    run = document.add_paragraph("Commented").runs[0]
    document.add_comment(run, text="A comment")
    path = tmp_path / "source.docx"
    document.save(str(path))
    layout = read(path, Limits())
    assert [(each.text, each.kind, each.place) for each in layout.segments] == [
        ("A heading", "heading", ""),
        ("A cell", "cell", ""),
        ("Commented", "text", ""),
        ("On each page", "text", "header"),
        ("A comment", "note", "comment"),
        ("The title", "title", ""),
    ]
    assert layout.language == "en-US"
    out = tmp_path / "out.docx"
    write(path, out, {each.key: f"«{each.text}»" for each in layout.segments}, "fr", Limits())
    after = docx.Document(str(out))
    assert after.core_properties.title == "«The title»"
    assert after.sections[0].header.paragraphs[0].text == "«On each page»"
    assert [each.text for each in after.comments] == ["«A comment»"]
    assert after.tables[0].cell(0, 0).text == "«A cell»"


def test_strict_documents(tmp_path: Path) -> None:
    path = _document(tmp_path, f"<w:p>{_run('One ')}{_run('two', '<w:b/>')}</w:p>")
    with zipfile.ZipFile(path) as container:
        main = container.read("word/document.xml").decode().replace(_W, _STRICT)
    strict = tmp_path / "strict.docx"
    rewritten(path, strict, {"word/document.xml": main.encode()}, Limits())
    segment = read(strict, Limits()).segments[0]
    assert segment.text == "One <g1>two</g1>"
    out = tmp_path / "out.docx"
    write(strict, out, {segment.key: "<g1>Zwei</g1> eins"}, "de", Limits())
    with zipfile.ZipFile(out) as container:
        written = container.read("word/document.xml").decode()
    assert _W not in written and "Zwei" in written


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("<w:document ", '<!DOCTYPE x [<!ENTITY a "b">]><w:document ', Verdict.unsupported),
        ("<w:document ", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document ', Verdict.unsupported),
        ("<w:body>", "<w:body>" + "<w:tbl><w:tr><w:tc>" * 400, Verdict.too_large),
        ("</w:body>", "", Verdict.damaged),
    ],
)  # fmt: skip
def test_hostile_parts(before: str, after: str, verdict: Verdict, tmp_path: Path) -> None:
    path = _document(tmp_path, f"<w:p>{_run('&amp; words')}</w:p>")
    with zipfile.ZipFile(path) as container:
        main = container.read("word/document.xml").decode()
    assert before in main
    if "<w:tbl>" in after:
        main = main.replace("</w:body>", "</w:tc></w:tr></w:tbl>" * 400 + "</w:body>")
    bad = tmp_path / "bad.docx"
    rewritten(path, bad, {"word/document.xml": main.replace(before, after, 1).encode()}, Limits())
    with pytest.raises(ReadFailure) as failure:
        read_layout(bad, Limits())
    assert failure.value.verdict == verdict
