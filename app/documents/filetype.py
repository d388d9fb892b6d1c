"""What a file is, decided by its first bytes and only then by its name."""

import re
import zipfile
from pathlib import Path

from app.documents.containers import locked, open_zip, read_member, unsupported
from app.documents.document import ReadFailure, Verdict
from app.documents.limits import Limits
from app.documents.old_office import ole_type

HEAD = 4096  # bytes needed to tell

_ODF = "application/vnd.oasis.opendocument."
_OOXML = "application/vnd.openxmlformats-officedocument."
PDF = "application/pdf"
DOCX = _OOXML + "wordprocessingml.document"
PPTX = _OOXML + "presentationml.presentation"
XLSX = _OOXML + "spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
ODT, ODP, ODS = _ODF + "text", _ODF + "presentation", _ODF + "spreadsheet"
EPUB = "application/epub+zip"
RTF, HTML, XML = "application/rtf", "text/html", "application/xml"
EML, MBOX = "message/rfc822", "application/mbox"
MARKDOWN, CSV, JSON, CODE, TEXT = "text/markdown", "text/csv", "application/json", "text/x-code", "text/plain"
PICTURE = "image/*"

_PICTURES = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\0\0\0\x0cjP",
    b"8BPS",
    b"AT&TFORM",
)
_OTHERS = {
    b"7z\xbc\xaf\x27\x1c": "an archive",
    b"Rar!": "an archive",
    b"\x1f\x8b": "an archive",
    b"BZh": "an archive",
    b"\xfd7zXZ": "an archive",
    b"\x28\xb5\x2f\xfd": "an archive",
    b"\x1f\x9d": "an archive",
    b"!<arch>": "an archive",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
    b"GGUF": "a language model",
    b"OggS": "sound or film",
    b"ID3": "sound or film",
    b"RIFF": "sound or film",
    b"\x80\x02": "a data file of a program",
    b"\x80\x04": "a data file of a program",
    b"\x93NUMPY": "a data file of a program",
    b"ITSF": "a help file",
    b"\xe4\x52\x5c\x7b": "a OneNote notebook",
    b"\xffWPC": "a WordPerfect file",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = {"word/": DOCX, "ppt/": PPTX, "xl/": XLSX}
_IWORK = (".pages", ".numbers", ".key")
_ENCRYPTED = (".gpg", ".pgp", ".age")
_MAIL = re.compile(
    rb"(?:received|return-path|delivered-to|message-id|mime-version|from|to|subject|date|x-[\w-]+): ?[^\n]*\n"
    rb"(?:[ \t][^\n]*\n|[\w-]+:[^\n]*\n){2,}",
    re.IGNORECASE,
)
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_SUFFIXES = {
    ".md": MARKDOWN, ".markdown": MARKDOWN, ".csv": CSV, ".tsv": CSV, ".psv": CSV,
    ".json": JSON, ".jsonl": JSON,
    ".xml": XML, ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".eml": EML, ".mht": EML, ".mhtml": EML,
    ".mbox": MBOX,
}  # fmt: skip
_CODE_SUFFIXES = frozenset(
    ".py .pyi .js .mjs .ts .tsx .jsx .java .kt .c .h .cc .cpp .hpp .cs .go .rs .rb .php .pl .lua .r .jl"
    " .swift .scala .sh .bash .zsh .fish .ps1 .bat .cmd .sql .css .scss .less .vue .svelte .toml .yaml .yml"
    " .ini .cfg .conf .env .properties .gradle .cmake .mk .tex .bib .diff .patch .proto .graphql .tf"
    " .dockerfile".split()
)


def media_type(path: Path, head: bytes, limits: Limits) -> str:
    """One of this module's constants for the file at `path` that begins with `head`; TEXT as a last guess.

    Raises `ReadFailure` for what is recognised and cannot be read.
    """
    found = head.find(b"%PDF-", 0, 1024)
    if found >= 0:
        return PDF
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zip_type(path, limits)
    if head.startswith(_OLE):
        return ole_type(path)
    if head.startswith(_PICTURES) or head[4:12] in (b"ftypavif", b"ftypheic", b"ftypmif1"):
        return PICTURE
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return PICTURE
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise unsupported(what)
    if head[257:262] == b"ustar":
        raise unsupported("an archive")
    if path.suffix.lower() in _ENCRYPTED:
        raise locked()
    return _text_type(path.suffix.lower(), head)


def _text_type(suffix: str, head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{\\rtf"):
        return RTF
    if _HTML.match(start):
        return HTML
    if is_mailbox(start):
        return MBOX
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if start.startswith(b"<?xml"):
        return HTML if b"<html" in start else XML
    if _MAIL.match(start) and suffix in ("", ".txt"):
        return EML
    return CODE if suffix in _CODE_SUFFIXES else TEXT


def is_mailbox(head: bytes) -> bool:
    """Whether a file that begins with `head` is a Unix mailbox."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"From ") and b"\n" in start and b":" in start.split(b"\n", 2)[1]


def is_document(container: zipfile.ZipFile, path: Path) -> bool:
    """Whether a zip container at `path` is one document (an Office file, a book) and no archive of several."""
    names = container.namelist()
    if path.suffix.lower() in _IWORK or any(name.endswith(".iwa") for name in names):
        return True
    if any(name in names for name in ("META-INF/container.xml", "[Content_Types].xml", "word/document.xml")):
        return True
    if names[:1] != ["mimetype"]:
        return False
    try:
        with container.open("mimetype") as member:
            kind = member.read(100).decode("latin-1").strip()
    except Exception:  # damaged in one of many ways, or locked
        return False
    return kind == EPUB or kind.startswith(_ODF)


def _zip_type(path: Path, limits: Limits) -> str:
    with open_zip(path, limits) as container:
        names = container.namelist()
        kind = read_member(container, "mimetype", limits)[:100].decode("latin-1").strip()
        if "META-INF/container.xml" in names or kind == EPUB:
            return EPUB
        if kind.startswith(_ODF):
            return _odf_type(container, kind.removesuffix("-template"), limits)
        if "[Content_Types].xml" in names or "word/document.xml" in names:
            return _ooxml_type(names)
    iwork = path.suffix.lower() in _IWORK or any(name.endswith(".iwa") for name in names)
    raise unsupported("an Apple iWork file" if iwork else "an archive")


def _odf_type(container: zipfile.ZipFile, kind: str, limits: Limits) -> str:
    if b"encryption-data" in read_member(container, "META-INF/manifest.xml", limits):
        raise locked()
    if kind not in (ODT, ODP, ODS):
        raise unsupported("an OpenDocument file of a kind without text")
    return kind


def _ooxml_type(names: list[str]) -> str:
    if "xl/workbook.bin" in names:
        return XLSB
    for name in names:
        for folder, kind in _PARTS.items():
            if name.startswith(folder):
                return kind
    raise ReadFailure(Verdict.damaged, "The file lacks its main part; try to get it again.")
