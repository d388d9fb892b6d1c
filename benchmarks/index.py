"""Indexing a folder beside the usual pipeline: a loader for each file, `encode` in file order in batches of 32.

Both read the same folder with the same weights on two threads. The baseline is generous: it gets Alcove's own reader
and keeps its vectors in memory only. It is measured twice: with passages of 1,000 characters of which 200 stand in two,
as tutorials of such pipelines cut them, and with Alcove's own passages. Run: python -m benchmarks.index
Then: how long until words of 2,000 new files can be searched.
"""

import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.base.jobs import CancelToken
from app.base.paths import DataPaths, find_paths
from app.documents.chunking import chunk
from app.documents.document import Document
from app.documents.limits import Limits
from app.documents.reading import read_document
from app.models.installed import starter_embedder
from app.retrieval.client import Library
from app.retrieval.embedding import Embedder
from app.retrieval.file_reading import PASSAGE_TOKENS
from app.retrieval.protocol import IndexFinished
from app.retrieval.stored_text import text_to_embed
from benchmarks.libraries import made_up_texts, shared_data, squad

_RUNS = 3
_FILES = 120
_NEW_FILES = 2_000
_BATCH = 32
_CUT, _OVERLAP = 1_000, 200  # characters


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "documents")
        _write_documents(folder)
        _against_the_usual(folder, Path(name))
        _first_answer(Path(name))


def _against_the_usual(folder: Path, work: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(starter_embedder()), device="cpu", local_files_only=True)
    embedder = Embedder(starter_embedder())

    def own(document: Document) -> Iterator[str]:
        for each in chunk(document, embedder.count_tokens, PASSAGE_TOKENS):
            yield text_to_embed(each.heading, document.places[each.place].text[each.start : each.end])

    ratios: dict[str, list[float]] = {"as tutorials cut": [], "Alcove's own passages": []}
    for run in range(_RUNS):
        with _Opened(work / f"home{run}") as (library, _):
            started = time.perf_counter()
            finished = _refresh(library, folder)
            ours = time.perf_counter() - started
        print(f"  run {run + 1}: {finished.seen} files, {_speed(finished.passages, ours)}", flush=True)
        for (name, found), cut in zip(ratios.items(), (_overlapping, own), strict=True):
            started = time.perf_counter()
            passages = _usual(folder, model, cut)
            usual = time.perf_counter() - started
            found.append(usual / ours)
            print(f"    the usual way, {name}: {_speed(passages, usual)}, {usual / ours:.2f} ×", flush=True)
    for name, found in ratios.items():
        print(f"indexing {statistics.median(found):.2f} × as fast as the usual way, {name} (at least 3)")


def _speed(passages: int, seconds: float) -> str:
    return f"{passages} passages in {seconds:.1f} s ({passages / seconds:.0f}/s)"


def _usual(folder: Path, model: object, cut: Callable[[Document], Iterator[str]]) -> int:
    """Load, split and encode, one after the other; returns the number of passages."""
    texts: list[str] = []
    for path in sorted(folder.rglob("*")):
        document = read_document(path, Limits()).document if path.is_file() else None
        texts += cut(document) if document else ()
    kept = []
    for first in range(0, len(texts), _BATCH):
        batch = texts[first : first + _BATCH]
        kept.append(model.encode(batch, batch_size=_BATCH, show_progress_bar=False))  # type: ignore[attr-defined]
    return len(texts)


def _overlapping(document: Document) -> Iterator[str]:
    """At most 1,000 characters, cut between words; each begins 200 before the last one's end."""
    for place in document.places:
        start = 0
        while start < len(place.text):
            end = start + _CUT
            if end < len(place.text):
                end = max(place.text.rfind(" ", start + _CUT // 2, end), start + _CUT // 2)
            yield place.text[start:end]
            start = end - _OVERLAP if end < len(place.text) else end


def _first_answer(work: Path) -> None:
    folder = work / "many"
    for number, text in enumerate(_paragraphs(_NEW_FILES)):
        path = folder / f"{number // 100:02}" / f"{number:04}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n\nMarker{number:04} stands here.\n")
    with _Opened(work / "home-many") as (library, _):
        cancel = CancelToken()
        started = time.perf_counter()
        indexing = threading.Thread(target=lambda: _refresh(library, folder, cancel))
        indexing.start()
        found = {}
        for number in (7, _NEW_FILES // 2, _NEW_FILES - 1):
            while not library.search(f"marker{number:04}", CancelToken(), mode="keyword").hits:
                assert indexing.is_alive(), "reading ended without it"
                time.sleep(0.2)
            found[number] = time.perf_counter() - started
        cancel.cancel()
        indexing.join()
    times = ", ".join(f"file {number}: {seconds:.1f} s" for number, seconds in found.items())
    print(f"{_NEW_FILES} new files, found by a word after: {times} (limit 10 s)", flush=True)


class _Opened:
    """A library of its own whose processes run and whose model is loaded: starting them is not compared."""

    def __init__(self, home: Path) -> None:
        self._paths = find_paths(home)

    def __enter__(self) -> tuple[Library, DataPaths]:
        self._paths.prepare()
        self._library = Library(self._paths)
        warm = self._paths.data / "warm-up"
        warm.mkdir()
        (warm / "first.md").write_text("Warm up.\n")
        _refresh(self._library, warm)
        self._library.search("warm up", CancelToken())
        return self._library, self._paths

    def __exit__(self, *_: object) -> None:
        self._library.close()
        shutil.rmtree(self._paths.data, ignore_errors=True)


def _refresh(library: Library, folder: Path, cancel: CancelToken | None = None) -> IndexFinished:
    from app.base.errors import Cancelled

    finished = None
    try:
        for event in library.refresh([str(folder)], cancel or CancelToken()):
            finished = event if isinstance(event, IndexFinished) else finished
    except Cancelled:
        pass
    return finished or IndexFinished(0, 0, 0, 0, 0, 0, 0.0, ())


def _write_documents(folder: Path) -> None:
    folder.mkdir()
    for number, text in enumerate(_texts()):
        (folder / f"{number:04}.md").write_text(f"# Chapter {number}\n\n{text}\n")
    shared = shared_data()
    for number, file in enumerate(_real_files(shared / "documents") if shared else ()):
        (folder / f"real-{number:04}{file.suffix}").write_bytes(file.read_bytes())


def _real_files(folder: Path) -> Iterator[Path]:
    """Some of each kind, small ones first."""
    by_kind: dict[str, list[Path]] = {}
    for file in sorted(
        (each for each in folder.rglob("*") if each.is_file()), key=lambda each: each.stat().st_size
    ):
        by_kind.setdefault(file.suffix, []).append(file)
    for files in by_kind.values():
        yield from files[:6]


def _texts() -> list[str]:
    texts = _paragraphs(_FILES * 5)
    return ["\n\n".join(texts[first : first + 5]) for first in range(0, len(texts), 5)]


def _paragraphs(count: int) -> list[str]:
    """Real ones where they are to be had."""
    shared = shared_data()
    if shared is None:
        return list(made_up_texts(count))
    return [text for article in squad(shared / "squad" / "train.json")[0] for text in article][:count]


if __name__ == "__main__":
    main()
