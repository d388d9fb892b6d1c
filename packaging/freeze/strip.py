"""Removes from the libraries of a frozen program the names that only debuggers read.

    python strip.py FOLDER

A library whose segments no longer lie as the loader wants them (some were rewritten by tools when their wheel was made)
is put back as it was.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

_SMALLEST = 100_000  # bytes; below that there is nothing to gain
_SEGMENT = re.compile(r"^ +LOAD +0x(\w+) +0x(\w+) .* 0x(\w+)$", re.MULTILINE)
_MAGIC = b"\x7fELF"


def strip(file: Path) -> int:
    """The bytes saved."""
    before = file.stat().st_size
    copy = file.with_name(f"{file.name}.stripped")
    done = subprocess.run(["strip", "--strip-unneeded", "-o", copy, file], capture_output=True)
    if done.returncode != 0 or not is_loadable(copy) or copy.stat().st_size >= before:
        copy.unlink(missing_ok=True)
        return 0
    shutil.copymode(file, copy)
    copy.replace(file)
    return before - file.stat().st_size


def is_loadable(file: Path) -> bool:
    """Whether each segment's place in the file and in memory differ by whole pages, as the loader demands."""
    told = subprocess.run(["readelf", "-lW", file], capture_output=True, text=True).stdout
    segments = _SEGMENT.findall(told)
    return bool(segments) and all(
        (int(offset, 16) - int(address, 16)) % int(alignment, 16) == 0
        for offset, address, alignment in segments
    )


def _is_library(file: Path) -> bool:
    if file.is_symlink() or not file.is_file() or ".so" not in file.name or file.stat().st_size < _SMALLEST:
        return False
    with file.open("rb") as stream:
        return stream.read(4) == _MAGIC


def main() -> None:
    files = [each for each in Path(sys.argv[1]).rglob("*") if _is_library(each)]
    saved = [strip(each) for each in files]
    print(
        f"{sum(saved) / (1 << 20):.1f} MiB of names removed from {sum(map(bool, saved))} of {len(files)} libraries"
    )


if __name__ == "__main__":
    main()
