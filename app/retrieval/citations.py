"""Which words of the documents say what a sentence of an answer says.

Decided here from the words, never by asking the model: a small model invents marks as easily as facts. A sentence is
supported when one sentence of a passage, or two in a row, hold its numbers, dates, names and quotations, nearly all of its
other words, and do not deny what it says. Words that stand scattered over passages support nothing.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from app.documents.normalise import find_quote
from app.documents.sentences import sentences
from app.retrieval.protocol import Span
from app.retrieval.verification.denials import contradicts, denying_words, opposed
from app.retrieval.verification.facts import Fact, facts_of, stands_in
from app.retrieval.verification.qualifiers import qualified_otherwise
from app.retrieval.verification.quotable import Evidence, Window, windows_of
from app.retrieval.verification.word_forms import same_word
from app.storage.fulltext import telling_words

_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]{4,}?)[”\"»“]")
_INNER_WORD = re.compile(r"(?<![.!?:]\s)(?<!^)\b[^\W\d_][\w’'-]{2,}")
_TWO_LETTERS = re.compile(r"(?<![\d\w-])(?<!\d )[A-Z]{2}(?![\w-])")
_DOTTED = re.compile(r"\b([A-Z])\.([A-Z])\b\.?")
_NO_NAMES = frozenset({"NO", "OK", "AM", "PM"})
_LIST_MARK = re.compile(r"^[^\w“\"«„]*(?:\d{1,3}[.)]\s+)?[*_]*")
_WORD = re.compile(r"[\w’'-]+")
_FIRST_WORD = re.compile(r"\W*([^\W\d_]\w+)")
_NAME_ENDINGS = ("", "s", "’s", "'s", "es", "n", "en", "an", "ian", "ish", "ese")
# Of the words of a sentence that tell something, so many must stand in the quote; of a few, all.
_SUPPORTED_SHARE = 0.7
_FEW_WORDS = 4
# Before the words of the question count as said, so many of a sentence must stand in the quote or above it.
_OWN_SHARE = 0.5
_NEARLY_AS_GOOD = 0.1
_MOST_SOURCES = 2
_FRAME = frozenset(
    """according answer document documents file files following given information mention mentioned mentions passage
    passages provided said say says source sources state stated states text therefore thus yes
    ain aren couldn didn doesn don hadn hasn haven isn shouldn wasn weren won wouldn""".split()
)
"""Words with which a model introduces what it found."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the answer replies to. In the sentence of source `number` that holds the exact answer (`start`, `end` in the text
    of its place) the words of the `question` count as said, where half of the answer's own words stand there or above it. `exact` itself must be repeated.
    """

    question: str
    exact: str = ""
    number: int = 0
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Support:
    """A sentence of the answer, by its offsets, and where the documents say it: number of the source, offsets in the text of
    its place, best first. `missing`: its numbers, dates, names and quotations that stand in no passage.
    """

    start: int
    end: int
    quotes: tuple[tuple[int, Span], ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Sentence:
    """A sentence of the answer and what must be found of it."""

    text: str
    words: set[str]
    facts: list[Fact]

    @property
    def least_share(self) -> float:
        return 1.0 if len(self.words) <= _FEW_WORDS else _SUPPORTED_SHARE


def resolve(answer: str, passages: Sequence[Evidence], asked: Asked | None = None) -> list[Support]:
    """For each sentence of `answer` where the passages say it (at most two of them), or what of it is nowhere."""
    windows = [window for passage in passages for window in windows_of(passage)]
    found = []
    for start, end in sentences(answer):
        quotes = _quotes(answer[start:end], windows, asked)
        missing = [] if quotes else _missing_everywhere(answer[start:end], windows)
        found.append(Support(start, end, quotes, tuple(dict.fromkeys(missing))))
    return found


def is_verbatim(quote: str, passage: str) -> bool:
    """Whether `quote` stands word for word in `passage` (blanks and line-break hyphens aside)."""
    return find_quote(passage, quote) is not None


def facts_missing(sentence: str, evidence: str, *, names: bool = True) -> list[str]:
    """Numbers, dates, quotations and (with `names`) names of `sentence` that do not stand in `evidence`."""
    told = facts_of(evidence)
    missing = [each.text for each in facts_of(sentence) if not stands_in(each, told)]
    if names:
        missing += [quote for quote in _QUOTED.findall(sentence) if not is_verbatim(quote, evidence)]
        missing += _names_missing(sentence, evidence)
    return missing


def _quotes(said: str, windows: Sequence[Window], asked: Asked | None) -> tuple[tuple[int, Span], ...]:
    if asked is not None and asked.exact and _bare(said) == _bare(asked.exact):
        return ((asked.number, Span(asked.start, asked.end)),)
    sentence = _sentence(said)
    best: dict[int, tuple[float, int, Span]] = {}
    for window in windows:
        share = _share(sentence, window, asked)
        if share < sentence.least_share or not _agrees(sentence, window):
            continue
        rank = (share, window.span.start - window.span.end, window.span)  # of equals the shorter one
        if window.number not in best or rank[:2] > best[window.number][:2]:
            best[window.number] = rank
    top = max((share for share, _, _ in best.values()), default=0.0)
    ranked = sorted(best.items(), key=lambda each: (-each[1][0], each[0]))
    near = [(number, span) for number, (share, _, span) in ranked if share >= top - _NEARLY_AS_GOOD]
    return tuple(near[:_MOST_SOURCES])


def _bare(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _sentence(said: str) -> _Sentence:
    said = _LIST_MARK.sub("", said)
    facts = facts_of(said)
    rest = list(said)
    for fact in facts:
        rest[fact.start : fact.end] = " " * (fact.end - fact.start)
    plain = "".join(rest)
    words = {word for word in telling_words(plain) if len(word) > 1 or not word.isascii()} - _FRAME
    words -= denying_words(said)
    short = {name.lower() for name in _two_letters(said)}  # "US" may stand there as "U.S."; compared as names
    return _Sentence(said, words - short or words, facts)


def _share(sentence: _Sentence, window: Window, asked: Asked | None) -> float:
    """Share of the sentence's telling words that the window holds."""
    if not sentence.words:  # "180 °C": of all the numbers one that stands beside what was asked about
        return 1.0 if sentence.facts and (asked is None or _speaks_of(window, asked)) else 0.0
    told = {word for word in sentence.words if _met(word, window)}
    if asked is not None and _answers(window, asked) and is_said(asked.exact, sentence.text):
        about = set(telling_words(window.about))
        said = sentence.words - set(telling_words(asked.exact))
        here = {word for word in said if word in told or _is_one_of(word, about)}
        # the question may be about something of which the document does not speak
        if len(here) >= _OWN_SHARE * len(said):
            of_question = set(telling_words(asked.question))
            told |= {word for word in sentence.words if _is_one_of(word, of_question)}
    return len(told) / len(sentence.words)


