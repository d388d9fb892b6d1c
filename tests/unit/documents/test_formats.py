"""Each supported format, written on the fly and read back."""

import csv
import email.message
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.documents.document import Document, Verdict
from tests.unit.documents.conftest import Reader, write_pdf, write_zip

ReadText = Callable[[Path], Document]


def headings(document: Document) -> list[tuple[int, str]]:
    return [
        (block.level, place.text[block.start : block.end])
        for place in document.places
        for block in place.blocks
        if block.kind == "heading"
    ]


def whole(document: Document) -> str:
    return "\n\n".join(place.text for place in document.places)


def test_pdf_pages_keep_their_numbers(tmp_path: Path, read_text: ReadText) -> None:
    path = write_pdf(tmp_path / "lease.pdf", [["First page."], [], ["The tenant pays on the", "first day."]])
    document = read_text(path)
    assert [place.place.number for place in document.places] == [1, 3]
    assert {place.place.kind for place in document.places} == {"page"}
    assert document.places[1].text == "The tenant pays on the first day."


def test_pdf_headings_are_recognised_and_quotes_found_in_the_raw_page(
    tmp_path: Path, read_text: ReadText
) -> None:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles = getSampleStyleSheet()
    body = "The tenant pays the rent on the first day of each month by bank transfer. " * 6
    story = [Paragraph("Payment terms", styles["Heading1"]), Paragraph(body, styles["BodyText"])] * 2
    path = tmp_path / "terms.pdf"
    for nothing in ("(anonymous)", "Untitled", "Document1"):
        SimpleDocTemplate(str(path), title=nothing).build(list(story))  # which it empties
        assert read_text(path).title == "Payment terms"
    SimpleDocTemplate(str(path), title="Lease of 2024").build(list(story))
    document = read_text(path)
    assert document.title == "Lease of 2024"
    assert [text for _, text in headings(document)] == ["Payment terms", "Payment terms"]
    assert body.strip() in document.places[0].text


def test_pdf_that_is_mostly_blank_is_partial(tmp_path: Path, read: Reader) -> None:
    result = read(write_pdf(tmp_path / "blank.pdf", [["Cover."], [], [], []]))
    assert result.verdict == Verdict.partial
    assert "1 of 4 pages" in result.reason
    assert result.document is not None and result.document.remark == result.reason


def test_pdf_with_a_password_is_locked_and_with_an_empty_one_read(tmp_path: Path, read: Reader) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = write_pdf(tmp_path / "locked.pdf", [["Secret."]], encrypt=StandardEncryption("word", "owner"))
    assert read(locked).verdict == Verdict.locked
    owned = write_pdf(tmp_path / "owned.pdf", [["Public."]], encrypt=StandardEncryption("", "owner"))
    assert read(owned).verdict == Verdict.indexed


def test_docx_sections_tables_and_lists(tmp_path: Path, read_text: ReadText) -> None:
    import docx

    source = docx.Document()
    source.core_properties.title = "Annual report"
    for name in ("Finance", "Risks"):
        source.add_heading(name, 1)
        source.add_heading(f"{name} in detail", 2)
        paragraph = source.add_paragraph("Reven")
        paragraph.add_run("ue grew").bold = True
        paragraph.add_run(" by *12* %.")
        source.add_paragraph("Long text about it. " * 100)
    table = source.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ("Item", "Price", "Pear, ripe", "2.30"), strict=True):
        cell.text = text
    source.save(str(tmp_path / "report.docx"))
    document = read_text(tmp_path / "report.docx")
    assert document.title == "Annual report"
    assert [(each.place.kind, each.place.number, each.place.label) for each in document.places] == [
        ("section", 1, "Finance"),
        ("section", 2, "Risks"),
    ]
    assert headings(document)[:2] == [(1, "Finance"), (2, "Finance in detail")]
    assert "Revenue grew by *12* %." in document.places[0].text
    assert document.places[1].text.endswith("Item: Pear, ripe; Price: 2.30")
    assert document.places[1].blocks[-1].kind == "table"


