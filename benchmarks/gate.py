"""How well answerable questions are told from others: where `models/reader/calibration.json` comes from.

Libraries of real files: articles of SQuAD's training split that the reader was not trained on, and Alcove's own samples.
Asked are their questions, those that only seem to be answered there, and questions about other articles. A logistic
model is fitted on all of them. The error rates are those on questions that were left out of the fit (5 parts), the
thresholds chosen on one half of them and the rates counted on the other.
Run: python -m benchmarks.gate [--write]
"""

import argparse
import random
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.models.calibration import CALIBRATION, Calibration, Level, write_calibration
from app.models.installed import starter_embedder
from app.retrieval.answerability import Judge, Judged, Reading, answerability, features
from app.retrieval.client import Library
from app.retrieval.embedding import Embedder
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.protocol import Hit, Search
from app.retrieval.readers.bert_reader import BertReader
from app.retrieval.readers.serving_reader import shipped_reader
from app.retrieval.readers.span_reader import SpanReader
from app.retrieval.searching import Searcher
from app.storage.database import open_database
from app.storage.migrations import INDEX
from benchmarks.asked import Asked, articles, balanced, mean, samples, write_articles
from benchmarks.libraries import shared_data

HELD_OUT = ("1973_oil_crisis", "Plymouth", "Normans")
"""As in resources/reader_examples.py: the reader was not trained on them."""

_OTHERS = 5  # articles that stand in the library as well
_MOST = 260  # questions of each sort
_K = 5
_SEED = 3
_PARTS = 5
_SAMPLES = 3  # questions about the samples count so often, for there are few
_RIDGE = 1.0
# of the levels of caution: at most so many false refusals; at least so many right ones
_SELDOM, _SOMETIMES = 0.03, 0.08
_NEARLY_ALL = 0.93
_AS_LIKELY = 0.5

Seen = Mapping[str, float]
Row = tuple[
    Seen, bool, int
]  # features, whether the question can be answered, which part of the questions it is in
Array = npt.NDArray[np.float64]


class _Watched(Judge):
    """Keeps what the judge looks at."""

    seen: Seen

    def judged(self, question: str, hits: Sequence[Hit], similarity: float, read: Reading) -> Judged:
        self.seen = features(question, hits, similarity, read.spans)
        return super().judged(question, hits, similarity, read)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="put the calibration where Alcove reads it")
    write = parser.parse_args().write
    shared = shared_data()
    if shared is None:
        print("gate: skipped, the SQuAD data is not here")
        return
    with tempfile.TemporaryDirectory() as name:
        rows = [*_squad_rows(Path(name), shared / "squad" / "train.json"), *_sample_rows(Path(name))]
    found = {}
    for gate, names in (
        ("reader", ("similarity", "coverage", "confidence")),
        ("search", ("similarity", "coverage")),
    ):
        found[gate] = _calibration(rows, names)
        print(
            f"{gate}: {len(rows)} questions, {mean([answerable for _, answerable, _ in rows]):.2f} answerable"
        )
        print("  caution   least  right refusals  false refusals  balanced accuracy")
        for number, level in enumerate(found[gate].levels):
            accuracy = (level.right_refusals + 1 - level.false_refusals) / 2
            print(
                f"  {number}        {level.least:.3f}  {level.right_refusals:14.3f}  {level.false_refusals:14.3f}  {accuracy:17.3f}"
            )
    if write:
        folder = Path(__file__).resolve().parent.parent / "models" / "reader"
        remark = f"{len(rows)} questions: SQuAD training articles {', '.join(HELD_OUT)}, other articles, Alcove's samples"
        write_calibration(folder / CALIBRATION, found, remark, BertReader(shipped_reader()).name)


def _squad_rows(work: Path, file: Path) -> Iterator[Row]:
    chance = random.Random(_SEED)
    numbered = list(enumerate(articles(file)))
    held = [each for each in numbered if each[1].title in HELD_OUT]
    others = [each for each in numbered if each[1].title not in HELD_OUT]
    inside, outside = others[:_OTHERS], others[_OTHERS:]
    write_articles(work / "squad", held + inside)
    own = [asked for _, article in held for asked in article.asked]
    yield from _rows(
        work,
        work / "squad",
        [
            *_some([each for each in own if each.answers], chance),
            *_some([each for each in own if not each.answers], chance),
            *(
                Asked(each.question, (), "")
                for each in _some([asked for _, article in outside for asked in article.asked], chance)
            ),
        ],
    )


