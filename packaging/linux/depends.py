"""What a frozen program needs of a Debian system: prints the value of `Depends`.

    python depends.py FOLDER

The libraries that those in FOLDER ask for and that are not among them, as the packages they come from here, and the C
library at least as new as the newest of its functions that is used. Exits with 1 when a library is found nowhere.
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# not asked for by name: what draws text, and what the window opens when it is needed
ALSO = ("fontconfig", "fonts-dejavu-core", "libdbus-1-3", "libegl1", "libgl1", "libxkbcommon0")
_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
_GLIBC = re.compile(r"\bGLIBC_(\d+)\.(\d+)")
_OF_GLIBC = ("libc6", "libc-bin")


def newest_glibc(symbols: str) -> tuple[int, int]:
    """The newest version of the C library that a listing of symbols names."""
    return max(((int(major), int(minor)) for major, minor in _GLIBC.findall(symbols)), default=(2, 17))


def depends(packages: Iterable[str], glibc: tuple[int, int]) -> str:
    """As a control file has it."""
    others = sorted({*packages, *ALSO}.difference(_OF_GLIBC))
    return ", ".join([f"libc6 (>= {glibc[0]}.{glibc[1]})", *others])


def _output(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout


def _libraries(folder: Path) -> list[Path]:
    found = [each for each in folder.rglob("*") if each.is_file() and not each.is_symlink()]
    return [
        each
        for each in found
        if (".so" in each.name or not each.suffix) and each.read_bytes()[:4] == b"\x7fELF"
    ]


def _known_here() -> dict[str, str]:
    """The libraries of this system by name."""
    pairs = re.findall(r"^\s+(\S+) \(libc6,x86-64.*=> (\S+)$", _output("/sbin/ldconfig", "-p"), re.MULTILINE)
    return dict(reversed(pairs))  # the first of a name is the one that is taken


def _package(file: str) -> str:
    real = str(Path(file).resolve())
    said = _output("dpkg-query", "-S", file, real, real.removeprefix("/usr"))
    return said.partition(":")[0].strip()


def main() -> int:
    folder = Path(sys.argv[1])
    libraries = _libraries(folder)
    inside = {each.name for each in folder.rglob("*.so*")}
    needed: set[str] = set()
    glibc = (2, 17)
    for each in libraries:
        needed.update(_NEEDED.findall(_output("readelf", "-dW", each)))
        glibc = max(glibc, newest_glibc(_output("readelf", "-VW", each)))
    known = _known_here()
    missing = sorted(needed - inside - known.keys())
    if missing:
        print(
            f"Not found here: {', '.join(missing)}. Install the packages they are in and freeze again.",
            file=sys.stderr,
        )
        return 1
    packages = {_package(known[each]) for each in needed - inside}
    print(depends(packages - {""}, glibc))
    return 0


if __name__ == "__main__":
    sys.exit(main())
