"""The light edition at work: this checkout without what that edition lacks, and with its models."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end2end.conftest import SAMPLES, Alcove, Finished
from tests.fixtures.light_edition import light_checkout
from tests.fixtures.tiny_encoder import write_tiny_encoder, write_tiny_reranker

QUESTION = "How long is the warranty on my dishwasher?"
_REFUSED = (
    "alcove: This edition of Alcove cannot run rerankers, nor other search models and readers than its own."
)


class LightAlcove(Alcove):
    def __init__(self, home: Path, checkout: Path, environment: dict[str, str]) -> None:
        super().__init__(home)
        self._checkout, self._environment = checkout, environment

    def __call__(self, *arguments: str, timeout: float = 170, **_: object) -> Finished:
        done = subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=self._checkout,
            env={**self._environment, "ALCOVE_HOME": str(self.home), "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("checkout")
    return folder, light_checkout(folder)


@pytest.fixture
def light(tmp_path: Path, checkout: tuple[Path, dict[str, str]]) -> LightAlcove:
    return LightAlcove(tmp_path / "home", *checkout)


def test_every_part_works_that_is_there(light: LightAlcove):
    done = light("--self-test")
    assert done.code == 0, done.out + done.err
    assert "light, without OpenVINO, text in pictures, models of others" in done.out
    assert "FAIL" not in done.out


def test_a_library_of_the_full_edition_is_gone_on_with(alcove: Alcove, light: LightAlcove, tmp_path: Path):
    documents = tmp_path / "documents"
    documents.mkdir()
    for each in SAMPLES.glob("*.md"):
        (documents / each.name).write_bytes(each.read_bytes())
    assert alcove("index", str(documents)).code == 0
    light.home = alcove.home
    (documents / "note.md").write_text("The blue bicycle stands in the shed behind the house.")
    told = light("index", str(documents), "--json")
    assert told.code == 0, told.err
    counts = told.json["files"]
    assert (counts["indexed"], counts["failed"]) == (1, 0)
    assert counts["unchanged"] == counts["seen"] - 1 > 0
    for each in (alcove, light):  # both find what the other embedded
        for query, file in (
            ("Where is the bike kept?", "note.md"),
            ("What did the hotel cost?", "slovenia-itinerary.md"),
        ):
            hits = each("search", query, "--mode", "vector", "--json").json["hits"]
            assert Path(hits[0]["file"]).name == file
    before, after = (
        [hit["score"] for hit in each("search", "rent", "--mode", "vector", "--json").json["hits"]]
        for each in (alcove, light)
    )
    assert before == pytest.approx(after, abs=0.05)


def test_answers_and_refuses_as_the_full_edition_does(light: LightAlcove):
    answered = light("ask", QUESTION, "--in", str(SAMPLES), "--json")
    assert answered.code == 0, answered.err
    assert Path(answered.json["sources"][0]["file"]).name == "dishwasher-guide.pdf"
    refused = light("ask", "Who painted the Mona Lisa?", "--in", str(SAMPLES), "--json")
    assert refused.code == 3, refused.out + refused.err


def test_text_in_pictures_is_said_to_be_left_out(light: LightAlcove, tmp_path: Path):
    from PIL import Image

    folder = tmp_path / "scans"
    folder.mkdir()
    Image.new("L", (400, 200), 255).save(folder / "scan.png")
    (folder / "note.txt").write_text("The blue bicycle stands in the shed.")
    done = light("index", str(folder))
    assert done.code == 0, done.err
    assert "1 file has pages that are pictures and were not recognised" in done.out
    assert "this edition of Alcove cannot do it" in done.out
    asked = light("ask", "Where is the bicycle?", "--json")
    assert asked.code == 0
    assert asked.json["unread"] == 0  # nothing that could still come


def test_models_of_others_are_refused_with_a_sentence(light: LightAlcove, tmp_path: Path):
    for command, folder in (
        ("embedding", write_tiny_encoder(tmp_path / "encoder")),
        ("reranker", write_tiny_reranker(tmp_path / "reranker")),
    ):
        done = light("models", command, "import", str(folder))
        assert done.code == 1
        assert done.err.startswith(_REFUSED) and "Install the full edition of Alcove." in done.err
    pulled = light("models", "reader", "pull", "somebody/reader", "--endpoint", "http://127.0.0.1:9")
    assert pulled.code == 1 and pulled.err.startswith(_REFUSED)  # before anything is asked for
    assert light("models", "embedding", "use", "starter").code == 0


def test_a_library_of_another_search_model_goes_back_to_the_starter(
    alcove: Alcove, light: LightAlcove, tmp_path: Path
):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "note.md").write_text("The blue bicycle stands in the shed behind the house.")
    model = write_tiny_encoder(tmp_path / "tiny")
    assert alcove("models", "embedding", "import", str(model)).code == 0
    assert alcove("models", "embedding", "use", "tiny").code == 0
    assert alcove("index", str(documents)).code == 0
    light.home = alcove.home
    question = "Where is the bicycle kept?"
    asked = light("ask", question)
    assert asked.code == 1
    assert asked.err.startswith(_REFUSED) and "choose the starter models in the settings" in asked.err
    assert light("search", "bicycle", "--mode", "keyword", "--json").json["hits"]  # that needs no model
    used = light("models", "embedding", "use", "starter")
    assert used.code == 0, used.err
    assert light("ask", question).code == 0
