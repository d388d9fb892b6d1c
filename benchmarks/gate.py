"""Where the first threshold of “not in your documents” comes from.

A library is made of the paragraphs of some SQuAD training articles; questions about them can be answered,
questions about other articles cannot. The table shows both errors for a range of thresholds.
Run: python -m benchmarks.gate
"""

import random
import tempfile
from pathlib import Path

from app.retrieval.evidence import coverage
from app.retrieval.protocol import Search, SearchResult
from benchmarks.libraries import library_of, shared_data, squad

_PARAGRAPHS = 500
_QUESTIONS = 120


def main() -> None:
    shared = shared_data()
    if shared is None:
        print("gate: skipped, the SQuAD data is not here")
        return
    articles, questions = squad(shared / "squad" / "train.json")
    inside: list[str] = []
    held = 0
    while len(inside) < _PARAGRAPHS:
        inside += articles[held]
        held += 1
    chosen = random.Random(1)
    answerable = chosen.sample([each for each in questions if each.article < held], _QUESTIONS)
    off_topic = chosen.sample([each for each in questions if each.article >= held], _QUESTIONS)
    with tempfile.TemporaryDirectory() as folder:
        searcher, _ = library_of(Path(folder), inside)
        found = [
            [searcher.search(Search(each.text, k=5, evidence=True)) for each in group]
            for group in (answerable, off_topic)
        ]
    print(f"{len(inside)} paragraphs; {_QUESTIONS} answerable and {_QUESTIONS} off-topic questions")
    print("similarity  coverage  right refusals  false refusals  balanced accuracy")
    pairs = [[_features(question.text, result) for question, result in zip(group, rows, strict=True)]
             for group, rows in zip((answerable, off_topic), found, strict=True)]  # fmt: skip
    best: list[tuple[float, str]] = []
    for similarity in [each / 100 for each in range(30, 62, 4)]:
        for sure in [each / 100 for each in range(44, 72, 4)]:
            for least in (0.0, 0.34, 0.5, 0.67):
                kept = [
                    sum(s >= sure or (s >= similarity and c >= least) for s, c in group) / _QUESTIONS
                    for group in pairs
                ]
                accuracy = (kept[0] + 1 - kept[1]) / 2
                best.append(
                    (
                        accuracy,
                        f"{similarity:.2f}/{sure:.2f}   {least:.2f}      {1 - kept[1]:.3f}           {1 - kept[0]:.3f}           {accuracy:.3f}",
                    )
                )
    for _, line in sorted(best, reverse=True)[:12]:
        print(line)
    kept = [sum(result.relevant for result in rows) / _QUESTIONS for rows in found]
    print(f"as set in the program: right refusals {1 - kept[1]:.3f}, false refusals {1 - kept[0]:.3f}")


def _features(question: str, result: SearchResult) -> tuple[float, float]:
    return result.similarity, coverage(question, result.hits)


if __name__ == "__main__":
    main()
