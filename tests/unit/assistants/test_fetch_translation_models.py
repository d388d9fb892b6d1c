"""Small translation models from a hub on loopback, unpacked, tried out and used by the real engine."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.assistants.fetch_translation_models import (
    REPOSITORY,
    Installing,
    ModelsFound,
    TranslationReady,
    fetch_translation_model,
    offered_models,
)
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModels
from app.models.download.transfer import DownloadProgress
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.tiny_translation_model import write_tiny_translation_model


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    """German into English as the copies at hubs have it, English into French packed as Mozilla has it."""
    german = write_tiny_translation_model(tmp_path / "1", "de", "en", {"haus": "house"})
    french = write_tiny_translation_model(tmp_path / "2", "en", "fr", {"house": "maison"})
    with FakeHub() as hub:
        for file in german.iterdir():
            hub.add(REPOSITORY, f"de-en/{file.name}", file.read_bytes())
        for file in french.iterdir():
            packed = gzip.compress(file.read_bytes())
            hub.add(REPOSITORY, f"models/base/enfr/{file.name}.gz", packed, lfs=".spm" not in file.name)
        hub.add(REPOSITORY, "es-en/model.esen.intgemm.alphas.bin", b"without a vocabulary")
        hub.add(REPOSITORY, "README.md", b"read me", lfs=False)
        yield hub


@pytest.fixture
def models(paths: DataPaths) -> SmallModels:
    return SmallModels(paths.models)


@pytest.fixture
def translation(paths: DataPaths) -> Iterator[SmallTranslation]:
    translation = SmallTranslation(paths)
    yield translation
    translation.close()


@pytest.fixture
def fetch(
    hub: FakeHub, models: SmallModels, translation: SmallTranslation
) -> Callable[[str, str], Iterator[Any]]:
    return lambda source, target: fetch_translation_model(
        source, target, models=models, translation=translation, endpoint=hub.endpoint, cancel=CancelToken()
    )


def test_the_pairs_of_a_repository_without_those_that_are_not_complete(hub: FakeHub):
    offered = offered_models(endpoint=hub.endpoint, cancel=CancelToken())
    assert [each.pair for each in offered] == ["de-en", "en-fr"]
    assert offered[0].bytes > 200_000 and all(file.commit for file in offered[0].files)


def test_both_models_on_the_way_by_english_arrive_once_and_translate(
    hub: FakeHub,
    fetch: Callable[[str, str], Iterator[Any]],
    models: SmallModels,
    translation: SmallTranslation,
):
    events = fetch("de", "fr")
    for event in events:
        if isinstance(event, Installing) and event.pair == "en-fr":
            break  # the first one is installed, the second one has just arrived
    events.close()
    assert [model.pair for model in models.installed()] == ["de-en"]
    sent = hub.sent()
    found, *others, ready = fetch("de", "fr")
    assert isinstance(found, ModelsFound) and [each.pair for each in found.models] == ["en-fr"]
    assert all(isinstance(each, DownloadProgress) and each.bytes_total == found.bytes for each in others[:-1])
    assert isinstance(ready, TranslationReady) and [each.pair for each in ready.models] == ["de-en", "en-fr"]
    assert ready.bytes_received == 0 and hub.sent() == sent  # what had arrived was not fetched again
    folders = [model.folder for model in ready.models]
    assert list(translation.translate(folders, ["haus"], CancelToken())) == ["maison"]
    assert sorted(each.name for each in models.folder.iterdir()) == ["de-en", "en-fr"]
    requests = len(hub.requests)
    assert list(fetch("de", "en"))[-1].bytes_received == 0 and len(hub.requests) == requests


def test_a_model_that_does_not_work_is_not_kept(
    hub: FakeHub, fetch: Callable[[str, str], Iterator[Any]], models: SmallModels
):
    hub.add(REPOSITORY, "de-en/vocab.deen.spm", b"something else")
    with pytest.raises(AppError, match="is damaged"):
        list(fetch("de", "en"))
    assert models.installed() == () and list(models.folder.iterdir()) == []


def test_pairs_that_nobody_has(fetch: Callable[[str, str], Iterator[Any]]):
    with pytest.raises(AppError, match="no model that translates Spanish into English") as caught:
        list(fetch("es", "en"))
    assert "chat model" in caught.value.remedy
