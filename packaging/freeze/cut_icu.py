"""Cuts the data of ICU down to what Qt asks it for.

    python cut_icu.py FOLDER

In FOLDER only Qt's core is linked with ICU (`main` looks, and fails otherwise). It sorts, changes case, converts texts
of old encodings and asks what a time zone is called; languages, currencies, units, numbers in words, transliteration
and where words of Thai end are for others. Whole trees go, with their roots, so that ICU answers with an error and not
with something half right: Qt then has no long name for a time zone, and Alcove shows none.
"""

import re
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bundle import exchange, told

_TREES = frozenset({"brkitr", "curr", "lang", "rbnf", "region", "translit", "unit", "zone"})
_LOCALE = re.compile(r"(root|(?!res_index\.)[a-z]{2,3}(_\w+)?)\.res")
_ALIGNMENT = 16
_MAGIC = b"\xda\x27"
_KIND = b"CmnD"

Item = tuple[str, bytes]


def is_kept(name: str) -> bool:
    """`name`: of an item, as "icudt73l/coll/de.res"."""
    tree, _, last = name.partition("/")[2].rpartition("/")
    if tree:
        return tree not in _TREES
    # in the main tree lie words and formats of each language, for which Qt has tables of its own
    return not _LOCALE.fullmatch(last) and not last.endswith(".spp")


def unpacked(data: bytes) -> tuple[bytes, list[Item]]:
    """The header and the items, by name, of ICU's common data. Raises `ValueError` when it is something else."""
    if data[2:4] != _MAGIC or data[12:16] != _KIND:
        raise ValueError("this is no common data of ICU")
    size = struct.unpack_from("<H", data)[0]
    body = data[size:]
    count = struct.unpack_from("<I", body)[0]
    places = [struct.unpack_from("<II", body, 4 + 8 * each) for each in range(count)]
    names = [body[place : body.index(b"\0", place)].decode() for place, _ in places]
    starts = [start for _, start in places]
    ends = [*starts[1:], len(body)]
    return data[:size], [
        (name, body[start:end]) for name, start, end in zip(names, starts, ends, strict=True)
    ]


def packed(header: bytes, items: Iterable[Item]) -> bytes:
    """Undoes `unpacked`; `items` in the order of their names, which ICU halves to find one."""
    items = list(items)
    names = b"".join(name.encode() + b"\0" for name, _ in items)
    before = 4 + 8 * len(items)
    start = _aligned(before + len(names))
    table, contents = bytearray(struct.pack("<I", len(items))), bytearray()
    place = before
    for name, content in items:
        table += struct.pack("<II", place, start + len(contents))
        place += len(name.encode()) + 1
        contents += content.ljust(_aligned(len(content)), b"\0")
    return header + (bytes(table) + names).ljust(start, b"\0") + bytes(contents)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def cut(library: Path) -> int:
    """Replace `library`, which holds nothing but the data; returns the bytes saved. Raises `CalledProcessError`, `ValueError`."""
    before = library.stat().st_size
    symbol, start, size = _symbol(library)
    header, items = unpacked(library.read_bytes()[start : start + size])
    with tempfile.TemporaryDirectory() as folder:
        data, source, made = Path(folder, "data"), Path(folder, "data.s"), Path(folder, library.name)
        data.write_bytes(packed(header, (each for each in items if is_kept(each[0]))))
        source.write_text(
            f'.section .rodata\n.balign 16\n.globl {symbol}\n.type {symbol}, @object\n{symbol}:\n.incbin "{data}"\n'
            f'.size {symbol}, . - {symbol}\n.section .note.GNU-stack, "", @progbits\n'
        )
        command = ["gcc", "-shared", "-nostdlib", "-s", f"-Wl,-soname,{library.name}", "-o", made, source]
        subprocess.run(command, check=True)
        exchange(library, made)
    return before - library.stat().st_size


def _symbol(library: Path) -> tuple[str, int, int]:
    """Name, place in the file and size of the one thing in `library`."""
    symbols = told("readelf", "-W", "--dyn-syms", library)
    ((address, size, section, symbol),) = re.findall(
        r": (\w+) +(\w+) OBJECT +GLOBAL +DEFAULT +(\d+) (\w+)", symbols
    )
    headers = told("readelf", "-WS", library)
    found = re.search(rf"\[ *{section}\] \S+ +PROGBITS +(\w+) (\w+)", headers)
    if found is None:
        raise ValueError(f"{library.name} holds no data")
    start = int(address, 16) - int(found[1], 16) + int(found[2], 16)
    # without one, as in libraries that were made from assembler, it is what is left of the file
    return symbol, start, int(size, 0) or library.stat().st_size - start


def _users(folder: Path) -> set[str]:
    """The libraries below `folder` that are linked with ICU, without its own."""
    files = [each for each in folder.rglob("*.so*") if each.is_file() and not each.name.startswith("libicu")]
    return {each.name for each in files if b"libicuuc.so" in each.read_bytes()}


def main() -> None:
    folder = Path(sys.argv[1])
    users = _users(folder)
    if not all(each.startswith("libQt6Core.so") for each in users):
        sys.exit(
            f"Not only Qt's core is linked with ICU: {', '.join(sorted(users))}. Look what they ask it for."
        )
    for library in (folder / "_internal/PySide6/Qt/lib").glob("libicudata.so.*"):
        print(f"{cut(library) / (1 << 20):.1f} MiB of ICU's data left out")


if __name__ == "__main__":
    main()
