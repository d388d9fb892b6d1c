import json
import os
import shutil
import subprocess

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.models import copying
from app.models.copying import FileProgress, remove_leftovers
from app.models.importing import import_model
from app.models.installed import installed_models
from app.models.kit import KitModel, export_kit, import_kit, read_kit
from app.models.kit_manifest import CHECKSUMS, MANIFEST
from app.models.records import Records
from tests.fixtures.killed import killed_while_copying
from tests.fixtures.tiny_model import write_tiny_model
from tests.unit.models.test_gguf import split


@pytest.fixture
def records(tmp_path):
    """A library with a plain model, one in three files, and one used in place."""
    records = Records(tmp_path / "models")
    sources = tmp_path / "sources"
    sources.mkdir()
    one = write_tiny_model(sources / "one.gguf")
    place = write_tiny_model(sources / "blob", seed=2)
    for file, options in (
        (one, {"copy": True, "source": "hub:a/b@c/one.gguf"}),
        (split(sources, 3)[0], {"copy": True}),
        (place, {"copy": False, "name": "place:1b", "source": "place:Ollama"}),
    ):
        list(import_model(file, records, cancel=CancelToken(), **options))
    return records


@pytest.fixture
def target(tmp_path):
    return tmp_path / "stick"


@pytest.fixture
def elsewhere(tmp_path):
    """Another machine."""
    return Records(tmp_path / "elsewhere" / "models")


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(copying, "_CHUNK_BYTES", 1000)


def models(records):
    return [each for each in installed_models(records.folder) if not each.starter]


def export(records, target, chosen=None, **options):
    events = export_kit(
        models(records) if chosen is None else chosen, target, records, CancelToken(), **options
    )
    return [each for each in events if isinstance(each, KitModel)]


def bring(folder, records):
    return [each for each in import_kit(folder, records, CancelToken()) if isinstance(each, KitModel)]


def outcomes(steps):
    return {each.name: each.outcome for each in steps}


def change(target, edit):
    content = json.loads((target / MANIFEST).read_text())
    edit(content)
    (target / MANIFEST).write_text(json.dumps(content))


FILES = [
    "m-00001-of-00003.gguf",
    "m-00002-of-00003.gguf",
    "m-00003-of-00003.gguf",
    "one.gguf",
    "place-1b.gguf",
]
NAMES = ("m-00001-of-00003", "one", "place:1b")


def test_a_kit_arrives_as_it_left(records, target, elsewhere):
    assert outcomes(export(records, target, licences={"one": "Do as you like."})) == dict.fromkeys(
        NAMES, "copied"
    )
    assert sorted(each.name for each in target.iterdir()) == [CHECKSUMS, MANIFEST, *FILES]
    manifest = json.loads((target / MANIFEST).read_text())
    assert manifest["alcove"]
    assert {each["name"]: (each["source"], each["licence"]) for each in manifest["models"]} == {
        "m-00001-of-00003": ("import", ""), "one": ("hub:a/b@c/one.gguf", "Do as you like."),
        "place:1b": ("place:Ollama", ""),
    }  # fmt: skip
    steps = bring(target, elsewhere)
    assert outcomes(steps) == {"m-00001-of-00003": "copied", "one": "copied", "place-1b": "copied"}
    for name in FILES:
        assert (elsewhere.folder / name).read_bytes() == (target / name).read_bytes()
    assert all(each.owned and each.source == "kit" and each.parts[0].sha256 for each in elsewhere.all())
    assert set(outcomes(bring(target, elsewhere)).values()) == {"already there"}
    assert len(models(elsewhere)) == 3


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_anyone_can_check_a_kit(records, target):
    export(records, target)
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", CHECKSUMS], cwd=target, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(FILES)


def test_a_second_export_copies_only_what_is_missing_or_damaged(records, target):
    export(records, target)
    before = {name: (target / name).stat().st_mtime_ns for name in FILES}
    assert set(outcomes(export(records, target)).values()) == {"already there"}
    content = bytearray((target / "one.gguf").read_bytes())
    content[-1] ^= 1
    (target / "one.gguf").write_bytes(content)
    (target / "m-00002-of-00003.gguf").unlink()
    assert outcomes(export(records, target)) == {"m-00001-of-00003": "copied", "one": "copied",
                                                 "place:1b": "already there"}  # fmt: skip
    assert (target / "one.gguf").read_bytes() == (records.folder / "one.gguf").read_bytes()
    untouched = [name for name in FILES if (target / name).stat().st_mtime_ns == before[name]]
    assert untouched == ["m-00001-of-00003.gguf", "m-00003-of-00003.gguf", "place-1b.gguf"]


