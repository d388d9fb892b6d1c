import zipfile
from pathlib import Path

from app.documents.layout.odf import read, write
from app.documents.limits import Limits

_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in {
        "office": "office", "text": "text", "style": "style", "table": "table", "draw": "drawing",
        "fo": "xsl-fo-compatible", "svg": "svg-compatible", "presentation": "presentation",
    }.items()
)  # fmt: skip
_LINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:o="http://openoffice.org/2009/office"'
_LOOKS = (
    '<style:style style:name="T1" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="T2" style:family="text"><style:text-properties o:rsid="00ab"/></style:style>'
    '<style:style style:name="T3" style:family="text"><style:text-properties fo:font-weight="bold" o:rsid="9"/></style:style>'
)
_STYLES = (
    f"<office:document-styles {_NAMES} {_LINK}><office:styles>"
    '<style:default-style style:family="paragraph"><style:paragraph-properties/>'
    '<style:text-properties fo:language="en" fo:country="GB"/></style:default-style></office:styles>'
    "<office:master-styles><style:master-page><style:footer><text:p>Page <text:page-number>1</text:page-number> of many"
    "</text:p></style:footer></style:master-page></office:master-styles></office:document-styles>"
)


def _file(folder: Path, body: str, kind: str = "text") -> Path:
    path = folder / {"text": "source.odt", "spreadsheet": "source.ods", "presentation": "source.odp"}[kind]
    content = (
        f"<office:document-content {_NAMES} {_LINK}><office:automatic-styles>{_LOOKS}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        container.writestr("content.xml", content)
        container.writestr("styles.xml", _STYLES)
    return path


def _texts(path: Path) -> list[tuple[str, str, str]]:
    return [(each.text, each.kind, each.place) for each in read(path, Limits()).segments]


def _written(path: Path, *texts: str, language: str = "de") -> tuple[str, str]:
    """content.xml and styles.xml with `texts` for the first segments."""
    out = path.with_name("out" + path.suffix)
    keys = [each.key for each in read(path, Limits()).segments]
    write(path, out, dict(zip(keys, texts, strict=False)), language, Limits())
    with zipfile.ZipFile(out) as container:
        return container.read("content.xml").decode(), container.read("styles.xml").decode()


def test_spans_links_blanks_and_notes(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        '<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h>Rules</text:h><text:p>\n  Take '
        '<text:span text:style-name="T1">two</text:span><text:span text:style-name="T3"> cups</text:span><text:s '
        'text:c="2"/>of <text:span text:style-name="T2">green</text:span> tea<text:note text:note-class="footnote">'
        "<text:note-citation>1</text:note-citation><text:note-body><text:p>From China</text:p></text:note-body>"
        '</text:note> <text:a xlink:href="https://example.org">now</text:a>.</text:p>',
    )  # fmt: skip
    assert _texts(path) == [
        ("Rules", "heading", ""),
        ("Take <g1>two cups</g1>  of green tea<x2> <g3>now</g3>.", "text", ""),
        ("From China", "note", "footnote"),
        ("Page <x1> of many", "text", "footer"),
    ]
    content, styles = _written(
        path, "Regeln", "<g3>Jetzt</g3>   <g1>zwei</g1> Tassen<x2>", "Aus China", "Seite <x1>"
    )
    assert (
        '<text:p><text:a xlink:href="https://example.org">Jetzt</text:a> <text:s text:c="2"/>'
        '<text:span text:style-name="T1">zwei</text:span> Tassen<text:note text:note-class="footnote">'
        in content
    )
    assert "<text:note-body><text:p>Aus China</text:p>" in content and "<text:p>gone</text:p>" in content
    assert "<text:p>Seite <text:page-number>1</text:page-number></text:p>" in styles
    assert 'fo:language="de" fo:country="none"' in styles


def test_cells_with_formulas_and_what_formulas_mention_stay(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        '<table:table table:name="Costs"><table:table-row><table:table-cell office:value-type="string"><text:p>Rent'
        '</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Yes</text:p></table:table-cell>'
        '<table:table-cell office:value-type="date"><text:p>5 May</text:p></table:table-cell><table:table-cell '
        'office:value-type="string" table:formula="of:=IF([.B1]=&quot;yes&quot;;&quot;a&quot;;&quot;b&quot;)"><text:p>paid'
        '</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Rent</text:p></table:table-cell>'
        "</table:table-row></table:table>",
        "spreadsheet",
    )  # fmt: skip
    assert _texts(path)[0] == ("Rent", "cell", "Costs")
    assert len(_texts(path)) == 2
    content, _ = _written(path, "Miete")
    assert content.count("<text:p>Miete</text:p>") == 2 and ">paid<" in content and ">Yes<" in content


def test_slides_and_a_target_from_right_to_left(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>Hello</text:p></draw:text-box></draw:frame>'
        "<draw:frame><draw:image/><svg:desc>A red door</svg:desc></draw:frame><presentation:notes><draw:frame><draw:text-box>"
        "<text:p>Smile</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>",
        "presentation",
    )  # fmt: skip
    assert _texts(path)[:3] == [
        ("Hello", "heading", "slide 1"),
        ("A red door", "alt", "slide 1"),
        ("Smile", "note", "slide 1, notes"),
    ]
    content, styles = _written(path, "سلام", language="fa")
    assert "<text:p>سلام</text:p>" in content
    assert 'style:language-complex="fa"' in styles and 'style:writing-mode="rl-tb"' in styles
