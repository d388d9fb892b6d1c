"""How often the paragraph that answers a question is among the first found: words, vectors, and both together.

Every SQuAD paragraph of both files is a document of its own in one library (2,859 in all), searched as the app does it.
The fusion was chosen on the first six articles of the training file; the other 44 and the five articles of `eval.json`
measure. Measured, recall@5 in per cent of words / vectors / both:
tuning 89.2 / 87.2 / 93.2, held out 89.7 / 88.0 / 94.0 (600 questions; both over words +4.3, 95 %: 2.0), evaluation
93.9 / 87.0 / 96.0 (856 questions; +2.1, 95 %: 1.2).

The instant tier (`--static`) is what might serve until the vectors are there: a vector for each word piece, made once by
the same embedder, and their weighted mean for a text (the Model2Vec method). Keyword search alone is as good within a
point: recall@5 of 89.4 (a third of the questions of 25 training articles) and 93.8 (evaluation) rises to 90.2 and 94.6
at best, over five weightings, with and without PCA, and several weights of the fusion; static vectors alone reach 68 and
69. With the fusion as it is, they cost 7 points on evaluation. So the app does without.

Run: python -m benchmarks.recall [--questions 1500] [--static]
"""

import argparse
import math
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
from tokenizers import Tokenizer

from app.models.installed import starter_embedder
from app.retrieval.embedding import Embedder, Vectors
from app.retrieval.protocol import Search, SearchMode
from app.retrieval.searching import Searcher
from benchmarks.libraries import Question, library_of, shared_data, squad

_AT = (1, 5, 10)
_MODES: tuple[SearchMode, ...] = get_args(SearchMode)
_TUNING_ARTICLES = 6  # the first of the training file: what the fusion was chosen on
_SIF = 1e-4  # Arora, Liang and Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", 2017


class _Remembering(Embedder):
    """Questions are asked in three modes and embedded once."""

    def __init__(self) -> None:
        super().__init__(starter_embedder())
        self._known: dict[str, Vectors] = {}

    def embed_query(self, text: str) -> Vectors:
        if text not in self._known:
            self._known[text] = super().embed_query(text)
        return self._known[text]


class _StaticEmbedder(Embedder):
    """A text is the weighted mean of the vectors of its word pieces, made once by another embedder."""

    def __init__(self, teacher: Embedder) -> None:
        self.name, self.dimensions, self.max_tokens = "static", teacher.dimensions, teacher.max_tokens
        self._pieces = Tokenizer.from_file(str(starter_embedder() / "tokenizer.json"))
        self._pieces.no_truncation()
        self._pieces.no_padding()
        started = time.perf_counter()
        count = self._pieces.get_vocab_size()
        names = [str(self._pieces.id_to_token(number)).removeprefix("##") for number in range(count)]
        share = 1 / np.arange(2, count + 2)  # the vocabulary is sorted by frequency, which falls as 1/rank
        weights = (_SIF / (_SIF + share / share.sum())).astype(np.float32)
        table = teacher.embed(names)
        self._table = (table - table.mean(axis=0)) * weights[:, None]  # what all have in common tells nothing
        print(f"  {count} word pieces in {time.perf_counter() - started:.0f} s", flush=True)

    def embed(self, texts: Sequence[str], between: Callable[[int], None] = lambda done: None) -> Vectors:
        started = time.perf_counter()
        encoded = self._pieces.encode_batch_fast(list(texts), add_special_tokens=False)
        vectors = np.array([self._table[each.ids].sum(axis=0) for each in encoded])
        if len(texts) > 1:
            print(f"  {len(texts) / (time.perf_counter() - started):.0f} passages/s", flush=True)
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return unit

    def embed_query(self, text: str) -> Vectors:
        query: Vectors = self.embed([text])[0]
        return query


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=1500, help="of each set from the training file")
    parser.add_argument("--static", action="store_true", help="measure the instant tier as well")
    options = parser.parse_args()
    shared = shared_data()
    if shared is None:
        print("recall: skipped, the SQuAD data is not here")
        return
    paragraphs, sets = question_sets(shared / "squad", options.questions)
    with tempfile.TemporaryDirectory() as name:
        searcher, embedder = library_of(Path(name), paragraphs, _Remembering())
        for label, questions in sets.items():
            report(label, searcher, questions)
    if options.static:
        print("the same with static vectors instead:")
        with tempfile.TemporaryDirectory() as name:
            searcher, _ = library_of(Path(name), paragraphs, _StaticEmbedder(embedder))
            for label, questions in sets.items():
                report(label, searcher, questions)


def question_sets(folder: Path, most: int) -> tuple[list[str], dict[str, list[Question]]]:
    """All paragraphs, and questions whose `paragraph` counts over them: of training (two sets), and evaluation."""
    articles, asked = squad(folder / "train.json")
    other_articles, other_asked = squad(folder / "eval.json")
    paragraphs = [text for article in articles for text in article]
    choose = random.Random(5)
    tuning = [each for each in asked if each.article < _TUNING_ARTICLES]
    held_out = [each for each in asked if each.article >= _TUNING_ARTICLES]
    shift = len(paragraphs)
    sets = {
        "tuning": choose.sample(tuning, min(most, len(tuning))),
        "held out": choose.sample(held_out, min(most, len(held_out))),
        "evaluation": [
            Question(each.text, each.answers, each.article, each.paragraph + shift) for each in other_asked
        ],
    }
    return paragraphs + [text for article in other_articles for text in article], sets


def report(label: str, searcher: Searcher, questions: Sequence[Question]) -> None:
    """Print recall in each mode and what both together bring over the better of the two."""
    found = {mode: np.array([_rank(searcher, each, mode) for each in questions]) for mode in _MODES}
    print(f"{label}, {len(questions)} questions", flush=True)
    for mode, ranks in found.items():
        figures = ", ".join(f"@{at} {_share(ranks <= at)}" for at in _AT)
        print(f"  {mode:8} recall {figures}")
    within = {mode: (ranks <= 5).astype(np.float64) for mode, ranks in found.items()}
    for mode in _MODES:
        if mode != "hybrid":
            gain = within["hybrid"] - within[mode]
            margin = 196 * gain.std() / math.sqrt(len(gain))
            print(
                f"  hybrid over {mode} at 5: {100 * gain.mean():+.1f} points (95 %: ±{margin:.1f})",
                flush=True,
            )


def _rank(searcher: Searcher, question: Question, mode: SearchMode) -> float:
    """Of the right paragraph among the hits, from 1; infinite if it is not there."""
    hits = searcher.search(Search(question.text, max(_AT), mode)).hits
    numbers = [int(Path(hit.file).stem) for hit in hits]  # as `store_texts` names them
    return numbers.index(question.paragraph) + 1 if question.paragraph in numbers else math.inf


def _share(hit: np.ndarray) -> str:
    """In per cent, with the half width of its 95 % interval."""
    mean = float(hit.mean())
    return f"{100 * mean:.1f} ±{196 * math.sqrt(mean * (1 - mean) / len(hit)):.1f}"


if __name__ == "__main__":
    main()
