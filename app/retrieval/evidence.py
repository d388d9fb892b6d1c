"""Which sentences of a passage bear on the question, and whether any passage does.

Small language models often answer wrongly with the right passage in front of them; the sentence picked
here is what the person can rely on.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from app.documents.sentences import sentences
from app.retrieval.cosine_scale import STARTER, CosineScale
from app.retrieval.embedding import Embedder, Vectors
from app.retrieval.protocol import Hit, Marked, Span
from app.retrieval.readers.span_reader import ReadSpan, confidence
from app.retrieval.yes_or_no import wants_choice, wants_yes_or_no
from app.storage.fulltext import telling_words

# Weights of the sentence score, chosen with benchmarks/evidence.py on questions of the SQuAD training set.
_WORD_WEIGHT = 0.5
_WORD_WEIGHT_IN_ROWS = (
    1.5  # the rows of a table mean nearly the same: the words (and numbers) asked for decide
)
_TYPE_WEIGHT = 0.25
_READ_WEIGHT = 1.0  # of the sentence in which the reader marks the answer, times how sure it is
# Of a sentence that is to answer yes or no by itself: with the likeness of its passage, which says what it is about. What the
# reader marks there is left out: it looks for words to cut out. Of 88 such questions about the samples and a few short texts
# its sentence was the right one for 57, and this one for 82.
_PASSAGE_WEIGHT = 0.5
_VALUE = re.compile(r"[:=].*\d|[\"}\]]")  # "Deposit: 500", or a line of a data file
# A heading repeats the words of the question but does not answer it; the sentence after it may.
_HEADING_PENALTY = 1.0
_HEADING_CREDIT = 0.5
# The sentences around the best one are shown with it up to this many characters: the answer often stands next door.
_SHOWN = 320
# A reader looks at so many characters of one passage, and of all: less would lose exact answers, more time
# (`python -m benchmarks answers` prints both beside reading all).
_LOOKED_AT = 500
_LOOKED_AT_IN_ALL = 2000
_MAX_SENTENCES = 14
_DECIMAL = re.compile(r"\d+(?:[.,]\d+)+")
# "Item: Apple; Price: 1.20; Shop: 3" or "Apple | 1.20 | 3", as documents/tables.py writes them. Two cells are too few to
# say all: they may be a list of properties, of which the neighbours are wanted too.
_ROW = re.compile(r"(?:[^:;|]{1,130}: [^;]+; ){2}[^:;]{1,130}: |(?:[^|]* \| ){2}")

_EXPECTED = (
    (re.compile(r"\bhow (many|much|long|often|old|far|high|big|large)\b|\b(price|cost|rent|fee|amount|total)\b", re.I),
     re.compile(r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice|half|daily|weekly|monthly)\b", re.I)),
    (re.compile(r"\bwhen\b|\b(what|which) (date|day|year|month|time)\b|\bdeadline\b", re.I),
     re.compile(r"\d|\b(january|february|march|april|may|june|july|august|september|october|november|december"
                r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|noon|midnight)\b", re.I)),
    (re.compile(r"\bwho(m|se)?\b", re.I), re.compile(r"\b[A-Z][\w’'-]+ [A-Z][\w’'-]+|\b(Mr|Mrs|Ms|Dr)\b")),
    (re.compile(r"\bwhere\b", re.I), re.compile(r"\b(in|at|on|near|under|behind|to)\b [\w ]*[A-Z]|\b[A-Z]\w+")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sentence:
    hit: int
    start: int
    end: int
    text: str
    heading: bool
    row: bool = False  # of a table: it says all by itself


_Scored = tuple[float, _Sentence]


@dataclass(frozen=True, slots=True)
class Window:
    """`text[start:end]` of a passage is read; `above`: the headings it begins with, a line each."""

    start: int
    end: int
    above: str = ""


class WeighedSentences:
    """The sentences and table rows of passages, and how far each bears on the question.

    `strongest`: the largest cosine between the question and one of them, on the starter's scale; 0 where there are none.
    `whole`: of a question that wants yes or no, or one of the things it names, the sentence that bears most on it; else None.
    """

    def __init__(
        self,
        query: str,
        query_vector: Vectors,
        hits: Sequence[Hit],
        embedder: Embedder,
        scale: CosineScale = STARTER,
    ) -> None:
        self._hits = hits
        self._listed = [each for number, hit in enumerate(hits) for each in _sentences_of(number, hit, query)]
        self._scores: list[float] = []
        self._bearing: list[float] = []
        self.strongest = 0.0
        self.whole: Marked | None = None
        if self._listed:
            texts = [each.text for each in self._listed]
            cosines = scale.as_starter(embedder.embed(texts) @ query_vector)
            self._scores = _scores(query, cosines, self._listed)
            self.strongest = float(cosines.max())
            if wants_yes_or_no(query) or wants_choice(query):
                near = [scale.as_starter(hit.similarity) for hit in hits]
                self._bearing = _bearing(query, cosines, self._listed, near)
                best = self._listed[max(range(len(self._bearing)), key=self._bearing.__getitem__)]
                self.whole = Marked(best.hit, best.start, best.end, 0.0)

    def windows(self) -> tuple[Window, ...]:
        """Of each passage what a reader looks at: what stands around its best sentence, most where the question is met best."""
        return _windows([len(hit.text) for hit in self._hits], self._of_each(self._scores))

    def telling(self, read: Sequence[ReadSpan] = ()) -> tuple[Hit, ...]:
        """The hits, each with the stretch of sentences that bears most on the question. `read`: what the reader marked in
        the first of them; of no account where `whole` is."""
        marked = [read[each.hit] if each.hit < len(read) else None for each in self._listed]
        scores = [
            score + (_READ_WEIGHT * confidence(span) if span and _holds(each, span) else 0.0)
            for score, each, span in zip(self._scores, self._listed, marked, strict=True)
        ]
        if self._bearing:
            scores = self._bearing
        return tuple(
            replace(hit, evidence=(_best_span(own),) if own else ())
            for hit, own in zip(self._hits, self._of_each(scores), strict=True)
        )

    def _of_each(self, scores: Sequence[float]) -> list[list[_Scored]]:
        found: list[list[_Scored]] = [[] for _ in self._hits]
        for score, each in zip(scores, self._listed, strict=True):
            found[each.hit].append((score, each))
        return found


def coverage(query: str, texts: Sequence[str]) -> float:
    """Largest share (0…1) of the question's telling words that one of the texts holds."""
    words = set(telling_words(query))
    return max((_share(words, text) for text in texts), default=0.0)


