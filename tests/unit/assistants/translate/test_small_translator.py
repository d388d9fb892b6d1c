"""The `Translator` of the small models, with the real engine."""

from collections.abc import Iterator

import pytest

from app.assistants.translate.engines import Request, Translator
from app.assistants.translate.small_translator import SmallTranslator
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModels
from tests.fixtures.tiny_translation_model import write_tiny_translation_model


@pytest.fixture
def translation(paths: DataPaths) -> Iterator[SmallTranslation]:
    translation = SmallTranslation(paths)
    yield translation
    translation.close()


def test_it_translates_what_its_models_cover_and_refuses_the_rest(
    paths: DataPaths, translation: SmallTranslation
):
    models = SmallModels(paths.models)
    write_tiny_translation_model(models.folder / "de-en", "de", "en", {"haus": "house"})
    write_tiny_translation_model(models.folder / "en-fr", "en", "fr", {"house": "maison"})
    translator: Translator = SmallTranslator(translation, models, "de", "fr")
    assert translator.name == "Firefox de-en-fr" and not translator.keeps_tags
    assert SmallTranslator(translation, models, "de", "en").name == "Firefox de-en"
    assert translator.refusal("de", "fr") is None and translator.refusal("en", "fr") is None
    refused = translator.refusal("fr", "de")
    assert refused is not None and "translates French into German" in refused.what
    assert "pull fr-de" in refused.remedy and translation.worker_pid is None
    request = Request("haus. ", "de", "fr", terms=(("haus", "bâtiment"),), complaint="It was wrong.")
    assert translator.translate(request, CancelToken()) == "maison. "
    with pytest.raises(AppError, match="French into German"):
        translator.translate(Request("maison", "fr", "de"), CancelToken())
