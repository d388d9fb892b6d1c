"""From a hub on loopback to a model that is recorded and was tried."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.assistants.fetch_model import FilesListed, ModelReady, Sized, fetch_model, look_up_model, take_back
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.settings import SettingsStore
from app.engine.sizing import Sizing
from app.hardware.probe import Ram
from app.models.installed import InstalledModel, installed_models
from app.models.records import Records
from app.models.removing import remove
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.tiny_model import write_tiny_model

REPO = "maker/tiny-GGUF"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        yield hub


@pytest.fixture
def sizing(paths: DataPaths) -> Iterator[Sizing]:
    sizing = Sizing(paths)
    yield sizing
    sizing.close()


@pytest.fixture
def asked(hub: FakeHub, paths: DataPaths, sizing: Sizing) -> dict[str, Any]:
    """What every question needs."""
    return {
        "quantisation": None, "endpoint": hub.endpoint, "lists": paths.file_lists, "scratch": paths.cache,
        "sizing": sizing, "speed": None, "cancel": CancelToken(),
    }  # fmt: skip


@pytest.fixture
def fetch(asked: dict[str, Any], paths: DataPaths) -> Callable[[], list[Any]]:
    return lambda: list(fetch_model(REPO, records=Records(paths.models), **asked))


def only(paths: DataPaths) -> InstalledModel:
    (model,) = [each for each in installed_models(paths.models) if not each.starter]
    return model


def test_it_arrives_is_tried_and_belongs_to_alcove(
    hub: FakeHub, fetch: Callable[[], list[Any]], paths: DataPaths, tmp_path: Path
):
    hub.add(REPO, "tiny-Q8_0.gguf", write_tiny_model(tmp_path / "t.gguf").read_bytes())
    ready = fetch()[-1]
    assert isinstance(ready, ModelReady) and ready.name == "tiny-Q8_0"
    model = only(paths)
    assert model.loads and model.owned and model.source.startswith(f"hub:{REPO}@")


def test_a_file_that_lay_there_stays_the_persons(
    hub: FakeHub, fetch: Callable[[], list[Any]], paths: DataPaths, tmp_path: Path
):
    content = write_tiny_model(tmp_path / "t.gguf").read_bytes()
    hub.add(REPO, "tiny-Q8_0.gguf", content)
    paths.models.mkdir(exist_ok=True)
    (paths.models / "tiny-Q8_0.gguf").write_bytes(content)
    assert fetch()[-1].bytes_received == 0
    assert only(paths).loads and not only(paths).owned
    with pytest.raises(AppError, match="did not put"):
        remove(only(paths), Records(paths.models))


def test_what_cannot_load_is_refused_before_it_is_fetched(
    hub: FakeHub, fetch: Callable[[], list[Any]], paths: DataPaths, tmp_path: Path
):
    strange = write_tiny_model(tmp_path / "t.gguf", architecture="martian")
    hub.add(REPO, "tiny-Q8_0.gguf", strange.read_bytes())
    with pytest.raises(AppError, match="cannot load"):
        fetch()
    assert not any(each.name.startswith("tiny") for each in paths.models.iterdir())


def test_a_model_that_was_not_accepted_is_deleted_and_no_default_points_to_it(
    hub: FakeHub, fetch: Callable[[], list[Any]], paths: DataPaths, tmp_path: Path
):
    hub.add(REPO, "tiny-Q8_0.gguf", write_tiny_model(tmp_path / "t.gguf").read_bytes())
    file, settings = fetch()[-1].file, SettingsStore(paths.settings_file)
    settings.change(default_model=file)
    take_back(file, Records(paths.models), settings)
    assert not file.exists() and settings.current.default_model is None


def test_a_choice_is_taken_by_its_name(hub: FakeHub, asked: dict[str, Any], tmp_path: Path):
    content = write_tiny_model(tmp_path / "t.gguf").read_bytes()
    for name in ("tiny.gguf", "tiny-Q4_K_M.gguf", "other-Q4_K_M.gguf"):
        hub.add(REPO, name, content)

    def listed(**options: Any) -> str:
        first = next(look_up_model(REPO, **asked, **options))
        assert isinstance(first, FilesListed)
        return first.choice.name

    assert listed() in ("tiny-Q4_K_M", "other-Q4_K_M")
    for name in ("tiny", "other-Q4_K_M"):
        assert listed(choice_name=name) == name
    with pytest.raises(AppError, match="any more"):
        listed(choice_name="gone")


def test_it_is_judged_by_the_memory_it_could_have(hub: FakeHub, asked: dict[str, Any], tmp_path: Path):
    hub.add(REPO, "tiny-Q8_0.gguf", write_tiny_model(tmp_path / "t.gguf").read_bytes())

    def verdict(ram: Ram | None) -> str:
        sized = list(look_up_model(REPO, **asked, ram=ram))[-1]
        assert isinstance(sized, Sized) and sized.fit is not None
        return sized.fit.verdict

    assert verdict(None) == "fits" and verdict(Ram(16 << 30, 1 << 20)) == "too big"
