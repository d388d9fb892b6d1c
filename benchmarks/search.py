"""Search over 100,000 passages, query embedding included, beside the parts it is made of.

The texts are made up with the word frequencies of a language and have random vectors: the cost of a search does
not depend on what they mean. Run: python -m benchmarks.search
"""

import random
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from app.models.installed import starter_embedder
from app.retrieval.embedding import Embedder
from app.retrieval.index_store import IndexStore
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import Search
from app.retrieval.searching import Searcher
from app.storage.database import open_database
from app.storage.migrations import INDEX
from benchmarks.libraries import made_up_texts, serve_with, store_texts

_PASSAGES = 100_000
_QUERIES = 60


def main() -> None:
    embedder = Embedder(starter_embedder())
    with tempfile.TemporaryDirectory() as name:
        database = open_database(Path(name, "index.db"), INDEX, durable=False)
        store = IndexStore(database)
        serve_with(database, embedder)
        texts = list(made_up_texts(_PASSAGES))
        numbers = np.array([number for number, _ in store_texts(database, texts, pages=100)], dtype=np.int64)
        vectors = np.random.default_rng(1).normal(size=(_PASSAGES, embedder.dimensions)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        assert store.add_vectors(numbers, vectors, embedder.name)
        live = LiveVectors(database, Path(name, "vectors.faiss"), embedder.dimensions)
        searcher = Searcher(database, live, embedder)
        started = time.perf_counter()
        live.save()
        print(f"  vector index built and saved in {time.perf_counter() - started:.1f} s", flush=True)
        choose = random.Random(3)
        queries = [" ".join(choose.choices(choose.choice(texts).split(), k=8)) for _ in range(_QUERIES)]
        for mode in ("hybrid", "vector", "keyword"):
            times = []
            for query in queries:
                started = time.perf_counter()
                assert searcher.search(Search(query, 8, mode)).hits
                times.append(1000 * (time.perf_counter() - started))
            print(
                f"{mode:8} p50 {statistics.median(times):.0f} ms, p95 {np.percentile(times, 95):.0f} ms",
                flush=True,
            )
        times = []
        for query in queries:
            started = time.perf_counter()
            embedder.embed([query])
            times.append(1000 * (time.perf_counter() - started))
        print(f"query embedding alone p50 {statistics.median(times):.0f} ms, p95 {np.percentile(times, 95):.0f} ms"
              " (limit for hybrid: p95 100 ms)")  # fmt: skip
        database.close()


if __name__ == "__main__":
    main()
