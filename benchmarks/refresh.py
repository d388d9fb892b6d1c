"""A refresh with nothing changed over 10,000 files, beside only listing them. Run: python -m benchmarks.refresh"""

import statistics
import tempfile
import time
from pathlib import Path

from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.documents.document import ReadResult, Verdict
from app.retrieval.client import Library
from app.retrieval.index_store import IndexStore
from app.retrieval.protocol import IndexFinished
from app.retrieval.walking import list_files
from app.storage.database import open_database
from app.storage.migrations import INDEX

_FILES = 10_000
_RUNS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "documents")
        for number in range(_FILES):
            path = folder / f"{number // 250:02}" / f"{number:05}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"Document {number}")
        paths = find_paths(Path(name, "home"))
        paths.prepare()
        database = open_database(paths.index_db, INDEX, durable=False)
        store = IndexStore(database)
        for seen in list_files([str(folder)]).files.values():
            store.store(seen, "", ReadResult(Verdict.empty, "No text."), [])
        database.close()
        library = Library(paths)
        results, listing = [], []
        for _ in range(_RUNS):
            started = time.perf_counter()
            (finished,) = [
                each
                for each in library.refresh([str(folder)], CancelToken())
                if isinstance(each, IndexFinished)
            ]
            results.append(time.perf_counter() - started)
            assert (finished.seen, finished.unchanged, finished.indexed) == (_FILES, _FILES, 0)
            started = time.perf_counter()
            list_files([str(folder)])
            listing.append(time.perf_counter() - started)
        library.close()
    # the first run also starts the worker
    print(f"{_FILES} files unchanged: median {statistics.median(results):.2f} s (first, with start of the worker,"
          f" {results[0]:.2f} s); listing alone {statistics.median(listing):.2f} s;"
          f" ratio {statistics.median(results) / statistics.median(listing):.1f} (limit 3 s)")  # fmt: skip


if __name__ == "__main__":
    main()
