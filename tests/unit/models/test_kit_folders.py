"""Models in a kit that are folders: what is copied, what is checked, and what is not believed."""

import json
import os
import shutil
from collections import namedtuple

import pytest

from app.base.errors import AppError, Cancelled
from app.base.files import sha256_of
from app.base.jobs import CancelToken
from app.models.importing import import_model
from app.models.installed import installed_models
from app.models.kit import KitModel, export_kit, read_kit
from app.models.kit_folders import FolderModel, export_folders, folders_in, names_inside, take_out
from app.models.kit_manifest import MANIFEST, read_manifest
from app.models.records import Records
from tests.fixtures.killed import killed_while_copying
from tests.fixtures.tiny_model import write_tiny_model


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "models" / "encoders" / "e5"
    (folder / "1_Pooling").mkdir(parents=True)
    files = {"model.safetensors": b"weights" * 100, "config.json": b"{}", "1_Pooling/config.json": b"[]"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "notes of mine.doc").write_text("stays here")
    return FolderModel("encoders", "e5", folder, tuple(files), "hub:a/b@c", "MIT.")


@pytest.fixture
def stick(tmp_path):
    return tmp_path / "stick"


def export(stick, *models):
    events = list(export_folders(models, stick, CancelToken()))
    return [each.outcome for each in events if isinstance(each, KitModel)]


def checksums_hold(stick):
    """As `sha256sum -c` says."""
    lines = [line.split("  ", 1) for line in (stick / "SHA256SUMS").read_text().splitlines()]
    return len(lines) >= 3 and all(sha256_of(stick / name) == digest for digest, name in lines)


def out_of(stick, folder):
    (model,) = folders_in(stick)
    folder.mkdir()
    list(take_out(model, stick, folder, CancelToken()))
    return model


def test_a_folder_goes_in_and_comes_out_as_it_was(model, stick, tmp_path):
    stick.mkdir()
    assert export(stick, model) == ["copied"]
    assert sorted(os.listdir(stick)) == ["SHA256SUMS", "alcove-kit.json", "encoders"]
    assert checksums_hold(stick)
    found = out_of(stick, tmp_path / "aside")
    assert (found.kind, found.name, found.source, found.licence) == ("encoders", "e5", "hub:a/b@c", "MIT.")
    assert names_inside(found) == model.files and not (tmp_path / "aside" / "notes of mine.doc").exists()
    for name in model.files:
        assert (tmp_path / "aside" / name).read_bytes() == (model.folder / name).read_bytes()


def test_what_is_there_is_not_copied_again_and_what_changed_is(model, stick):
    stick.mkdir()
    export(stick, model)
    weights = stick / "encoders" / "e5" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    assert export(stick, model) == ["already there"] and weights.stat().st_mtime_ns == before
    weights.write_bytes(b"damaged" * 100)
    assert export(stick, model) == ["copied"]
    (model.folder / "model.safetensors").write_bytes(b"another")
    assert export(stick, model) == ["copied"] and weights.read_bytes() == b"another"
    assert len(folders_in(stick)) == 1


def test_a_kit_holds_both_kinds_whichever_came_first(model, stick, tmp_path):
    records = Records(tmp_path / "models")
    list(import_model(write_tiny_model(tmp_path / "one.gguf"), records, cancel=CancelToken(), copy=True))
    gguf = [each for each in installed_models(records.folder) if not each.starter]
    stick.mkdir()
    export(stick, model)
    list(export_kit(gguf, stick, records, CancelToken()))
    export(stick, model)
    kit = read_manifest(stick)
    assert [each.name for each in kit.models] == ["one"] and [each.name for each in kit.folders] == ["e5"]
    assert [each.name for each in read_kit(stick)] == ["one"]
    assert checksums_hold(stick)


