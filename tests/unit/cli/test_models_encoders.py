"""`alcove models embedding`, `reranker` and `reader`; what needs the worker for long is in tests/unit/assistants."""

import pytest

from app.base.settings import SettingsStore
from app.models.encoders import Encoders
from tests.fixtures.fake_hub import FakeHub
from tests.unit.models.test_encoders import write_folder

SCORES = {"modules.json": None, "config.json": {"architectures": ["BertForSequenceClassification"]}}
MARKS = {"modules.json": None, "config.json": {"architectures": ["ElectraForQuestionAnswering"]}}
E5 = "intfloat/multilingual-e5-small"


@pytest.fixture
def hub(paths):
    """The mirror of the settings."""
    with FakeHub() as running:
        running.add("some/pickle", "modules.json", b"[]", lfs=False)
        running.add("some/pickle", "pytorch_model.bin", b"a pickle")
        running.add("csarron/mobilebert-uncased-squad-v2", "pytorch_model.bin", b"a pickle")
        running.add("some/reranker", "config.json", b'{"architectures": ["BertForSequenceClassification"]}')
        running.add("some/reranker", "model.safetensors", b"weights")
        SettingsStore(paths.settings_file).change(mirror=running.endpoint)
        yield running


@pytest.fixture
def encoders(paths):
    """One installed search model, one reranker and one reader."""
    found = Encoders(paths.models)
    for title, source, files in (
        ("E5", f"hub:{E5}@abc", {}),
        ("MiniLM", "import", SCORES),
        ("Electra", "import", MARKS),
    ):
        with found.staging() as aside:
            found.put_in_place(write_folder(aside, **files), title, source)
    return found


def test_models_are_listed_used_and_removed(models, encoders, paths):
    code, out, _ = models("embedding", "list", "--json")
    assert code == 0 and out["used"] == "starter" and [each["id"] for each in out["installed"]] == ["e5"]
    ids = [each["id"] for each in out["available"]]
    assert "bge-small-en-v1.5" in ids and not {"multilingual-e5-small", "all-minilm-l6-v2"} & set(ids)
    code, out, _ = models("reranker", "use", "MINILM")
    assert (
        code == 0 and "by minilm" in out and SettingsStore(paths.settings_file).current.reranker == "minilm"
    )
    code, out, _ = models("reranker", "list")
    assert code == 0 and "used       minilm" in out and "installed  none" in out
    code, _, err = models("reranker", "remove", "minilm")
    assert code == 1 and "is in use" in err
    assert models("reranker", "use", "none")[0] == 0 and models("reranker", "remove", "minilm")[0] == 0
    assert [each.name for each in encoders.installed()] == ["e5", "electra"]


def test_another_reader_is_chosen(models, encoders, paths):
    code, out, _ = models("reader", "list", "--json")
    assert code == 0 and out["used"] == "starter" and [each["id"] for each in out["installed"]] == ["electra"]
    ids = [each["id"] for each in out["available"]]  # those to be fine-tuned first are not among them
    assert "mobilebert-uncased-squad-v2" in ids and not {"albert-base-v2", "distilbert-base-uncased"} & set(
        ids
    )
    code, out, _ = models("reader", "use", "electra")
    assert code == 0 and "marked by electra" in out
    assert SettingsStore(paths.settings_file).current.reader == "electra"
    code, out, _ = models("reader", "use", "starter")
    assert code == 0 and "that comes with Alcove" in out
    code, _, err = models("reader", "use", "minilm")
    assert code == 1 and "No reader “minilm”" in err
    assert models("reader", "remove", "electra")[0] == 0


def test_a_reader_of_the_catalogue_is_fetched_by_its_id(models, hub):
    code, _, err = models("reader", "pull", "mobilebert-uncased-squad-v2")
    assert code == 1 and "can run programs" in err  # the hub was asked, and has only a pickle of it
    code, _, err = models("reader", "pull", "bge-small-en-v1.5")
    assert code == 1 and "is no reader" in err


def test_the_starter_serves_at_once(models, paths):
    SettingsStore(paths.settings_file).change(embedder="gone")
    code, out, _ = models("embedding", "use", "starter", "--json")
    assert code == 0 and out == {"used": "starter", "serves": True}
    assert SettingsStore(paths.settings_file).current.embedder == ""


def test_what_cannot_be_had_is_said(models, hub, paths, tmp_path):
    code, _, err = models("embedding", "pull", "some/pickle")
    assert code == 1 and "can run programs" in err
    code, _, err = models("embedding", "pull", "ms-marco-minilm-l6-v2")
    assert code == 1 and "is no search model" in err
    code, _, err = models("embedding", "pull", "some/reranker")
    assert code == 1 and "is a reranker, no search model. Add it as a reranker." in err
    code, _, err = models("embedding", "import", tmp_path / "nowhere")
    assert code == 1 and "is not a folder" in err
    code, _, err = models("reranker", "use", "other")
    assert code == 1 and "No reranker “other”" in err
    assert list((paths.models / "encoders").iterdir()) == []
