"""Which files are offered: those that run here."""

import sys

import pytest

from app import __version__
from app.updates import this_copy as module
from app.updates.manifest import ReleaseFile
from app.updates.this_copy import ThisCopy, files_for, this_copy


def file(system, processor, edition):
    return ReleaseFile(
        f"{edition}-{processor}", "https://example.org/a", system, processor, edition, 1, "0" * 64
    )


FILES = [
    file("linux", "x86_64", "run"),
    file("linux", "arm64", "deb"),
    file("linux", "x86_64", "deb"),
    file("windows", "x86_64", "setup"),
    file("windows", "x86_64", "portable"),
    file("macos", "arm64", "dmg"),
]


@pytest.mark.parametrize(
    ("copy", "editions"),
    [
        (ThisCopy("1", "linux", "x86_64", "deb"), ["deb", "run"]),
        (ThisCopy("1", "linux", "x86_64", ""), ["run", "deb"]),
        (ThisCopy("1", "windows", "x86_64", "portable"), ["portable", "setup"]),
        (ThisCopy("1", "macos", "arm64", "dmg"), ["dmg"]),
        (ThisCopy("1", "macos", "x86_64", "dmg"), []),
        (ThisCopy("1", "linux", "", ""), []),
    ],
)
def test_files_for_this_machine(copy, editions):
    assert [each.edition for each in files_for(copy, FILES)] == editions


def test_run_from_source_it_is_no_edition(paths):
    found = this_copy(paths)
    assert (found.version, found.edition) == (__version__, "")
    assert found.system in ("linux", "windows", "macos")


def test_an_installed_copy_knows_how_it_was_installed(paths, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("APPIMAGE", raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/alcove/alcove")
    monkeypatch.setattr(module, "runs_other_models", lambda: False)
    assert this_copy(paths).edition == "deb-light"
    monkeypatch.setattr(module, "runs_other_models", lambda: True)
    assert this_copy(paths).edition == "deb"
    monkeypatch.setattr(sys, "executable", "/home/somebody/.local/alcove/alcove")
    assert this_copy(paths).edition == "run"
    monkeypatch.setenv("APPIMAGE", "/home/somebody/Alcove.AppImage")
    assert this_copy(paths).edition == "appimage"
    assert module._edition("windows", portable=True) == "portable"
    assert module._edition("windows", portable=False) == "setup"
    assert module._edition("macos", portable=False) == "dmg"
