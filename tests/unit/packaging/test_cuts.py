"""What is cut out of libraries for the frozen program: the rules, and the libraries that are installed here cut."""

import shutil
import struct
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
needs_compiler = pytest.mark.skipif(
    any(shutil.which(each) is None for each in ("gcc", "nm", "readelf")),
    reason="needs a compiler and binutils",
)
HEADER = struct.pack("<H2sHHBBBB4s16x", 32, b"\xda\x27", 20, 0, 0, 0, 2, 0, b"CmnD")


def installed(package: str, *inside: str) -> Path:
    """A folder beside the installed `package`, or the test is skipped."""
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parents[1].joinpath(*inside)
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not part of this build of {package}")
    return folder


@pytest.fixture
def bundle(tmp_path) -> Path:
    """A frozen program that holds just the libraries that are cut."""
    inside = tmp_path / "_internal"
    icu = inside / "PySide6" / "Qt" / "lib"
    icu.mkdir(parents=True)
    for each in installed("PySide6", "PySide6", "Qt", "lib").glob("libicudata.so.*"):
        shutil.copy(each, icu)
    for package, name in (("faiss", "faiss"), ("faiss", "faiss_cpu.libs"), ("numpy", "numpy.libs")):
        shutil.copytree(installed(package, name), inside / name)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("icudt73l/coll/de.res", True),
        ("icudt73l/coll/ucadata.icu", True),
        ("icudt73l/ibm-850_P100-1995.cnv", True),
        ("icudt73l/cnvalias.icu", True),
        ("icudt73l/root.res", False),  # nothing of it is better than half: what asks for it gets an error
        ("icudt73l/de_AT.res", False),
        ("icudt73l/zh_Hant_TW.res", False),
        ("icudt73l/res_index.res", True),
        ("icudt73l/supplementalData.res", True),
        ("icudt73l/zoneinfo64.res", True),
        ("icudt73l/units.res", True),
        ("icudt73l/lang/de.res", False),
        ("icudt73l/unit/root.res", False),
        ("icudt73l/brkitr/thaidict.dict", False),
        ("icudt73l/rfc3491.spp", False),
    ],
)
def test_of_icu_stays_what_qt_asks_for(script, name, kept):
    assert script("freeze/cut_icu.py").is_kept(name) == kept


def test_a_package_of_icu_is_taken_apart_and_put_together(script):
    cut_icu = script("freeze/cut_icu.py")
    items = [("icudt73l/a.cnv", b"one" * 7), ("icudt73l/coll/ä.res", b"two"), ("icudt73l/z.icu", b"3" * 64)]
    whole = cut_icu.packed(HEADER, items)
    header, found = cut_icu.unpacked(whole)
    assert header == HEADER and [name for name, _ in found] == [name for name, _ in items]
    for (_, content), (_, was) in zip(found, items, strict=True):
        assert content[: len(was)] == was and not content[len(was) :].strip(b"\0")
    for place in range(len(items)):  # each begins where ICU may read numbers without care
        assert struct.unpack_from("<I", whole, len(HEADER) + 8 + 8 * place)[0] % 16 == 0
    assert cut_icu.packed(*cut_icu.unpacked(whole)) == whole


def test_something_else_is_no_package_of_icu(script):
    with pytest.raises(ValueError, match="no common data"):
        script("freeze/cut_icu.py").unpacked(b"\0" * 64)


@needs_compiler
def test_qt_and_faiss_answer_as_before_with_what_was_cut(script, bundle, monkeypatch, capsys):
    cut_icu, share_blas, prove = (
        script(f"freeze/{each}.py") for each in ("cut_icu", "share_blas", "prove_cuts")
    )
    (icu,) = (bundle / "_internal/PySide6/Qt/lib").iterdir()
    assert cut_icu.cut(icu) > 20_000_000
    assert share_blas.share(bundle / "_internal") > 30_000_000
    assert not [*(bundle / "_internal/faiss_cpu.libs").glob("libgfortran*")]
    monkeypatch.setattr(sys, "argv", ["prove_cuts.py", str(bundle)])
    assert prove.main() == 0, capsys.readouterr().err


@needs_compiler
def test_too_much_cut_is_noticed(script, bundle, monkeypatch, capsys):
    cut_icu, share_blas, prove = (
        script(f"freeze/{each}.py") for each in ("cut_icu", "share_blas", "prove_cuts")
    )
    (icu,) = (bundle / "_internal/PySide6/Qt/lib").iterdir()
    monkeypatch.setattr(cut_icu, "_TREES", {*cut_icu._TREES, "coll"})
    cut_icu.cut(icu)
    share_blas.share(bundle / "_internal")
    monkeypatch.setattr(sys, "argv", ["prove_cuts.py", str(bundle)])
    assert prove.main() == 1
    assert "libicudata.so" in capsys.readouterr().err


def test_answers_agree_but_for_the_last_digits(script):
    agree = script("freeze/prove_cuts.py").agree
    assert agree({"a": [1, 0.5, ["x"]]}, {"a": [1, 0.500001, ["x"]]})
    assert not agree([0.5], [0.501])
    assert not agree([1], [2])  # ids of passages are never nearly right
    assert not agree([1, 2], [1])
    assert not agree({"a": 1}, {"b": 1})


def test_a_program_with_other_users_of_icu_is_not_cut(script, bundle, monkeypatch):
    cut_icu = script("freeze/cut_icu.py")
    (bundle / "_internal" / "libother.so").write_bytes(b"\x7fELF libicuuc.so.73")
    monkeypatch.setattr(sys, "argv", ["cut_icu.py", str(bundle)])
    with pytest.raises(SystemExit, match=r"libother\.so"):
        cut_icu.main()
