"""From a machine with a network to one without: the installed program, and a stick with an offline kit of every kind of model."""

import shutil
import subprocess
from pathlib import Path

import pytest

from app.models.installed import starter_chat_model, starter_embedder
from tests.end2end.conftest import SAMPLES, Alcove
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.tiny_translation_model import write_tiny_translation_model

ID, REPOSITORY = "smollm2-135m-instruct", "bartowski/SmolLM2-135M-Instruct-GGUF"
MODEL = "SmolLM2-135M-Instruct-Q8_0"


@pytest.fixture
def stick(alcove: Alcove, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kit, made where there is a hub; afterwards there is none."""
    pytest.importorskip("torch")
    stick = tmp_path / "stick"
    searching = Path(shutil.copytree(starter_embedder(), tmp_path / "my-search"))
    write_tiny_translation_model(tmp_path / "deen", "de", "en", {"haus": "house"})
    with FakeHub() as hub:
        hub.add(REPOSITORY, f"{MODEL}.gguf", starter_chat_model().read_bytes())
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        for arguments in (
            ("models", "pull", ID),
            ("models", "embedding", "import", str(searching)),
            ("models", "translation", "import", str(tmp_path / "deen")),
            ("models", "export-kit", str(stick), MODEL, "my-search", "de-en"),
        ):
            finished = alcove(*arguments)
            assert finished.code == 0, finished.err
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    return stick


def test_a_kit_makes_a_machine_without_network_complete(stick: Path, tmp_path: Path):
    if shutil.which("sha256sum") is not None:
        checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=stick, capture_output=True, text=True)
        assert checked.returncode == 0 and checked.stdout.count(": OK") > 8, checked.stderr
    other = Alcove(tmp_path / "other")
    installed = other("models", "import-kit", str(stick), "--json")
    assert installed.code == 0, installed.err
    assert {each["name"]: each["outcome"] for each in installed.json["models"]} == {
        MODEL: "copied", "my-search": "copied", "de-en": "copied",
    }  # fmt: skip
    assert other("models", "verify", MODEL, "--json").json["models"][0]["verdict"] == "ok"
    assert other("models", "embedding", "use", "my-search").code == 0
    question = "How long is the dishwasher under warranty?"
    answered = other("ask", question, "--in", str(SAMPLES), "--model", MODEL, "--json")
    assert answered.code == 0 and answered.json["sources"][0]["file"].endswith("dishwasher-guide.pdf")
    (tmp_path / "a.txt").write_text("haus")
    translated = other("translate", str(tmp_path / "a.txt"), "--from", "de", "--to", "en", "--json")
    assert translated.code == 0 and "house" in Path(translated.json["out"]).read_text()
    again = other("models", "import-kit", str(stick), "--json").json["models"]
    assert {each["outcome"] for each in again} == {"already there"}


def test_what_the_stick_damaged_is_left_out(stick: Path, tmp_path: Path):
    for file in (
        stick / "encoders" / "my-search" / "model.safetensors",
        stick / "translation" / "de-en" / "vocab.deen.spm",
    ):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    other = Alcove(tmp_path / "other")
    installed = other("models", "import-kit", str(stick), "--json")
    assert installed.code == 1
    assert {each["name"]: each["outcome"] for each in installed.json["models"]} == {
        MODEL: "copied", "my-search": "damaged", "de-en": "damaged",
    }  # fmt: skip
    assert other("models", "embedding", "list", "--json").json["installed"] == []
    assert other("models", "translation", "list", "--json").json["installed"] == []
