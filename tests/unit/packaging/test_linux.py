"""The scripts of the Linux installers, run on small files."""

import ctypes
import lzma
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.unit.packaging.conftest import PACKAGING

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
LINUX = PACKAGING / "linux"


def unpacked(folder: Path, said: str) -> Path:
    """What the .run file unpacks, with a program that says `said`."""
    (folder / "alcove").mkdir(parents=True)
    program = folder / "alcove" / "alcove"
    program.write_text(f"#!/bin/sh\necho {said}\n")
    program.chmod(0o755)
    shutil.copy(LINUX / "uninstall.sh", folder / "alcove")
    shutil.copy(LINUX / "install.sh", folder)
    (folder / "share" / "applications").mkdir(parents=True)
    shutil.copy(LINUX / "alcove.desktop", folder / "share" / "applications")
    icons = folder / "share" / "icons" / "hicolor" / "scalable" / "apps"
    icons.mkdir(parents=True)
    (icons / "alcove.svg").write_text("<svg/>")
    return folder / "install.sh"


def run(*command: object, home: Path) -> "subprocess.CompletedProcess[str]":
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    return subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)


def test_installing_upgrading_and_removing_for_one_person(tmp_path):
    home = tmp_path / "a home"
    data = home / ".local" / "share" / "alcove" / "user.db"
    data.parent.mkdir(parents=True)
    data.write_text("conversations")
    for number in ("1", "2"):
        done = run("sh", unpacked(tmp_path / number, f"version {number}"), home=home)
        assert done.returncode == 0, done.stderr
        assert run(home / ".local" / "bin" / "alcove", home=home).stdout == f"version {number}\n"
    entry = home / ".local" / "share" / "applications" / "alcove.desktop"
    assert f'Exec="{home}/.local/lib/alcove/alcove" open %F' in entry.read_text()
    done = run(home / ".local" / "lib" / "alcove" / "uninstall.sh", home=home)
    assert done.returncode == 0, done.stderr
    left = [each.relative_to(home).as_posix() for each in home.rglob("*") if each.is_file()]
    left = [each for each in left if not each.endswith("mimeinfo.cache")]  # the desktop's own list
    assert left == [".local/share/alcove/user.db"]


def test_a_folder_that_is_not_alcove_is_left_alone(tmp_path):
    target = tmp_path / "photographs"
    target.mkdir()
    (target / "one.jpg").touch()
    done = run("sh", unpacked(tmp_path / "1", "hello"), "--to", target, home=tmp_path)
    assert done.returncode == 1 and "is not Alcove" in done.stderr
    assert (target / "one.jpg").exists()


def test_the_newest_function_of_the_c_library_decides(script):
    depends = script("linux/depends.py")
    listing = "  0x01: Name: GLIBC_2.9  Flags\n  0x02: Name: GLIBC_2.34  Flags\n 0x03: Name: GLIBCXX_3.4.30"
    assert depends.newest_glibc(listing) == (2, 34)
    assert depends.depends(["libxcb1", "libc6"], (2, 34)).startswith("libc6 (>= 2.34), fontconfig, ")
    assert "libxcb1" in depends.depends(["libxcb1"], (2, 34)).split(", ")


@pytest.mark.skipif(shutil.which("xz") is None, reason="needs xz")
def test_what_is_packed_for_debian_any_reader_of_xz_reads():
    code = Path(sys.executable).read_bytes()[:500_000]
    command = ["sh", LINUX / "compress.sh"]
    done = subprocess.run(command, input=code, capture_output=True, check=True)
    assert lzma.decompress(done.stdout) == code
    other = {**os.environ, "DEB_COMPRESSION": "rar"}
    done = subprocess.run(command, env=other, input=code, capture_output=True)
    assert done.returncode == 1 and done.stdout == b""


@pytest.mark.skipif(shutil.which("strip") is None or shutil.which("readelf") is None, reason="needs binutils")
def test_a_stripped_library_still_loads(script, tmp_path):
    spec = find_spec("torch")
    assert spec is not None and spec.origin is not None
    copy = tmp_path / "libc10.so"
    shutil.copy(Path(spec.origin).parent / "lib" / copy.name, copy)
    strip = script("freeze/strip.py")
    before = copy.stat().st_size
    saved = strip.strip(copy)
    assert saved > 0 and copy.stat().st_size == before - saved
    assert strip.is_loadable(copy)
    ctypes.CDLL(str(copy))
    assert strip.strip(copy) == 0  # nothing is left to remove, and nothing is lying about
    assert list(tmp_path.iterdir()) == [copy]
    (tmp_path / "text.so").write_text("no library")
    assert not strip.is_loadable(tmp_path / "text.so")


@pytest.mark.skipif(shutil.which("gcc") is None or shutil.which("nm") is None, reason="needs a compiler")
def test_a_stub_takes_the_place_of_a_library(script, tmp_path):
    (tmp_path / "large.c").write_text(
        "char much[300000] = {1}; int wanted(void) { return 7; } int other(void) { return 8; }"
    )
    (tmp_path / "caller.c").write_text("int wanted(void); int ask(void) { return wanted(); }")
    (tmp_path / "versions").write_text("V_1.24 { wanted; other; };")
    compile_ = ["gcc", "-shared", "-fPIC", "-o"]
    subprocess.run(
        [*compile_, "liblarge-1.so.1", "large.c", "-Wl,--version-script=versions", "-Wl,-soname,liblarge-1.so.1"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    subprocess.run(
        [*compile_, "libcaller.so", "caller.c", "./liblarge-1.so.1", "-Wl,-rpath,$ORIGIN"],
        cwd=tmp_path,
        check=True,
    )
    assert script("freeze/stub.py").stub(tmp_path / "liblarge-1.so.1", tmp_path / "libcaller.so") > 280_000
    assert ctypes.CDLL(str(tmp_path / "libcaller.so")).ask() == 0  # in the version the caller was linked with


def test_a_stand_in_can_be_imported_and_not_used(tmp_path):
    code = (
        "import sys; from sklearn.metrics import pairwise_distances; from scipy.sparse import coo_matrix\n"
        "print(isinstance(3, coo_matrix))\n"
        "try: pairwise_distances([1], [2])\n"
        "except NotImplementedError as error: print(error)"
    )
    environment = {**os.environ, "PYTHONPATH": str(PACKAGING / "freeze" / "stand_ins")}
    done = subprocess.run([sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout == "False\npairwise_distances is left out of the packaged Alcove\n", done.stderr
