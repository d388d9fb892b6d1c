"""Puts libraries without content in the place of those that Alcove never calls, but other libraries are linked with.

    python stub.py FOLDER

kreuzberg is linked with ONNX Runtime for models that Alcove does not use with it. The functions are there in the
versions that are asked for, and all of them answer "nothing", which for ONNX Runtime is that there is none.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bundle import remove, told

# who is linked with them, where they lie, and those of them it is linked with itself; the others are needed by none
STUBBED = (("kreuzberg/_internal_bindings.abi3.so", "kreuzberg.libs", ("libonnxruntime-",)),)
_ASKED = re.compile(r"^\s+[Uw] (\w+)(?:@@?([\w.]+))?$", re.MULTILINE)
_OFFERED = re.compile(r"^\w+ [TWVi] (\w+)", re.MULTILINE)


def stub(library: Path, user: Path) -> int:
    """Replace `library` by one of the same name with just the functions that `user` asks it for; returns the bytes saved."""
    offered = set(_OFFERED.findall(_names("--defined-only", library)))
    versions: dict[str, list[str]] = {}
    for name, version in _ASKED.findall(_names("--undefined-only", user)):
        if name in offered:
            versions.setdefault(version, []).append(name)
    before = library.stat().st_size
    with tempfile.TemporaryDirectory() as folder:
        source, script = Path(folder, "stub.c"), Path(folder, "versions")
        functions = [name for names in versions.values() for name in names]
        source.write_text("".join(f"void *{each}(void) {{ return 0; }}\n" for each in functions))
        parts = (f"{version} {{ {'; '.join(names)}; }};\n" for version, names in versions.items())
        script.write_text("".join(parts))
        command = ["gcc", "-shared", "-fPIC", "-s", "-fno-builtin", f"-Wl,-soname,{library.name}"]
        if functions:
            command.append(f"-Wl,--version-script={script}")
        subprocess.run([*command, "-o", library, source], check=True)
    return before - library.stat().st_size


def _names(which: str, library: Path) -> str:
    return told("nm", "-D", which, library)


def main() -> None:
    inside = Path(sys.argv[1], "_internal")
    for user, folder, names in STUBBED:
        saved = 0
        for library in sorted((inside / folder).glob("*.so*")):
            if library.name.startswith(names):
                saved += stub(library, inside / user)
            else:
                saved += remove(library, inside)
        print(f"{folder}: {saved / (1 << 20):.1f} MiB saved")


if __name__ == "__main__":
    main()
