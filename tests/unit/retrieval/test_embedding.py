"""Alcove's own encoder against sentence-transformers on the same weights."""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from app.models.installed import starter_embedder
from app.retrieval.bert import BertEncoder
from app.retrieval.embedding import Embedder, Encoder
from app.retrieval.plain_bert import is_plain_bert

REPOSITORY = Path(__file__).parents[3]

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


@dataclass(frozen=True, slots=True)
class Sample:
    """`expected`: what sentence-transformers makes of the passages."""

    passages: list[str]
    expected: np.ndarray


@pytest.fixture(scope="module")
def encoder(folder: Path) -> BertEncoder:
    return BertEncoder(folder)


@pytest.fixture(scope="module")
def library(folder: Path) -> Iterator[Encoder]:
    from tqdm import tqdm

    from app.retrieval.other_encoders import LibraryEncoder

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tqdm, "monitor_interval", 0)  # no thread that watches progress bars
        yield LibraryEncoder(folder)


@pytest.fixture(scope="module")
def texts(library: Encoder) -> Sample:
    guide = next((REPOSITORY / "resources" / "samples").rglob("*.md")).read_text(encoding="utf-8")
    passages = [guide[first : first + 400] for first in range(0, 3200, 400)]
    return Sample(passages, library.encode(passages))


def test_the_vectors_are_nearly_those_of_the_library(folder: Path, encoder: BertEncoder, library: Encoder):
    assert is_plain_bert(folder)
    ours = encoder
    assert (ours.dimensions, ours.max_tokens) == (library.dimensions, library.max_tokens)
    together, expected = ours.encode(TEXTS), library.encode(TEXTS)
    assert together.dtype == np.float32
    # 8 bits: an empty text and one that says the same forty times stray most
    assert (together * expected).sum(axis=1).min() > 0.97
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)
    alone = np.concatenate([ours.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, together, atol=2e-2)


def test_without_8_bits_the_vectors_are_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, texts: Sample
):
    monkeypatch.setattr("app.retrieval.bert.knows_8_bits", lambda: False)
    cosines = (BertEncoder(folder).encode(texts.passages) * texts.expected).sum(axis=1)
    assert cosines.min() > 0.999  # 1 in 32 bits; processors that compute in 16 take those


def test_passages_keep_their_direction_in_8_bits(
    folder: Path, monkeypatch: pytest.MonkeyPatch, texts: Sample
):
    monkeypatch.setattr("app.retrieval.bert.knows_8_bits", lambda: True)
    cosines = (BertEncoder(folder).encode(texts.passages) * texts.expected).sum(axis=1)
    assert cosines.mean() > 0.993 and cosines.min() > 0.985


def test_questions_do_not_wait_for_passages(encoder: BertEncoder, texts: Sample):
    """Both at once, from two threads, and each gets its own."""
    alone = encoder.encode(["How much notice?"])
    ended: list[float] = []

    def index() -> None:
        vectors = encoder.encode(texts.passages * 8)
        ended.append(time.monotonic())
        np.testing.assert_allclose(vectors[: len(texts.passages)], vectors[-len(texts.passages) :], atol=2e-2)

    with ThreadPoolExecutor(1) as pool:
        indexing = pool.submit(index)
        for _ in range(3):
            np.testing.assert_allclose(encoder.encode(["How much notice?"]), alone, atol=1e-4)
        asked = time.monotonic()
        indexing.result()
    assert asked < ended[0]


def test_texts_come_back_in_their_order(folder: Path):
    embedder, told = Embedder(folder), []
    texts = [f"{number} " * (number % 11) for number in range(70)]
    vectors = embedder.embed(texts, told.append)
    assert told == [64, 70]
    for index in (0, 9, 69):
        assert vectors[index] @ embedder.embed_query(texts[index]) > 0.999
    assert embedder.embed([]).shape == (0, embedder.dimensions)
    assert embedder.count_tokens(["one two", "", TEXTS[1]])[:2] == [2, 0]
    assert embedder.count_tokens([TEXTS[1]])[0] > embedder.max_tokens


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="these are names of x86 processors")
@pytest.mark.parametrize("processor", ["AVX2", "SSE41"])
def test_older_processors_compute_the_same_or_say_so(folder: Path, texts: Sample, processor: str):
    script = (
        "import json, sys; from pathlib import Path; from app.retrieval.bert import BertEncoder, NoKernels\n"
        "try: print(json.dumps(BertEncoder(Path(sys.argv[1])).encode(json.load(sys.stdin)).tolist()))\n"
        "except NoKernels: print('null')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        input=json.dumps(texts.passages),
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": processor},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    vectors = json.loads(done.stdout)
    assert vectors or processor == "SSE41"  # then sentence-transformers takes over
    if vectors:
        assert (np.array(vectors) * texts.expected).sum(axis=1).min() > 0.985


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
