"""Models out of a kit: tried by the real engines before they count."""

import hashlib
import json
import shutil

import pytest

from app.assistants import keep_kits
from app.assistants.keep_kits import KitParts, folder_models, install_kit
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.sizing import Sizing
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModels
from app.models.catalog import load_catalog
from app.models.copying import FileProgress
from app.models.encoders import CARD, Encoders, Prefixes
from app.models.installed import installed_models
from app.models.kit import KitModel, export_kit
from app.models.kit_folders import export_folders
from app.models.kit_manifest import MANIFEST
from app.models.records import Records
from tests.fixtures.killed import killed_while_copying
from tests.fixtures.tiny_model import write_tiny_model
from tests.fixtures.tiny_translation_model import write_tiny_translation_model
from tests.unit.models.test_encoders import write_folder

E5 = "intfloat/multilingual-e5-small"


class Library:
    """Notes what it is to try; the real one takes seconds to start, and stands in the end to end test."""

    def __init__(self):
        self.tried = []

    def try_out(self, folder, kind, cancel):
        self.tried.append(kind)


def parts_in(folder, paths):
    translation = SmallTranslation(paths)
    return KitParts(
        Records(folder), Sizing(paths), Encoders(folder), Library(), SmallModels(folder), translation
    )


@pytest.fixture
def parts(paths, tmp_path):
    made = parts_in(tmp_path / "elsewhere", paths)
    yield made
    made.sizing.close()


@pytest.fixture
def kit(paths, tmp_path):
    """With a search model of the catalogue and a translation model."""
    encoders = Encoders(paths.models)
    with encoders.staging() as aside:
        encoders.put_in_place(write_folder(aside), "E5", f"hub:{E5}@abc", Prefixes("query: ", "passage: "))
    write_tiny_translation_model(paths.models / "translation" / "de-en", "de", "en", {"haus": "house"})
    stick = tmp_path / "stick"
    stick.mkdir()
    list(export_folders(folder_models(paths.models, load_catalog()), stick, CancelToken()))
    return stick


def install(kit, parts):
    found = [each for each in install_kit(kit, parts, CancelToken()) if isinstance(each, KitModel)]
    return {each.name: (each.outcome, each.detail) for each in found}


def test_cards_and_licences_come_along(kit, parts):
    found = install(kit, parts)
    assert {name: outcome for name, (outcome, _) in found.items()} == {"e5": "copied", "de-en": "copied"}
    (model,) = parts.encoders.installed()
    assert (model.card.title, model.card.source) == ("E5", f"hub:{E5}@abc")
    assert model.card.prefixes == Prefixes("query: ", "passage: ") and parts.library.tried == ["embedding"]
    assert [each.pair for each in parts.small_models.installed()] == ["de-en"]
    folders = json.loads((kit / MANIFEST).read_text())["folders"]
    assert folders[0]["licence"].startswith("MIT") and folders[1]["licence"] == ""
    assert {outcome for outcome, _ in install(kit, parts).values()} == {"already there"}


def test_another_model_of_the_same_name_is_never_replaced(kit, parts):
    install(kit, parts)
    (encoder,), (pair,) = parts.encoders.installed(), parts.small_models.installed()
    card = json.loads((encoder.folder / CARD).read_text())
    (encoder.folder / CARD).write_text(json.dumps({**card, "weights": "0" * 64}))
    (weights,) = pair.folder.glob("model*")
    weights.write_bytes(b"another model")
    found = install(kit, parts)
    assert {outcome for outcome, _ in found.values()} == {"unusable"}
    assert all("another model of the name" in detail for _, detail in found.values())
    assert parts.encoders.installed()[0].card.weights == "0" * 64 and weights.read_bytes() == b"another model"


def test_a_card_with_another_name_does_not_lead_to_another_model(kit, parts):
    manifest = json.loads((kit / MANIFEST).read_text())
    (encoder,) = (each for each in manifest["folders"] if each["kind"] == "encoders")
    (entry,) = (each for each in encoder["files"] if each["file"].endswith(CARD))
    card = json.loads((kit / entry["file"]).read_text())
    (kit / entry["file"]).write_text(json.dumps({**card, "title": "Somebody's own"}))
    content = (kit / entry["file"]).read_bytes()
    entry["sha256"], entry["bytes"] = hashlib.sha256(content).hexdigest(), len(content)
    (kit / MANIFEST).write_text(json.dumps(manifest))
    found = install(kit, parts)
    assert (
        found["e5"][0] == "damaged" and "another model" in found["e5"][1] and parts.encoders.installed() == ()
    )


def test_an_edition_without_torch_says_so_and_takes_the_rest(kit, parts, monkeypatch):
    def refuse():
        raise AppError("This edition of Alcove cannot run rerankers.", "Install the full edition.")

    monkeypatch.setattr(keep_kits, "need_other_models", refuse)
    found = install(kit, parts)
    assert found["e5"][0] == "unusable" and "Install the full edition" in found["e5"][1]
    assert found["de-en"][0] == "copied" and parts.encoders.installed() == ()


