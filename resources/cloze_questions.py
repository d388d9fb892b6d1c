"""Questions made from statements: a number, date or name is replaced by the word that asks for it."""

import random
import re
from collections.abc import Iterator, Sequence

from app.documents.sentences import sentences

Question = tuple[str, str, int, int]  # question, passage, start and end of the answer in it; both 0: none

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_NAME = r"[A-Z][\w’'-]+(?: (?:of |de |von |van )?[A-Z][\w’'-]+)*"
# what stands before the answer, the answer, and the words that ask for it
_ASKED = (
    (re.compile(rf"\b[Oo]n ((?:\d{{1,2}} )?(?:{_MONTHS})(?: \d{{1,2}})?,? \d{{4}})\b"), ("on what date", "when")),
    (re.compile(r"\b[Ii]n (1\d{3}|20\d{2})\b"), ("in what year", "when", "in which year")),
    (re.compile(r"(?<=\s)(\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|twelve)(?= [a-z]{3,}s\b)"), ("how many",)),
    (re.compile(r"(?<=\s)([$€£]\d[\d,.]*(?: (?:million|billion))?)(?=[\s,.])"), ("how much",)),
    (re.compile(r"(?<=\s)(\d[\d,.]* ?(?:%|percent|per cent))(?=[\s,.])"), ("what percentage", "what share")),
    (re.compile(rf"(?<=\bby )({_NAME})(?=[\s,.])"), ("whom", "which person or group")),
    (re.compile(rf"(?<=\b(?:in|at) )({_NAME})(?=[\s,.])"), ("which place", "where")),
    (re.compile(rf"(?<=\bcalled )((?:the )?{_NAME})(?=[\s,.])"), ("what",)),
    (re.compile(rf"(?<=, )({_NAME} {_NAME})(?=[\s,.])"), ("who or what",)),
)  # fmt: skip
_LONGEST = 180  # characters of a question
_NO_ANSWER = 0.3  # of the questions are asked of another passage


def cloze_questions(passages: Sequence[str], most: int, chance: random.Random) -> Iterator[Question]:
    """At most `most`, of passages in no order; some of them asked where they are not answered."""
    made = 0
    for passage in chance.sample(list(passages), len(passages)):
        found = list(_of_passage(passage, chance))
        for question, start, end in chance.sample(found, min(4, len(found))):
            if made == most:
                return
            made += 1
            other = chance.choice(passages)
            if chance.random() < _NO_ANSWER and passage[start:end] not in other:
                yield question, other, 0, 0
            else:
                yield question, passage, start, end


def _of_passage(passage: str, chance: random.Random) -> Iterator[tuple[str, int, int]]:
    for first, last in sentences(passage):
        sentence = passage[first:last]
        if not 30 <= len(sentence) <= 2 * _LONGEST:
            continue
        for pattern, words in _ASKED:
            if match := pattern.search(sentence):
                asking = chance.choice(words)
                before = sentence[: match.start(1)]
                if asking.startswith(("in ", "on ", "when", "where")):
                    before = re.sub(r"\b(?:in|on|at) $", "", before, flags=re.IGNORECASE)
                question = _shortened(before, asking, sentence[match.end(1) :])
                yield question, first + match.start(1), first + match.end(1)


def _shortened(before: str, asking: str, after: str) -> str:
    """The clause around the gap, if the sentence is long, as a question."""
    if len(before) + len(after) > _LONGEST:
        before = re.split(r"[,;:] ", before)[-1]
        after = re.split(r"[,;:.] ", after)[0]
    text = f"{before}{asking}{after}".strip(" .;:,")[:_LONGEST]
    return f"{text[:1].upper()}{text[1:]}?"
