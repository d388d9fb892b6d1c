"""Models come into the library tried, and leave it without leaving a hole."""

from pathlib import Path

import pytest

from app.assistants.keep_models import Added, add_model, remove_model
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.settings import SettingsStore
from app.engine.sizing import Sizing
from app.models.importing import import_model
from app.models.installed import InstalledModel, installed_models
from app.models.records import Records
from tests.fixtures.tiny_model import write_tiny_model


@pytest.fixture
def sizing(paths: DataPaths):
    made = Sizing(paths)
    yield made
    made.close()


def added(file: Path, records: Records, sizing: Sizing) -> Added:
    token = CancelToken()
    events = add_model(import_model(file, records, copy=True, cancel=token), records, sizing, token)
    (found,) = [each for each in events if isinstance(each, Added)]
    return found


def named(name: str, records: Records) -> InstalledModel:
    return next(each for each in installed_models(records.folder) if each.name == name)


def test_only_a_test_load_tells(paths: DataPaths, sizing: Sizing, tmp_path: Path):
    records = Records(paths.models)
    assert added(write_tiny_model(tmp_path / "sound.gguf"), records, sizing).problem == ""
    strange = added(write_tiny_model(tmp_path / "strange.gguf", architecture="martian"), records, sizing)
    assert strange.problem.startswith("It is kept, but it cannot be loaded: ")
    assert strange.imported.file.is_file()
    assert named("sound", records).loads and not named("strange", records).loads
    again = added(tmp_path / "sound.gguf", records, sizing)
    assert (again.imported.outcome, again.problem) == ("already there", "")


def test_without_the_default_the_starter_answers(paths: DataPaths, tmp_path: Path):
    records, settings, token = Records(paths.models), SettingsStore(paths.settings_file), CancelToken()
    list(import_model(write_tiny_model(tmp_path / "mine.gguf"), records, copy=True, cancel=token))
    model = named("mine", records)
    settings.change(default_model=model.file)
    assert "The starter is the default again." in remove_model(model, records, settings).detail
    assert settings.current.default_model is None and not model.file.exists()
