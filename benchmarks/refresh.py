"""A refresh with nothing changed over 100,000 files, beside only listing them, and beside one that is told of a single
changed file. Run: python -m benchmarks.refresh
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.documents.document import ReadResult, Verdict
from app.retrieval.client import Library
from app.retrieval.index_store import FileText, IndexStore
from app.retrieval.protocol import IndexFinished
from app.retrieval.walking import list_files
from app.storage.database import open_database
from app.storage.migrations import INDEX

_FILES = 100_000
_LIMIT_S = 5.0
_RUNS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "documents")
        for number in range(_FILES):
            path = folder / f"{number // 250:03}" / f"{number:06}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"Document {number}")
        paths = find_paths(Path(name, "home"))
        paths.prepare()
        database = open_database(paths.index_db, INDEX, durable=False)
        store = IndexStore(database)
        read = ReadResult(Verdict.indexed)
        store.store(FileText(seen, "", read) for seen in list_files([str(folder)]).files.values())
        database.close()
        library = Library(paths)
        everything, listing, single = [], [], []
        for _ in range(_RUNS):
            everything.append(_refresh(library, folder, _FILES))
            started = time.perf_counter()
            list_files([str(folder)])
            listing.append(time.perf_counter() - started)
            single.append(_refresh(library, folder, 1, only=[str(folder / "007" / "001750.txt")]))
        library.close()
    # the first run also starts the worker
    median, alone = statistics.median(everything), statistics.median(listing)
    print(f"{_FILES} files unchanged: median {median:.2f} s (first, with start of the worker, {everything[0]:.2f} s;"
          f" limit {_LIMIT_S:g} s); listing alone {alone:.2f} s; ratio {median / alone:.1f};"
          f" one file {statistics.median(single) * 1000:.0f} ms")  # fmt: skip


def _refresh(library: Library, folder: Path, files: int, only: Sequence[str] = ()) -> float:
    """Seconds."""
    started = time.perf_counter()
    *_, finished = library.refresh([str(folder)], CancelToken(), only=only)
    took = time.perf_counter() - started
    assert isinstance(finished, IndexFinished)
    assert (finished.seen, finished.unchanged, finished.indexed) == (files, files, 0)
    return took


if __name__ == "__main__":
    main()