def test_more_models_are_added_to_a_kit(records, target):
    one, *others = models(records)
    export(records, target, [one])
    export(records, target, others)
    assert {each.name for each in read_kit(target)} == set(NAMES)


def test_an_export_that_was_stopped_goes_on(records, target, slow):
    cancel = CancelToken()
    running = export_kit(models(records), target, records, cancel)
    first = next(each for each in running if isinstance(each, KitModel))
    next(running)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(running)
    assert {each.name for each in read_kit(target)} == {first.name}
    assert not list(target.glob(".*"))
    assert outcomes(export(records, target)) == {name: "already there" if name == first.name else "copied"
                                                 for name in NAMES}  # fmt: skip


def begin_export(models_folder, target):
    records = Records(models_folder)
    return export_kit(models(records), target, records, CancelToken())


def test_what_a_killed_export_left_goes_with_the_next_one(records, target):
    killed_while_copying(begin_export, records.folder, target)
    (left,) = target.iterdir()
    assert left.name.endswith(".part")
    export(records, target)
    assert sorted(each.name for each in target.iterdir()) == [CHECKSUMS, MANIFEST, *FILES]


def begin_import(kit, models_folder):
    return import_kit(kit, Records(models_folder), CancelToken())


def test_what_a_killed_import_left_goes_with_the_next_one(records, target, elsewhere):
    export(records, target)
    killed_while_copying(begin_import, target, elsewhere.folder)
    assert [each.suffix for each in elsewhere.folder.iterdir()] == [".part"]
    bring(target, elsewhere)
    assert sorted(each.name for each in elsewhere.folder.glob("*") if "alcove" not in each.name) == FILES


def test_what_is_being_copied_is_no_leftover(records, target, slow):
    running = export_kit(models(records), target, records, CancelToken())
    next(each for each in running if isinstance(each, FileProgress))
    (aside,) = target.iterdir()
    others = [target / ".notes.part", target / f".a.{10**20}-cafe.part"]  # no process has such a number
    for each in others:
        each.touch()
    remove_leftovers(target)
    assert sorted(target.iterdir()) == sorted([aside, *others])
    assert len([each for each in running if isinstance(each, KitModel)]) == len(NAMES)


def test_an_import_that_was_stopped_leaves_whole_models_only(records, target, elsewhere, slow):
    export(records, target)
    cancel = CancelToken()
    running = import_kit(target, elsewhere, cancel)
    first = next(each for each in running if isinstance(each, KitModel))
    next(running)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(running)
    assert [each.name for each in models(elsewhere)] == [first.name]
    assert not list(elsewhere.folder.glob("*.part")) + list(elsewhere.folder.glob(".*.part"))


@pytest.mark.parametrize("name", ["one.gguf", CHECKSUMS, "m-00003-of-00003.gguf"])
def test_files_of_others_are_never_written_over(records, target, name):
    target.mkdir()
    (target / name).write_bytes(b"mine")
    with pytest.raises(AppError, match=r"already has (another|a) file named"):
        export(records, target)
    assert (target / name).read_bytes() == b"mine"
    assert not list(target.glob(".*"))


def test_a_damaged_model_does_not_get_into_a_kit(records, target):
    file = records.folder / "one.gguf"
    file.write_bytes(file.read_bytes()[:-1] + b"\x07")
    with pytest.raises(AppError, match=r"“one\.gguf” is damaged"):
        export(records, target, [each for each in models(records) if each.name == "one"])
    assert list(target.iterdir()) == []


def test_a_kit_is_not_written_among_the_models(records, tmp_path):
    for folder in (records.folder, records.folder / "kit"):
        with pytest.raises(AppError, match="into the models folder"):
            export(records, folder)
    with pytest.raises(AppError, match="is not a folder"):
        export(records, tmp_path / "sources" / "one.gguf")


def test_damaged_files_are_named_and_the_rest_is_installed(records, target, elsewhere):
    export(records, target)
    content = bytearray((target / "m-00002-of-00003.gguf").read_bytes())
    content[-1] ^= 1
    (target / "m-00002-of-00003.gguf").write_bytes(content)
    os.truncate(target / "one.gguf", 5000)
    steps = {each.name: each for each in bring(target, elsewhere)}
    assert {name: step.outcome for name, step in steps.items()} == {
        "m-00001-of-00003": "damaged", "one": "damaged", "place-1b": "copied",
    }  # fmt: skip
    assert "m-00002-of-00003.gguf" in steps["m-00001-of-00003"].detail
    assert "5000 of" in steps["one"].detail
    assert [each.name for each in models(elsewhere)] == ["place-1b"]
    assert sorted(each.name for each in elsewhere.folder.glob("*.gguf")) == ["place-1b.gguf"]
    (target / "one.gguf").unlink()
    assert outcomes(bring(target, elsewhere))["one"] == "damaged"


