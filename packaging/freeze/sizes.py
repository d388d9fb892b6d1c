"""How large the frozen program is, part by part, and whether that is within its budget.

    python sizes.py installed FOLDER      the folder that was frozen; EDITION=light has a budget of its own
    python sizes.py packed FILE MODELS    an installer, and its models packed the same way
    python sizes.py models FOLDER         where the models lie in it, a line each

Models are counted apart: the budget is for the program. Exits with 1 when it is over.
"""

import os
import sys
from collections import Counter
from pathlib import Path

MIB = 1 << 20
_LIGHT = os.environ.get("EDITION") == "light"
INSTALLED = (300 if _LIGHT else 850) * MIB
PACKED = (100 if _LIGHT else 230) * 1_000_000
_SHOWN = 4 * MIB
MODELS = (
    "_internal/app/_shipped/models/starter/",
    "_internal/app/_shipped/models/reader/",
    "_internal/rapidocr/models/",
)
"""Weights: the starters, the reader, and what finds and reads text in pictures."""


def parts_of(folder: Path) -> Counter[str]:
    """Bytes of each part of the bundle in `folder`: "models", or the library the files belong to."""
    sizes: Counter[str] = Counter()
    for directory, _, names in os.walk(folder):
        for name in names:
            file = Path(directory, name)
            if not file.is_symlink():
                sizes[part_of(file.relative_to(folder).as_posix())] += file.stat().st_size
    return sizes


def part_of(path: str) -> str:
    """`path`: of a file inside the bundle."""
    if path.startswith(MODELS):
        return "models"
    place = path.removeprefix("_internal/")
    top, inside, _ = place.partition("/")
    if not path.startswith("_internal/"):
        return "Python code (in the program itself)"
    if not inside:
        return "libraries of the system"
    return top.removesuffix(".libs").removesuffix("_python_headless").replace("faiss_cpu", "faiss")


def models_of(folder: Path) -> list[str]:
    """Those of `MODELS` that the bundle in `folder` has."""
    return [each.rstrip("/") for each in MODELS if (folder / each).is_dir()]


def table(sizes: Counter[str]) -> str:
    """The parts by size, small ones together, then the program and its models."""
    program = {part: size for part, size in sizes.items() if part != "models"}
    large = sorted(((size, part) for part, size in program.items() if size >= _SHOWN), reverse=True)
    small = [size for size in program.values() if size < _SHOWN]
    lines = [f"{size / MIB:8.1f} MiB  {part}" for size, part in large]
    lines.append(f"{sum(small) / MIB:8.1f} MiB  {len(small)} smaller parts")
    lines.append(f"{sum(program.values()) / MIB:8.1f} MiB  the program (budget {INSTALLED / MIB:.0f})")
    lines.append(f"{sizes['models'] / MIB:8.1f} MiB  models")
    return "\n".join(lines)


def check_installed(folder: Path) -> int:
    sizes = parts_of(folder)
    print(table(sizes))
    return _verdict("installed", sizes.total() - sizes["models"], INSTALLED)


def check_packed(installer: Path, models: Path) -> int:
    whole, weights = installer.stat().st_size, models.stat().st_size
    print(f"{whole / 1e6:8.1f} MB  {installer.name}, of which {weights / 1e6:.1f} MB are models")
    return _verdict("packed", whole - weights, PACKED)


def _verdict(what: str, size: int, budget: int) -> int:
    if size <= budget:
        return 0
    print(
        f"The program is too large {what}: {size / 1e6:.1f} MB, allowed are {budget / 1e6:.1f} MB.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["installed", folder]:
            sys.exit(check_installed(Path(folder)))
        case ["packed", installer, models]:
            sys.exit(check_packed(Path(installer), Path(models)))
        case ["models", folder]:
            print(*models_of(Path(folder)), sep="\n")
        case _:
            sys.exit(__doc__)
