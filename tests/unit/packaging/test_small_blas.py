"""The linear algebra of the light edition in NumPy, against the OpenBLAS that NumPy comes with."""

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

_LIBRARIES = Path(np.__file__).parents[1] / "numpy.libs"
_OPENBLAS = next(iter(_LIBRARIES.glob("libscipy_openblas64_*.so")), None)
pytestmark = [
    pytest.mark.skipif(_OPENBLAS is None or shutil.which("gcc") is None, reason="NumPy as on Linux, and gcc"),
    pytest.mark.skipif("avx2" not in Path("/proc/cpuinfo").read_text(), reason="AVX2")
    if Path("/proc/cpuinfo").exists()
    else pytest.mark.skip(reason="Linux only"),
]

# products of every kind of number and every way a matrix can lie in memory
_PRODUCTS = """
import pickle, sys
import numpy as np
chance = np.random.default_rng(5)
def some(kind, *shape):
    found = chance.standard_normal(shape)
    return (found + 1j * chance.standard_normal(shape) if kind in "FD" else found).astype(kind)
told = []
for kind in "fdFD":
    for m, n, k in [(1, 1, 1), (3, 5, 2), (7, 1, 9), (1, 8, 300), (16, 6, 256), (17, 7, 257), (200, 13, 31), (193, 1550, 260), (64, 384, 384), (0, 4, 3), (4, 3, 0)]:
        if kind in "FD" and m * n * k > 10**6: continue
        a, b = some(kind, m, k), some(kind, k, n)
        at, bt = np.asfortranarray(a), np.asfortranarray(b)
        told += [a @ b, at @ b, a @ bt, at @ bt, (b.T @ a.T), a @ a.T, a.T @ a, at @ at.T]
        v, w = some(kind, k), some(kind, m)
        told += [a @ v, at @ v, w @ a, w @ at, v @ v, np.vdot(v, v), v[::-1] @ v, v[::2] @ v[::2], a[:, ::-1] @ v]
        wide, bb = some(kind, m, 2 * k + 3), some(kind, k, 5 * n + 1)
        told += [wide[:, 1:k + 1] @ b, wide[:, 1:k + 1] @ bb[:, :n], wide[:, :k] @ bb[:, 1:n + 1], np.einsum("ij,jk", a, b)]
        told.append(np.inner(a, a)); told.append(np.linalg.norm(a)); told.append(np.dot(a.conj(), b))
    stack = some(kind, 3, 9, 11); told.append(stack @ stack.transpose(0, 2, 1)); told.append(np.tensordot(stack, stack, ([1, 2], [1, 2])))
for m, n in [(12, 3), (3, 12), (5, 5), (1, 1), (40, 7)]:
    a = some("d", m, n)
    for b in (some("d", m), some("d", m, 4)):
        found, left, rank, values = np.linalg.lstsq(a, b, rcond=None)
        told += [found, left, np.array(rank), values]
again = some("d", 9, 2); a = np.concatenate([again, again @ some("d", 2, 3)], axis=1)  # of rank 2
found, left, rank, values = np.linalg.lstsq(a, some("d", 9), rcond=1e-10)
told += [found, np.array(rank), values]
pickle.dump(told, sys.stdout.buffer)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.unit.packaging.conftest import PACKAGING

    sys.path.insert(0, str(PACKAGING / "freeze"))
    try:
        import small_blas
    finally:
        sys.path.pop(0)
    assert _OPENBLAS is not None
    made = tmp_path_factory.mktemp("blas") / _OPENBLAS.name
    small_blas.build(made, made.name, small_blas.asked(Path(np.__file__).parent.rglob("*.so")))
    return made


def run(code: str, library: Path | None) -> "subprocess.CompletedProcess[bytes]":
    environment = dict(os.environ)
    if library is not None:
        environment["LD_PRELOAD"] = str(library)
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)


def test_it_multiplies_and_solves_as_openblas_does(library: Path):
    whole, small = run(_PRODUCTS, None), run(_PRODUCTS, library)
    assert (whole.returncode, small.returncode) == (0, 0), small.stderr.decode()
    expected, found = pickle.loads(whole.stdout), pickle.loads(small.stdout)
    assert len(expected) == len(found) > 500
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape and one.dtype == other.dtype
        # sums are added up in another order
        exact = 1e-4 if other.dtype in (np.float32, np.complex64) else 1e-9
        np.testing.assert_allclose(one, other, rtol=exact, atol=exact * 20)


def test_what_is_left_out_ends_the_program(library: Path):
    done = run("import numpy; numpy.linalg.inv(numpy.eye(3))", library)
    assert done.returncode < 0
    assert b"scipy_dgesv_64_, which is left out of this build of Alcove" in done.stderr


def test_it_is_small(library: Path):
    assert library.stat().st_size < 200_000