def test_a_sound_checksum_does_not_make_a_model(target, elsewhere, records):
    import hashlib

    export(records, target)
    content = b"<!doctype html>"
    (target / "one.gguf").write_bytes(content)

    def edit(manifest):
        (file,) = next(each for each in manifest["models"] if each["name"] == "one")["files"]
        file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    change(target, edit)
    assert outcomes(bring(target, elsewhere))["one"] == "damaged"
    assert not (elsewhere.folder / "one.gguf").exists()


@pytest.mark.parametrize(
    "name",
    ["../one.gguf", "/etc/one.gguf", "sub/one.gguf", "..\\one.gguf", "C:\\one.gguf", "C:one.gguf", ".one.gguf",
     "one.txt", "", "one.gguf\n", "con.gguf", "x" * 300 + ".gguf", "a\u202eb.gguf", "nul\0.gguf"],
)  # fmt: skip
def test_a_hostile_name_stops_the_whole_kit(records, target, elsewhere, name):
    export(records, target)

    def edit(manifest):
        manifest["models"][-1]["files"][0]["file"] = name

    change(target, edit)
    with pytest.raises(AppError, match="cannot be part of it"):
        bring(target, elsewhere)
    assert not elsewhere.folder.exists()
    with pytest.raises(AppError, match="cannot be part of it"):
        export(records, target)


def test_a_link_or_a_pipe_in_a_kit_stops_it(records, target, elsewhere, tmp_path):
    export(records, target)
    secret = tmp_path / "secret.gguf"
    (target / "one.gguf").rename(secret)
    (target / "one.gguf").symlink_to(secret)
    with pytest.raises(AppError, match="not a plain file"):
        bring(target, elsewhere)
    (target / "one.gguf").unlink()
    os.mkfifo(target / "one.gguf")
    with pytest.raises(AppError, match="not a plain file"):
        bring(target, elsewhere)
    assert not elsewhere.folder.exists()


def test_parts_that_do_not_belong_together_are_refused(records, target, elsewhere):
    export(records, target)

    def edit(manifest):
        parts = next(each for each in manifest["models"] if len(each["files"]) == 3)
        parts["files"].pop()

    change(target, edit)
    with pytest.raises(AppError, match="do not belong together"):
        bring(target, elsewhere)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"kind": "alcove-kit", "version": 2, "models": []}', '{"kind": "alcove-kit", "version": 1}',
     '{"kind": "alcove-kit", "version": 1, "models": [{"files": []}]}', "[" * 100_000,
     '{"kind": "alcove-kit", "version": 1, "models": [{"files": [{"file": "a.gguf", "bytes": Infinity, "sha256": ""}]}]}',
     '{"kind": "alcove-kit", "version": 1, "models": [{"name": "a", "source": "", "licence": "", "files": '
     '[{"file": "a.gguf", "bytes": 1, "sha256": "x"}]}]}'],
)  # fmt: skip
def test_a_manifest_that_is_none(target, elsewhere, text):
    target.mkdir()
    (target / MANIFEST).write_text(text)
    with pytest.raises(AppError, match="damaged or from a newer Alcove"):
        bring(target, elsewhere)


def test_a_folder_without_a_kit(tmp_path, elsewhere):
    with pytest.raises(AppError, match="There is no kit"):
        bring(tmp_path, elsewhere)


def test_a_full_stick_is_one_sentence_and_goes_on_on_a_larger_one(records, tmp_path):
    stick = tmp_path / "small"
    stick.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "none", stick], capture_output=True
    ).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        with pytest.raises(AppError, match="not enough room"):
            export(records, stick)
        assert list(stick.iterdir()) == []
        subprocess.run(["mount", "-o", "remount,size=64m", stick], check=True)
        assert set(outcomes(export(records, stick)).values()) == {"copied"}
    finally:
        subprocess.run(["umount", "-l", stick], check=False)


def test_long_names_fit_in_a_kit(tmp_path, target, elsewhere):
    records = Records(tmp_path / "models")
    file = write_tiny_model(tmp_path / "x.gguf")
    name = "ü" * 130 + ":latest"
    list(import_model(file, records, copy=False, cancel=CancelToken(), name=name))
    export(records, target)
    assert [each.outcome for each in bring(target, elsewhere)] == ["copied"]
