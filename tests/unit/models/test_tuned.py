"""A tuned copy is used while everything it was made for is as it was; else the original is."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models import tuned
from app.models.installed import InstalledModel, installed_models
from app.models.records import Records
from app.models.removing import remove
from app.models.tuned import Figures, Tuning, Tunings, engine_version
from app.models.verifying import Verified, verify
from tests.fixtures.tiny_model import write_tiny_model

SHA256 = hashlib.sha256(b"copy!").hexdigest()
FIGURES = Figures(2.6, 1.3, 14.2, 14.2, 3)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return write_tiny_model(folder / "some.gguf")


@pytest.fixture
def tunings(original: Path) -> Tunings:
    found = Tunings(original.parent)
    found.folder.mkdir()
    return found


def keep(tunings: Tunings, original: Path, **changes: Any) -> Tuning:
    """A copy of five bytes."""
    aside = tunings.folder / "x.part"
    aside.write_bytes(b"copy!")
    tuning = Tuning(
        str(original), "a" * 64, tuned.processor_key(), engine_version(), "Q8_0", 5, FIGURES, SHA256
    )
    tuning = replace(tuning, **changes)
    tunings.put(original, tuning, aside if tuning.kind else None)
    aside.unlink(missing_ok=True)
    return tuning


def test_a_copy_is_found_as_it_was_kept_and_is_no_model_of_its_own(original: Path, tunings: Tunings):
    assert tunings.find(original) is None and tunings.file(original) is None
    kept = keep(tunings, original)
    copy = tunings.file(original)
    assert tunings.find(original) == kept and copy is not None and copy.read_bytes() == b"copy!"
    assert "some" in copy.name and "Q8_0" in copy.name
    assert [each.file for each in installed_models(original.parent) if not each.starter] == [original]


def test_nothing_faster_is_remembered_too(original: Path, tunings: Tunings):
    keep(tunings, original)
    kept = keep(tunings, original, kind="", bytes=0, figures=None)
    assert tunings.find(original) == kept and tunings.file(original) is None
    assert not list(tunings.folder.glob("*.gguf"))


def test_another_processor_engine_or_file_makes_it_void(
    original: Path, tunings: Tunings, monkeypatch: pytest.MonkeyPatch
):
    keep(tunings, original)
    with monkeypatch.context() as other:
        other.setattr(tuned, "processor_key", lambda: "another")
        assert tunings.file(original) is None
    with monkeypatch.context() as other:
        other.setattr(tuned, "engine_version", lambda: "9.9")
        assert tunings.file(original) is None
    assert tunings.file(original) is not None
    moved = original.parent / "deeper" / original.name
    moved.parent.mkdir()
    original.rename(moved)
    assert tunings.file(moved) is not None  # the folder does not count
    os.utime(moved, ns=(1, 1))
    assert tunings.find(moved) is None
    moved.unlink()
    assert tunings.find(moved) is None


def test_a_copy_that_is_damaged_or_gone_is_not_used(original: Path, tunings: Tunings):
    keep(tunings, original)
    copy = tunings.file(original)
    assert copy is not None
    copy.write_bytes(b"half")
    assert tunings.find(original) is None
    copy.unlink()
    assert tunings.find(original) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kind", "../../x"), ("kind", 8), ("bytes", "many"), ("figures", {"reading": "fast"}), ("sha256", None),
        ("copy_sha256", None),
    ],
)  # fmt: skip
def test_a_record_that_is_none_counts_as_not_tuned(original: Path, tunings: Tunings, key: str, value: Any):
    keep(tunings, original)
    (file,) = tunings.folder.glob("*.json")
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, key: value}))
    assert tunings.find(original) is None
    file.write_text("[" * 100_000)
    assert tunings.find(original) is None


def test_a_copy_goes_with_its_model(original: Path, tunings: Tunings):
    records = Records(original.parent)
    records.put(records.describe([original], name="some", source="import", owned=True))
    keep(tunings, original)
    size = original.stat().st_size
    removed = remove(InstalledModel("some", original, size, starter=False, owned=True), records)
    assert removed.freed == size + 5
    assert not list(tunings.folder.iterdir())


def test_leftovers_and_copies_of_models_that_are_gone_are_swept(original: Path, tunings: Tunings):
    other = write_tiny_model(original.parent / "other.gguf", seed=2)
    for each in (original, other):
        keep(tunings, each)
    tunings.postpone(other)
    old, new = tunings.folder / "Q8_0.0.part", tunings.folder / "Q8_0.1.part"
    for part in (old, new):
        part.write_bytes(b"half")
    os.utime(old, (1, 1))
    other.unlink()
    tunings.sweep([original, other])
    assert tunings.file(original) is not None
    assert {each.name for each in tunings.folder.iterdir()} == {
        new.name, *(each.name for each in tunings.folder.glob("some*"))
    }  # fmt: skip


def test_copies_of_another_version_of_the_engine_are_swept(original: Path, tunings: Tunings):
    keep(tunings, original, engine="0.0.1")
    tunings.sweep([original])
    assert not list(tunings.folder.iterdir())


def test_a_copy_of_a_model_outside_the_list_stays_until_that_is_gone(
    original: Path, tunings: Tunings, tmp_path: Path
):
    (tmp_path / "disk").mkdir()
    other = write_tiny_model(tmp_path / "disk" / "other.gguf", seed=2)
    keep(tunings, other)
    tunings.sweep([original])
    assert tunings.file(other) is not None
    (tmp_path / "disk").rename(tmp_path / "elsewhere")  # not connected
    tunings.sweep([original])
    (tmp_path / "elsewhere").rename(tmp_path / "disk")
    assert tunings.file(other) is not None
    other.unlink()
    tunings.sweep([original])
    assert not list(tunings.folder.iterdir())


def test_a_copy_whose_record_cannot_be_written_does_not_stay(
    original: Path, tunings: Tunings, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise AppError("The disk is full.")

    monkeypatch.setattr(tuned, "write_text", full)
    with pytest.raises(AppError, match="full"):
        keep(tunings, original)
    assert not list(tunings.folder.glob("*.gguf"))


def test_the_copy_of_a_model_that_is_gone_is_removed_with_it(original: Path, tunings: Tunings):
    other = write_tiny_model(original.parent / "other.gguf", seed=2)
    for each in (original, other):
        keep(tunings, each)
    original.unlink()
    assert tunings.drop(original) == 5
    assert {each.name.split("-")[0].split(".")[0] for each in tunings.folder.iterdir()} == {"other"}


def test_only_one_tunes_at_a_time(original: Path, tunings: Tunings):
    other = write_tiny_model(original.parent / "other.gguf", seed=2)
    second = Tunings(original.parent)
    with tunings.alone(original):
        with pytest.raises(AppError, match="Another model is being tuned"), second.alone(other):
            pass
        with pytest.raises(AppError, match="is being tuned already"), second.alone(original):
            pass
    with tunings.alone(other), pytest.raises(AppError, match="Another model"), second.alone(original):
        pass
    assert [each.name for each in tunings.folder.iterdir()] == [".lock"]


def checked(original: Path, records: Records) -> list[Verified]:
    model = InstalledModel("some", original, original.stat().st_size, starter=False)
    return [each for each in verify([model], records, CancelToken()) if isinstance(each, Verified)]


def test_a_tuned_copy_is_checked_with_its_model_and_goes_where_it_is_damaged(
    original: Path, tunings: Tunings
):
    records = Records(original.parent)
    keep(tunings, original)
    assert [(each.verdict, each.copy) for each in checked(original, records)] == [("unknown", False)]
    assert [(each.verdict, each.copy) for each in checked(original, records)] == [("ok", False)]
    copy = tunings.file(original)
    assert copy is not None
    copy.write_bytes(b"copx!")  # as long as before
    sound, damaged = checked(original, records)
    assert (sound.verdict, damaged.verdict, damaged.copy) == ("ok", "wrong", True)
    assert "has been deleted" in damaged.detail
    assert not copy.exists() and tunings.find(original) is None and original.exists()
    assert len(checked(original, records)) == 1
