"""Whether a question is answered in the library at all: judged outside the language model, which would answer anyway.

The reader marks an answer in each of the best passages. A logistic model weighs how far the best mark stands above “no
answer” with what search found; it is fitted on held-out questions (`python -m benchmarks.gate --write`). Cosines are on the
starter's scale (see cosine_scale.py), so that the calibration holds for other embedding models too.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.models.calibration import Calibration, shipped_calibration
from app.retrieval.evidence import Window, coverage, is_row
from app.retrieval.protocol import Hit, Marked
from app.retrieval.readers.span_reader import MOST_SCORE, ReadSpan, SpanReader, bounded, confidence
from app.retrieval.yes_or_no import is_choice, wants_choice

_log = logging.getLogger(__name__)
_PER_SIMILARITY = 6.0  # a passage nearer by 0.1 goes before one whose mark stands 0.6 higher
_JOINT = "\n"
_BEST = 3  # passages in which the words of a question are looked for


@dataclass(frozen=True, slots=True)
class Judged:
    """`marked`: the answer, if any words could be one, however unlikely."""

    marked: Marked | None
    answerability: float
    calibration: Calibration

    def suffices(self, caution: int) -> bool:
        """Whether that is sure enough; `caution` from 0 (always) to 4."""
        levels = self.calibration.levels
        return self.answerability >= levels[max(0, min(caution, len(levels) - 1))].least

    def saying(self, sentence: Marked | None, question: str, hits: Sequence[Hit]) -> "Judged":
        """The same with a whole sentence as the answer, if there is one: it is as likely that the question is answered.

        What was marked stays where the question names it to be chosen.
        """
        mark = self.marked
        if sentence is None:
            return self
        if (
            mark
            and wants_choice(question)
            and is_choice(hits[mark.hit].text[mark.start : mark.end], question)
        ):
            return self
        return replace(self, marked=replace(sentence, confidence=round(self.answerability, 4)))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader marked in the first hits, in their order. `calibrated`: see `SpanReader`."""

    spans: tuple[ReadSpan, ...] = ()
    calibrated: bool = False


class Judge:
    """Safe to use from several threads."""

    def __init__(self, reader: Callable[[], SpanReader | None] = lambda: None) -> None:
        """`reader`: the one at work; where it gives None search alone must tell."""
        self._reader = reader

    def read(self, question: str, hits: Sequence[Hit], windows: Sequence[Window] | None = None) -> Reading:
        """What the reader marks in the text of each hit, or in its window; nothing without a reader. It sees the headings
        above, too."""
        reader = self._reader()
        if reader is None or not hits:
            return Reading()
        seen = windows or [Window(0, len(hit.text)) for hit in hits]
        above = [
            "".join(f"{each}{_JOINT}" for each in (hit.heading, window.above) if each)
            for hit, window in zip(hits, seen, strict=True)
        ]
        texts = [
            heading + hit.text[window.start : window.end]
            for heading, hit, window in zip(above, hits, seen, strict=True)
        ]
        begins = [len(heading) for heading in above]
        try:
            spans = reader.read(question, texts, begins)
        except Exception:  # a model must not keep anybody from searching
            _log.exception("the reader marked nothing")
            return Reading()
        own = tuple(
            ReadSpan(
                window.start + max(0, span.start - begin), window.start + max(0, span.end - begin), span.score
            )
            for span, begin, window in zip(spans, begins, seen, strict=True)
        )
        return Reading(own, reader.calibrated)

    def read_rows(self, question: str, hits: Sequence[Hit], read: Reading) -> Reading:
        """The same, but where the evidence is the row of a table, only what stands in that row is marked."""
        spans = list(read.spans)
        for number, (hit, span) in enumerate(zip(hits, spans, strict=False)):
            row = hit.evidence[0] if hit.evidence else None
            if row is None or row.start <= span.start < row.end or not is_row(hit.text[row.start : row.end]):
                continue
            found = self.read(question, [replace(hit, text=hit.text[row.start : row.end])]).spans
            spans[number] = (
                ReadSpan(found[0].start + row.start, found[0].end + row.start, found[0].score)
                if found
                else ReadSpan(0, 0, -MOST_SCORE)
            )
        return replace(read, spans=tuple(spans))

    def judged(self, question: str, hits: Sequence[Hit], similarity: float, read: Reading) -> Judged:
        """`similarity`: largest cosine of the question with a hit or one of its sentences.

        How sure the mark is, is how likely the question is answered at all, which is what was measured.
        What the scores of another reader mean was never measured: it marks, and search alone judges.
        """
        calibration = shipped_calibration(reader=read.calibrated)
        probability = answerability(calibration, features(question, hits, similarity, read.spans))
        best = marked(hits, read.spans)
        if best is not None:
            best = replace(best, confidence=round(probability, 4))
        return Judged(best, probability, calibration)


def marked(hits: Sequence[Hit], spans: Sequence[ReadSpan]) -> Marked | None:
    """The mark that stands highest; nearer passages go first."""
    best: tuple[float, Marked] | None = None
    for number, (hit, span) in enumerate(zip(hits, spans, strict=False)):
        worth = bounded(span.score) + _PER_SIMILARITY * hit.similarity
        if span.end > span.start and (best is None or worth > best[0]):
            best = worth, Marked(number, span.start, span.end, round(confidence(span), 4))
    return best[1] if best else None


def features(
    question: str, hits: Sequence[Hit], similarity: float, spans: Sequence[ReadSpan]
) -> Mapping[str, float]:
    """What the calibration weighs.

    `coverage`: share of the question's telling words in the best passages. With a reader also `confidence`, 0…1: of its
    best mark.
    """
    found = {"similarity": similarity, "coverage": coverage(question, [hit.text for hit in hits[:_BEST]])}
    return found | {"confidence": max(map(confidence, spans))} if spans else found


def answerability(calibration: Calibration, found: Mapping[str, float]) -> float:
    """0…1."""
    total = calibration.bias + sum(weight * found[name] for name, weight in calibration.weights.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
