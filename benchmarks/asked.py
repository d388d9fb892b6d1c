"""Questions with and without an answer, over libraries of real files: each SQuAD paragraph a document of its own."""

import collections
import json
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.base.paths import resource

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """`answers` are empty where there is none; `file`: the name of the document that answers, or seems to."""

    question: str
    answers: tuple[str, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    paragraphs: tuple[str, ...]
    asked: tuple[Asked, ...]


def articles(file: Path) -> list[Article]:
    """Of a SQuAD file, in its order."""
    found = []
    for number, each in enumerate(json.loads(file.read_text(encoding="utf-8"))["data"]):
        asked = [
            Asked(
                qa["question"].strip(),
                tuple(answer["text"] for answer in qa["answers"]) if not qa["is_impossible"] else (),
                _name(number, count),
            )
            for count, paragraph in enumerate(each["paragraphs"])
            for qa in paragraph["qas"]
        ]
        texts = tuple(paragraph["context"] for paragraph in each["paragraphs"])
        found.append(Article(each["title"], texts, tuple(asked)))
    return found


def write_articles(folder: Path, chosen: Sequence[tuple[int, Article]]) -> None:
    """Each paragraph as a text file; the numbers are those of the articles in their file."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, article in chosen:
        for count, text in enumerate(article.paragraphs):
            (folder / _name(number, count)).write_text(text + "\n", encoding="utf-8")


def samples() -> tuple[Path, list[Asked]]:
    """The documents that Alcove comes with, and questions about them with and without an answer there."""
    questions = json.loads(resource("sample_questions.json").read_text(encoding="utf-8"))
    asked = [Asked(each["question"], (each["answer"],), each["file"]) for each in questions["answerable"]]
    asked += [
        Asked(each if isinstance(each, str) else each["question"], (), "")
        for name, group in questions.items()
        if name != "answerable"
        for each in group
    ]
    return resource("samples"), asked


def exact(answer: str, truths: Sequence[str]) -> float:
    """1 or 0, as SQuAD counts: case, punctuation and articles aside."""
    return float(_plain(answer) in [_plain(each) for each in truths])


def f1(answer: str, truths: Sequence[str]) -> float:
    """The best overlap of words with one of the true answers, 0…1, as SQuAD counts."""
    return max((_overlap(_plain(answer).split(), _plain(each).split()) for each in truths), default=0.0)


def contains(text: str, truths: Sequence[str]) -> bool:
    """Whether one of the answers stands in the text."""
    plain = f" {_plain(text)} "
    return any(f" {_plain(each)} " in plain for each in truths)


def mean(values: Sequence[float | bool], otherwise: float = float("nan")) -> float:
    return sum(map(float, values)) / len(values) if values else otherwise


def balanced(found: Sequence[tuple[bool, bool]]) -> tuple[float, float, float]:
    """Of pairs (answerable, answered): right refusals, false refusals and the mean of both accuracies."""
    right = 1 - mean([answered for answerable, answered in found if not answerable])
    false = 1 - mean([answered for answerable, answered in found if answerable])
    return right, false, (right + 1 - false) / 2


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def progress(total: int, tell: Callable[[str], None] = print) -> Callable[[int], None]:
    def told(done: int) -> None:
        if done % 200 == 0:
            tell(f"  {done} of {total}")

    return told


def _overlap(words: Sequence[str], truth: Sequence[str]) -> float:
    if not words or not truth:
        return float(words == truth)
    shared = sum((collections.Counter(words) & collections.Counter(truth)).values())
    return 2 * shared / (len(words) + len(truth))


def _plain(text: str) -> str:
    lowered = "".join(each for each in text.lower() if each not in string.punctuation)
    return " ".join(_ARTICLES.sub(" ", lowered).split())


def _name(article: int, paragraph: int) -> str:
    return f"{article:02}-{paragraph:03}.txt"
