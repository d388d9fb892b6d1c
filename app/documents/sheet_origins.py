"""Where the cells of a spreadsheet really stand: kreuzberg's tables begin at the first cell that is filled.

A cell of spaces counts as filled, as it does in kreuzberg.

Only as much of each sheet is looked at as it takes to find that cell.
"""

import html
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from app.documents import filetype
from app.documents.containers import open_zip, read_member
from app.documents.document import ReadFailure
from app.documents.limits import MIB, Limits
from app.documents.old_office import XLS, workbook_stream

Cell = tuple[int, int]
"""Row and column, from 1."""

_LOOKED_AT = 8 * MIB  # of each sheet; one that is blank for longer is hardly a table
# each pattern stops at the next "<", so that broken files cost no more than their length
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^<>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^<>]*)>")
_ATTRIBUTE = re.compile(r'([\w:-]+)\s*=\s*"([^"]*)"')
_XLSX_TOKEN = re.compile(
    rb"<(?:\w+:)?(?:row\b(?P<row>[^<>]*)|c\b(?P<cell>[^<>]*)|(?:v|t)\b[^<>]*)>(?P<value>[^<])?"
)
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ODS_TABLE = re.compile(rb'<table:table\s[^<>]*?table:name="([^"]*)"')
_ODS_TOKEN = re.compile(
    rb"<table:table-row\b(?P<row>[^<>]*)>|<table:(?:covered-)?table-cell\b(?P<cell>[^<>]*)>"
    rb"|<(?P<aside>/?)office:annotation\b|(?P<text><text:s\b|(?<=>)\s*[^<\s])"
)
_ODS_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="(\d{1,9})"')
_ODS_VALUE = re.compile(rb'office:(?:value|date-value|time-value|boolean-value)="')

# records of BIFF12 (XLSB) and BIFF8 (XLS)
_BUNDLE_SHEET, _ROW, _FILLED = 156, 0, range(2, 12)
_BOUND_SHEET, _END = 0x0085, 0x000A
_FILLED_OLD = frozenset((0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E))


def first_cells(path: Path, media_type: str, limits: Limits) -> dict[str, Cell]:
    """The first filled cell of each sheet, top row first, by the sheet's name; sheets are missing where it is not found."""
    try:
        if media_type == XLS:
            return dict(_in_xls(path.read_bytes()))
        with open_zip(path, limits) as container:
            if media_type == filetype.ODS:
                return dict(_in_ods(read_member(container, "content.xml", limits)))
            return dict(
                _in_xlsb(container, limits) if media_type == filetype.XLSB else _in_xlsx(container, limits)
            )
    except (ReadFailure, ValueError, IndexError, struct.error):
        return {}  # the file is read all the same, only its cells are not named


def _in_xlsx(container: zipfile.ZipFile, limits: Limits) -> Iterator[tuple[str, Cell]]:
    parts = _parts(container, "xl/_rels/workbook.xml.rels", limits)
    workbook = read_member(container, "xl/workbook.xml", limits).decode("utf-8", "replace")
    for tag in _SHEET.findall(workbook):
        facts = dict(_ATTRIBUTE.findall(tag))
        part = next(
            (parts[value] for name, value in facts.items() if name.endswith(":id") and value in parts), ""
        )
        found = _first_in_xlsx(_beginning(container, part))
        if found is not None:
            yield html.unescape(facts.get("name", "")), found


def _first_in_xlsx(sheet: bytes) -> Cell | None:
    row = column = 0
    for token in _XLSX_TOKEN.finditer(sheet):
        tag = token["row"] if token["row"] is not None else token["cell"]
        if tag is None:
            if token["value"] and column:
                return row, column
            continue
        number = dict(_ATTRIBUTE.findall(tag.decode("latin-1"))).get("r", "")
        if token["row"] is not None:
            row, column = int(number or row + 1), 0
        elif at := _REFERENCE.fullmatch(number):
            row, column = int(at[2]), _column_number(at[1])
        else:
            column += 1
    return None


