"""PDF: its pages cannot be refilled, so a translation is a document of its own with both languages side by side."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from app.base.languages import language as known_language
from app.documents.document import Block, Document, ReadFailure, Verdict
from app.documents.language import has_letters
from app.documents.layout.literal import Literal, literal
from app.documents.layout.segment import Layout, Rebuilt, Segment, SegmentKind
from app.documents.limits import Limits
from app.documents.sentences import sentences

_SCAN = (
    "The file looks like a scan: it holds pictures of text, but no text, and only text can be translated:"
    " let a program for text recognition (OCR) save it with text first."
)
_KINDS: dict[str, SegmentKind] = {"heading": "heading", "table": "cell"}
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #777; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h2 { color: var(--quiet); font-size: .8rem; font-weight: 600; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; }
td { border-top: 1px solid var(--line); overflow-wrap: anywhere; padding: .5rem .75rem; vertical-align: top; width: 50%; }
td + td { border-inline-start: 1px solid var(--line); }
td.heading { font-size: 1.15rem; font-weight: 600; }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } h2 { break-after: avoid; } }
"""
_LONG = 600  # characters; more at once is more than small translation models take
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@dataclass(frozen=True, slots=True)
class _Paragraph:
    page: int
    kind: SegmentKind
    text: Literal


@dataclass(frozen=True, slots=True)
class _Row:
    """One paragraph of a page in both languages."""

    page: int
    kind: SegmentKind
    source: str
    target: str


def read(path: Path, limits: Limits) -> Layout:
    """The paragraphs page by page. Raises `ReadFailure`, also for a scan without text."""
    document = _document(path, limits)
    segments = (
        Segment(str(number), each.text.shown, each.kind, f"page {each.page}")
        for number, each in enumerate(_translated(document), 1)
    )
    return Layout(tuple(segments), "", document.remark)


def write(
    path: Path,
    out: Path,
    targets: Mapping[str, str],
    language: str,
    limits: Limits,
    *,
    force: bool = False,
) -> Rebuilt:
    """Source and translation side by side, as HTML where `out` ends so, else as a Word document.

    Raises `ReadFailure` as `read` does. Everything is written anew whether `force` or not.
    """
    document = _document(path, limits)
    rows = [
        _Row(each.page, each.kind, each.text.restored(each.text.shown), each.text.restored(target))
        for number, each in enumerate(_translated(document), 1)
        for target in (targets.get(str(number), each.text.shown),)
    ]
    title = document.title or path.stem.encode("utf-8", "replace").decode()
    if out.suffix.lower() == ".html":
        out.write_text(_as_html(title, rows, language), encoding="utf-8", newline="\n")
    else:
        _write_docx(out, title, rows, language)
    return Rebuilt((document.remark,) if document.remark else ())


def _document(path: Path, limits: Limits) -> Document:
    from app.documents.reading import read_document  # loads native code

    result = read_document(path, limits)
    if result.document is None:
        raise ReadFailure(result.verdict, result.reason)
    if not any(place.text for place in result.document.places):
        raise ReadFailure(Verdict.empty, _SCAN)
    return result.document


def _translated(document: Document) -> Iterator[_Paragraph]:
    for place in document.places:
        for block in place.blocks:
            for line in _lines(place.text, block):
                if has_letters(line):
                    yield _Paragraph(place.place.number, _KINDS.get(block.kind, "text"), literal(line))


def _lines(text: str, block: Block) -> Iterator[str]:
    """A block's lines, and long ones at the ends of sentences: a PDF may give a whole page as one block."""
    for line in text[block.start : block.end].split("\n"):
        start = end = 0
        for first, last in sentences(line):
            if last - start > _LONG and end > start:
                yield line[start:end].strip()
                start = first
            end = last
        if line[start:].strip():
            yield line[start:].strip()


