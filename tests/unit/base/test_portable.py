"""Where a packaged Alcove that is carried about keeps its data, and that it may lie elsewhere at the next start."""

import shutil
import sys
from pathlib import Path

import pytest

from app.base.paths import find_paths
from app.base.settings import SettingsStore
from app.models.installed import find_model
from tests.fixtures.tiny_model import write_tiny_model


def packaged(monkeypatch: pytest.MonkeyPatch, program: Path) -> None:
    """This process passes for the packaged `program`."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.touch()
    for name in ("ALCOVE_HOME", "APPDIR", "APPIMAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.parametrize("marker", ["portable", "portable.txt"])
@pytest.mark.parametrize(
    "program", ["Alcove/alcovew.exe", "alcove/alcove", "Alcove.app/Contents/MacOS/alcove"]
)
def test_data_lies_beside_what_the_person_sees(tmp_path, monkeypatch, program, marker):
    packaged(monkeypatch, tmp_path / program)
    seen = tmp_path if ".app" in program else (tmp_path / program).parent
    assert not find_paths().data.is_relative_to(tmp_path) and not find_paths().portable
    (seen / marker).touch()
    assert find_paths().data == seen / "alcove-data" and find_paths().portable


def test_beside_an_appimage_not_in_it(tmp_path, monkeypatch):
    packaged(monkeypatch, tmp_path / "mounted" / "opt" / "alcove" / "alcove")
    monkeypatch.setenv("APPDIR", str(tmp_path / "mounted"))
    monkeypatch.setenv("APPIMAGE", str(tmp_path / "stick" / "Alcove.AppImage"))
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "portable").touch()
    assert find_paths().data == tmp_path / "stick" / "alcove-data"


def test_another_programs_appimage_is_not_ours(tmp_path, monkeypatch):
    packaged(monkeypatch, tmp_path / "alcove" / "alcove")
    monkeypatch.setenv("APPDIR", str(tmp_path / "mounted"))
    monkeypatch.setenv("APPIMAGE", str(tmp_path / "Terminal.AppImage"))
    (tmp_path / "portable").touch()
    assert not find_paths().portable


def test_a_chosen_folder_comes_before_the_marker(tmp_path, monkeypatch):
    packaged(monkeypatch, tmp_path / "alcove" / "alcove")
    (tmp_path / "alcove" / "portable").touch()
    chosen = find_paths(tmp_path / "chosen")
    assert chosen.data == tmp_path / "chosen" and not chosen.portable
    monkeypatch.setenv("ALCOVE_HOME", str(tmp_path / "named"))
    assert find_paths().data == tmp_path / "named"


def test_models_on_a_stick_are_found_where_it_is_mounted_next(tmp_path, monkeypatch):
    packaged(monkeypatch, tmp_path / "one" / "alcove" / "alcove")
    (tmp_path / "one" / "alcove" / "portable").touch()
    before = find_paths()
    before.prepare()
    write_tiny_model(before.models / "tiny.gguf")
    SettingsStore(before.settings_file).change(
        default_model=before.models / "tiny.gguf", models_folder=before.models
    )
    shutil.move(tmp_path / "one", tmp_path / "two")
    packaged(monkeypatch, tmp_path / "two" / "alcove" / "alcove")
    after = find_paths()
    settings = SettingsStore(after.settings_file).current
    assert settings.models_folder == after.models
    assert find_model(None, after.models, settings.default_model) == after.models / "tiny.gguf"


def test_models_elsewhere_keep_their_whole_path(tmp_path):
    (tmp_path / "config").mkdir()
    model = tmp_path / "models" / "tiny.gguf"
    SettingsStore(tmp_path / "config" / "settings.json").change(default_model=model)
    shutil.move(tmp_path / "config", tmp_path / "moved")
    assert SettingsStore(tmp_path / "moved" / "settings.json").current.default_model == model


def test_what_one_machine_was_measured_to_do_is_not_said_of_another(tmp_path, monkeypatch):
    packaged(monkeypatch, tmp_path / "alcove" / "alcove")
    (tmp_path / "alcove" / "portable").touch()
    monkeypatch.setattr("platform.node", lambda: "the office")
    office = find_paths().measurements
    monkeypatch.setattr("platform.node", lambda: "home/../")
    assert find_paths().measurements != office and find_paths().measurements.parent == office.parent