def test_only_what_is_missing_needs_room(model, stick, monkeypatch):
    stick.mkdir()
    export(stick, model)
    full = namedtuple("Usage", "total used free")(1 << 40, 1 << 40, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert export(stick, model) == ["already there"]
    (stick / "encoders" / "e5" / "config.json").unlink()
    with pytest.raises(AppError, match="not enough room"):
        export(stick, model)
    monkeypatch.undo()
    weights = stick / "encoders" / "e5" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    assert export(stick, model) == ["copied"]
    assert weights.stat().st_mtime_ns == before and checksums_hold(stick)


def begin_export(stick, model):
    return export_folders([model], stick, CancelToken())


def test_what_a_killed_export_left_goes_with_the_next_one(model, stick):
    killed_while_copying(begin_export, stick, model)
    assert [each.suffix for each in (stick / "encoders" / "e5").iterdir() if each.is_file()] == [".part"]
    export(stick, model)
    assert not list(stick.rglob("*.part")) and checksums_hold(stick)


def test_damage_is_noticed_and_nothing_is_left(model, stick, tmp_path):
    stick.mkdir()
    export(stick, model)
    (stick / "encoders" / "e5" / "model.safetensors").write_bytes(b"wEights" * 100)
    with pytest.raises(AppError, match="damaged"):
        out_of(stick, tmp_path / "aside")
    assert [each for each in (tmp_path / "aside").rglob("*") if each.is_file()] == []


@pytest.mark.parametrize(
    "file",
    [
        "../../evil.json", "/etc/passwd", "encoders/e5/../../../evil", "encoders/e5", "encoders/e5/", "encoders/other/a.json",
        "translation/e5/a.json", "encoders/e5/a/b/c.json", "encoders/e5/.hidden", "encoders/e5/a\\b.json", "encoders/e5/con",
        "encoders/e5/a:b", "encoders//e5/a.json",
    ],
)  # fmt: skip
def test_names_that_lead_out_are_refused(model, stick, file):
    stick.mkdir()
    export(stick, model)
    content = json.loads((stick / MANIFEST).read_text())
    content["folders"][0]["files"][0]["file"] = file
    (stick / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(AppError, match="cannot be part of it"):
        folders_in(stick)


def test_names_of_models_that_lead_out_are_refused(model, stick):
    stick.mkdir()
    export(stick, model)
    text = (stick / MANIFEST).read_text()
    for name in ("..", "../e5", "", "."):
        content = json.loads(text.replace("encoders/e5/", f"encoders/{name}/"))
        content["folders"][0]["name"] = name
        (stick / MANIFEST).write_text(json.dumps(content))
        with pytest.raises(AppError, match="cannot be part of it"):
            folders_in(stick)


def test_links_are_refused(model, stick, tmp_path):
    stick.mkdir()
    export(stick, model)
    (tmp_path / "secret").write_text("secret")
    file = stick / "encoders" / "e5" / "config.json"
    file.unlink()
    file.symlink_to(tmp_path / "secret")
    with pytest.raises(AppError, match="not a plain file"):
        folders_in(stick)
    file.unlink()
    (stick / "encoders" / "e5").rename(tmp_path / "elsewhere")
    (stick / "encoders" / "e5").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AppError, match="not a plain file"):
        folders_in(stick)


@pytest.mark.parametrize(
    "edit",
    [
        lambda folder: folder.update(kind="programs"),
        lambda folder: folder.update(files=[]),
        lambda folder: folder["files"][0].update(sha256="00"),
        lambda folder: folder["files"][0].pop("bytes"),
    ],
)
def test_a_manifest_that_was_damaged(model, stick, edit):
    stick.mkdir()
    export(stick, model)
    content = json.loads((stick / MANIFEST).read_text())
    edit(content["folders"][0])
    (stick / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(AppError, match="damaged or from a newer"):
        folders_in(stick)


def test_a_stopped_export_leaves_no_half_model(model, stick):
    stick.mkdir()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(export_folders([model], stick, cancel))
    assert folders_in(stick) == ()
