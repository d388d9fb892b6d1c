"""The rules of the macOS recipe that can be tested elsewhere."""

import ast
import inspect
import plistlib

import pytest

from tests.unit.packaging.conftest import PACKAGING

MACOS = PACKAGING / "macos"


def test_what_macos_is_told_can_be_written(script):
    listed = script("macos/property_list.py").entries("1.2.3")
    assert plistlib.loads(plistlib.dumps(listed)) == listed
    assert listed["CFBundleShortVersionString"] == "1.2.3"


def test_alcove_never_takes_a_kind_of_file_over(script):
    for kind in script("macos/property_list.py").entries("1.0")["CFBundleDocumentTypes"]:
        assert kind["LSHandlerRank"] in ("Alternate", "None") and kind["CFBundleTypeRole"] == "Viewer"


def test_entitlements_are_those_that_compiling_at_run_time_needs():
    entitled = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert all(entitled.values()) and len(entitled) == 3
    assert "com.apple.security.cs.allow-jit" in entitled


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("libggml.0.dylib", True),
        ("libggml-base.0.dylib", True),
        ("libllama.dylib", False),
        ("libllama.0.5.0.dylib", False),
    ],
)
def test_each_library_is_taken_once(script, name, taken):
    assert script("macos/contents.py").is_asked_for_by_version(name) is taken


def test_what_nobody_needs_stays_out(script):
    is_left_out = script("macos/contents.py").is_left_out
    assert is_left_out("PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick")
    assert is_left_out("openvino/libs/libopenvino_pytorch_frontend.2641.dylib")
    assert not is_left_out("PySide6/Qt/lib/QtPdf.framework/Versions/A/QtPdf")
    assert not is_left_out("PySide6/Qt/plugins/platforms/libqcocoa.dylib")
    assert not is_left_out("openvino/libs/libopenvino_onnx_frontend.2641.dylib")


def test_what_the_recipe_takes_from_that_of_linux_is_there(script):
    """The recipe itself runs on a Mac only."""
    tree = ast.parse((MACOS / "alcove.spec").read_text())
    taken = [each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    ours = {
        each.module: [name.name for name in each.names]
        for each in taken
        if each.module in ("contents", "licences")
    }
    assert len(ours) == 2
    for module, names in ours.items():
        loaded = script(f"freeze/{module}.py")
        assert all(hasattr(loaded, name) for name in names), names
    assert list(inspect.signature(script("freeze/contents.py").is_wanted).parameters) == [
        "module",
        "recorded",
    ]
    assert (PACKAGING / "freeze" / "alcove.py").is_file() and (PACKAGING / "freeze" / "hooks").is_dir()
    assert 'FREEZER="pyinstaller==' in (PACKAGING / "freeze" / "environment.sh").read_text()
