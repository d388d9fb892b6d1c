"""Which terms of glossaries occur in a text, in any form and in any script."""

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.storage.glossaries import Term

# Scripts that write words without blanks or join particles to them: Thai to Myanmar and Khmer, CJK, Hangul.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003134f]"
)
# Letters with the vowel signs of Indic, Hebrew and Arabic writing, which `\w` leaves out, and without full stops (danda).
_WORD = re.compile("(?:\\w|[\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u200c\u200d])+")
_SIGNS = re.compile(
    r"[^\w\s'’.,()\u2010-\u2015-]"
)  # with one of these a term is more than its words: "C++", "R&D"
_STEM = 5  # letters two forms of a word must share at least
_ACRONYM = 5  # letters; "IT" is not "it", while a whole heading in capitals is no acronym


@dataclass(frozen=True, slots=True)
class _Form:
    """A term as words: `folded` for comparing, `shown` as it is written."""

    term: Term
    folded: tuple[str, ...]
    shown: tuple[str, ...]
    acronym: bool

    def fits(self, folded: tuple[str, ...], shown: tuple[str, ...]) -> bool:
        if folded != self.folded and not (
            len(folded) == len(self.folded) and all(map(_same_word, self.folded, folded))
        ):
            return False
        return not self.acronym or shown[0].startswith(self.shown[0])


class TermFinder:
    """Finds which of some terms occur in a text; build it once for a document.

    Words are compared without regard to case and accents, and with endings (see `_same_word`). A term in capitals of up
    to five letters is an acronym and must stand so. Of terms that overlap the longest is taken. Terms in scripts without
    blanks are found anywhere.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        # by how the first two words begin, and by the first two characters: few terms are left to compare
        self._by_words: dict[tuple[str, ...], list[_Form]] = defaultdict(list)
        self._by_characters: dict[str, list[tuple[str, Term]]] = defaultdict(list)
        self._characters: set[str] = set()  # that a literal term begins with
        for term in terms:
            shown = tuple(_WORD.findall(term.source))
            words = tuple(map(_folded, shown))
            literal = _literal(term.source)
            if words and not (_UNSPACED.search(literal) or _SIGNS.search(literal)):
                form = _Form(term, words, shown, is_acronym(term.source))
                for key in itertools.product(*map(_keys, words[:2])):
                    self._by_words[key].append(form)
            elif literal:
                self._by_characters[literal[:2]].append((literal, term))
                self._characters.add(literal[0])
        for literals in self._by_characters.values():
            literals.sort(key=lambda each: -len(each[0]))

    def present(self, text: str) -> list[Term]:
        """The terms in `text` (without tags), each once, in the order of the text."""
        text = unicodedata.normalize("NFC", text)
        found = sorted([*self._words(text), *self._literals(text)], key=lambda each: each[0])
        return list(dict.fromkeys(term for _, term in found))

    def _words(self, text: str) -> Iterator[tuple[int, Term]]:
        places = list(_WORD.finditer(text))
        shown = tuple(place[0] for place in places)
        words = tuple(map(_folded, shown))
        begins = tuple(word[:_STEM] for word in words)
        at = 0
        while at < len(words):
            fitting: list[tuple[tuple[int, bool, bool], _Form]] = []
            for key in (begins[at : at + 1], begins[at : at + 2]):
                for form in self._by_words.get(key, ()):
                    here = slice(at, at + len(form.folded))
                    if form.fits(words[here], shown[here]):
                        # more words first, then the words themselves before their forms, then the same case
                        rank = (-len(form.folded), form.folded != words[here], form.shown != shown[here])
                        fitting.append((rank, form))
            if not fitting:
                at += 1
                continue
            _, form = min(fitting, key=lambda each: each[0])
            yield places[at].start(), form.term
            at += len(form.folded)

    def _literals(self, text: str) -> Iterator[tuple[int, Term]]:
        folded = _literal(text)
        if self._characters.isdisjoint(folded):
            return
        at = 0
        while at < len(folded):
            if folded[at] not in self._characters:
                at += 1
                continue
            for literal, term in itertools.chain.from_iterable(
                self._by_characters.get(key, ()) for key in (folded[at : at + 2], folded[at])
            ):
                if folded.startswith(literal, at) and _bounded(folded, at, at + len(literal)):
                    yield at, term
                    at += len(literal) - 1
                    break
            at += 1


def is_acronym(term: str) -> bool:
    return term.isupper() and len(term) <= _ACRONYM


def parts_words(character: str) -> bool:
    """Whether it is a letter or digit of a script with blanks between words."""
    return character.isalnum() and not _UNSPACED.match(character)


def folded_words(text: str) -> tuple[str, ...]:
    """The words of `text`, without regard to case and accents."""
    return tuple(map(_folded, _WORD.findall(text)))


def letters_shared(one: str, other: str) -> int:
    """How many both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, pair in pairs if pair[0] != pair[1]), min(len(one), len(other)))


def _folded(word: str) -> str:
    """Without case and accents of Latin, Greek and Cyrillic letters."""
    if word.isascii():
        return word.lower()
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", word.casefold()))


def _literal(text: str) -> str:
    """Without case, character by character, so that places stay the same."""
    if len(lower := text.lower()) == len(text):
        return lower
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _keys(word: str) -> set[str]:
    """What the forms of a term's word begin with: under each of them the term is looked for."""
    forms = {word}
    if word.isalpha() and 3 <= len(word) < _STEM:
        forms |= {word + "s", word + "es"}
    if word.isalpha() and len(word) <= _STEM + 1:
        forms |= {word[: -len(ending)] for ending in ("s", "es") if word.endswith(ending)}
    return {form[:_STEM] for form in forms if form}


def _same_word(term: str, word: str) -> bool:
    """Whether `word` is `term` or a form of it: "engine", "engines"; "battery", "batteries"; "contracts", "contract".

    At least five letters are shared; the term loses at most one, and the word has at most three others, or the word is
    the term less an ending of two. Shorter words, three letters at least, may only add "s" or "es".
    """
    if term == word:
        return True
    if not (term.isalpha() and word.isalpha()):
        return False
    short, long = sorted((term, word), key=len)
    if 3 <= len(short) < _STEM:
        return long in (short + "s", short + "es")
    shared = letters_shared(term, word)
    left, added = len(term) - shared, len(word) - shared
    return shared >= _STEM and ((left <= 1 and added <= 3) or (added == 0 and left <= 2))


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether what starts or ends with a letter of a script with blanks is not the middle of a word."""

    def inside(one: str, other: str) -> bool:
        return parts_words(one) and parts_words(other)

    return not (start > 0 and inside(text[start - 1], text[start])) and not (
        end < len(text) and inside(text[end - 1], text[end])
    )