def _pages(rows: Sequence[_Row]) -> Iterator[tuple[int, list[_Row]]]:
    for page, found in groupby(rows, attrgetter("page")):
        yield page, list(found)


def _rtl(code: str) -> bool:
    known = known_language(code)
    return known is not None and known.rtl


def _as_html(title: str, rows: Sequence[_Row], language: str) -> str:
    direction = "rtl" if _rtl(language) else "ltr"
    parts = [
        f'<!DOCTYPE html>\n<html lang="{html.escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1 dir="auto">{html.escape(title)}</h1>\n'
    ]
    for page, found in _pages(rows):
        parts.append(f'<h2 id="page-{page}">{page}</h2>\n<table>\n')
        for row in found:
            style = ' class="heading"' if row.kind == "heading" else ""
            parts.append(
                f'<tr><td{style} lang="" dir="auto">{html.escape(row.source)}</td>'
                f'<td{style} lang="{html.escape(language)}" dir="{direction}">{html.escape(row.target)}</td></tr>\n'
            )
        parts.append("</table>\n")
    return "".join((*parts, "</body>\n</html>\n"))


def _write_docx(out: Path, title: str, rows: Sequence[_Row], language: str) -> None:
    import docx
    import docx.shared
    from docx.oxml import parse_xml

    document = docx.Document()
    document.core_properties.title = _xml_text(title)[:255]
    document.core_properties.language = language
    for section in document.sections:  # two columns need the room
        section.left_margin = section.right_margin = docx.shared.Cm(1.5)
    end = document.element.body.sectPr
    for page, found in _pages(rows):
        end.addprevious(parse_xml(_page_heading(page)))
        end.addprevious(parse_xml(_table(found, language)))
    document.save(str(out))


def _page_heading(page: int) -> str:
    return (
        f'<w:p xmlns:w="{_WORD}"><w:pPr><w:pStyle w:val="Heading3"/><w:keepNext/></w:pPr>'
        f"<w:r><w:t>{page}</w:t></w:r></w:p>"
    )


def _table(rows: Sequence[_Row], language: str) -> str:
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>'
        for side in ("top", "bottom", "insideH", "insideV")
    )
    cells = "".join(
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{_cell(row.source, row.kind, '')}"
        f"{_cell(row.target, row.kind, language)}</w:tr>"
        for row in rows
    )
    return (
        f'<w:tbl xmlns:w="{_WORD}"><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{borders}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid><w:gridCol w:w="4500"/><w:gridCol w:w="4500"/></w:tblGrid>'
        f"{cells}</w:tbl>"
    )


def _cell(text: str, kind: SegmentKind, language: str) -> str:
    """A cell with one paragraph; the source's direction is seen from its letters."""
    rtl = _rtl(language) if language else _begins_rtl(text)
    paragraph = ('<w:pStyle w:val="Heading2"/>' if kind == "heading" else "") + ("<w:bidi/>" if rtl else "")
    run = ("<w:rtl/>" if rtl else "") + (_language(language, rtl=rtl) if language else "")
    return (
        '<w:tc><w:tcPr><w:tcW w:w="2500" w:type="pct"/></w:tcPr>'
        f"<w:p><w:pPr>{paragraph}</w:pPr><w:r><w:rPr>{run}</w:rPr>"
        f'<w:t xml:space="preserve">{html.escape(_xml_text(text))}</w:t></w:r></w:p></w:tc>'
    )


def _language(code: str, *, rtl: bool) -> str:
    return f'<w:lang w:{"bidi" if rtl else "val"}="{html.escape(code)}"/>'


def _begins_rtl(text: str) -> bool:
    """Whether the first letter is of a script that runs from right to left."""
    import unicodedata

    kinds = (unicodedata.bidirectional(each) for each in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def _xml_text(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(
        each
        for each in text
        if (each >= " " and not "\ud800" <= each <= "\udfff" and each not in "\ufffe\uffff") or each in "\t\n"
    )
