"""Which modules Alcove imports when all of it is used once: written to the file named on the command line.

Run with the environment that is frozen. What the freezer finds by reading the code lacks everything that is imported by
a name made up at run time, and holds much that is never imported; this list says both.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.append(str(HERE))

from light import WITHOUT  # noqa: E402

# every module of Alcove by itself: a page that the self-test passes over imports something too
_IMPORT_ALL = """
import importlib, os, pkgutil, app
without = os.environ.get("ALCOVE_WITHOUT", "").split()
for each in pkgutil.walk_packages(app.__path__, "app."):
    if not each.name.endswith("__main__"):
        try:
            importlib.import_module(each.name)
        except ImportError as error:
            if (error.name or "").partition(".")[0] not in without:
                raise
"""


def record(runs: Iterable[list[str]], folder: Path) -> list[str]:
    """The modules that the `runs` of this Python asked for and that are there, sorted. Raises `CalledProcessError`."""
    notes = folder / "notes"
    notes.mkdir()
    environment = {
        **os.environ,
        "ALCOVE_RECORD": str(notes),
        "ALCOVE_HOME": str(folder / "home"),
        "ALCOVE_TUNING": "off",
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": os.pathsep.join([str(HERE / "recorder"), str(HERE / "stand_ins")]),
    }
    for arguments in runs:
        subprocess.run([sys.executable, "-P", *arguments], env=environment, check=True)
    asked = {name for file in notes.iterdir() for name in file.read_text().split()}
    return sorted(name for name in asked if _is_there(name))


def light() -> bool:
    return os.environ.get("EDITION", "full") == "light"


def _is_there(name: str) -> bool:
    """Packages try imports that they can do without. Looked up without running anything but parents' folders."""
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return True
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return False
    if spec is None or "." not in name:
        return spec is not None
    inside = Path(*name.split(".")[1:])
    for place in spec.submodule_search_locations or ():
        file = Path(place, inside)
        if (
            (file / "__init__.py").is_file()
            or file.with_suffix(".py").is_file()
            or any(file.parent.glob(f"{file.name}*.so"))
        ):
            return True
    return False


def main() -> None:
    out = Path(sys.argv[1])
    runs = [["-m", "app", "--self-test"], ["-c", _IMPORT_ALL]]
    if light():
        os.environ["ALCOVE_WITHOUT"] = " ".join(WITHOUT)
    else:
        runs.append([str(HERE / "other_models.py")])
    with tempfile.TemporaryDirectory() as folder:
        names = record(runs, Path(folder))
    out.write_text("\n".join(names) + "\n", encoding="utf-8")
    print(f"{len(names)} modules are used")


if __name__ == "__main__":
    main()
