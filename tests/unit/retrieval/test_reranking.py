"""Putting candidates in order with a cross-encoder, within its time."""

import threading
from pathlib import Path

import numpy as np
import pytest

from app.base.errors import AppError
from app.models.encoders import Prefixes
from app.retrieval.cosine_scale import STARTER, CosineScale, measured_scale, read_scale, write_scale
from app.retrieval.embedding import Embedder
from app.retrieval.reranking import Reranker, best_first
from tests.fixtures.tiny_encoder import write_tiny_encoder, write_tiny_reranker

TEXTS = [f"the garden is watered on {day}" for day in ("monday", "friday", "the first day", "noon") * 5]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_reranker(tmp_path_factory.mktemp("models") / "reranker")


def test_the_best_are_read_first_and_the_rest_keeps_its_order(folder: Path):
    reranker = Reranker(str(folder), budget_s=60.0)
    assert reranker.scores("when is the garden watered", TEXTS) == []  # it is being loaded
    reranker.wait()
    scores = reranker.scores("when is the garden watered", TEXTS)
    assert len(scores) == 20 and len(set(np.round(scores, 6))) == 4  # the same text has the same score
    order = best_first(scores[:8], 20)
    assert order[8:] == list(range(8, 20)) and scores[order[0]] == max(scores[:8])
    hurried = Reranker(str(folder), budget_s=0.0)
    hurried.scores("", TEXTS)
    hurried.wait()
    assert hurried.scores("when is the garden watered", TEXTS) == pytest.approx(scores[:1])


def test_a_broken_model_leaves_the_order_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    reranker = Reranker(str(tmp_path / "nowhere"))
    for _ in range(2):
        assert reranker.scores("who", TEXTS) == []
        reranker.wait()
    assert "searching without reranker" in caplog.text and threading.active_count() < 10


def test_prefixes_stand_before_questions_and_passages(tmp_path: Path):
    folder = write_tiny_encoder(tmp_path / "encoder")
    plain = Embedder(folder)
    prefixed = Embedder(folder, Prefixes("query : ", "passage : "))
    text = "the keys are handed over by noon"
    np.testing.assert_allclose(prefixed.embed([text])[0], plain.embed([f"passage : {text}"])[0], atol=1e-6)
    np.testing.assert_allclose(prefixed.embed_query(text), plain.embed_query(f"query : {text}"), atol=1e-6)
    assert not np.allclose(prefixed.embed([text])[0], plain.embed([text])[0], atol=1e-3)
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(AppError, match="cannot be loaded"):
        Embedder(folder)


def test_cosines_of_another_model_are_brought_onto_the_starter_s_scale(tmp_path: Path):
    narrow = CosineScale(unrelated=0.74, own=0.88)
    assert narrow.as_starter(0.74) == pytest.approx(STARTER.unrelated)
    assert narrow.as_starter(0.88) == pytest.approx(STARTER.own)
    assert STARTER.as_starter(0.4321) == 0.4321 and read_scale(write_scale(narrow)) == narrow
    assert read_scale("[]") == STARTER
    embedder = Embedder(write_tiny_encoder(tmp_path / "encoder"))
    words = "tenant keys garden rent notice monday friday noon writing months".split()
    passages = [
        f"The {each} is handed over by noon. {each} {each} rent paid {each} {each} {other} {other}. In {other}."
        for each, other in zip(words, words[1:] + words[:1], strict=True)
    ]
    found = measured_scale(passages, embedder)
    assert found.own > found.unrelated > STARTER.unrelated  # random weights find all texts alike
    assert measured_scale(["Too short."] * 20, embedder) == STARTER
