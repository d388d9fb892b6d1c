from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.client import Engine
from app.engine.protocol import ModelSpec
from app.models.installed import starter_chat_model
from tests.fixtures.homes import prepared
from tests.fixtures.tiny_model import write_tiny_model


@pytest.fixture(scope="session")
def starter() -> ModelSpec:
    return ModelSpec(str(starter_chat_model()), context_length=1024)


@pytest.fixture(scope="session")
def running(starter: ModelSpec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One worker with the starter model for all tests that do not kill it."""
    paths = prepared(tmp_path_factory.mktemp("engine"))
    engine = Engine(paths)
    list(engine.load(starter, CancelToken()))
    yield engine
    engine.close()


@pytest.fixture
def engine(paths: DataPaths) -> Iterator[Engine]:
    """A worker of the test's own."""
    engine = Engine(paths)
    yield engine
    engine.close()


@pytest.fixture
def tiny(tmp_path: Path) -> ModelSpec:
    return ModelSpec(str(write_tiny_model(tmp_path / "tiny.gguf")), context_length=4096)
