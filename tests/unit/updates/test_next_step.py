"""What is said to do with each kind of file."""

import os

import pytest

from app.updates.next_step import next_step


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("alcove_0.2.0_amd64.deb", "double-click, or type in a terminal: sudo apt install {file}"),
        ("alcove-0.2.0-x86_64.run", "type in a terminal: sh {file}"),
        ("Alcove-0.2.0-x64-setup.exe", "double-click."),
        ("Alcove-0.2.0-x64-portable.zip", "unpack it into a new folder"),
        ("Alcove-0.2.0-arm64.dmg", "onto Applications"),
    ],
)
def test_each_kind_has_its_own(tmp_path, name, said):
    file = tmp_path / name
    assert said.format(file=file) in next_step(file)
    assert next_step(file).startswith("Alcove does not start it. Quit Alcove, then ")


def test_a_path_can_be_typed_as_it_stands(tmp_path):
    file = tmp_path / "my files" / "alcove-0.2.0-x86_64.run"
    assert next_step(file).endswith(f"sh '{file}'")


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no such permission")
def test_an_appimage_that_may_not_be_run(tmp_path):
    file = tmp_path / "Alcove-0.2.0-x86_64.AppImage"
    file.write_bytes(b"")
    file.chmod(0o600)
    assert "in its properties to be run as a program" in next_step(file)
    file.chmod(0o700)
    assert next_step(file).endswith("then open it with a double-click.")
