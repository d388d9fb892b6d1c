from collections.abc import Iterator

import pytest

from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.documents.layout.process import LAYOUT_LIMITS, LayoutProcess
from app.storage.database import Database
from app.storage.translation_jobs import TranslationJobs
from app.storage.translation_memory import TranslationMemory


@pytest.fixture
def cancel() -> CancelToken:
    return CancelToken()


@pytest.fixture
def memory(database: Database) -> TranslationMemory:
    return TranslationMemory(database)


@pytest.fixture
def jobs(database: Database) -> TranslationJobs:
    return TranslationJobs(database)


@pytest.fixture
def layout(paths: DataPaths) -> Iterator[LayoutProcess]:
    process = LayoutProcess(LAYOUT_LIMITS, paths.data / "layout", paths.logs)
    yield process
    process.close()
