"""A real document index with the starter embedder, shared by the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.jobs import CancelToken
from app.retrieval.client import Library
from app.storage.database import open_database
from app.storage.migrations import USER
from app.storage.summary_parts import SummaryParts
from tests.fixtures.homes import prepared


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    paths = prepared(tmp_path_factory.mktemp("library"))
    library = Library(paths)
    library.compare(["started"], [["before the first test"]], CancelToken())
    yield library
    library.close()


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[SummaryParts]:
    database = open_database(tmp_path / "user.db", USER, durable=True)
    yield SummaryParts(database)
    database.close()
