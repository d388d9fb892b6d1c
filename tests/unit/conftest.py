"""The database of what the person made, for tests that need no more of a backend."""

from collections.abc import Iterator

import pytest

from app.base.paths import DataPaths
from app.storage.conversations import Conversations
from app.storage.database import Database, open_database
from app.storage.migrations import USER


@pytest.fixture
def database(paths: DataPaths) -> Iterator[Database]:
    opened = open_database(paths.user_db, USER, durable=True)
    yield opened
    opened.close()


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)
