"""`alcove models translation`, with a hub on loopback and the real engine."""

import pytest

from app.assistants.fetch_translation_models import REPOSITORY
from app.base.settings import SettingsStore
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.tiny_translation_model import write_tiny_translation_model


@pytest.fixture
def hub(paths, tmp_path):
    """The mirror of the settings."""
    with FakeHub() as running:
        for file in write_tiny_translation_model(tmp_path / "x", "de", "en", {"haus": "house"}).iterdir():
            running.add(REPOSITORY, f"de-en/{file.name}", file.read_bytes())
        SettingsStore(paths.settings_file).change(mirror=running.endpoint)
        yield running


def test_models_are_listed_pulled_and_removed(models, hub):
    code, out, _ = models("translation", "list")
    assert code == 0 and "No small translation model is installed" in out and not hub.requests
    code, out, _ = models("translation", "list", "--available", "--json")
    assert code == 0 and out["installed"] == [] and out["available"][0]["pair"] == "de-en"
    code, out, _ = models("translation", "pull", "de-en", "--json")
    assert code == 0 and out["bytes_received"] == out["models"][0]["bytes"] > 200_000
    code, out, _ = models("translation", "list", "--available")
    assert code == 0 and out == "installed  de-en  German into English (256.4 kB)\n"
    code, out, _ = models("translation", "remove", "de-en")
    assert code == 0 and out.startswith("de-en was deleted.")


def test_what_cannot_be_had_is_said(models, hub, tmp_path):
    code, _, err = models("translation", "pull", "nonsense")
    assert code == 1 and "names no pair of languages" in err
    code, _, err = models("translation", "pull", "de-ja")
    assert code == 1 and "German into Japanese" in err
    code, _, err = models("translation", "pull", "de-en", "--repository", "no/such")
    assert code == 1 and "no/such" in err
    code, _, err = models("translation", "import", tmp_path)  # the model below it is whole
    assert code == 0
    code, _, err = models("translation", "import", tmp_path / "nowhere")
    assert code == 1 and "is not a folder" in err