def _in_ods(content: bytes) -> Iterator[tuple[str, Cell]]:
    for table in _ODS_TABLE.finditer(content):
        end = content.find(b"</table:table>", table.end())
        found = _first_in_ods(content[table.end() : min(end, table.end() + _LOOKED_AT)])
        if found is not None:
            yield html.unescape(table[1].decode("utf-8", "replace")), found


def _first_in_ods(table: bytes) -> Cell | None:
    row, next_row, column, width = 0, 1, 0, 1
    is_aside = False
    for token in _ODS_TOKEN.finditer(table):
        tag = token["row"] if token["row"] is not None else token["cell"]
        if tag is not None:
            repeated = _ODS_REPEATED.search(tag)
            times = int(repeated[1]) if repeated else 1
            if token["row"] is not None:
                row, next_row, column, width = next_row, next_row + times, 0, 1
            else:
                column, width = column + width, times
                if _ODS_VALUE.search(tag):
                    return row, column
        elif token["aside"] is not None:
            is_aside = not token["aside"]
        elif column and not is_aside:
            return row, column
    return None


def _in_xlsb(container: zipfile.ZipFile, limits: Limits) -> Iterator[tuple[str, Cell]]:
    parts = _parts(container, "xl/_rels/workbook.bin.rels", limits)
    for kind, record in _records(read_member(container, "xl/workbook.bin", limits)):
        if kind != _BUNDLE_SHEET:
            continue
        relation, rest = _wide_text(record, 8)
        name, _ = _wide_text(record, rest)
        row = 0
        for inner, data in _records(_beginning(container, parts.get(relation, ""))):
            if inner == _ROW:
                row = int.from_bytes(data[:4], "little") + 1
            elif inner in _FILLED:
                yield name, (row, int.from_bytes(data[:4], "little") + 1)
                break


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, content) of each record of a BIFF12 stream."""
    at = 0
    while at < len(data):
        kind, at = _varint(data, at, 2)
        length, at = _varint(data, at, 4)
        yield kind, data[at : at + length]
        at += length


def _varint(data: bytes, at: int, most: int) -> tuple[int, int]:
    """The number at `at` and where it ends. Of a record's kind the marks of continuation are no part of the number."""
    value = 0
    for index in range(most):
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            break
    return value, at + index + 1


def _wide_text(data: bytes, at: int) -> tuple[str, int]:
    end = at + 4 + 2 * int.from_bytes(data[at : at + 4], "little")
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _in_xls(data: bytes) -> Iterator[tuple[str, Cell]]:
    stream = workbook_stream(data)
    for kind, at in _old_records(stream, 0):
        if kind == _BOUND_SHEET:
            begin, _, characters, wide = struct.unpack_from("<IHBB", stream, at)
            size = characters * (2 if wide & 1 else 1)
            name = stream[at + 8 : at + 8 + size].decode("utf-16-le" if wide & 1 else "latin-1", "replace")
            cell = next((where for each, where in _old_records(stream, begin) if each in _FILLED_OLD), None)
            if cell is not None:
                row, column = struct.unpack_from("<HH", stream, cell)
                yield name, (row + 1, column + 1)


def _old_records(stream: bytes, at: int) -> Iterator[tuple[int, int]]:
    """(kind, where its content begins) of each record up to the end of the sheet that begins at `at`."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _END:
            return
        yield kind, at + 4
        at += 4 + length


def _parts(container: zipfile.ZipFile, name: str, limits: Limits) -> dict[str, str]:
    """The file inside the container that each relation of the workbook means."""
    text = read_member(container, name, limits).decode("utf-8", "replace")
    relations = [dict(_ATTRIBUTE.findall(tag)) for tag in _RELATION.findall(text)]
    return {
        each.get("Id", ""): str(PurePosixPath("/xl", each.get("Target", ""))).lstrip("/")
        for each in relations
    }


def _beginning(container: zipfile.ZipFile, name: str) -> bytes:
    try:
        with container.open(name) as member:
            return member.read(_LOOKED_AT)
    except Exception:  # damaged in one of many ways, or not there
        return b""


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
