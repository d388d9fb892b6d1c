"""Alcove's own encoder against sentence-transformers on the same weights."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from app.models.installed import starter_embedder
from app.retrieval.bert import BertEncoder, is_plain_bert
from app.retrieval.embedding import Embedder

TEXTS = [
    "How much notice must the tenant give?",
    "The tenant may end the tenancy by giving two months' notice in writing. "
    * 40,  # longer than it takes in
    "",
    "Überweisung bis 15.03. — 1.250,00 € 你好 🙂",
    "a",
    "Keys are handed over by noon.\n\n\tAll of them.",
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return starter_embedder()


def test_the_vectors_are_those_of_the_library(folder: Path, monkeypatch: pytest.MonkeyPatch):
    from tqdm import tqdm

    from app.retrieval.other_encoders import LibraryEncoder

    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # no thread that watches progress bars
    assert is_plain_bert(folder)
    ours, library = BertEncoder(folder), LibraryEncoder(folder)
    assert (ours.dimensions, ours.max_tokens) == (library.dimensions, library.max_tokens)
    together, expected = ours.encode(TEXTS), library.encode(TEXTS)
    assert together.dtype == np.float32
    np.testing.assert_allclose(together, expected, atol=2e-6)
    alone = np.concatenate([ours.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, expected, atol=2e-6)


def test_texts_come_back_in_their_order(folder: Path):
    embedder, told = Embedder(folder), []
    texts = [f"{number} " * (number % 11) for number in range(70)]
    vectors = embedder.embed(texts, told.append)
    assert told == [64, 70]
    np.testing.assert_allclose(vectors[69], embedder.embed([texts[69]])[0], atol=2e-6)
    assert embedder.embed([]).shape == (0, embedder.dimensions)
    assert embedder.count_tokens(["one two", "", TEXTS[1]])[:2] == [2, 0]
    assert embedder.count_tokens([TEXTS[1]])[0] > embedder.max_tokens


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config.json", {"model_type": "xlm-roberta"}),
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}),
        ("sentence_bert_config.json", None),
    ],
)
def test_other_networks_are_left_to_the_library(folder: Path, tmp_path: Path, file: str, change: dict | None):
    copy = tmp_path / "model"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.safetensors"))
    (copy / "model.safetensors").touch()
    assert is_plain_bert(copy)
    if change is None:
        (copy / file).unlink()
    else:
        (copy / file).write_text(json.dumps(json.loads((copy / file).read_text()) | change))
    assert not is_plain_bert(copy)
