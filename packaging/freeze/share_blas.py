"""Lets FAISS multiply with the linear algebra that comes with NumPy, in the place of a second copy of its own.

    python share_blas.py FOLDER

Both are OpenBLAS. In the place of FAISS's copy comes a small library of the same name: it hands `sgemm_`, with which
FAISS compares vectors and finds clusters, on to NumPy's, whose integers have 64 bits. Whatever else FAISS is linked with is for kinds
of index that Alcove does not have (rotated, or reduced to main components): asked for that it ends the program and says so.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bundle import exchange, remove, told

FORWARDED = "sgemm_"
_THEIRS = "scipy_sgemm_64_"
_ASKED = re.compile(r"^\s+U (\w+)", re.MULTILINE)
_OFFERED = re.compile(r"^\w+ T (\w+)", re.MULTILINE)

_SOURCE = """
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void {theirs}(const char *, const char *, const int64_t *, const int64_t *, const int64_t *, const float *, const float *,
    const int64_t *, const float *, const int64_t *, const float *, float *, const int64_t *);

int {forwarded}(const char *turned_a, const char *turned_b, const int *m, const int *n, const int *k, const float *alpha,
    const float *a, const int *lda, const float *b, const int *ldb, const float *beta, float *c, const int *ldc)
{{
    const int64_t m_ = *m, n_ = *n, k_ = *k, lda_ = *lda, ldb_ = *ldb, ldc_ = *ldc;
    {theirs}(turned_a, turned_b, &m_, &n_, &k_, alpha, a, &lda_, b, &ldb_, beta, c, &ldc_);
    return 0;
}}

static void refuse(const char *name)
{{
    fprintf(stderr, "FAISS asked for %s, which is left out of this build of Alcove.\\n", name);
    abort();
}}
"""


def source(refused: Iterable[str]) -> str:
    """In C: `FORWARDED` handed on, each of `refused` ends the program."""
    functions = (f'void {each}(void) {{ refuse("{each}"); }}\n' for each in refused)
    return _SOURCE.format(theirs=_THEIRS, forwarded=FORWARDED) + "".join(functions)


def asked(user: Path, library: Path) -> list[str]:
    """The functions of `library` that `user` is linked with, sorted. Raises `CalledProcessError`."""
    offered = _OFFERED.findall(told("nm", "-D", "--defined-only", library))
    return sorted(set(_ASKED.findall(told("nm", "-D", "--undefined-only", user))).intersection(offered))


def share(folder: Path) -> int:
    """Replace the copy of FAISS in the bundle `folder`; returns the bytes saved. Raises `CalledProcessError`, `ValueError`."""
    own = folder / "faiss_cpu.libs"
    (library,) = own.glob("libopenblas*.so*")
    (theirs,) = (folder / "numpy.libs").glob("libscipy_openblas64_*.so")
    wanted = asked(folder / "faiss" / "libfaiss.so", library)
    if FORWARDED not in wanted:
        raise ValueError(f"FAISS does not ask {library.name} for {FORWARDED}: look what it multiplies with")
    before = sum(each.stat().st_size for each in own.iterdir())
    with tempfile.TemporaryDirectory() as scratch:
        code, made = Path(scratch, "blas.c"), Path(scratch, library.name)
        code.write_text(source(each for each in wanted if each != FORWARDED))
        command = ["gcc", *"-shared -fPIC -O2 -s -Wall -Werror -fno-builtin -Wl,-z,defs".split()]
        command += [
            f"-Wl,-soname,{library.name}",
            f"-Wl,-rpath-link,{theirs.parent}",
            "-Wl,-rpath,$ORIGIN/../numpy.libs",
        ]
        subprocess.run([*command, "-o", made, code, theirs, "-lc"], check=True)
        exchange(library, made)
    _remove_unneeded(own, folder)
    return before - sum(each.stat().st_size for each in own.iterdir())


def _remove_unneeded(own: Path, folder: Path) -> None:
    """What only the copy was linked with: nobody outside `own` names it."""
    users = [*(folder / "faiss").glob("*.so*"), *own.glob("libopenblas*"), *own.glob("libgomp*")]
    needed = "".join(told("readelf", "-dW", each) for each in users)
    for each in own.iterdir():
        if each not in users and f"[{each.name}]" not in needed:
            remove(each, folder)


def main() -> None:
    saved = share(Path(sys.argv[1], "_internal"))
    print(f"{saved / (1 << 20):.1f} MiB: FAISS multiplies with NumPy's linear algebra")


if __name__ == "__main__":
    main()