def test_docx_without_its_hidden_text(tmp_path: Path, read_text: ReadText) -> None:
    import docx

    source = docx.Document()
    paragraph = source.add_paragraph("Seen.")
    paragraph.add_run(" Obey the hidden words.").font.hidden = True
    paragraph.add_run(" Seen too.")
    source.save(str(tmp_path / "a.docx"))
    assert whole(read_text(tmp_path / "a.docx")) == "Seen. Seen too."


def test_pptx_slides_titles_tables_and_notes(tmp_path: Path, read_text: ReadText) -> None:
    import pptx
    from pptx.util import Inches

    deck = pptx.Presentation()
    for number, title in enumerate(("Plan", "Costs"), 1):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        paragraph = slide.placeholders[1].text_frame.paragraphs[0]
        paragraph.add_run().text = "Split "
        paragraph.add_run().text = f"run{number}"
        slide.notes_slide.notes_text_frame.text = f"Note {number}"
    hidden = deck.slides.add_slide(deck.slide_layouts[1])
    hidden.shapes.title.text = "Hidden"
    hidden._element.set("show", "0")
    last = deck.slides.add_slide(deck.slide_layouts[6])
    table = last.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for at, text in enumerate(("Item", "Price", "Pear", "2.30")):
        table.cell(at // 2, at % 2).text = text
    deck.save(str(tmp_path / "deck.pptx"))
    document = read_text(tmp_path / "deck.pptx")
    assert [(each.place.kind, each.place.number, each.place.label) for each in document.places] == [
        ("slide", 1, "Plan"),
        ("slide", 2, "Costs"),
        ("slide", 4, ""),
    ]
    assert document.places[0].text == "Plan\n\nSplit run1\n\nNote 1"
    assert document.places[2].text == "Item: Pear; Price: 2.30"
    assert headings(document) == [(1, "Plan"), (1, "Costs")]


_ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    ' xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"'
)


def test_odp_slides(tmp_path: Path, read_text: ReadText) -> None:
    content = (
        f"<office:document-content {_ODF}><office:body><office:presentation><draw:page>"
        '<draw:frame presentation:class="title"><draw:text-box><text:p>Plan</text:p></draw:text-box></draw:frame>'
        "<draw:frame><draw:text-box><text:p>Point <text:span>one</text:span></text:p></draw:text-box></draw:frame>"
        "</draw:page></office:presentation></office:body></office:document-content>"
    )
    members = {"mimetype": "application/vnd.oasis.opendocument.presentation", "content.xml": content}
    document = read_text(write_zip(tmp_path / "deck.odp", members))
    assert document.places[0].place.label == "Plan"
    assert document.places[0].text == "Plan\n\nPoint one"


def test_odt_headings(tmp_path: Path, read_text: ReadText) -> None:
    content = (
        f'<?xml version="1.0"?><office:document-content {_ODF}><office:body><office:text>'
        '<text:h text:outline-level="2">Scope</text:h><text:p>All of it.</text:p>'
        "</office:text></office:body></office:document-content>"
    )
    members = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}
    document = read_text(write_zip(tmp_path / "a.odt", members))
    assert headings(document) == [(2, "Scope")]
    assert whole(document) == "Scope\n\nAll of it."


def test_xlsx_sheets_by_name_and_rows_that_explain_themselves(tmp_path: Path, read_text: ReadText) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Empty"
    prices = book.create_sheet("Prices")
    for row in (["Price list 2024"], ["Item", "Price", None], ["Pear", 2.3], ["Plum", 4]):
        prices.append(row)
    secret = book.create_sheet("Secret")
    secret.sheet_state = "hidden"
    secret.append(["Obey"])
    book.save(tmp_path / "prices.xlsx")
    document = read_text(tmp_path / "prices.xlsx")
    assert [(each.place.kind, each.place.number, each.place.label) for each in document.places] == [
        ("sheet", 2, "Prices")
    ]
    assert document.places[0].text == "Price list 2024\n\nItem: Pear; Price: 2.3\nItem: Plum; Price: 4"


def test_a_huge_sheet_is_read_in_part(tmp_path: Path, read: Reader) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for number in range(60):
        book.active.append([f"name{number}", number])
    book.save(tmp_path / "big.xlsx")
    result = read(tmp_path / "big.xlsx", cells=40)
    assert result.verdict == Verdict.partial and "first rows" in result.reason
    assert result.document is not None
    assert "name19" in whole(result.document) and "name20" not in whole(result.document)


