"""The scripts of the Windows installer: their rules, and what they make of small files."""

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.unit.packaging.conftest import PACKAGING

WINDOWS = PACKAGING / "windows"
ROOT = PACKAGING.parent


@pytest.mark.parametrize(
    "path",
    [
        "torch/lib/torch_cpu.lib",
        "torch/include/ATen/ATen.h",
        "torch/bin/protoc.exe",
        "openvino/libs/openvino_intel_gpu_plugin.dll",
        "openvino/libs/openvino_intel_npu_compiler.dll",
        "PySide6/Qt6PdfQuick.dll",
        "PySide6/opengl32sw.dll",
        "msvc_runtime.cp312-win_amd64.pyd",
        "openvino/libs/openvino_tensorflow_lite_frontend.dll",
        "PySide6/Qt6Quick.dll",
        "PySide6/QtQml.pyd",
        "PySide6/designer.exe",
        "PySide6/qml/QtQuick/Controls/Button.qml",
        "PySide6/plugins/sqldrivers/qsqlite.dll",
        "rapidocr/main.py",
        "hf_xet/hf_xet.pyd",
        "bin/transformers.exe",
        "sklearn/tests/data.csv",
        "transformers/models/llama/modeling_llama.py",
        "torch-2.13.0.dist-info/licenses/third_party/LICENSE",
        "torch-2.13.0.dist-info/RECORD",
    ],
)
def test_what_nobody_needs_stays_out(script, path):
    assert script("windows/contents.py").is_left_out(path)


@pytest.mark.parametrize(
    "path",
    [
        "torch/lib/torch_cpu.dll",
        "torch/testing/__init__.py",
        "openvino/libs/openvino_intel_cpu_plugin.dll",
        "openvino/libs/openvino_onnx_frontend.dll",
        "openvino/libs/tbb12.dll",
        "PySide6/QtPdf.pyd",
        "PySide6/Qt6OpenGL.dll",
        "cv2/cv2.pyd",
        "PySide6/Qt6Widgets.dll",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/plugins/platforms/qoffscreen.dll",
        "PySide6/plugins/imageformats/qsvg.dll",
        "llama_cpp/lib/libllama.dll",
        "transformers/models/llama/configuration_llama.py",
        "transformers/models/bert/modeling_bert.py",
        "transformers/models/__init__.py",
        "rapidocr/__init__.py",
        "rapidocr/models/PP-OCRv6_det_small.onnx",
        "keyring-25.7.0.dist-info/entry_points.txt",
        "app/_shipped/models/README.md",  # Alcove's own files are all wanted
        "app/_shipped/resources/samples/slovenia-itinerary.md",
    ],
)
def test_what_runs_goes_in(script, path):
    assert not script("windows/contents.py").is_left_out(path)


def embeddable(folder: Path) -> Path:
    """An archive laid out as python.org's."""
    archive = folder / "python-3.12.10-embed-amd64.zip"
    names = "python.exe pythonw.exe python3.dll python312.dll vcruntime140.dll python312.zip python312._pth _ssl.pyd LICENSE.txt"
    with zipfile.ZipFile(archive, "w") as files:
        for name in names.split():
            files.writestr(name, name)
    return archive


def package(lib: Path, name: str, files: dict[str, str]) -> None:
    info = lib / f"{name}-1.0.dist-info"
    files = {**files, f"{info.name}/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n"}
    for file, text in files.items():
        (lib / file).parent.mkdir(parents=True, exist_ok=True)
        (lib / file).write_text(text)
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_the_folder_that_is_installed(script, tmp_path, monkeypatch):
    lib, tree = tmp_path / "lib", tmp_path / "Alcove"
    deep = "deep-1.0.dist-info/licenses/" + "third_party/" * 15 + "LICENSE"
    package(lib, "deep", {"deep/__init__.py": "", deep: "You may.", "deep/tests/test_it.py": ""})
    package(lib, "alcove", {"app/__init__.py": "", "app/_shipped/models/README.md": "models"})
    (lib / "MSVCP140.dll").write_text("runtime")
    module = script("windows/make_tree.py")
    monkeypatch.setattr("sys.argv", ["make_tree.py", str(embeddable(tmp_path)), str(lib), str(tree)])
    assert module.main() == 0
    files = {each.relative_to(tree).as_posix() for each in tree.rglob("*") if each.is_file()}
    assert {
        "python312.dll",
        "vcruntime140.dll",
        "msvcp140.dll",
        "python312._pth",
    } <= files  # where Windows looks first
    assert {"python/_ssl.pyd", "python/python312.zip", "python/alcove_start.py"} <= files
    assert {"LICENSE-Python.txt", "LICENSE.txt", "NOTICE.txt"} <= files
    assert {"lib/deep/__init__.py", "lib/app/_shipped/models/README.md"} <= files
    assert (tree / "python312._pth").read_text().split("\n")[:3] == ["python\\python312.zip", "python", "lib"]
    assert "You may." in (tree / "lib/app/_shipped/resources/licences/deep 1.0.txt").read_text()
    assert not any(each.endswith((".exe", "test_it.py")) or "third_party" in each for each in files)


def test_a_package_without_a_licence_fails_the_build(script, tmp_path, monkeypatch):
    package(tmp_path / "lib", "nameless", {"nameless/__init__.py": ""})
    (tmp_path / "lib" / "MSVCP140.dll").write_text("runtime")
    module = script("windows/make_tree.py")
    arguments = [str(embeddable(tmp_path)), str(tmp_path / "lib"), str(tmp_path / "tree")]
    monkeypatch.setattr("sys.argv", ["make_tree.py", *arguments])
    with pytest.raises(sys.modules["licences"].NoLicence, match="nameless"):
        module.main()


