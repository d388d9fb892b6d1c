"""Questions that lean on the one before ("And how long does it last?"), and how they are made to stand alone.

What is searched for and what the reader marks is the rewritten question, so it has to be one question: of the question
before only what it was about is carried over, not what was asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.assistants.answering import Writer
from app.assistants.prompts import follow_up_from
from app.assistants.records import read_record
from app.base.errors import AppError
from app.engine.protocol import Sampling, TokenText
from app.retrieval.citations import facts_missing
from app.storage.conversations import StoredMessage
from app.storage.fulltext import telling_words

_OPENING = re.compile(
    r"^(?:and|but|or|also|so|then|und|aber|et|mais|y|pero|e|ma)\b,?\s+(?:then\s+)?|^(?:what|how) about\b\s*|^was ist mit\b\s*",
    re.IGNORECASE,
)
_LONG = 9  # words: a question of so many says itself what it is about, though it begins with "and"
_SHORT = 3
_PERSON = re.compile(r"\b(he|she|him|her|his|hers|himself|herself)\b", re.IGNORECASE)
_THING = re.compile(
    r"\b(it|its|they|them|their|theirs|davon|dafür|damit|darin|dazu|dessen|deren)\b", re.IGNORECASE
)
_POSSESSIVE = frozenset({"its", "their", "his", "her", "theirs", "hers"})
# "is it true that", "how long does it take to", "is there a deposit": words that stand for nothing
_EMPTY_IT = re.compile(
    r"\b(?:is|was|does|did|will|would|can|could|must|may)\s+it\s+(?:\w+\s+)?(?:true|possible|allowed|necessary|permitted|required|legal|forbidden"
    r"|prohibited|mandatory|safe|worth|better|take|cost|matter|mean|rain|snow)\b.*\b(?:to|that|if|when|whether)\b|\bit (?:is|was)\b.{1,40}\bthat\b"
    r"|\b(?:is|was) it (?:that|who)\b|\b(?:he|she) or (?:she|he)\b",
    re.IGNORECASE,
)
_EXISTS = re.compile(
    r"\b(?:is|are|was|were|be|been|will|has|have|isn[’']t|aren[’']t)\s+there\b|\bthere\s+(?:is|are|was|were|will|has|have|be)\b",
    re.IGNORECASE,
)
_THERE = re.compile(r"\bthere\b|\bdort\b", re.IGNORECASE)
_POINTING = re.compile(r"\b(this|these|those|that)\b", re.IGNORECASE)
_ONES = re.compile(
    r"\b(?:which|the|the (?:other|first|second|last|next|same)|another|other|each) ones?\b", re.IGNORECASE
)
_VAGUE = frozenset(
    "case cases time times point person people thing things place date day year month amount number way".split()
)
"""Nouns that say nothing themselves: "that year", "these people"."""
_STATED = re.compile(
    r"\w+ed|true|due|paid|done|made|sent|held|found|written|meant|kept|said|possible|allowed|correct|right|so"
)
_NOT_NOUNS = frozenset("happen mean apply work include cover cost last".split())
_BEFORE_THAT = frozenset(
    "is was are does did do can will would could should about of for with like than after before in at on by".split()
)
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|may|might|must|shall|should|will|would|ist|sind|war|hat|kann|darf|muss"
    r"|wird|est|sont|a|ont|peut|es|son|tiene|puede)\b",
    re.IGNORECASE,
)
_HELPED = re.compile(r"\b(?:do|does|did)\b", re.IGNORECASE)
_QUESTION_WORDS = frozenset(
    """what which who whom whose when where why how many much long often old far big large high kind type exactly tell say says
    please list name give explain describe mean means wann wer was wo wie warum welche welcher welches quand qui quoi quel quelle
    cuándo quién qué cuál dónde""".split()
)
_UNSEARCHED = _QUESTION_WORDS | frozenset(
    """else next previous another others further details detail example examples really sure yes ok okay thanks thank continue again
    same shorter longer und oder warum dann noch mehr et puis""".split()
)
"""Telling words that nobody looks for by themselves: they ask more about what was said."""
_NAME = re.compile(
    r"(?<!^)\b(?:[A-ZÀ-ÖØ-Þ][\w’'&-]*)(?:\s+(?:(?:of|de|von|van|la|le)\s+)?[A-ZÀ-ÖØ-Þ\d][\w’'&-]*)*"
)
_BEFORE_NOUNS = (
    r"the|a|an|my|our|your|this|these|those|any|each|every|his|her|its|their|der|die|das|dem|den|des|ein|eine|einen|mein|unser|le|la|les|un"
    r"|une|el|los|las"
)
_WORD = r"[^\W_][\w’'-]*"
_STOPS = (
    r"is|are|was|were|be|been|do|does|did|has|have|had|can|could|may|might|must|shall|should|will|would|and|or|but|if|when|that|which|who|to"
    r"|it|they|he|she|there|before|after|because|while|not|by|from|as|than|until|since|about|cover|covers|last|lasts|cost|costs|say|says"
)
_NOUNS = rf"(?!(?:{_STOPS})\b){_WORD}(?:\s+(?!(?:{_STOPS}|of|in|for|at|on|with|under|im|in|für|von)\b){_WORD}){{0,3}}"
_PHRASE = re.compile(
    rf"\b(?:{_BEFORE_NOUNS})\s+{_NOUNS}(?:\s+(?:of|in|for|at|on|with|under|im|für|von|de|du)\s+(?:(?:{_BEFORE_NOUNS})\s+)?{_NOUNS})*",
    re.IGNORECASE,
)
_SAMPLING = Sampling(temperature=0.0, repeat_penalty=1.0, stop=("\n",))
_MOST_TOKENS = 40
_TOLD = 300  # characters of each earlier question and its answer that a model is told
_KEPT = 0.5  # share of the telling words of the question that a model must keep


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question asked before, and the exact answer that was found to it ("" if none). `asked`: the question as it was
    searched for, standing alone ("" if that was not kept)."""

    question: str
    exact: str = ""
    asked: str = ""


