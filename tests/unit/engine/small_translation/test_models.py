"""Installing models from folders, with the real process that unpacks and tries them."""

import gzip
import struct
from pathlib import Path

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModels
from tests.fixtures.tiny_translation_model import write_tiny_translation_model


def zstd(data: bytes) -> bytes:
    """A frame (RFC 8878) of blocks that are not compressed."""
    frame, size = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data)), 100_000
    for at in range(0, len(data), size):
        block = data[at : at + size]
        frame += struct.pack("<I", (at + size >= len(data)) | len(block) << 3)[:3] + block
    return frame


def test_models_of_a_folder_and_what_they_cover(
    models: SmallModels, got: Path, translation: SmallTranslation
):
    assert len(models.import_folder(got, translation, CancelToken())) == 2
    assert [model.pair for model in models.installed()] == ["de-en", "en-fr"]
    assert models.installed()[0].bytes == sum(file.stat().st_size for file in (got / "deen").iterdir())
    assert models.languages() == ("de", "en", "fr")
    assert [model.pair for model in models.route("de-AT", "fr")] == ["de-en", "en-fr"]
    assert models.route("fr", "de") == ()
    assert sorted(each.name for each in models.folder.iterdir()) == ["de-en", "en-fr"]


def test_packed_files_are_unpacked_and_stay_packed_where_they_were(
    got: Path, models: SmallModels, translation: SmallTranslation
):
    for file in (got / "deen").iterdir():
        packed = gzip.compress(file.read_bytes()) if file.suffix == ".spm" else zstd(file.read_bytes())
        file.with_name(f"{file.name}{'.gz' if file.suffix == '.spm' else '.zst'}").write_bytes(packed)
        file.unlink()
    before = sorted(got.rglob("*"))
    added = models.import_folder(got / "deen", translation, CancelToken())
    assert sorted(got.rglob("*")) == before
    names = sorted(file.name for file in added[0].folder.iterdir())
    assert names == ["model.deen.intgemm.alphas.bin", "vocab.deen.spm"]
    assert list(translation.translate([added[0].folder], ["haus"], CancelToken())) == ["house"]


def test_a_folder_without_a_whole_model_says_what_is_missing(
    got: Path, models: SmallModels, translation: SmallTranslation, tmp_path: Path
):
    def refused(folder: Path) -> str:
        with pytest.raises(AppError) as caught:
            models.import_folder(folder, translation, CancelToken())
        return caught.value.what

    (got / "deen" / "vocab.deen.spm").unlink()
    (got / "enfr" / "model.enfr.intgemm.alphas.bin").unlink()
    assert "its vocabulary" in refused(got / "deen")
    assert "the model itself" in refused(got / "enfr")
    (tmp_path / "empty").mkdir()
    assert "There is no Firefox translation model" in refused(tmp_path / "empty")
    assert "is not a folder" in refused(tmp_path / "nowhere")
    assert models.installed() == () and translation.worker_pid is None


def test_a_damaged_model_is_not_installed_and_a_good_one_takes_the_place_of_the_old_one(
    installed: SmallModels, got: Path, translation: SmallTranslation, tmp_path: Path
):
    folder = installed.installed()[0].folder
    for file in sorted((got / "deen").iterdir()):
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(AppError, match=r"“de-en” is damaged"):
            installed.import_folder(got / "deen", translation, CancelToken())
        file.write_bytes(whole)
        assert list(translation.translate([folder], ["haus"], CancelToken())) == ["house"]
    (folder / "notes.txt").write_text("mine")
    write_tiny_translation_model(tmp_path / "new", "de", "en", {"haus": "home"})
    installed.import_folder(tmp_path / "new", translation, CancelToken())
    assert list(translation.translate([folder], ["haus"], CancelToken())) == ["home"]
    assert (folder / "notes.txt").read_text() == "mine" and len(list(folder.iterdir())) == 3
    assert sorted(each.name for each in installed.folder.iterdir()) == ["de-en", "en-fr"]


def test_stopped_nothing_is_left(got: Path, models: SmallModels, translation: SmallTranslation):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        models.import_folder(got, translation, cancel)
    assert models.installed() == ()


def test_removing_leaves_what_others_put_there(installed: SmallModels):
    notes = installed.folder / "de-en" / "notes.txt"
    notes.write_text("mine")
    assert installed.remove("de-en").bytes > 200_000
    assert notes.read_text() == "mine" and [each.pair for each in installed.installed()] == ["en-fr"]
    installed.remove("enfr")
    assert not (installed.folder / "en-fr").exists()
    with pytest.raises(AppError, match=r"No translation model “de-en”"):
        installed.remove("de-en")


def test_what_killed_processes_left_goes_but_no_model(
    models: SmallModels, got: Path, translation: SmallTranslation
):
    half, replaced = models.folder / ".new-999999999-cafe", models.folder / ".new-999999998-cafe"
    (half / "de-en").mkdir(parents=True)
    (replaced / "old").mkdir(parents=True)  # between two renames: this is the model that was installed
    arriving = models.folder / ".de-en-0123456789ab"  # a download, which goes on another time
    arriving.mkdir()
    with models.staging() as mine:
        models.import_folder(got / "deen", translation, CancelToken())
        assert mine.is_dir()
    assert sorted(each.name for each in models.folder.iterdir()) == [arriving.name, replaced.name, "de-en"]