def test_epub_chapters_in_reading_order(tmp_path: Path, read_text: ReadText) -> None:
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": (
            '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>My book</dc:title></metadata>'
            '<manifest><item id="b" href="b%20b.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="toc" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
        ),
        "OPS/toc.ncx": (
            "<ncx><navMap><navPoint><navLabel><text>The start</text></navLabel>"
            '<content src="a.xhtml#x"/></navPoint></navMap></ncx>'
        ),
        "OPS/a.xhtml": "<html><body><h1>One</h1><p>It began.</p></body></html>",
        "OPS/b b.xhtml": "<html><body><h2>Two</h2><p>It ended.</p></body></html>",
    }
    document = read_text(write_zip(tmp_path / "book.epub", members))
    assert document.title == "My book"
    assert [(each.place.kind, each.place.label) for each in document.places] == [
        ("chapter", "The start"),
        ("chapter", "Two"),
    ]
    assert document.places[1].text == "Two\n\nIt ended."


def test_html_as_a_reader_sees_it(tmp_path: Path, read_text: ReadText) -> None:
    page = """<!doctype html><html><head><title>Lease</title><style>p{}</style></head><body>
    <script>alert("no")</script><nav>Menu</nav><h2>Rent &amp; costs</h2><p>Pay
    <a href="http://x.invalid">monthly</a>.<br>Always.</p><p style="display:none">Obey</p>
    <span hidden>Obey</span><div style="font-size:0">Obey</div><!-- Obey --><ul><li>one<li>two</ul>
    <table><tr><th>Item<th>Price<tr><td>Pear<td>2.30</table><img alt="Obey" src="http://x.invalid/p.png"></body>"""
    (tmp_path / "a.html").write_text(page)
    document = read_text(tmp_path / "a.html")
    assert document.title == "Lease"
    assert headings(document) == [(2, "Rent & costs")]
    assert whole(document) == "Rent & costs\n\nPay monthly.\nAlways.\n\none\ntwo\n\nItem: Pear; Price: 2.30"


def test_markdown_without_its_signs(tmp_path: Path, read_text: ReadText) -> None:
    (tmp_path / "a.md").write_text(
        "# The *title*\n\nSome **bold** [link](http://x.invalid) and snake_case.\n\n- one\n- two\n\n"
        "```python\nif x:\n    y()\n```\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n<!-- Obey -->\n"
    )
    document = read_text(tmp_path / "a.md")
    assert headings(document) == [(1, "The title")]
    assert [block.kind for block in document.places[0].blocks] == ["heading", "text", "text", "code", "table"]
    assert whole(document).startswith("The title\n\nSome bold link and snake_case.\n\none\ntwo\n\nif x:\n")
    assert whole(document).endswith("A: 1; B: 2")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_with_any_delimiter(tmp_path: Path, read_text: ReadText, delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(
        [["Item", "Price"], [f"Pear{delimiter} ripe", "2.30"], ["Plum", "4"]]
    )
    (tmp_path / "a.csv").write_text(out.getvalue())
    assert (
        whole(read_text(tmp_path / "a.csv"))
        == f"Item: Pear{delimiter.strip()} ripe; Price: 2.30\nItem: Plum; Price: 4"
    )


def test_mail(tmp_path: Path, read_text: ReadText) -> None:
    message = email.message.EmailMessage()
    message["Subject"] = "Größe der Räume"
    message["From"] = "Ann <ann@example.org>"
    message["To"] = "Bob <bob@example.org>"
    message["Date"] = "Mon, 03 Jun 2024 10:00:00 +0000"
    message.set_content("Hello Bob,\n\nthe keys are here.")
    message.add_alternative("<p>Hello from HTML</p>", subtype="html")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="plan.pdf")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    document = read_text(tmp_path / "a.eml")
    assert document.title == "Größe der Räume"
    assert whole(document) == (
        "Subject: Größe der Räume\nFrom: Ann <ann@example.org>\nTo: Bob <bob@example.org>\n"
        "Date: Mon, 03 Jun 2024 10:00:00 +0000\n\nHello Bob,\n\nthe keys are here.\n\nAttachments: plan.pdf"
    )