def earlier_of(messages: Sequence[StoredMessage]) -> list[Earlier]:
    """The questions of a conversation so far, oldest first."""
    asked: list[Earlier] = []
    for message in messages:
        if message.role == "user":
            asked.append(Earlier(message.text))
        elif asked:
            record = read_record(message.details)
            exact = "" if record.lead is None else record.lead.text
            asked[-1] = Earlier(asked[-1].question, exact, record.asked)
    return asked


def needs_context(question: str) -> bool:
    """Whether a question leans on the one before it. "Who signed this agreement?" and "Is it allowed to smoke?" do not."""
    words = question.split()
    if _OPENING.search(question) and len(words) < _LONG:
        return True
    if len(words) <= _SHORT and not _AUXILIARY.search(question):
        return not _NAME.search(question)
    return bool(_ONES.search(question)) or _leaning_word(question) is not None


def is_search(question: str) -> bool:
    """Whether it is what one types into a search box: a few telling words and nothing else ("rent", "notice period").

    It may say all by itself or lean on the question before ("pump"): that is for the documents to tell.
    """
    words = re.findall(_WORD, question.lower())
    telling = telling_words(f"{question} x")[:-1]  # a word that tells, so that common ones alone are none
    return 0 < len(words) <= _SHORT and len(telling) == len(words) and not _UNSEARCHED.intersection(words)


def standing_alone(question: str, earlier: Sequence[Earlier]) -> str:
    """The question with what it leans on put in, by rule; as it is when it leans on nothing."""
    if not earlier or not needs_context(question):
        return question
    before = earlier[-1]
    previous = before.asked or standing_alone(before.question, earlier[:-1])
    leaning = _leaning_word(question)
    person = leaning is not None and _PERSON.fullmatch(leaning[0]) is not None
    topic = (
        before.exact if person and before.exact and _asks_who(previous) else topic_of(previous, person=person)
    )
    if not topic:
        return question
    body = _OPENING.sub("", question).strip() or question
    leaning = _leaning_word(body)
    if leaning is None:
        return f"{_capital(body.rstrip(' ?.!'))}, concerning {topic}?"
    put = topic
    if leaning[0].lower() in _POSSESSIVE and not _ends_sentence(body, leaning):
        put = f"{topic}’s"
    elif _THERE.fullmatch(leaning[0]):
        put = f"in {topic}"
    return _capital(body[: leaning.start()] + put + body[leaning.end() :])


