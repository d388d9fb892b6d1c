"""Which passages support which sentence of an answer.

Decided here from the words, never by asking the model: a small model invents marks as easily as facts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.normalise import find_quote
from app.documents.sentences import sentences
from app.storage.fulltext import telling_words

_MARK = re.compile(r"\s*\[(?:\d+(?:\s*[,–-]\s*\d+)*)\]")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]{4,}?)[”\"»“]")
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w’'-]{2,}")
# A sentence counts as supported when this share of its telling words stands in two neighbouring sentences of a
# passage, and every number, quoted phrase and name in it stands there too.
_SUPPORTED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Support:
    """A sentence of the answer, by its offsets, and the numbers (from 1) of the passages that support it."""

    start: int
    end: int
    passages: tuple[int, ...]


def without_marks(answer: str) -> str:
    """The answer without the citation marks a model may have written."""
    return _MARK.sub("", answer)


def resolve(answer: str, passages: Sequence[str]) -> list[Support]:
    """For each sentence of `answer` the passages that say it, best first (at most two)."""
    told = [_windows(passage) for passage in passages]
    found = []
    for start, end in sentences(answer):
        sentence = answer[start:end]
        shares = [
            (max((_support(sentence, each) for each in windows), default=0.0), number)
            for number, windows in enumerate(told, start=1)
        ]
        best = max((share for share, _ in shares), default=0.0)
        supporting = sorted(
            (each for each in shares if each[0] >= _SUPPORTED_SHARE and each[0] >= best - 0.1),
            key=lambda each: (-each[0], each[1]),
        )
        found.append(Support(start, end, tuple(number for _, number in supporting[:2])))
    return found


def is_verbatim(quote: str, passage: str) -> bool:
    """Whether `quote` stands word for word in `passage` (blanks and line-break hyphens aside)."""
    return find_quote(passage, quote) is not None


def _windows(passage: str) -> list[str]:
    """Two sentences in a row, all through the passage: words and numbers that stand far apart say nothing together."""
    spans = sentences(passage)
    last = len(spans) - 1
    return [passage[start : spans[min(index + 1, last)][1]] for index, (start, _) in enumerate(spans)]


def facts_missing(sentence: str, evidence: str, *, names: bool = True) -> list[str]:
    """Numbers, quotations and (with `names`) names of `sentence` that do not stand in `evidence`."""
    numbers = set(_NUMBER.findall(evidence))
    missing = [number for number in _NUMBER.findall(sentence) if number not in numbers]
    if not names:
        return missing
    lowered = evidence.lower()
    missing += [quote for quote in _QUOTED.findall(sentence) if not is_verbatim(quote, evidence)]
    missing += [
        name
        for name in _NAME.findall(sentence)
        if name.lower().removesuffix("’s").removesuffix("'s") not in lowered
    ]
    return missing


def _support(sentence: str, passage: str) -> float:
    """Share of the sentence's telling words in the passage; 0 when a number, name or quotation is not there."""
    if facts_missing(sentence, passage):
        return 0.0
    words = {word for word in telling_words(sentence) if len(word) > 1}
    if not words:
        return 0.0
    known = {_root(word) for word in telling_words(passage)}
    return sum(_root(word) in known for word in words) / len(words)


def _root(word: str) -> str:
    """Enough of a word for its plural or past tense to meet it."""
    return word[:5] if word.isalpha() and len(word) > 5 else word
