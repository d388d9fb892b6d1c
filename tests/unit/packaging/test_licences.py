"""Licences of what is installed here, and of parts made up for the test."""

import json
from importlib.metadata import Distribution, distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement


def made_up(folder: Path, name: str, files: dict[str, str]) -> Distribution:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: MIT\n"
    )
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return Distribution.at(info)


def needed() -> list[str]:
    asked = [Requirement(each) for each in requires("alcove") or []]
    return [each.name for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]


@pytest.mark.parametrize("name", needed())
def test_every_dependency_has_a_text(script, name):
    text = script("freeze/licences.py").text_of(distribution(name))
    assert text is not None and len(text) > 500, name


def test_all_texts_of_a_part_are_kept_once(script, tmp_path):
    files = {
        "part-1.0.dist-info/licenses/LICENSE": "You may.",
        "part/vendored/COPYING": "You may, too.",
        "part/again/LICENSE.txt": "You may.",
        "part/license.py": "def licence(): ...",
    }
    text = script("freeze/licences.py").text_of(made_up(tmp_path, "part", files))
    assert text.count("You may.") == 1 and "You may, too." in text and "def licence" not in text


def test_what_is_compiled_in_is_listed(script, tmp_path):
    bill = {
        "components": [{"name": "serde", "version": "1.0", "licenses": [{"expression": "MIT OR Apache-2.0"}]}]
    }
    files = {"part/LICENSE": "You may.", "part-1.0.dist-info/sboms/part.cyclonedx.json": json.dumps(bill)}
    text = script("freeze/licences.py").text_of(made_up(tmp_path, "part", files))
    assert "serde 1.0: MIT OR Apache-2.0" in text


def test_a_part_without_a_licence_fails_the_build(script, tmp_path):
    licences = script("freeze/licences.py")
    parts = [made_up(tmp_path, "nameless", {"nameless/__init__.py": ""})]
    with pytest.raises(licences.NoLicence, match="nameless"):
        licences.collect(parts, [], tmp_path / "out")


def test_only_parts_whose_files_are_taken_are_named(script, tmp_path):
    licences = script("freeze/licences.py")
    taken = made_up(tmp_path, "taken", {"taken/__init__.py": "", "taken/LICENSE": "You may."})
    left = made_up(tmp_path, "left", {"left/__init__.py": "", "left/LICENSE": "You may."})
    parts = licences.owners([tmp_path / "taken" / "__init__.py"], [taken, left])
    assert [each.metadata["Name"] for each in parts] == ["taken"]
    licences.collect(parts, [], tmp_path / "out")
    names = sorted(each.name for each in (tmp_path / "out").iterdir())
    assert names[1:] == ["taken 1.0.txt"] and names[0].startswith("Python 3.")
