"""Tells the Office files from before 2007 apart and whether they are encrypted.

All of them are OLE containers: small file systems whose directory names each stream in UTF-16.
"""

import re
import struct
from pathlib import Path

from app.documents.containers import locked, unsupported

DOC, PPT, XLS = "application/msword", "application/vnd.ms-powerpoint", "application/vnd.ms-excel"
MSG = "application/vnd.ms-outlook"

_SECTOR = 512
_STREAMS = {
    "__properties_version1.0": MSG,
    "WordDocument": DOC,
    "PowerPoint Document": PPT,
    "Workbook": XLS,
    "Book": XLS,
}
_SUFFIXES = {".msg": MSG, ".doc": DOC, ".dot": DOC, ".ppt": PPT, ".pps": PPT, ".xls": XLS, ".xlt": XLS}
_ENCRYPTED_STREAMS = ("EncryptedPackage", "EncryptedSummary", "\x09DRMContent")
_ENCRYPTED_SLIDES = b"\xdf\xc4\xd1\xf3"  # header token of the "Current User" stream
_WORD_START = re.compile(rb"\xec\xa5")
_WORD_ENCRYPTED = 0x0100
_SHEET_START = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")
_FILEPASS = 0x002F
_RECORDS_LOOKED_AT = 20


def ole_type(path: Path) -> str:
    """DOC, PPT, XLS or MSG. Raises `ReadFailure`: locked, or unsupported for all other OLE containers."""
    data = path.read_bytes()

    def has(name: str) -> bool:
        return any(each.encode("utf-16-le") + b"\0\0" in data for each in (name, name.upper()))

    if any(map(has, _ENCRYPTED_STREAMS)):
        raise locked()
    kinds = [kind for stream, kind in _STREAMS.items() if has(stream)]
    if not kinds:
        raise unsupported("an old file of a program")
    # a document can hold others; then its name tells which is the outer one
    named = _SUFFIXES.get(path.suffix.lower(), "")
    kind = named if named in kinds else kinds[0]
    if kind == DOC and _is_encrypted_word(data):
        raise locked()
    if kind == XLS and _is_encrypted_sheet(data):
        raise locked()
    if kind == PPT and _ENCRYPTED_SLIDES in data:
        raise locked()
    return kind


def _is_encrypted_word(data: bytes) -> bool:
    starts = (found.start() for found in _WORD_START.finditer(data) if found.start() % _SECTOR == 0)
    start = next(starts, None)
    return start is not None and bool(
        int.from_bytes(data[start + 10 : start + 12], "little") & _WORD_ENCRYPTED
    )


def _is_encrypted_sheet(data: bytes) -> bool:
    """Whether the workbook stream's first records include the one that names its encryption."""
    found = _SHEET_START.search(data)
    position = found.start() if found else len(data)
    for _ in range(_RECORDS_LOOKED_AT):
        if position + 4 > len(data):
            return False
        record, length = struct.unpack_from("<HH", data, position)
        if record == _FILEPASS:
            return True
        position += 4 + length
    return False
