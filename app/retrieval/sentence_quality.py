"""Which sentences of a document can stand for it alone, told by their form rather than their meaning."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.sentences import sentences
from app.retrieval import cues
from app.retrieval.protocol import DocumentPassage

_SEPARATOR = " \u203a "
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_IDEOGRAPHS_A_WORD = 1.7
_DIGITS = re.compile(r"\d+")
_BEGINNING = 300  # characters that the patterns look at: a hostile line may be very long
_FEW_WORDS, _SHORT, _MANY_WORDS = 4, 8, 60
_REPEATED = 3  # places on which the same line stands: a running header or footer
_MOST_DIGITS = 0.2
_SELDOM_ENDED = 0.3  # share of lines with an end mark; below, the script or the writer does without


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is `passages[passage].text[start:end]`, here with `passage` counted from 0.

    `flaw`: how little it can stand alone, 0…1. `leans`: needs the sentence before it, which is the one before it
    in the list if it `follows`.
    """

    passage: int
    start: int
    end: int
    text: str
    words: int
    flaw: float
    leans: bool
    follows: bool


class SentenceReader:
    """Finds the sentences of passages that are worth choosing, with what the whole document says about lines."""

    def __init__(self, passages: Sequence[DocumentPassage]) -> None:
        self._passages = passages
        self._furniture = _furniture(passages)

    def read(self, chosen: Sequence[int]) -> list[Sentence]:
        """The usable sentences of these passages (counted from 0), in order.

        Where nothing has the form of a sentence (a table, a list), the lines that say something are returned.
        """
        found = [
            (number, start, end, self._passages[number].text[start:end])
            for number in chosen
            for start, end in sentences(self._passages[number].text)
        ]
        ended = [
            cues.END_MARK.search(text[-8:]) is not None
            for *_, text in found
            if word_count(text) >= _FEW_WORDS
        ]
        needs_mark = sum(ended) >= _SELDOM_ENDED * len(ended) and any(ended)
        usable = [each for each in found if self._is_sentence(each[0], each[3], needs_mark)]
        telling = usable or [each for each in found if any(map(str.isalpha, each[3]))]
        return _linked(telling or found)

    def _is_sentence(self, number: int, text: str, needs_mark: bool) -> bool:
        words = word_count(text)
        beginning = text[:_BEGINNING]
        marked = cues.END_MARK.search(text[-8:]) is not None
        return (
            words >= _FEW_WORDS
            and (marked or not needs_mark)
            and not (not marked and text in self._passages[number].heading)
            and not beginning[0].islower()
            and "\t" not in text
            and sum(map(str.isdigit, text)) <= _MOST_DIGITS * len(text)
            and _line_key(text) not in self._furniture
            and not cues.CAPTION.match(beginning)
            and not cues.REFERENCE.match(beginning)
        )


def is_closing(passage: DocumentPassage) -> bool:
    """Whether a passage belongs to the references, the contents or the like, which tell nothing of the document."""
    return any(cues.CLOSING_PARTS.match(each) for each in passage.heading.split(_SEPARATOR))


def is_telling(passage: DocumentPassage) -> bool:
    """Whether a passage stands under an abstract, an introduction or conclusions."""
    return any(cues.TELLING_PARTS.search(each) for each in passage.heading.split(_SEPARATOR))


def words_of(text: str) -> list[str]:
    """Lower-case words; an ideograph is a word of its own."""
    return _WORD.findall(text.lower())


def word_count(text: str) -> int:
    """Words, also of a text written without blanks between them."""
    words: list[str] = _WORD.findall(text)
    ideographs = sum(len(word) == 1 and word >= "\u3040" for word in words)
    return len(words) - ideographs + round(ideographs / _IDEOGRAPHS_A_WORD)


def _linked(found: Sequence[tuple[int, int, int, str]]) -> list[Sentence]:
    listed: list[Sentence] = []
    for number, start, end, text in found:
        last = listed[-1] if listed else None
        follows = last is not None and last.passage == number and start - last.end <= 1
        listed.append(
            Sentence(
                number, start, end, text, word_count(text), _flaw(text), _leans(text),
                follows,
            )
        )  # fmt: skip
    return listed


def _leans(text: str) -> bool:
    """Whether a sentence needs the one before it; "This report" does not."""
    return cues.LEANING.match(text) is not None and cues.ANNOUNCING.match(text) is None


def _flaw(text: str) -> float:
    """Questions, speech, and what is too short or too long to be read as one statement."""
    words = word_count(text)
    flaw = 0.0
    if words < _SHORT:
        flaw += 0.5
    if words > _MANY_WORDS:
        flaw += 0.5
    if cues.QUESTION.search(text[-8:]):
        flaw += 0.5
    if cues.OPENS_SPEECH.match(text):
        flaw += 0.3
    return min(1.0, flaw)


def _furniture(passages: Sequence[DocumentPassage]) -> frozenset[str]:
    """Lines that open or close several pages, whatever number stands in them."""
    edges: dict[tuple[str, int], list[DocumentPassage]] = defaultdict(list)
    for passage in passages:
        edges[passage.place.kind, passage.place.number].append(passage)
    seen: Counter[str] = Counter()
    for on_page in edges.values():
        first, last = on_page[0].text.split("\n", 1)[0], on_page[-1].text.rsplit("\n", 1)[-1]
        seen.update({_line_key(first), _line_key(last)})
    return frozenset(line for line, places in seen.items() if places >= _REPEATED)


def _line_key(line: str) -> str:
    return _DIGITS.sub("0", line.strip().lower())