def _sample_rows(work: Path) -> Iterator[Row]:
    folder, asked = samples()
    yield from [*_rows(work, folder, asked)] * _SAMPLES


def _some(asked: Sequence[Asked], chance: random.Random) -> list[Asked]:
    return chance.sample(list(asked), min(_MOST, len(asked)))


def _rows(work: Path, folder: Path, asked: Sequence[Asked]) -> Iterator[Row]:
    paths = find_paths(work / f"home-{folder.name}")
    paths.prepare()
    library = Library(paths)
    for _ in library.refresh([str(folder)], CancelToken()):
        pass
    library.close()
    database = open_database(paths.index_db, INDEX, durable=False)
    embedder = Embedder(starter_embedder())
    judge = _Watched(_calibrated())
    searcher = Searcher(
        database, LiveVectors(database, paths.vector_cache, embedder.dimensions), embedder, judge=judge
    )
    for each in asked:
        searcher.search(Search(each.question, k=_K, evidence=True))
        yield judge.seen, bool(each.answers), zlib.crc32(each.question.encode()) % _PARTS
    database.close()


def _calibrated() -> Callable[[], SpanReader]:
    """As if it were measured already: that is what is measured here."""
    reader = SpanReader(BertReader(shipped_reader()), calibrated=True)
    return lambda: reader


def _calibration(rows: Sequence[Row], names: Sequence[str]) -> Calibration:
    values = np.array([[seen[name] for name in names] for seen, _, _ in rows])
    truth = np.array([answerable for _, answerable, _ in rows])
    parts = np.array([part for _, _, part in rows])
    left_out = np.empty(len(rows))
    for part in range(_PARTS):
        fitted = _fitted(values[parts != part], truth[parts != part], names)
        for row in np.flatnonzero(parts == part):
            left_out[row] = answerability(fitted, rows[int(row)][0])
    whole = _fitted(values, truth, names)
    return Calibration(whole.bias, whole.weights, _levels(left_out, truth))


def _fitted(values: Array, truth: npt.NDArray[np.bool_], names: Sequence[str]) -> Calibration:
    """Logistic regression by Newton's method, both answers counting the same in all."""
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    inputs = np.column_stack([np.ones(len(values)), (values - middle) / spread])
    share = np.where(truth, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    weights = np.zeros(inputs.shape[1])
    ridge = _RIDGE * np.diag([0.0, *[1.0] * len(names)])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (share * (chance - truth)) + ridge @ weights
        bend = inputs.T @ (inputs * (share * chance * (1 - chance))[:, None]) + ridge
        weights = weights - np.linalg.solve(bend, slope)
    scaled = weights[1:] / spread
    return Calibration(
        float(weights[0] - scaled @ middle), dict(zip(names, scaled.tolist(), strict=True)), ()
    )


def _levels(probabilities: Array, truth: npt.NDArray[np.bool_]) -> tuple[Level, ...]:
    """Always; with few false refusals; with some; what is likelier than not; nearly all refused that should be.

    Chosen on every other question, and measured on the others.
    """
    chosen = [_level(each / 200, probabilities[::2], truth[::2]) for each in range(1, 200)]
    seldom, sometimes = (
        max((each.least for each in chosen if each.false_refusals <= share), default=0.0)
        for share in (_SELDOM, _SOMETIMES)
    )
    nearly = next((each.least for each in chosen if each.right_refusals >= _NEARLY_ALL), chosen[-1].least)
    leasts = (0.0, seldom, sometimes, max(_AS_LIKELY, sometimes), max(nearly, _AS_LIKELY))
    return tuple(_level(each, probabilities[1::2], truth[1::2]) for each in leasts)


def _level(least: float, probabilities: Array, truth: npt.NDArray[np.bool_]) -> Level:
    answered = (probabilities >= least).tolist()
    right, false, _ = balanced(list(zip(truth.tolist(), answered, strict=True)))
    return Level(least, false, right)


if __name__ == "__main__":
    main()
