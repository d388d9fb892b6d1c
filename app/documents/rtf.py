"""Prepares RTF for kreuzberg, which takes every old code page for the Western European one."""

import codecs
import re

from app.documents.document import ReadFailure, Verdict

_CODE_PAGE = re.compile(rb"\\ansicpg(\d{3,5})")
_CHARSET = re.compile(rb"\\fcharset(\d{1,3})")
_SKIPPED = re.compile(rb"\\uc(\d)")
_BINARY = re.compile(rb"\\bin(\d{1,20})")
_ESCAPES = re.compile(rb"(?:\\'[0-9a-fA-F]{2})+")
_OF_CHARSET = {
    b"128": "cp932",
    b"129": "cp949",
    b"134": "gb18030",
    b"136": "big5",
    b"161": "cp1253",
    b"162": "cp1254",
    b"177": "cp1255",
    b"178": "cp1256",
    b"186": "cp1257",
    b"204": "cp1251",
    b"222": "cp874",
    b"238": "cp1250",
}


def with_unicode(data: bytes) -> bytes:
    """`data` with the bytes of another code page than Windows-1252 spelled as Unicode.

    Raises `ReadFailure` for one that claims more binary data than it holds: kreuzberg would count it all.
    """
    if any(int(found[1]) > len(data) - found.end() for found in _BINARY.finditer(data)):
        raise ReadFailure(Verdict.damaged, "The file is incomplete or damaged; try to get it again.")
    code_page = _code_page(data)
    if code_page == "cp1252":
        return data
    skipped = _SKIPPED.search(data)
    # what follows a \\u for readers that do not know Unicode; a blank only ends the control word
    substitute = b" " if skipped and skipped.group(1) == b"0" else b"?"
    return _ESCAPES.sub(lambda found: _spelled(found.group(), code_page, substitute), data)


def _code_page(data: bytes) -> str:
    declared = _CODE_PAGE.search(data)
    if declared and declared.group(1) != b"1252":
        name = f"cp{declared.group(1).decode()}"
        try:
            codecs.lookup(name)
        except LookupError:
            return "cp1252"
        return name
    charsets = [found for found in _CHARSET.findall(data) if found in _OF_CHARSET]
    return _OF_CHARSET[max(charsets, key=charsets.count)] if charsets else "cp1252"


def _spelled(escapes: bytes, code_page: str, substitute: bytes) -> bytes:
    text = bytes.fromhex(escapes.replace(b"\\'", b"").decode()).decode(code_page, "replace")
    units = text.encode("utf-16-le")
    numbers = (int.from_bytes(units[i : i + 2], "little", signed=True) for i in range(0, len(units), 2))
    return b"".join(b"\\u%d%s" % (number, substitute) for number in numbers)