def test_what_is_whole_but_does_not_work_is_not_installed(kit, paths, parts):
    model = paths.models / "translation" / "de-en" / "model.deen.intgemm.alphas.bin"
    model.write_bytes(b"no model at all" * 1000)
    list(export_folders(folder_models(paths.models, load_catalog()), kit, CancelToken()))
    found = install(kit, parts)
    assert found["de-en"][0] == "unusable" and found["e5"][0] == "copied"
    assert parts.small_models.installed() == () and list(parts.small_models.folder.iterdir()) == []


def test_a_file_that_no_such_model_has_is_refused(kit, parts):
    manifest = json.loads((kit / MANIFEST).read_text())
    (encoder,) = (each for each in manifest["folders"] if each["kind"] == "encoders")
    weights = next(each for each in encoder["files"] if each["file"].endswith(".safetensors"))
    shutil.copy(kit / weights["file"], kit / "encoders" / "e5" / "own.py")
    encoder["files"].append({**weights, "file": "encoders/e5/own.py"})
    (kit / MANIFEST).write_text(json.dumps(manifest))
    found = install(kit, parts)
    assert found["e5"][0] == "damaged" and "no such model has" in found["e5"][1]
    assert parts.encoders.installed() == ()


def test_every_model_is_tried_the_gguf_ones_too(kit, paths, parts):
    records = Records(paths.models)
    write_tiny_model(paths.models / "sound.gguf")
    write_tiny_model(paths.models / "strange.gguf", architecture="martian")
    models = [each for each in installed_models(paths.models) if not each.starter]
    list(export_kit(models, kit, records, CancelToken()))
    found = install(kit, parts)
    assert {name: outcome for name, (outcome, _) in found.items()} == {
        "sound": "copied", "strange": "unusable", "e5": "copied", "de-en": "copied",
    }  # fmt: skip
    assert "cannot be loaded" in found["strange"][1]
    loads = {each.name: each.loads for each in installed_models(parts.records.folder) if not each.starter}
    assert loads == {"sound": True, "strange": False}


def test_what_leads_out_is_met_before_anything_is_installed(kit, paths, parts):
    write_tiny_model(paths.models / "sound.gguf")
    models = [each for each in installed_models(paths.models) if not each.starter]
    list(export_kit(models, kit, Records(paths.models), CancelToken()))
    text = (kit / MANIFEST).read_text()
    (kit / MANIFEST).write_text(text.replace("encoders/e5/config.json", "encoders/e5/../config.json"))
    with pytest.raises(AppError, match="cannot be part of it"):
        install(kit, parts)
    assert not parts.records.folder.exists()


def test_the_process_of_the_small_models_ends_with_the_import(kit, parts):
    translation = parts.small_translation
    copied = []
    for event in install_kit(kit, parts, CancelToken()):
        if isinstance(event, KitModel):
            copied.append((event.name, translation.worker_pid is not None))
    assert copied == [("e5", False), ("de-en", True)] and translation.worker_pid is None


def test_nothing_is_copied_of_a_search_model_that_is_not_taken(kit, parts):
    install(kit, parts)
    (encoder,) = parts.encoders.installed()
    card = json.loads((encoder.folder / CARD).read_text())

    def copied():
        events = list(install_kit(kit, parts, CancelToken()))
        outcomes = [each.outcome for each in events if isinstance(each, KitModel) and each.name == "e5"]
        return outcomes, [
            each for each in events if isinstance(each, FileProgress) and each.stage == "copying"
        ]

    assert copied() == (["already there"], [])
    (encoder.folder / CARD).write_text(json.dumps({**card, "weights": "0" * 64}))
    assert copied() == (["unusable"], [])
    parts.encoders.remove(encoder)
    file = kit / "encoders" / "e5" / CARD
    file.write_text(
        file.read_text().replace("query: ", "QUERY: ")
    )  # still a card, but not the one that was exported
    assert copied() == (["damaged"], [])
    file.unlink()
    assert copied() == (["damaged"], [])
    assert parts.encoders.installed() == ()


def begin_import(kit, folder, paths):
    return install_kit(kit, parts_in(folder, paths), CancelToken())


@pytest.mark.parametrize("kind", ["encoders", "translation"])
def test_what_a_killed_import_left_goes_with_the_next_one(paths, parts, kit, tmp_path, kind):
    only = [each for each in folder_models(paths.models, load_catalog()) if each.kind == kind]
    stick = tmp_path / "another"
    list(export_folders(only, stick, CancelToken()))
    folder = parts.records.folder
    killed_while_copying(begin_import, stick, folder, paths)
    (left,) = (folder / kind).iterdir()
    assert list(left.rglob("*.part"))
    install(stick, parts)
    assert [each.name for each in (folder / kind).iterdir()] == [only[0].name]
