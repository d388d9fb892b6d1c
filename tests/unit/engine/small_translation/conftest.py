from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.paths import DataPaths
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModels
from tests.fixtures.tiny_translation_model import write_tiny_translation_model

GERMAN = {"eins": "one", "zwei": "two", "haus": "house"}
FRENCH = {"one": "un", "two": "deux", "house": "maison"}


@pytest.fixture
def translation(paths: DataPaths) -> Iterator[SmallTranslation]:
    translation = SmallTranslation(paths)
    yield translation
    translation.close()


@pytest.fixture
def models(paths: DataPaths) -> SmallModels:
    return SmallModels(paths.models)


@pytest.fixture
def got(tmp_path: Path) -> Path:
    """A folder with models as somebody may have got them."""
    write_tiny_translation_model(tmp_path / "got" / "deen", "de", "en", GERMAN)
    write_tiny_translation_model(tmp_path / "got" / "enfr", "en", "fr", FRENCH)
    return tmp_path / "got"


@pytest.fixture
def installed(models: SmallModels) -> SmallModels:
    """German into English and English into French."""
    write_tiny_translation_model(models.folder / "de-en", "de", "en", GERMAN)
    write_tiny_translation_model(models.folder / "en-fr", "en", "fr", FRENCH)
    return models
