"""Writers of the sample documents that are text or zipped XML: ODT, EPUB, RTF, HTML, EML, CSV."""

import csv
import io
import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from xml.sax.saxutils import escape

from sample_source import Block, Source, packed, to_xhtml

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ODF_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}"'
    for prefix, name in {
        "office": "office:1.0",
        "text": "text:1.0",
        "table": "table:1.0",
        "style": "style:1.0",
        "meta": "meta:1.0",
        "fo": "xsl-fo-compatible:1.0",
    }.items()
)
_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
_STYLE_SHEET = (
    "body { font-family: Georgia, serif; line-height: 1.5; max-width: 42em; margin: 2em auto; padding: 0 1em; }\n"
    "h1, h2 { font-family: sans-serif; color: #1f3a4d; }\n"
    "table { border-collapse: collapse; }\n"
    "td, th { border: 1px solid #c8d2da; padding: 0.3em 0.6em; text-align: left; }\n"
)


def verbatim(source: Source) -> bytes:
    """The text of the source, unchanged: Markdown, plain text or JSON."""
    return source.body.encode()


def html(source: Source) -> bytes:
    """An HTML page with its own style sheet."""
    page = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(source.title)}</title>\n'
        f'<meta name="author" content="{escape(source.author)}">\n<style>\n{_STYLE_SHEET}</style>\n</head>\n'
        f"<body>\n<main>\n{to_xhtml(source.body)}</main>\n</body>\n</html>\n"
    )
    return page.encode()


def table_as_csv(source: Source) -> bytes:
    """The source's only table, with commas."""
    target = io.StringIO(newline="")
    rows = next(block.rows for block in source.blocks if block.kind == "table")
    csv.writer(target, lineterminator="\r\n").writerows(rows)
    return target.getvalue().encode()


def mail(source: Source) -> bytes:
    """A plain e-mail."""
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(source.written)
    message["From"] = source.author
    message["To"] = source.properties["to"]
    message["Cc"] = source.properties["cc"]
    message["Subject"] = source.title
    message["Message-ID"] = source.properties["message_id"]
    message.set_content(source.body)
    return message.as_bytes()


def rich_text(source: Source) -> bytes:
    """An RTF file with headings in bold."""
    parts = [
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman Times New Roman;}}",
        rf"{{\info{{\title {_rtf(source.title)}}}{{\author {_rtf(source.author)}}}"
        rf"{{\subject {_rtf(source.subject)}}}}}",
        r"\paperw11906\paperh16838\margl1440\margr1440\margt1440\margb1440\f0\fs22",
    ]
    for block in source.blocks:
        text = _rtf(block.text)
        if block.kind == "heading":
            size = 34 - 5 * (block.level - 1)
            parts.append(rf"{{\pard\keepn\sb240\sa120\outlinelevel{block.level - 1}\b\fs{size} {text}\par}}")
        elif block.kind == "number":
            parts.append(rf"{{\pard\li360\fi-360\sa80 {text}\par}}")
        else:
            parts.append(rf"{{\pard\sa140 {text}\par}}")
    return ("\n".join(parts) + "\n}\n").encode("ascii")


def _rtf(text: str) -> str:
    escaped = re.sub(r"([\\{}])", r"\\\1", text)
    return "".join(sign if ord(sign) < 128 else rf"\u{ord(sign)}?" for sign in escaped)