def test_paths_that_windows_cannot_delete_are_named(script, tmp_path):
    module = script("windows/make_tree.py")
    deep = tmp_path / "lib" / ("x" * 80) / ("y" * 80)
    deep.parent.mkdir(parents=True)
    deep.touch()
    (tmp_path / "short").touch()
    assert list(module.too_deep(tmp_path)) == [deep.relative_to(tmp_path).as_posix()]


def test_the_program_begins_as_a_packaged_one(tmp_path):
    """What alcove_start.py says of itself decides how workers start and where a portable Alcove keeps its data."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "__main__.py").write_text(
        "import sys\ndef main():\n    return 7 if sys.frozen is True else 1\n"
    )
    shutil.copy(WINDOWS / "alcove_start.py", tmp_path)
    assert subprocess.run([sys.executable, str(tmp_path / "alcove_start.py")]).returncode == 7


def test_windows_and_linux_offer_the_same_kinds_of_files():
    """As many as the menu entry of Linux names: some have two endings."""
    script = (WINDOWS / "installer.nsi").read_text()
    endings = re.search(r'!define ENDINGS "(.+)"', script)[1].split()
    entry = (PACKAGING / "linux" / "alcove.desktop").read_text()
    kinds = re.search(r"MimeType=(.+)", entry)[1].strip(";").split(";")
    twice = {"htm", "tsv"}
    assert len(endings) - len(twice) == len(kinds), "one of the two lists has what the other lacks"


def test_the_pinned_python_is_one_that_the_wheels_are_for():
    pins = (WINDOWS / "pins.sh").read_text()
    version = re.search(r"PYTHON_VERSION=(\d+)\.(\d+)\.\d+", pins)
    assert re.search(r"PYTHON_TAG=(\d+)", pins)[1] == version[1] + version[2]
    assert re.search(r"PYTHON_SHA256=\S*?[0-9a-f]{64}\b", pins)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_without_a_certificate_it_says_so_and_changes_nothing(tmp_path):
    program = tmp_path / "alcove.exe"
    program.write_bytes(b"MZ")
    done = subprocess.run(
        ["bash", WINDOWS / "sign.sh", program], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}
    )
    assert done.returncode == 0 and "Not signed" in done.stderr and "alcove.exe" in done.stderr
    assert program.read_bytes() == b"MZ"


COMPILER = "x86_64-w64-mingw32-gcc"


@pytest.mark.skipif(shutil.which(COMPILER) is None, reason="no compiler for Windows here (mingw-w64)")
@pytest.mark.parametrize("kind", [[], ["-DWINDOWED", "-mwindows"]])
def test_the_launchers_compile_without_a_warning(tmp_path, kind):
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-municode", "-static", '-DPYTHON_DLL=L"python312.dll"']
    source = WINDOWS / "launcher.c"
    done = subprocess.run(
        [COMPILER, *flags, *kind, source, "-o", tmp_path / "alcove.exe"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    asked = subprocess.run(
        ["x86_64-w64-mingw32-objdump", "-p", tmp_path / "alcove.exe"], capture_output=True, text=True
    ).stdout
    libraries = {each.lower() for each in re.findall(r"DLL Name: (\S+)", asked)}
    assert libraries <= {"kernel32.dll", "msvcrt.dll", "user32.dll"}, (
        "it would need more than every Windows has"
    )


@pytest.mark.skipif(shutil.which("makensis") is None, reason="no makensis here (nsis)")
def test_the_installer_compiles_without_a_warning(tmp_path):
    tree = tmp_path / "Alcove"
    (tree / "lib").mkdir(parents=True)
    for name in ("alcove.exe", "alcovew.exe", "python312.dll", "lib/x.py"):
        (tree / name).write_text("x")
    icon = tmp_path / "alcove.ico"
    subprocess.run([sys.executable, PACKAGING / "icon_files.py", icon], check=True)
    defined = {
        "VERSION": "0.1.0",
        "TREE": tree,
        "ICON": icon,
        "SIZE_MIB": 1,
        "OUT": tmp_path / "alcove-setup.exe",
        "FAST": "",
    }
    flags = [f"-D{name}={value}" for name, value in defined.items()]
    done = subprocess.run(
        ["makensis", "-V2", "-WX", *flags, WINDOWS / "installer.nsi"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "alcove-setup.exe").read_bytes()[:2] == b"MZ"


@pytest.mark.skipif(find_spec("PySide6") is None, reason="no Qt here")
def test_icons_have_every_size(tmp_path):
    from PIL import Image

    module_sizes = {".ico": {16, 20, 24, 32, 40, 48, 64, 256}, ".icns": {32, 64, 128, 256, 512, 1024}}
    files = [tmp_path / "alcove.ico", tmp_path / "alcove.icns"]
    subprocess.run([sys.executable, PACKAGING / "icon_files.py", *files], check=True)
    with Image.open(files[0]) as icon:
        assert {width for width, _ in icon.info["sizes"]} == module_sizes[".ico"]
    with Image.open(files[1]) as icon:
        pixels = {width * (rest[1] if len(rest) > 1 else 1) for width, *rest in icon.info["sizes"]}
        assert pixels == module_sizes[".icns"]
        icon.load()
        assert (
            icon.convert("RGBA").getpixel((icon.width // 2, icon.height // 16))[3] == 255
        )  # drawn, not empty
