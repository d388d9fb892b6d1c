"""Indexing, reading and storing included, beside `SentenceTransformer.encode` on the very same passages.

Both sorted by length in batches of 8, alternating, median of five. Run: python -m benchmarks.index
"""

import statistics
import tempfile
import time
from pathlib import Path

from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.models.installed import starter_embedder
from app.retrieval.client import Library
from app.retrieval.index_store import text_to_embed
from app.retrieval.protocol import IndexFinished
from app.storage.database import open_read_only
from benchmarks.libraries import made_up_texts, shared_data, squad

_FILES = 60
_RUNS = 5


def main() -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(starter_embedder()), device="cpu", local_files_only=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "documents")
        folder.mkdir()
        for number, text in enumerate(_texts()):
            (folder / f"{number:04}.md").write_text(f"# Chapter {number}\n\n{text}\n")
        ours, plain = [], []
        for run in range(_RUNS):
            paths = find_paths(Path(name, f"home{run}"))
            paths.prepare()
            library = Library(paths)
            _warm_up(library, Path(name, "warm-up"))
            started = time.perf_counter()
            finished = [
                each
                for each in library.refresh([str(folder)], CancelToken())
                if isinstance(each, IndexFinished)
            ][-1]
            seconds = time.perf_counter() - started
            library.close()
            database = open_read_only(paths.index_db)
            assert database is not None
            passages = [text_to_embed(row[0], row[1]) for row in database.rows(
                "SELECT p.heading, substr(t.text, p.start + 1, p.end - p.start)"
                " FROM passages p JOIN places t ON t.id = p.place_id JOIN files f ON f.id = p.file_id"
                " WHERE f.path NOT LIKE '%first.md'")]  # fmt: skip
            database.close()
            assert len(passages) == finished.passages
            ours.append(len(passages) / seconds)
            started = time.perf_counter()
            model.encode(passages, batch_size=8, normalize_embeddings=True, show_progress_bar=False)
            plain.append(len(passages) / (time.perf_counter() - started))
            print(
                f"  run {run + 1}: {len(passages)} passages, {ours[-1]:.1f} against {plain[-1]:.1f} passages/s",
                flush=True,
            )
    ratios = [a / b for a, b in zip(ours, plain, strict=True)]
    print(f"indexing: {statistics.median(ours):.1f} passages/s, plain encode {statistics.median(plain):.1f};"
          f" ratio {statistics.median(ratios):.2f} (at least 0.90)")  # fmt: skip


def _warm_up(library: Library, folder: Path) -> None:
    """Starting the processes and loading the model is not what is compared."""
    folder.mkdir(exist_ok=True)
    (folder / "first.md").write_text("Warm up.\n")
    for _ in library.refresh([str(folder)], CancelToken()):
        pass
    library.search("warm up", CancelToken())


def _texts() -> list[str]:
    shared = shared_data()
    if shared is None:
        texts = list(made_up_texts(_FILES * 5))
    else:
        texts = [text for article in squad(shared / "squad" / "train.json")[0] for text in article][
            : _FILES * 5
        ]
    return ["\n\n".join(texts[first : first + 5]) for first in range(0, len(texts), 5)]


if __name__ == "__main__":
    main()