def open_document(source: Source) -> bytes:
    """An ODT file with headings, lists and tables."""
    stamp = source.written.strftime("%Y-%m-%dT%H:%M:%S")
    body = "".join(_odf(block, number) for number, block in enumerate(source.blocks))
    content = (
        f'{_XML}<office:document-content {_ODF_NAMES} office:version="1.3"><office:automatic-styles/>'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    headings = "".join(
        f'<style:style style:name="Heading_20_{level}" style:display-name="Heading {level}" style:family="paragraph"'
        f' style:default-outline-level="{level}"><style:paragraph-properties fo:margin-top="0.4cm"'
        f' fo:margin-bottom="0.2cm"/><style:text-properties fo:font-size="{size}pt" fo:font-weight="bold"/>'
        "</style:style>"
        for level, size in ((1, 20), (2, 14), (3, 12))
    )
    styles = (
        f'{_XML}<office:document-styles {_ODF_NAMES} office:version="1.3"><office:styles>'
        '<style:style style:name="Text_20_body" style:display-name="Text body" style:family="paragraph">'
        f'<style:paragraph-properties fo:margin-bottom="0.25cm"/></style:style>{headings}'
        "</office:styles></office:document-styles>"
    )
    meta = (
        f'{_XML}<office:document-meta {_ODF_NAMES} {_DC} office:version="1.3"><office:meta>'
        f"<dc:title>{escape(source.title)}</dc:title><dc:subject>{escape(source.subject)}</dc:subject>"
        f"<meta:initial-creator>{escape(source.author)}</meta:initial-creator>"
        f"<dc:creator>{escape(source.author)}</dc:creator>"
        f"<meta:creation-date>{stamp}</meta:creation-date><dc:date>{stamp}</dc:date>"
        "</office:meta></office:document-meta>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    files = {"content.xml": content, "styles.xml": styles, "meta.xml": meta}
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>' for name in files
    )
    manifest = (
        f'{_XML}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
        f' manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        f"{entries}</manifest:manifest>"
    )
    members = {"mimetype": kind, **files, "META-INF/manifest.xml": manifest}
    return packed((name, text.encode()) for name, text in members.items())


def _odf(block: Block, number: int) -> str:
    text = escape(block.text)
    if block.kind == "heading":
        return f'<text:h text:style-name="Heading_20_{block.level}" text:outline-level="{block.level}">{text}</text:h>'
    if block.kind == "bullet":
        return f"<text:list><text:list-item><text:p>{text}</text:p></text:list-item></text:list>"
    if block.kind == "table":
        rows = "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
                for cell in row
            )
            + "</table:table-row>"
            for row in block.rows
        )
        columns = f'<table:table-column table:number-columns-repeated="{len(block.rows[0])}"/>'
        return f'<table:table table:name="Table{number}">{columns}{rows}</table:table>'
    return f'<text:p text:style-name="Text_20_body">{text}</text:p>'


def book(source: Source) -> bytes:
    """An EPUB; each heading of the second level begins a chapter."""
    chapters = re.split(r"^(?=## )", source.body, flags=re.MULTILINE)
    files = {f"chapter{number:02}.xhtml": chapter for number, chapter in enumerate(chapters)}
    names = {name: re.sub(r"\A#+ ", "", text.strip()).split("\n")[0] for name, text in files.items()}
    pages = {f"EPUB/{name}": _page(names[name], to_xhtml(text)) for name, text in files.items()}
    links = "".join(f'<li><a href="{name}">{escape(names[name])}</a></li>' for name in files)
    nav = _page("Contents", f'<nav epub:type="toc"><h1>Contents</h1><ol>{links}</ol></nav>')
    items = "".join(
        f'<item id="{name[:-6]}" href="{name}" media-type="application/xhtml+xml"/>' for name in files
    )
    order = "".join(f'<itemref idref="{name[:-6]}"/>' for name in files)
    stamp = source.written.strftime("%Y-%m-%dT%H:%M:%SZ")
    package = (
        f'{_XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        f'<metadata {_DC}><dc:identifier id="id">urn:x-alcove-sample:{source.name}</dc:identifier>'
        f"<dc:title>{escape(source.title)}</dc:title><dc:creator>{escape(source.author)}</dc:creator>"
        f'<dc:language>en</dc:language><meta property="dcterms:modified">{stamp}</meta></metadata>'
        '<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f"{items}</manifest><spine>{order}</spine></package>"
    )
    container = (
        f'{_XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "EPUB/package.opf": package,
        "EPUB/nav.xhtml": nav,
        **pages,
    }
    return packed((name, text.encode()) for name, text in members.items())


def _page(title: str, body: str) -> str:
    return (
        f'{_XML}<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"'
        f' xmlns:epub="http://www.idpf.org/2007/ops" lang="en"><head><title>{escape(title)}</title></head>'
        f"<body>\n{body}</body></html>\n"
    )
