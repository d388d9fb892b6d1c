"""One short function for each kind of file: from its bytes to places. Runs only in the reader process."""

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from app.documents import extraction, filetype, rtf
from app.documents.building import Part, Piece, place_text, places, sections, text_pieces
from app.documents.containers import open_zip, parse_xml, read_member
from app.documents.decoding import decode
from app.documents.document import Place, PlaceText, ReadFailure, Verdict
from app.documents.epub import epub_chapters
from app.documents.html_text import declared_charset, html_pieces
from app.documents.limits import Limits
from app.documents.mail import mailbox_parts, message_pieces
from app.documents.old_office import DOC, MSG, PPT, XLS
from app.documents.page_check import is_legible, scanned_pages
from app.documents.sheet_origins import first_cells
from app.documents.slides import odp_slides, pptx_slides
from app.documents.tables import csv_pieces

Text = tuple[str, tuple[PlaceText, ...], str]  # title, places, remark: why only part was read
Reader = Callable[[Path, str, Limits], Text]

_HIDDEN_SHEET = re.compile(r'<sheet\b[^>]*\bstate="(?:hidden|veryHidden)"[^>]*>')
_SHEET_NAME = re.compile(r'\bname="([^"]*)"')
_RUN = re.compile(rb"(?=<w:r[ >])")
_UNSEEN_RUN = re.compile(rb'<w:vanish ?/>|<w:sz w:val="[1-4]" ?/>')  # hidden, or at most two points high
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_UNICODE_ESCAPE = re.compile(r"\\u(?!d[89a-f])([0-9a-f]{4})", re.IGNORECASE)


def _pdf(path: Path, _: str, __: Limits) -> Text:
    title, parts = extraction.pdf_pages(path.read_bytes())
    scans = scanned_pages(
        path, {part.number: "\n".join(piece.text for piece in part.pieces) for part in parts}
    )
    built = [_page(part, is_scan=part.number in scans) for part in parts]
    found = tuple(page for page in built if page.text or page.state == "scan")
    remark = ""
    if found and len(found) * 2 < len(parts):
        remark = f"Only {len(found)} of {len(parts)} pages hold text; the others are blank."
    return title, found, remark


def _page(part: Part, *, is_scan: bool) -> PlaceText:
    """What a scan says besides, such as a stamp, can be searched until it is recognised; unless it is in codes."""
    page = place_text(Place("page", part.number), part.pieces)
    if not is_scan:
        return page
    return replace(page, state="scan") if is_legible(page.text) else _scan(part.number)


def _image(path: Path, _: str, limits: Limits) -> Text:
    from app.documents.page_pictures import frames  # decoders of pictures are of no use to other files

    return "", tuple(_scan(number + 1) for number in range(frames(path, limits))), ""


def _scan(number: int) -> PlaceText:
    """A page whose text has yet to be recognised."""
    return PlaceText(Place("page", number), "", (), "scan", 0.0)


def _flowing(path: Path, media_type: str, _: Limits) -> Text:
    title, pieces = extraction.flowing_pieces(path.read_bytes(), media_type)
    return title, sections(pieces), ""


def _docx(path: Path, media_type: str, limits: Limits) -> Text:
    title, pieces = extraction.flowing_pieces(_without_hidden_text(path, limits), media_type)
    return title, sections(pieces), ""


def _without_hidden_text(path: Path, limits: Limits) -> bytes:
    """The DOCX without runs that no reader of the document can see."""
    with open_zip(path, limits) as container:
        body = read_member(container, "word/document.xml", limits)
        if not _UNSEEN_RUN.search(body):
            return path.read_bytes()
        seen = b"".join(
            run.partition(b"</w:r>")[2] if _UNSEEN_RUN.search(run.partition(b"</w:r>")[0]) else run
            for run in _RUN.split(body)
        )
        rebuilt = io.BytesIO()
        with zipfile.ZipFile(rebuilt, "w") as copy:
            for name in dict.fromkeys(container.namelist()):
                data = seen if name == "word/document.xml" else read_member(container, name, limits)
                copy.writestr(name, data)
    return rebuilt.getvalue()


def _rtf(path: Path, media_type: str, _: Limits) -> Text:
    title, pieces = extraction.flowing_pieces(rtf.with_unicode(path.read_bytes()), media_type)
    return title, sections(pieces), ""


def _markdown(path: Path, media_type: str, _: Limits) -> Text:
    title, pieces = extraction.flowing_pieces(_text_of(path).encode("utf-8", "replace"), media_type)
    return title, sections(pieces), ""


