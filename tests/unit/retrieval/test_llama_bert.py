"""BERT through llama.cpp, as the light edition computes it, against what the full one computes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from app.base.errors import AppError
from app.hardware import graphics
from app.models.installed import starter_embedder
from app.retrieval.embedding import Embedder, open_encoder
from app.retrieval.llama_encoder import LlamaEncoder
from app.retrieval.plain_bert import GGUF, WEIGHTS
from app.retrieval.readers import openvino_scores
from app.retrieval.readers.bert_reader import BertReader
from app.retrieval.readers.serving_reader import open_reader, shipped_reader
from app.retrieval.readers.span_reader import SpanReader
from tests.fixtures.light_edition import LightModels, write_light_models

SAMPLES = Path(__file__).parents[3] / "resources" / "samples"
_LEASE = "The tenant pays a deposit of 1,500 EUR. The notice period is three months. Pets are not allowed."

TEXTS = [
    "How much notice must the tenant give?",
    "The tenant may end the tenancy by giving two months' notice in writing. " * 40,  # is cut off
    "",
    " \n",
    "a",
    "Überweisung bis 15.03. — 1.250,00 € 你好 🙂",
    "Срок действия договора аренды составляет двенадцать месяцев.",
    "租客须提前两个月书面通知房东。",
    "يدفع المستأجر الإيجار في اليوم الأول من كل شهر.",
    "def area(r): return 3.14159 * r ** 2  # \\frac{a}{b}",
    "Item: Apple; Price: 1.20; Shop: 3\nItem: Pear; Price: 0.80; Shop: 1",
]


@pytest.fixture(scope="module", autouse=True)
def own_environment() -> Iterator[None]:
    """Cards are hidden by the environment, which other tests and their processes share."""
    with patch.dict(os.environ):
        yield


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> LightModels:
    return write_light_models(tmp_path_factory.mktemp("light"))


@pytest.fixture(scope="module")
def encoder(light: LightModels) -> LlamaEncoder:
    return LlamaEncoder(light.embedder)


@pytest.fixture
def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)


def passages() -> list[str]:
    guide = next(SAMPLES.rglob("*.md")).read_text(encoding="utf-8")
    return [guide[first : first + 700] for first in range(0, 7000, 350)]


def test_the_vectors_are_those_of_sentence_transformers(encoder: LlamaEncoder, monkeypatch):
    from tqdm import tqdm

    from app.retrieval.other_encoders import LibraryEncoder

    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # no thread that watches progress bars
    library = LibraryEncoder(starter_embedder())
    assert (encoder.dimensions, encoder.max_tokens) == (library.dimensions, library.max_tokens)
    texts = [*TEXTS, *passages()]
    found, expected = encoder.encode(texts), library.encode(texts)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found * expected).sum(axis=1).min() > 0.9999


def test_alone_and_beside_others_a_text_gets_the_same_vector(encoder: LlamaEncoder):
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, together, atol=1e-3)
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_questions_are_answered_while_passages_are_embedded(encoder: LlamaEncoder):
    many, question = passages() * 3, "How much notice?"
    alone = encoder.encode([question])
    with ThreadPoolExecutor(4) as pool:
        indexing = pool.submit(encoder.encode, many)
        asked = list(pool.map(encoder.encode, [[question]] * 12))
        vectors = indexing.result()
    for each in asked:
        np.testing.assert_allclose(each, alone, atol=1e-3)
    np.testing.assert_allclose(vectors[: len(many) // 3], vectors[-(len(many) // 3) :], atol=1e-3)


def test_vectors_of_both_editions_can_be_compared(light: LightModels, without_openvino: None, monkeypatch):
    without = Embedder(light.embedder)
    monkeypatch.undo()
    whole = Embedder(starter_embedder())
    assert without.name == whole.name
    cosines = (without.embed(passages()) * whole.embed(passages())).sum(axis=1)
    assert cosines.min() > 0.985  # where the full one computes in 8 bits


def test_llama_cpp_is_taken_where_openvino_is_missing(light: LightModels, without_openvino: None):
    assert isinstance(open_encoder(light.embedder), LlamaEncoder)


_WATCHED = """
import ctypes, json, os, sys
from pathlib import Path
from llama_cpp import llama_cpp as llama

