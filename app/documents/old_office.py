"""Tells the Office files from before 2007 apart and whether they are encrypted.

All of them are OLE containers: small file systems whose directory names each stream in UTF-16.
"""

import re
import struct
from collections.abc import Iterator, Sequence
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
_NO_SECTOR = 0xFFFFFFFA
_ENTRY = 128  # bytes of one entry of the directory
_SMALL_SECTOR = 64


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


def workbook_stream(data: bytes) -> bytes:
    """The stream of an XLS that holds its cells, put together from its sectors; b"" where there is none.

    Raises `ValueError` or `struct.error` when the container is broken.
    """
    size = 1 << min(struct.unpack_from("<H", data, 30)[0], 16)
    directory, cutoff, small = struct.unpack_from("<I4xII", data, 48)
    table = _allocation(data, size)

    def stream(first: int, length: int) -> bytes:
        return b"".join(data[(each + 1) * size : (each + 2) * size] for each in _chain(table, first))[:length]

    entries = stream(directory, len(data))
    for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
        name = entries[at : at + max(struct.unpack_from("<H", entries, at + 64)[0] - 2, 0)]
        if name.decode("utf-16-le", "replace").lower() not in ("workbook", "book"):
            continue
        first, length = struct.unpack_from("<II", entries, at + 116)
        if length >= cutoff:
            return stream(first, length)
        # short streams share one that the root entry leads to, in sectors of their own
        shared, listed = stream(*struct.unpack_from("<II", entries, 116)), stream(small, len(data))
        chain = _chain(struct.unpack(f"<{len(listed) // 4}I", listed), first)
        return b"".join(shared[each * _SMALL_SECTOR : (each + 1) * _SMALL_SECTOR] for each in chain)[:length]
    return b""


def _allocation(data: bytes, size: int) -> list[int]:
    """For each sector the one that follows it in its stream."""
    sectors = list(struct.unpack_from("<109I", data, 76))
    (more,) = struct.unpack_from("<I", data, 68)
    seen: set[int] = set()
    while more < _NO_SECTOR and more not in seen:
        seen.add(more)
        *listed, more = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        sectors += listed
    table: list[int] = []
    for sector in sectors:
        if sector < _NO_SECTOR and len(table) * size < len(data):  # a hostile file lists one again and again
            table += struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    return table


def _chain(table: Sequence[int], sector: int) -> Iterator[int]:
    """The sectors of a stream, in order; a chain that bites its tail ends."""
    for _ in table:
        if sector >= len(table):
            return
        yield sector
        sector = table[sector]
