"""Runtimes of the starter embedder: how fast, and whether search still finds the same.

sentence-transformers as most use it (the order of the files, batches of 32) and sorted by length, against Alcove's
encoder in 32 and in 8 bits; alternating, median of the ratios to the first. Recall: of SQuAD questions, over all
training paragraphs. Run: python -m benchmarks.embedding
"""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from unittest import mock

import numpy as np

from app.models.installed import starter_embedder
from app.retrieval.bert import BertEncoder
from app.retrieval.embedding import Vectors
from benchmarks.libraries import Question, shared_data, squad

_PASSAGES = 96
_RUNS = 5
_QUESTIONS = 1500
_NEAREST = 5

Encode = Callable[[Sequence[str]], Vectors]

_START = """
import time
from app.models.installed import starter_embedder
started = time.perf_counter()
{load}
encoder.encode(["How much notice must the tenant give?"])
print(time.perf_counter() - started)
"""
_LOADS = {
    "sentence-transformers": 'from sentence_transformers import SentenceTransformer; encoder = SentenceTransformer(str(starter_embedder()), device="cpu", local_files_only=True)',
    "OpenVINO, 8 bits": "from app.retrieval.bert import BertEncoder; encoder = BertEncoder(starter_embedder())",
}


def main() -> None:
    shared = shared_data()
    if shared is None:
        print("embedding: skipped, the SQuAD data is not here")
        return
    for name, load in _LOADS.items():
        print(
            f"first vector of a fresh process, {name}: {statistics.median(_start(load) for _ in range(3)):.1f} s"
        )
    articles, questions = squad(shared / "squad" / "train.json")
    paragraphs = [paragraph for article in articles for paragraph in article]
    ways = _ways()
    speed = _speed(ways, random.Random(1).sample(paragraphs, _PASSAGES))
    exact, small = (ways[name] for name in ("OpenVINO, 32 bits", "OpenVINO, 8 bits"))
    asked = random.Random(2).sample(questions, _QUESTIONS)
    texts = [each.text for each in asked]
    of_exact, of_small = ((encode(paragraphs), encode(texts)) for encode in (exact, small))
    print("runtime                               passages/s   ratio")
    for name, rates in speed.items():
        ratio = statistics.median(a / b for a, b in zip(rates, next(iter(speed.values())), strict=True))
        print(f"{name:36}  {statistics.median(rates):10.1f}  {ratio:6.2f}")
    cosines = (of_exact[0] * of_small[0]).sum(axis=1)
    print(f"8 against 32 bits: cosine mean {cosines.mean():.4f}, least {cosines.min():.4f}")
    half = np.where(np.arange(len(paragraphs))[:, None] % 2, of_exact[0], of_small[0])
    for name, stored, query in (
        ("32 bits", of_exact[0], of_exact[1]),
        ("8 bits", of_small[0], of_small[1]),
        ("stored in 32, asked in 8", of_exact[0], of_small[1]),
        ("stored half and half, asked in 8", half, of_small[1]),
    ):
        print(f"recall@{_NEAREST} {name}: {_recall(stored, query, asked):.4f}")


def _ways() -> dict[str, Encode]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(starter_embedder()), device="cpu", local_files_only=True)

    def plain(texts: Sequence[str], size: int = 32) -> Vectors:
        batches = [texts[first : first + size] for first in range(0, len(texts), size)]
        return np.concatenate([
            model.encode(list(batch), batch_size=size, normalize_embeddings=True, show_progress_bar=False)
            for batch in batches
        ])  # fmt: skip

    with mock.patch("app.retrieval.bert.knows_8_bits", lambda: False):
        exact = BertEncoder(starter_embedder())
    with mock.patch("app.retrieval.bert.knows_8_bits", lambda: True):
        small = BertEncoder(starter_embedder())
    return {
        "sentence-transformers, file order": plain,
        "sentence-transformers, sorted, 8": lambda texts: plain(sorted(texts, key=len), 8),
        "OpenVINO, 32 bits": exact.encode,
        "OpenVINO, 8 bits": small.encode,
    }


def _speed(ways: dict[str, Encode], passages: Sequence[str]) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_RUNS):
        for name, encode in ways.items():
            started = time.perf_counter()
            encode(passages)
            rates[name].append(len(passages) / (time.perf_counter() - started))
    return rates


def _recall(stored: Vectors, queries: Vectors, asked: Sequence[Question]) -> float:
    nearest = np.argpartition(-(queries @ stored.T), _NEAREST, axis=1)[:, :_NEAREST]
    return float(np.mean([each.paragraph in row for each, row in zip(asked, nearest, strict=True)]))


def _start(load: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _START.format(load=load)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


if __name__ == "__main__":
    main()
