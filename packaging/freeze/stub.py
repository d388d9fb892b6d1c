"""Puts libraries without content in the place of those that Alcove never calls, but other libraries are linked with.

    python stub.py FOLDER

kreuzberg is linked with ONNX Runtime for models that Alcove does not use with it, Pillow with what proves to a screen
that pictures may be taken of it (padded to 2 MiB by its build). The functions are there in the versions that are asked for,
and all of them answer "nothing", which for both is that there is none.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bundle import remove, told

# who is linked with them, and they
STUBBED = (
    ("kreuzberg/_internal_bindings.abi3.so", "kreuzberg.libs/libonnxruntime-*"),
    ("pillow.libs/libxcb-*", "pillow.libs/libXau-*"),
)
# what else lies there only they were linked with
EMPTIED = ("kreuzberg.libs",)
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
    stubs = []
    for user, pattern in STUBBED:
        (asking,), (library,) = inside.glob(user), inside.glob(pattern)
        print(f"{stub(library, asking) / (1 << 20):.1f} MiB: {library.name} is empty")
        stubs.append(library)
    for folder in EMPTIED:
        saved = [remove(each, inside) for each in (inside / folder).glob("*.so*") if each not in stubs]
        print(f"{sum(saved) / (1 << 20):.1f} MiB: {len(saved)} others of {folder}")


if __name__ == "__main__":
    main()
