"""The extractive summariser beside lead-n, plain TextRank and chance, and how long it takes for 200 pages.

SciTLDR: abstracts, each with one or more one-sentence references, of which the best counts (as its authors do).
SQuALITY: stories of about 5,000 words; the references are the four answers to "What is the plot?", the mean counts.
All systems choose the same number of the same sentences (Alcove's own splitting; headings and scraps are left out for
all). Half of each development set, drawn once with a fixed seed, was used to choose weights; the figures are of the other
half, which played no part in that.
Run: python -m benchmarks.summaries
"""

import json
import random
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from app.assistants.summarize.checking import NEAR_ENOUGH
from app.assistants.summarize.material import windows
from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.documents.sentences import sentences
from app.models.installed import starter_embedder
from app.retrieval.client import Library
from app.retrieval.digest import digest
from app.retrieval.embedding import Embedder, Vectors
from app.retrieval.whole_document import WholeDocument, pasted_document
from benchmarks.libraries import made_up_texts, shared_data
from benchmarks.rouge import Rouge, best_of, mean_of, rouge, words

_SEED = 1
_LEAST_WORDS = 4
_DAMPING = 0.85
_PAGES = 200
_WORDS_A_PAGE = 450
_LIMIT_S = 15.0
_RUNS = 3
_CHECKED = 250  # abstracts


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    references: tuple[str, ...]


