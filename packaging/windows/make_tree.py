"""Puts together the folder that is installed on Windows: python make_tree.py PYTHON.zip LIB TREE

`PYTHON.zip`: the embeddable Python; `LIB`: the folder that the wheels for Windows were installed into, which becomes a
part of the tree (it is moved). Beside the programs lie all DLLs that they and the packages share, since Windows looks for them
there first; everything else is in `python` and `lib`:

    python312.dll …   python312._pth   python/   lib/   licences of Python
"""

import shutil
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "freeze")]

from contents import is_left_out  # noqa: E402
from licences import write_texts  # noqa: E402

LONGEST = 150
"""Characters of a path below the tree: with the folder of a person's programs before it, less than Windows' 260."""


def unpack_python(archive: Path, tree: Path) -> None:
    """DLLs at the top, what Python imports in `python`. A ._pth file names where to look, and turns off the rest."""
    inside = tree / "python"
    inside.mkdir(parents=True)
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if name.endswith((".exe", "._pth", ".cat")):
                continue
            shown = "LICENSE-Python.txt" if name == "LICENSE.txt" else name
            folder = tree if name.endswith(".dll") or name == "LICENSE.txt" else inside
            (folder / shown).write_bytes(files.read(name))
    (library,) = tree.glob("python3[0-9]*.dll")
    zipped = next(inside.glob("python*.zip"))
    library.with_suffix("._pth").write_text(f"python\\{zipped.name}\npython\nlib\n", encoding="ascii")
    shutil.copy(HERE / "alcove_start.py", inside)


def share_runtime(lib: Path, tree: Path) -> None:
    """Microsoft's C++ runtime, which came as a wheel, beside the programs: several packages need it."""
    shared = sorted({*lib.glob("*.dll"), *lib.glob("bin/*.dll"), *lib.glob("Scripts/*.dll")})
    if not any(each.name.lower() == "msvcp140.dll" for each in shared):
        raise SystemExit(f"Microsoft's C++ runtime is not in {lib}")
    for each in shared:
        each.replace(tree / each.name.lower())


def prune(lib: Path) -> int:
    """Delete what is left out; the bytes saved."""
    saved = 0
    for file in [each for each in lib.rglob("*") if each.is_file()]:
        if is_left_out(file.relative_to(lib).as_posix()):
            saved += file.stat().st_size
            file.unlink()
    for folder in sorted((each for each in lib.rglob("*") if each.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return saved


def too_deep(tree: Path) -> Iterator[str]:
    """Paths that some of Windows' programs cannot delete."""
    for file in tree.rglob("*"):
        path = file.relative_to(tree).as_posix()
        if len(path) > LONGEST:
            yield path


def main() -> int:
    archive, lib, tree = map(Path, sys.argv[1:])
    shutil.rmtree(tree, ignore_errors=True)
    unpack_python(archive, tree)
    share_runtime(lib, tree)
    write_texts(distributions(path=[str(lib)]), lib / "app" / "_shipped" / "resources" / "licences")
    saved = prune(lib)
    lib.rename(tree / "lib")
    for name in ("LICENSE", "NOTICE"):
        shutil.copy(HERE.parents[1] / name, tree / f"{name}.txt")
    deep = list(too_deep(tree))
    if deep:
        print("Too deep for Windows:", *deep, sep="\n", file=sys.stderr)
        return 1
    size = sum(each.stat().st_size for each in tree.rglob("*") if each.is_file())
    print(f"{size / (1 << 20):.1f} MiB in {tree}, {saved / (1 << 20):.1f} MiB left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