def is_row(text: str) -> bool:
    """Whether it is the row of a table, as documents/tables.py writes it."""
    return "\n" not in text and _ROW.match(text) is not None


def _holds(each: _Sentence, span: ReadSpan) -> bool:
    """Rows are chosen by the words and numbers asked for: to a reader they look all the same."""
    return not each.row and each.start <= span.start < each.end


def _sentences_of(number: int, hit: Hit, query: str) -> list[_Sentence]:
    """The sentences and table rows to choose from; of many those that hold most words of the question."""
    listed: list[_Sentence] = []
    for start, end, is_row in _stretches(hit.text):
        for first, last in [(0, end - start)] if is_row else sentences(hit.text[start:end]):
            text = hit.text[start + first : start + last]
            heading = not is_row and _is_heading(text, hit.heading)
            listed.append(_Sentence(number, start + first, start + last, text, heading, is_row))
    if len(listed) <= _MAX_SENTENCES:
        return listed
    weights = _word_weights(query, listed)
    telling = [sum(weights[word] for word in _words_of(each) & weights.keys()) for each in listed]
    best = sorted(range(len(listed)), key=lambda index: -telling[index])[:_MAX_SENTENCES]
    return [listed[index] for index in sorted(best)]


def _stretches(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each table row, and of what lies between rows; and whether it is a row."""
    at = between = 0
    for line in text.split("\n"):
        if _ROW.match(line):
            if between < at:
                yield between, at, False
            yield at, at + len(line), True
            between = at + len(line) + 1
        at += len(line) + 1
    if between < len(text):
        yield between, len(text), False


def _scores(query: str, cosines: Vectors, listed: Sequence[_Sentence]) -> list[float]:
    expected = [answer for question, answer in _EXPECTED if question.search(query)]
    scores: list[float] = []
    credit = 0.0  # from the heading just above
    for each, cosine, overlap in zip(listed, cosines, _overlaps(query, listed), strict=True):
        fitting = float(any(answer.search(each.text) for answer in expected))
        word_weight = _WORD_WEIGHT_IN_ROWS if each.row else _WORD_WEIGHT
        score = float(cosine) + word_weight * overlap + _TYPE_WEIGHT * fitting
        scores.append(score - _HEADING_PENALTY if each.heading else score + credit)
        credit = _HEADING_CREDIT * max(0.0, score) if each.heading else 0.0
    return scores


def _bearing(query: str, cosines: Vectors, listed: Sequence[_Sentence], near: Sequence[float]) -> list[float]:
    """How much each says by itself of what is asked. `near`: the cosine of each passage."""
    return [
        float(cosine)
        + _WORD_WEIGHT * overlap
        + _PASSAGE_WEIGHT * near[each.hit]
        - _HEADING_PENALTY * each.heading
        for each, cosine, overlap in zip(listed, cosines, _overlaps(query, listed), strict=True)
    ]


def _overlaps(query: str, listed: Sequence[_Sentence]) -> list[float]:
    """The share (0…1) of the question's words, weighed, that each holds."""
    weights = _word_weights(query, listed)
    total = sum(weights.values()) or 1.0
    words = [_words_of(each) for each in listed]
    return [sum(weight for word, weight in weights.items() if word in own) / total for own in words]


def _word_weights(query: str, listed: Sequence[_Sentence]) -> dict[str, float]:
    """Rare words of the question tell more: inverse frequency among the sentences at hand."""
    texts = [_words_of(each) for each in listed]
    return {
        word: math.log(1 + len(texts) / (1 + sum(word in text for text in texts)))
        for word in _stems(_DECIMAL.sub(" ", query)) | set(_DECIMAL.findall(query))
    }


def _is_heading(text: str, headings: str) -> bool:
    """A line without an end mark that stands in the heading path, or says too little to be anything else."""
    if text[-1] in '.!?:;…”"':
        return False
    return text in headings or (len(text.split()) <= 8 and _VALUE.search(text) is None)


def _best_span(scored: Sequence[_Scored]) -> Span:
    """The best sentence, grown by its better neighbour as long as it can be read at a glance; of a table only the best row."""
    stretch = _Stretch(scored)
    while sides := [
        side
        for side in stretch.sides()
        if not (stretch.row or scored[side][1].heading or scored[side][1].row)
        and stretch.length_with(side) <= _SHOWN
    ]:
        stretch.grow(max(sides, key=lambda side: scored[side][0]))
    return stretch.span


def _windows(lengths: Sequence[int], scored: Sequence[Sequence[_Scored]]) -> tuple[Window, ...]:
    """The best sentence of each passage; then, as long as there is room, what stands beside one: the better both are the
    sooner."""
    stretches = [_Stretch(own) if own else None for own in scored]
    room = _LOOKED_AT_IN_ALL - sum(each.length for each in stretches if each)
    while sides := [
        (stretch.best + own[side][0], stretch, side)
        for own, stretch in zip(scored, stretches, strict=True)
        if stretch
        for side in stretch.sides()
        if stretch.length_with(side) <= min(_LOOKED_AT, stretch.length + room)
    ]:
        _, stretch, side = max(sides, key=lambda each: each[0])
        room -= stretch.length_with(side) - stretch.length
        stretch.grow(side)
    return tuple(
        Window(stretch.span.start, stretch.span.end, stretch.above())
        if stretch
        else Window(0, min(length, _LOOKED_AT))
        for stretch, length in zip(stretches, lengths, strict=True)
    )


class _Stretch:
    """Neighbouring sentences of one passage, the best of them to begin with. `best`: its score; `row`: it is one."""

    def __init__(self, scored: Sequence[_Scored]) -> None:
        self._listed = [each for _, each in scored]
        self._first = self._last = max(range(len(scored)), key=lambda index: scored[index][0])
        self.best = scored[self._first][0]
        self.row = self._listed[self._first].row

    @property
    def span(self) -> Span:
        return Span(self._listed[self._first].start, self._listed[self._last].end)

    @property
    def length(self) -> int:
        return self.span.end - self.span.start

    def sides(self) -> list[int]:
        return [side for side in (self._first - 1, self._last + 1) if 0 <= side < len(self._listed)]

    def length_with(self, side: int) -> int:
        first, last = min(self._first, side), max(self._last, side)
        return self._listed[last].end - self._listed[first].start

    def above(self) -> str:
        """The headings that the passage begins with; further down, what looks like one may be an item of a list."""
        return "\n".join(
            each.text for each in takewhile(lambda each: each.heading, self._listed[: self._first])
        )

    def grow(self, side: int) -> None:
        self._first, self._last = min(self._first, side), max(self._last, side)


def _share(words: set[str], text: str) -> float:
    stems = _stems(text)
    return float(np.mean([_stem(word) in stems for word in words])) if words else 0.0


def _words_of(each: _Sentence) -> set[str]:
    """Item 2 is not in a row that says 2.5."""
    return _stems(_DECIMAL.sub(" ", each.text) if each.row else each.text) | set(_DECIMAL.findall(each.text))


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in telling_words(text)}


def _stem(word: str) -> str:
    """Crude on purpose: enough for plural, past tense and -ing to meet."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