class RememberingEmbedder(Embedder):
    """Embeds each text once: every document is digested twice."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.known: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str], between: Callable[[int], None] = lambda done: None) -> Vectors:
        new = [each for each in dict.fromkeys(texts) if each not in self.known]
        self.known.update(zip(new, super().embed(new, between), strict=True))
        return np.array([self.known[each] for each in texts]).reshape(-1, self.dimensions)


Score = Callable[[str, Sequence[str]], Rouge]
Choose = Callable[[Sequence[str], int], Sequence[int]]


def main() -> None:
    """Print the figures; without the data only the time, for a made-up document."""
    shared = shared_data()
    stories: list[str] = []
    if shared is None:
        print("summaries: quality skipped, the data is not here")
    else:
        embedder = RememberingEmbedder(starter_embedder())
        abstracts, plots = scitldr(shared / "summaries"), squality(shared / "summaries")
        stories = [each.text for each in plots]
        for count in (1, 3):
            _compare(
                f"SciTLDR, {count} sentence(s), best reference", reported(abstracts), count, best_of, embedder
            )
        for count in (10, 25):
            _compare(
                f"SQuALITY plots, {count} sentences, mean of references",
                reported(plots),
                count,
                mean_over,
                embedder,
            )
        _support(abstracts[:_CHECKED], embedder)
    _time_of_200_pages(stories or list(made_up_texts(2_000)))


def _support(examples: Sequence[Example], embedder: Embedder) -> None:
    """How near a true summary comes to what it rests on, and a foreign one: where `NEAR_ENOUGH` stands between them."""
    near: dict[str, list[float]] = {"own": [], "another": []}
    for number, example in enumerate(examples):
        said = embedder.embed(example.references[:1])[0]
        for name, told in (("own", example), ("another", examples[number - 1])):
            spans = windows(told.text)
            near[name].append(float((embedder.embed([told.text[a:b] for a, b in spans]) @ said).max()))
    for name, cosines in near.items():
        share = sum(each >= NEAR_ENOUGH for each in cosines) / len(cosines)
        print(
            f"support: {share:.1%} of {len(cosines)} references reach {NEAR_ENOUGH} with a window of {name} abstract"
        )


def scitldr(folder: Path) -> list[Example]:
    rows = _rows(folder / "scitldr" / "dev.jsonl")
    return [Example(" ".join(row["source"]), tuple(row["target"])) for row in rows]


def squality(folder: Path) -> list[Example]:
    """The first question about each story asks for its plot."""
    return [
        Example(row["document"], tuple(each["response_text"] for each in row["questions"][0]["responses"]))
        for row in _rows(folder / "squality" / "dev.jsonl")
    ]


def halves(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """For choosing weights, and for reporting."""
    mixed = list(examples)
    random.Random(_SEED).shuffle(mixed)
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def reported(examples: Sequence[Example]) -> list[Example]:
    return halves(examples)[1]


def mean_over(summary: str, references: Sequence[str]) -> Rouge:
    return mean_of([rouge(summary, each) for each in references])


def lead(listed: Sequence[str], count: int) -> Sequence[int]:
    return range(min(count, len(listed)))


def chance(listed: Sequence[str], count: int) -> Sequence[int]:
    return sorted(random.Random(len(listed)).sample(range(len(listed)), min(count, len(listed))))


def textrank(listed: Sequence[str], count: int) -> Sequence[int]:
    """Mihalcea and Tarau (2004): words in common over the logarithms of both lengths, weighted PageRank."""
    bags = [set(words(each)) for each in listed]
    lengths = np.log([max(2, len(words(each))) for each in listed])
    vocabulary = {word: number for number, word in enumerate(sorted(set().union(*bags)))}
    table = np.zeros((len(bags), len(vocabulary)), dtype=np.float32)
    for number, bag in enumerate(bags):
        table[number, [vocabulary[word] for word in bag]] = 1.0
    weights = (table @ table.T) / (lengths[:, None] + lengths[None, :])
    np.fill_diagonal(weights, 0.0)
    moves = weights / np.maximum(weights.sum(1, keepdims=True), 1e-9)
    ranks = np.ones(len(bags))
    for _ in range(100):
        ranks = (1 - _DAMPING) + _DAMPING * (ranks @ moves)
    return sorted(np.argsort(-ranks, kind="stable")[:count].tolist())


def _compare(title: str, examples: Sequence[Example], count: int, score: Score, embedder: Embedder) -> None:
    """One line of figures for each system: F1 in percent, and the words it chose."""
    scores: dict[str, list[Rouge]] = {}
    lengths: dict[str, int] = {}
    for example in examples:
        document = pasted_document(example.text, embedder)
        listed = _sentences(document)
        summaries = {
            name: " ".join(listed[number] for number in choose(listed, count))
            for name, choose in (("lead", lead), ("TextRank", textrank), ("chance", chance))
        }
        summaries["Alcove"] = _ours(document, count, embedder)
        for name, summary in summaries.items():
            scores.setdefault(name, []).append(score(summary, example.references))
            lengths[name] = lengths.get(name, 0) + len(words(summary))
    print(f"{title}, {len(examples)} documents", flush=True)
    for name, own in scores.items():
        mean = mean_of(own)
        print(
            f"  {name:9} R-1 {100 * mean.one:5.2f}  R-2 {100 * mean.two:5.2f}  R-L {100 * mean.longest:5.2f}"
            f"  {lengths[name] / len(examples):4.0f} words",
            flush=True,
        )


def _sentences(document: WholeDocument) -> list[str]:
    texts = (each.text[start:end] for each in document.passages for start, end in sentences(each.text))
    return [each for each in texts if len(words(each)) >= _LEAST_WORDS]


def _ours(document: WholeDocument, count: int, embedder: Embedder) -> str:
    digested = digest(document, embedder, CancelToken(), sentences=count)
    texts = {each.number: each.text for each in digested.passages}
    return " ".join(texts[each.passage][each.start : each.end] for each in digested.extracts)


def _time_of_200_pages(stories: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "documents", "long.pdf")
        file.parent.mkdir()
        write_pdf(file, stories)
        paths = find_paths(Path(name, "home"))
        paths.prepare()
        library = Library(paths)
        try:
            for _ in library.refresh([str(file.parent)], CancelToken()):
                pass
            times, before = [], _processor_s(library)
            for _ in range(_RUNS):
                started = time.perf_counter()
                digested = library.digest(CancelToken(), file=str(file))
                times.append(time.perf_counter() - started)
            spent = (_processor_s(library) - before) / _RUNS
        finally:
            library.close()
    print(f"digest of a PDF of {digested.places} pages, {len(digested.passages)} passages, once indexed:"
          f" {sorted(times)[1]:.1f} s (limit {_LIMIT_S:.0f} s), {spent:.1f} s of processor time;"
          f" {len(digested.extracts)} sentences")  # fmt: skip


def _processor_s(library: Library) -> float:
    """What the worker used so far, over all cores: on a busy machine it tells more than the clock."""
    used = psutil.Process(library.worker_pid).cpu_times()
    return used.user + used.system


def write_pdf(file: Path, stories: Sequence[str]) -> None:
    """200 pages of prose, a chapter for every story."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(file), pagesize=A4)
    for number, lines in zip(range(1, _PAGES + 1), _pages(stories), strict=False):
        text = canvas.beginText(56, 790)
        text.setFont("Times-Roman", 11)
        for line in lines:
            text.textLine(line)
        text.textLine("")
        text.textLine(f"Collected stories    {number}")
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()


def _pages(stories: Sequence[str]) -> Iterator[list[str]]:
    for number, story in enumerate(stories, start=1):
        found = story.encode("latin-1", "ignore").decode("latin-1").split()
        for first in range(0, len(found), _WORDS_A_PAGE):
            heading = [f"Chapter {number}", ""] if first == 0 else []
            yield heading + textwrap.wrap(" ".join(found[first : first + _WORDS_A_PAGE]), 95)


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
