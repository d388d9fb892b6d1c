"""ROUGE-1, -2 and -L as F1 (Lin, 2004), for comparing summarisers with one another.

Words are runs of lower-case letters and digits; no stemming and no stop words are applied, so the figures lie a
little below those of the standard tool with its Porter stemmer. ROUGE-L here is of the whole text (one longest common
subsequence of reference and summary), not summed over sentences.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Rouge:
    """F1 of each measure, 0…1."""

    one: float
    two: float
    longest: float

    def mean(self) -> float:
        return (self.one + self.two + self.longest) / 3


def rouge(summary: str, reference: str) -> Rouge:
    ours, theirs = words(summary), words(reference)
    return Rouge(
        _overlap(ours, theirs),
        _overlap(list(pairwise(ours)), list(pairwise(theirs))),
        _f1(longest_common(ours, theirs), len(ours), len(theirs)),
    )


def best_of(summary: str, references: Sequence[str]) -> Rouge:
    """The largest of each measure over the references."""
    each = [rouge(summary, reference) for reference in references]
    return Rouge(max(r.one for r in each), max(r.two for r in each), max(r.longest for r in each))


def mean_of(scores: Sequence[Rouge]) -> Rouge:
    count = max(1, len(scores))
    return Rouge(
        sum(r.one for r in scores) / count,
        sum(r.two for r in scores) / count,
        sum(r.longest for r in scores) / count,
    )


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest common subsequence, one bit for each word of `second` (Hyyrö, 2004)."""
    places: dict[str, int] = {}
    for number, word in enumerate(second):
        places[word] = places.get(word, 0) | 1 << number
    every = (1 << len(second)) - 1
    row = every
    for word in first:
        matched = row & places.get(word, 0)
        row = ((row + matched) | (row - matched)) & every
    return len(second) - row.bit_count()


def _overlap(ours: Sequence[object], theirs: Sequence[object]) -> float:
    common = sum((Counter(ours) & Counter(theirs)).values())
    return _f1(common, len(ours), len(theirs))


def _f1(common: int, ours: int, theirs: int) -> float:
    return 2 * common / (ours + theirs) if common else 0.0