def now():
    hears, data = llama.llama_log_callback(), ctypes.c_void_p()
    llama.llama_log_get(ctypes.byref(hears), ctypes.byref(data))
    return [ctypes.cast(hears, ctypes.c_void_p).value, {name: os.environ.get(name) for name in _HIDDEN}]

from app.hardware.graphics import _HIDDEN
before = now()
from app.retrieval.llama_encoder import LlamaEncoder
from app.retrieval.readers import llama_scores
imported, seen, load = now(), [], llama.llama_model_load_from_file

def watched(*arguments):
    seen.append(now())
    return load(*arguments)

llama.llama_model_load_from_file = watched
LlamaEncoder(Path(sys.argv[1]))
print(json.dumps({"before": before, "imported": imported, "loading": seen[0], "hidden": _HIDDEN}))
"""


def test_cards_are_hidden_and_messages_heard_before_a_model_loads_not_by_the_import(light: LightModels):
    environment = {name: value for name, value in os.environ.items() if name not in graphics._HIDDEN}
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(light.embedder)],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["imported"] == found["before"] and not any(found["before"][1].values())
    heard, hidden = found["loading"]
    assert hidden == found["hidden"] and heard != found["before"][0]


def test_other_models_are_refused_where_torch_is_missing(without_openvino: None, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(AppError, match=r"This edition .* full edition of Alcove"):
        open_encoder(starter_embedder())  # as it is published: without weights for llama.cpp


@pytest.mark.parametrize("content", [b"", b"GGUF", b"\0" * 4096, None])
def test_damaged_weights_are_told(light: LightModels, tmp_path: Path, content: bytes | None):
    for each in light.embedder.iterdir():
        (tmp_path / each.name).symlink_to(each)
    (tmp_path / GGUF).unlink()
    whole = (light.embedder / GGUF).read_bytes()
    (tmp_path / GGUF).write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(AppError, match="Install Alcove again"):
        LlamaEncoder(tmp_path)


def test_the_reader_marks_the_same(light: LightModels, without_openvino: None, monkeypatch):
    without = BertReader(light.reader)
    monkeypatch.undo()
    monkeypatch.setattr(openvino_scores, "knows_8_bits", lambda: False)
    exact = BertReader(shipped_reader())
    assert without.name == exact.name  # so the calibration holds for both
    texts = [_LEASE, "", "租 " * 50, _LEASE * 12, *passages()]
    for question in ("How much is the deposit?", "Who painted the Mona Lisa?", ""):
        for one, other in zip(without.marks(question, texts), exact.marks(question, texts), strict=True):
            np.testing.assert_array_equal(one.offsets, other.offsets)
            np.testing.assert_allclose(one.starts, other.starts[: len(one.starts)], atol=0.05)
            np.testing.assert_allclose(one.ends, other.ends[: len(one.ends)], atol=0.05)
            assert one.null == pytest.approx(other.null, abs=0.05)


def test_the_reader_is_calibrated_and_tells_what_is_missing(
    light: LightModels, without_openvino: None, monkeypatch, tmp_path: Path
):
    monkeypatch.setattr("app.retrieval.readers.serving_reader.shipped_reader", lambda: light.reader)
    reader = open_reader()
    assert reader.calibrated
    (found,) = reader.read("How long is the notice period?", [_LEASE])
    assert _LEASE[found.start : found.end] == "three months"
    assert isinstance(reader, SpanReader)
    for each in light.reader.iterdir():
        if each.name != GGUF:
            (tmp_path / each.name).symlink_to(each)
    with pytest.raises(AppError, match="Install Alcove again"):
        BertReader(tmp_path)
    assert not (light.embedder / WEIGHTS).exists()
