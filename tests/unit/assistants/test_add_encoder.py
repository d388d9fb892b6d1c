"""Tiny search models, rerankers and readers from a hub on loopback, tried out and used by the real worker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.assistants.add_encoder import (
    EncoderFound,
    EncoderReady,
    TryingOut,
    fetch_encoder,
    import_encoder,
    installed_as,
    is_changing,
    offered_encoders,
    remove_encoder,
    serving_folder,
)
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.settings import SettingsStore
from app.models.catalog import load_catalog
from app.models.download.transfer import DownloadProgress
from app.models.encoders import Encoders, Prefixes
from app.retrieval.client import Library
from app.retrieval.preferences import preferences_of
from app.retrieval.protocol import Reembedded
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.tiny_encoder import write_tiny_encoder, write_tiny_reranker
from tests.fixtures.tiny_reader import write_tiny_reader

E5 = "intfloat/multilingual-e5-small"
MINILM = "cross-encoder/ms-marco-MiniLM-L6-v2"
READER = "deepset/electra-base-squad2"
GARDEN = "the garden is watered on monday and friday ."


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    """Three models of the catalogue, tiny ones, as the real hub keeps them: small files have no checksum."""
    with FakeHub() as running:
        for repository, folder in (
            (E5, write_tiny_encoder(tmp_path / "encoder")),
            (MINILM, write_tiny_reranker(tmp_path / "reranker")),
            (READER, write_tiny_reader(tmp_path / "reader", "electra")),
        ):
            for file in (each for each in folder.rglob("*") if each.is_file()):
                name = file.relative_to(folder).as_posix()
                running.add(repository, name, file.read_bytes(), lfs=name.endswith(".safetensors"))
            running.add(repository, "onnx/model.onnx", b"of no use here")
        yield running


@pytest.fixture
def settings(paths: DataPaths) -> SettingsStore:
    return SettingsStore(paths.settings_file)


@pytest.fixture
def library(paths: DataPaths, settings: SettingsStore) -> Iterator[Library]:
    made = Library(paths, lambda: preferences_of(settings.current, paths))
    yield made
    made.close()


def test_a_library_is_searched_with_models_that_were_added(
    hub: FakeHub, paths: DataPaths, settings: SettingsStore, library: Library, tmp_path: Path
):
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "lease.txt").write_text("The tenant may end the tenancy by giving two months notice in writing.")
    (notes / "garden.txt").write_text("The garden is watered on Monday and Friday.")
    list(library.refresh([str(notes)], CancelToken()))
    encoders, catalog = Encoders(paths.models), load_catalog()

    def fetch(id: str, kind: Any) -> Iterator[Any]:
        return fetch_encoder(
            catalog.model(id),
            kind,
            encoders=encoders,
            library=library,
            endpoint=hub.endpoint,
            cancel=CancelToken(),
        )

    events = fetch("multilingual-e5-small", "embedding")
    for event in events:
        if isinstance(event, TryingOut):
            break  # everything has arrived
    events.close()
    sent = hub.sent()
    assert encoders.installed() == () and not any("onnx" in each.path for each in hub.requests)
    found, *others, ready = fetch("multilingual-e5-small", "embedding")
    assert isinstance(found, EncoderFound) and isinstance(ready, EncoderReady) and hub.sent() == sent
    assert all(each.bytes_total == found.bytes for each in others if isinstance(each, DownloadProgress))
    assert ready.model.card.prefixes == Prefixes("query: ", "passage: ") and ready.max_tokens == 64
    assert installed_as(catalog.model("multilingual-e5-small"), encoders) == ready.model
    assert ready.model not in offered_encoders(catalog, "embedding")

    settings.change(embedder=ready.model.name)
    assert is_changing(settings.current, paths)
    *progress, last = library.reembed(CancelToken())
    assert last == Reembedded(serves=True) and progress[-1].done == progress[-1].total == 2
    assert serving_folder(paths.index_db) == str(ready.model.folder)
    assert not is_changing(settings.current, paths)
    settings.change(reranker=list(fetch("ms-marco-minilm-l6-v2", "reranking"))[-1].model.name)
    *_, reader = fetch("electra-base-squad2", "reading")
    assert reader.model.card.kind == "reading" and reader.max_tokens == 64
    settings.change(reader=reader.model.name)
    hits = library.search(GARDEN, CancelToken(), evidence=True).hits
    assert Path(hits[0].file).name == "garden.txt" and len(hits) == 2
    with pytest.raises(AppError, match="sorts texts into classes"):
        folder = write_tiny_reranker(tmp_path / "classes", labels=3)
        list(import_encoder(folder, "reranking", encoders=encoders, library=library, cancel=CancelToken()))
    with pytest.raises(AppError, match="is a reader, no reranker"):
        folder = write_tiny_reader(tmp_path / "other")
        list(import_encoder(folder, "reranking", encoders=encoders, library=library, cancel=CancelToken()))
    with pytest.raises(AppError, match="is in use"):
        remove_encoder(reader.model.name, "reading", encoders, settings.current, paths.index_db)
    settings.change(embedder="", reranker="", reader="")  # the worker hears of it with the next request
    assert list(library.reembed(CancelToken()))[-1] == Reembedded(serves=True)
    assert Path(library.search(GARDEN, CancelToken()).hits[0].file).name == "garden.txt"
    assert serving_folder(paths.index_db) == ""
    remove_encoder(reader.model.name, "reading", encoders, settings.current, paths.index_db)
    assert sorted(each.name for each in encoders.folder.iterdir()) == [
        "ms-marco-minilm-l6-v2", "multilingual-e5-small",
    ]  # fmt: skip