def _slides(path: Path, media_type: str, limits: Limits) -> Text:
    with open_zip(path, limits) as container:
        if media_type == filetype.PPTX:
            parts = pptx_slides(container, limits)
        else:
            parts = odp_slides(read_member(container, "content.xml", limits))
    return "", places("slide", parts), ""


def _old_slides(path: Path, _: str, __: Limits) -> Text:
    title, parts = extraction.old_slides(path.read_bytes())
    return title, places("slide", parts), ""


def _sheets(path: Path, media_type: str, limits: Limits) -> Text:
    hidden: frozenset[str] = frozenset()
    if media_type == filetype.XLSX:
        with open_zip(path, limits) as container:
            hidden = _hidden_sheets(read_member(container, "xl/workbook.xml", limits))
    first = first_cells(path, media_type, limits)
    title, parts, remark = extraction.sheets(path.read_bytes(), media_type, hidden, first, limits)
    return title, places("sheet", parts), remark


def _hidden_sheets(workbook: bytes) -> frozenset[str]:
    tags = _HIDDEN_SHEET.findall(workbook.decode("utf-8", "replace"))
    return frozenset(html.unescape(name) for tag in tags for name in _SHEET_NAME.findall(tag))


def _epub(path: Path, _: str, limits: Limits) -> Text:
    with open_zip(path, limits) as container:
        title, parts = epub_chapters(container, limits)
    return title, places("chapter", parts), ""


def _mail(path: Path, _: str, __: Limits) -> Text:
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:100]:
        data = (decode(data) or "").encode()
    title, pieces = message_pieces(data)
    return title, _one_place(pieces), ""


def _mailbox(path: Path, _: str, __: Limits) -> Text:
    return "", places("section", mailbox_parts(path.read_bytes())), ""


def _html(path: Path, _: str, __: Limits) -> Text:
    data = path.read_bytes()
    title, pieces = html_pieces(_declared(data) or _text_of(path))
    return title, sections(pieces), ""


def _declared(data: bytes) -> str:
    """The text in the encoding that the page names, "" when it names none or the wrong one."""
    charset = declared_charset(data)
    try:
        return data.decode(charset) if charset and not charset.startswith("utf-16") else ""
    except (LookupError, ValueError):
        return ""


def _xml(path: Path, _: str, __: Limits) -> Text:
    text = _declared(path.read_bytes()) or _text_of(path)
    try:
        # the declaration may name another encoding than the one just found
        texts = [each.strip() for each in parse_xml(_DECLARATION.sub("", text).encode()).itertext()]
    except ReadFailure as failure:
        if failure.verdict is not Verdict.damaged:
            raise
        return "", _one_place([Piece("code", text)]), ""
    return "", _one_place([Piece("text", "\n".join(filter(None, texts)))]), ""


def _csv(path: Path, _: str, __: Limits) -> Text:
    return "", _one_place(csv_pieces(_text_of(path))), ""


def _json(path: Path, _: str, __: Limits) -> Text:
    text = _UNICODE_ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), _text_of(path))
    return "", _one_place([Piece("code", text)]), ""


def _code(path: Path, _: str, __: Limits) -> Text:
    return "", _one_place([Piece("code", _text_of(path))]), ""


def _plain(path: Path, _: str, __: Limits) -> Text:
    return "", _one_place(text_pieces(_text_of(path))), ""


def _one_place(pieces: Iterable[Piece]) -> tuple[PlaceText, ...]:
    return places("document", [Part(1, "", list(pieces))])


def _text_of(path: Path) -> str:
    """The decoded file. Raises `ReadFailure` when it is no text."""
    text = decode(path.read_bytes())
    if text is None:
        raise ReadFailure(Verdict.unsupported, "This is not a kind of file that Alcove reads.")
    return text


READERS: dict[str, Reader] = {
    filetype.PDF: _pdf,
    filetype.PICTURE: _image,
    filetype.DOCX: _docx,
    DOC: _flowing,
    filetype.ODT: _flowing,
    MSG: _flowing,
    filetype.RTF: _rtf,
    filetype.MARKDOWN: _markdown,
    filetype.PPTX: _slides,
    filetype.ODP: _slides,
    PPT: _old_slides,
    filetype.XLSX: _sheets,
    filetype.XLSB: _sheets,
    XLS: _sheets,
    filetype.ODS: _sheets,
    filetype.EPUB: _epub,
    filetype.EML: _mail,
    filetype.MBOX: _mailbox,
    filetype.HTML: _html,
    filetype.XML: _xml,
    filetype.CSV: _csv,
    filetype.JSON: _json,
    filetype.CODE: _code,
    filetype.TEXT: _plain,
}
