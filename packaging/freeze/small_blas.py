"""Puts a small linear algebra in the place of NumPy's OpenBLAS, in the light edition.

    python small_blas.py FOLDER

What NumPy asks for, and FAISS through `share_blas.py`, is in `small_blas.c`. Whatever else they are linked with is of
LAPACK and for what Alcove does not compute (eigenvalues, inverses): asked for that it ends the program and says so.
Measured on 4000 x 384 x 1000 single-precision numbers: as fast as OpenBLAS on one core, which is all it uses. Only the
clusters of very large libraries are products so large that more cores would be felt.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bundle import exchange, remove, told

SOURCE = Path(__file__).with_suffix(".c")
_ASKED = re.compile(r"^\s+U (scipy_\w+)", re.MULTILINE)
_FLAGS = "-shared -fPIC -O3 -mavx2 -mfma -fassociative-math -fno-signed-zeros -fno-trapping-math -fno-math-errno -fcx-limited-range -s -Wall"
_REFUSAL = """
static void refuse(const char *name)
{
    fprintf(stderr, "NumPy asked for %s, which is left out of this build of Alcove.\\n", name);
    abort();
}
"""


def build(out: Path, soname: str, wanted: Iterable[str]) -> None:
    """Compile to `out` what offers the functions `wanted`. Raises `CalledProcessError`."""
    own = set(re.findall(r"\bscipy_\w+", _preprocessed()))
    missing = sorted(set(wanted) - own)
    with tempfile.TemporaryDirectory() as scratch:
        code = Path(scratch, "blas.c")
        refused = "".join(f'void {each}(void) {{ refuse("{each}"); }}\n' for each in missing)
        code.write_text(SOURCE.read_text("utf-8") + (_REFUSAL if missing else "") + refused, "utf-8")
        command = ["gcc", *_FLAGS.split(), f"-Wl,-soname,{soname}", "-Wl,-z,defs", "-o", out, code, "-lm"]
        subprocess.run(command, check=True)


def asked(users: Iterable[Path]) -> set[str]:
    """The functions of OpenBLAS that any of `users` is linked with."""
    return {name for each in users for name in _ASKED.findall(told("nm", "-D", "--undefined-only", each))}


def replace(folder: Path) -> int:
    """In the bundle `folder`; returns the bytes saved. Raises `CalledProcessError`, `ValueError`."""
    libraries = folder / "numpy.libs"
    (library,) = libraries.glob("libscipy_openblas64_*.so")
    users = [*(folder / "numpy").rglob("*.so"), *(folder / "faiss_cpu.libs").glob("libopenblas*.so*")]
    wanted = asked(users)
    if not wanted:
        raise ValueError(f"nobody asks {library.name} for anything: look what NumPy multiplies with")
    before = sum(each.stat().st_size for each in libraries.iterdir())
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, library.name)
        build(made, library.name, wanted)
        exchange(library, made)
    for each in libraries.iterdir():  # what only OpenBLAS was linked with
        if each != library:
            remove(each, folder)
    return before - library.stat().st_size


def _preprocessed() -> str:
    return told("gcc", "-E", "-P", SOURCE)


def main() -> None:
    saved = replace(Path(sys.argv[1], "_internal"))
    print(f"{saved / (1 << 20):.1f} MiB: NumPy multiplies with a small linear algebra")


if __name__ == "__main__":
    main()
