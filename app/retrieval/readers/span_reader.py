"""The reader: marks the words of a passage that answer a question, and tells how far they stand above "no answer".

Extractive question answering as in SQuAD 2.0 (Rajpurkar et al., 2018): an encoder sees question and passage together and
gives each token a score for being the first and for being the last one of the answer. What it gives to the token before
the question stands for "not answered here".
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]

MOST_SCORE = 12.0
"""How far above (or below) “no answer” a span may stand: beyond it nothing more is told."""

_SURE_SCORE = 4.0  # where nothing else is known
_LONGEST = 30  # tokens of an answer
_IMPOSSIBLE = np.float32(-1e9)
_EDGES = re.compile(r"^[\s.,;:!?)\]}»”]+|[\s,;:!?(\[{«“]+$")


@dataclass(frozen=True, slots=True)
class Marks:
    """Of one passage: scores of its tokens as `starts` and `ends`, shape (tokens,); where they stand in it, in characters,
    shape (tokens, 2); and the score of “no answer”."""

    starts: Scores
    ends: Scores
    offsets: npt.NDArray[np.int64]
    null: float


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """`passage[start:end]` answers best; `score`: how far above “no answer” (0: as likely as not for the model)."""

    start: int
    end: int
    score: float


class Marking(Protocol):
    """An encoder that marks answers. `knows_no_answer`: its null scores mean something."""

    knows_no_answer: bool

    def marks(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """One for each passage."""


class SpanReader:
    """Safe to use from several threads."""

    def __init__(self, marking: Marking, *, calibrated: bool = False) -> None:
        """`calibrated`: what its scores mean for a question being answered was measured (see models/calibration.py)."""
        self._marking = marking
        self.calibrated = calibrated

    def read(
        self, question: str, passages: Sequence[str], begins: Sequence[int] | None = None
    ) -> list[ReadSpan]:
        """The best answer in each passage, however bad it is; none before `begins` of it, a number of characters."""
        if not passages:
            return []
        found = self._marking.marks(question, passages)
        if not self._marking.knows_no_answer:
            found = [replace(each, null=0.0) for each in found]
        from_ = begins or [0] * len(passages)
        spans = [best_span(*each) for each in zip(passages, found, from_, strict=True)]
        return spans if self._marking.knows_no_answer else _beside_the_best(spans)


def best_span(passage: str, marks: Marks, begin: int = 0) -> ReadSpan:
    """The span from character `begin` on with the highest sum of both scores; an empty one where there are no words."""
    marks = marks if not begin else _from(marks, begin)
    count = len(marks.starts)
    if not count:
        return ReadSpan(0, 0, float(_IMPOSSIBLE))
    sums = marks.starts[:, None] + marks.ends[None]
    lengths = np.arange(count)[None] - np.arange(count)[:, None]
    sums = np.where((lengths >= 0) & (lengths < _LONGEST), sums, _IMPOSSIBLE)
    first, last = divmod(int(sums.argmax()), count)
    start, end = _trimmed(passage, int(marks.offsets[first, 0]), int(marks.offsets[last, 1]))
    return ReadSpan(start, end, float(sums[first, last]) - marks.null)


def _beside_the_best(spans: Sequence[ReadSpan]) -> list[ReadSpan]:
    """Of a model that never saw a question without an answer: only how its spans compare tells anything."""
    best = max(span.score for span in spans)
    return [replace(span, score=span.score - best + _SURE_SCORE) for span in spans]


def _from(marks: Marks, begin: int) -> Marks:
    inside = marks.offsets[:, 0] >= begin
    return Marks(marks.starts[inside], marks.ends[inside], marks.offsets[inside], marks.null)


def bounded(score: float) -> float:
    return max(-MOST_SCORE, min(MOST_SCORE, score))


def confidence(span: ReadSpan) -> float:
    """0…1: the share that the span and “no answer” would have in a softmax of both."""
    return 1 / (1 + math.exp(-bounded(span.score)))


def _trimmed(passage: str, start: int, end: int) -> tuple[int, int]:
    """Without the marks that a sentence has around the words."""
    words = passage[start:end]
    while match := _EDGES.search(words):
        if len(match[0]) == len(words):
            break
        words = words[match.end() :] if match.start() == 0 else words[: match.start()]
        start = start + match.end() if match.start() == 0 else start
    return start, start + len(words)