def test_mailbox_messages_are_sections(tmp_path: Path, read_text: ReadText) -> None:
    mailbox = "".join(
        f"From ann@x Mon Jun 01 10:00:0{n} 2009\nSubject: S{n}\n\nBody {n}\n\n" for n in range(2)
    )
    (tmp_path / "a.mbox").write_text(mailbox)
    document = read_text(tmp_path / "a.mbox")
    assert [each.place.label for each in document.places] == ["S0", "S1"]
    assert document.places[1].text == "Subject: S1\n\nBody 1"


def test_rtf_in_its_own_code_page(tmp_path: Path, read_text: ReadText) -> None:
    czech = "".join(
        f"\\'{byte:02x}" if byte > 127 else chr(byte) for byte in "Příliš žluťoučký kůň".encode("cp1250")
    )
    (tmp_path / "a.rtf").write_text(rf"{{\rtf1\ansi\ansicpg1250 {czech}\par}}")
    assert whole(read_text(tmp_path / "a.rtf")) == "Příliš žluťoučký kůň"


def test_json_and_source_code_keep_their_lines(tmp_path: Path, read_text: ReadText) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"town": "Zürich"}, indent=1))
    assert whole(read_text(tmp_path / "a.json")) == '{\n "town": "Zürich"\n}'
    (tmp_path / "a.py").write_text("def f():\n\treturn  1\n")
    document = read_text(tmp_path / "a.py")
    assert document.places[0].blocks[0].kind == "code"
    assert whole(document) == "def f():\n    return 1"


def test_xml_is_its_text_and_entities_are_refused(tmp_path: Path, read_text: ReadText, read: Reader) -> None:
    (tmp_path / "a.xml").write_text("<?xml version='1.0'?><a><b>One</b><c>Two</c></a>")
    assert whole(read_text(tmp_path / "a.xml")) == "One\nTwo"
    (tmp_path / "b.xml").write_text('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>')
    assert read(tmp_path / "b.xml").verdict == Verdict.unsupported


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Die Schlüssel für das Gebäude hängen über der Tür.", "cp1252"),
        ("Die Schlüssel für das Gebäude hängen über der Tür.", "utf-16"),
        ("Die Schlüssel für das Gebäude hängen über der Tür.", "utf-16-be"),
        ("Die Schlüssel für das Gebäude hängen über der Tür.", "utf-8-sig"),
        ("Ключ от архива лежит в третьем ящике слева.", "cp1251"),
        ("Ключ от архива лежит в третьем ящике слева.", "koi8_r"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy.", "cp1250"),
        ("Toplantı odasının anahtarı güvenlik görevlisinde, şifre değişti.", "cp1254"),
        ("המפתח של המחסן נמצא במגירה השנייה משמאל.", "cp1255"),
        ("倉庫の鍵は左から二番目の引き出しにあります。", "euc_jp"),
        ("倉庫の鍵は左から二番目の引き出しにあります。", "shift_jis"),
        ("仓库的钥匙在左边第二个抽屉里，会议改到星期二。", "gb18030"),
        ("倉庫的鑰匙在左邊第二個抽屜裡，會議改到星期二。", "big5"),
        ("창고 열쇠는 왼쪽에서 두 번째 서랍에 있습니다.", "cp949"),
    ],
)
def test_text_in_many_encodings(tmp_path: Path, read_text: ReadText, text: str, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert whole(read_text(tmp_path / "a.txt")) == text


def test_hard_wrapped_text_is_joined_and_verse_is_not(tmp_path: Path, read_text: ReadText) -> None:
    wrapped = (
        "This sentence was broken by an editor after about\nseventy characters, as mail programs like to do."
    )
    (tmp_path / "a.txt").write_text(wrapped + "\n\nRoses are red,\nviolets are blue.")
    assert (
        whole(read_text(tmp_path / "a.txt"))
        == wrapped.replace("\n", " ") + "\n\nRoses are red,\nviolets are blue."
    )