def _speaks_of(window: Window, asked: Asked) -> bool:
    """Whether the window holds the exact answer, or a word of the question, in its headings at least."""
    about = set(telling_words(window.about))
    return _answers(window, asked) or any(
        word in about or _met(word, window) for word in telling_words(asked.question)
    )


def _answers(window: Window, asked: Asked) -> bool:
    return (
        bool(asked.exact)
        and window.number == asked.number
        and window.span.start <= asked.start
        and asked.end <= window.span.end
    )


def is_said(exact: str, text: str) -> bool:
    """Whether the words `exact` stand in `text` in a row, upper and lower case and marks between them aside."""
    pattern = r"\W+".join(re.escape(word) for word in re.findall(r"\w+", exact))
    return bool(pattern) and re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) is not None


def _agrees(sentence: _Sentence, window: Window) -> bool:
    """Whether all facts and names stand in the window and neither denies the other."""
    if sentence.text.strip() == window.text.strip():
        return True
    if any(not stands_in(fact, window.facts) for fact in sentence.facts):
        return False
    if any(not is_verbatim(quote, window.text) for quote in _QUOTED.findall(sentence.text)):
        return False
    if _names_missing(sentence.text, f"{window.about}\n{window.text}") or _other_opener(
        sentence.text, window
    ):
        return False
    if opposed(sentence.text, window.text) or qualified_otherwise(sentence.text, window.text):
        return False
    shared = {other for word in sentence.words for other in _meeting(word, window)}
    return not contradicts(sentence.text, window.text, shared)


def _missing_everywhere(said: str, windows: Sequence[Window]) -> list[str]:
    evidence = "\n".join(f"{each.about}\n{each.text}" for each in windows)
    return facts_missing(_LIST_MARK.sub("", said), evidence)


def _is_one_of(word: str, others: Collection[str]) -> bool:
    return any(same_word(word, other) for other in others)


def _names(text: str) -> list[str]:
    """Words with a capital within a sentence."""
    return [word for word in _INNER_WORD.findall(text) if word[0].isupper()]


def _names_missing(sentence: str, evidence: str) -> list[str]:
    """Words with a capital within the sentence that do not stand in `evidence`, their endings aside."""
    told = {part for word in _WORD.findall(evidence.lower()) for part in (word, *word.split("-"))}
    missing = [
        name for name in _names(sentence) if not all(_is_told(part, told) for part in name.lower().split("-"))
    ]
    # "US" is not "us"
    return missing + [name for name in _two_letters(sentence) if name not in _two_letters(evidence)]


def _two_letters(text: str) -> list[str]:
    """ "UK" and "U.K.", but no units behind a number, and no "NO"."""
    return [name for name in _TWO_LETTERS.findall(_DOTTED.sub(r"\1\2", text)) if name not in _NO_NAMES]


def _is_told(name: str, told: set[str]) -> bool:
    bare = name.removesuffix("’s").removesuffix("'s")
    return any(bare + ending in told for ending in _NAME_ENDINGS) or any(
        ending and bare.endswith(ending) and len(bare) - len(ending) > 2 and bare.removesuffix(ending) in told
        for ending in _NAME_ENDINGS
    )


def _other_opener(sentence: str, window: Window) -> bool:
    """The sentence begins with a word that the window does not hold, where the window names somebody else.

    A name at the beginning cannot be told from any other word by its capital.
    """
    first = _FIRST_WORD.match(sentence)
    opener = first[1].lower() if first else ""
    if not opener or opener not in telling_words(sentence) or opener in _FRAME or _met(opener, window):
        return False
    if opener in window.about.lower() or (first and first[1] in _two_letters(sentence)):
        return False
    said = sentence.lower()
    return any(name.lower() not in said for name in _names(window.text))


def _met(word: str, window: Window) -> bool:
    return any(True for _ in _meeting(word, window))


def _meeting(word: str, window: Window) -> Iterator[str]:
    return (other for other in window.words.get(word[:3], ()) if same_word(word, other))