def rewritten(question: str, earlier: Sequence[Earlier], writer: Writer | None) -> str:
    """The question so that it stands alone: put into words by the model of `writer`, if there is one and it keeps what is
    asked, else by rule; so, too, when the engine fails. Raises `Cancelled`."""
    by_rule = standing_alone(question, earlier)
    if writer is None or not earlier or not needs_context(question):
        return by_rule
    said = [each.question[:_TOLD] for each in earlier[-2:]]
    exact = earlier[-1].exact[:_TOLD]
    try:
        stream = writer.write(follow_up_from(said, exact, question), _SAMPLING, _MOST_TOKENS)
        words = "".join(each.text for each in stream if isinstance(each, TokenText)).strip(' "“”\n')
    except AppError:
        return by_rule
    return words if _keeps(words, question, [*said, exact]) else by_rule


def topic_of(question: str, *, person: bool = False) -> str:
    """What a question is about: a name, or its longest phrase with an article, or else its telling words."""
    names = [found[0] for found in _NAME.finditer(question)]
    if person and names:
        return names[0]
    phrases = [_without_verb(question, found) for found in _PHRASE.finditer(question)]
    if phrases:
        return max(phrases, key=len)
    if names:
        return max(names, key=len)
    words = [word for word in telling_words(question) if word not in _QUESTION_WORDS]
    return " ".join(words[:-1] if len(words) > 1 and _HELPED.search(question) else words)


def _without_verb(question: str, phrase: re.Match[str]) -> str:
    """In "When did the war end?" the last word belongs to "did"."""
    words = phrase[0].split()
    if len(words) > 2 and _HELPED.search(question[: phrase.start()]) and _ends_sentence(question, phrase):
        words.pop()
    return " ".join(words)


def _leaning_word(question: str) -> re.Match[str] | None:
    """The word that stands for something said before; None when what it stands for is in the question itself."""
    plain = _EMPTY_IT.sub(lambda found: " " * len(found[0]), question)
    for pattern in (_PERSON, _THING):
        for found in pattern.finditer(plain):
            if not _explained(plain, found):
                return found
    for found in _POINTING.finditer(plain):
        if _points_back(plain, found):
            return found
    return None if _EXISTS.search(plain) else _THERE.search(plain)


def _explained(question: str, pronoun: re.Match[str]) -> bool:
    """Whether the question names before the pronoun what it stands for: "Which company moved its seat?", "When did Marie
    Curie win her prize?". In "Does the warranty cover it?" it does not: one clause does not name its object twice."""
    before = question[: pronoun.start()]
    named = (
        _PHRASE.search(before)
        or _NAME.search(before)
        or re.search(rf"\b(?:which|what|whose)\s+(?!(?:{_STOPS})\b){_WORD}", before, re.I)
    )
    if named is None:
        return False
    if pronoun[0].lower() in _POSSESSIVE:
        return not _ends_sentence(question, pronoun)
    return (
        re.search(
            r"\b(?:and|but|before|after|when|if|because|that|which|who|while|until|once|as)\b",
            before[named.end() - 1 :],
            re.I,
        )
        is not None
    )


def _points_back(question: str, word: re.Match[str]) -> bool:
    """ "How much is that?" and "that year" lean on something; "this agreement", "the clause that forbids" do not."""
    following = re.findall(r"[\w’'-]+", question[word.end() :].lower())
    before = re.findall(r"[\w’'-]+", question[: word.start()].lower())
    if not following or following[0] in _VAGUE:
        return True
    noun = following[0] not in _NOT_NOUNS and following[0] in telling_words(f"{following[0]} x")
    if word[0].lower() != "that":
        return not noun
    if before and before[-1] in ("is", "was", "are") and _STATED.fullmatch(following[0]):
        return True
    helped = bool(before) and before[-1] in _BEFORE_THAT
    return helped and (not noun or len(following) == 1) and following[0] not in ("the", "a", "an")


def _ends_sentence(question: str, word: re.Match[str]) -> bool:
    return not re.search(r"\w", question[word.end() :])


def _asks_who(question: str) -> bool:
    return re.match(r"\W*(?:who|whom|whose|wer|wem|qui|quién|chi)\b", question, re.IGNORECASE) is not None


def _keeps(words: str, question: str, said: Sequence[str]) -> bool:
    """Whether a model's words are a question with the names and numbers of the one asked, and no others than were said."""
    if not words.endswith("?") or len(words.split()) > 3 * _LONG + len(question.split()):
        return False
    body = _OPENING.sub("", question)
    if facts_missing(body, words) or facts_missing(words, " ".join([question, *said])):
        return False
    asked, kept = set(telling_words(body)), set(telling_words(words))
    return len(asked & kept) >= _KEPT * len(asked) and not needs_context(words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
