"""The glossary at work: which terms a text has, and whether a translation uses theirs."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from app.storage.glossaries import Term

_WORD = re.compile(r"\w+")
_KEY = 4  # letters of the first word that terms are found by
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_ENDING = 3  # letters at the end of a word that inflection may change


class Terms:
    """Terms of all glossaries in use. Finding those of a text takes no longer with many than with few."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._by_word: defaultdict[str, list[Term]] = defaultdict(list)
        for each in terms:
            word = _WORD.search(each.source)
            if word is not None and each.target:
                spaceless = _SPACELESS.search(each.source)
                self._by_word[each.source[:1] if spaceless else _key(word.group())].append(each)

    def present(self, text: str) -> list[Term]:
        """The terms that are in `text`, longest first; one inside a longer one that is there does not count."""
        if not self._by_word:
            return []
        words = set(_WORD.findall(text.casefold()))
        keys = {each[:length] for each in words for length in range(1, _KEY + 1)} | set(
            _SPACELESS.findall(text)
        )
        near = [term for key in sorted(keys) for term in self._by_word.get(key, ())]
        found: list[Term] = []
        for each in sorted(near, key=lambda term: -len(term.source)):
            pattern = _pattern(each.source, inflected=True)
            inside = any(each.source.casefold() in other.source.casefold() for other in found)
            if pattern.search(text) and not (inside and not _beyond(pattern, found, text)):
                found.append(each)
        return found


def missed(terms: Iterable[Term], target: str) -> list[Term]:
    """Those whose translation is not in `target`: locked ones as they are, others in any inflection."""
    return [each for each in terms if not _used(each, target)]


def _used(term: Term, target: str) -> bool:
    if _pattern(term.target, inflected=not term.locked).search(target):
        return True
    if term.locked:
        return False
    words = _WORD.findall(target.casefold())
    return all(
        any(word.startswith(stem) or stem in word for word in words)
        for stem in map(_stem, _WORD.findall(term.target.casefold()))
    )


def _beyond(pattern: re.Pattern[str], longer: list[Term], text: str) -> bool:
    for each in longer:
        text = _pattern(each.source, inflected=True).sub(" ", text)
    return pattern.search(text) is not None


@lru_cache(maxsize=4096)
def _pattern(term: str, *, inflected: bool) -> re.Pattern[str]:
    """Acronyms count only as they are written. Words may have an ending of two letters more."""
    ending = r"\w{0,2}" if inflected and len(term) > _KEY - 1 and not term.isupper() else ""
    before = "" if _SPACELESS.match(term) else r"(?<!\w)"
    after = "" if _SPACELESS.search(term[-1:]) else rf"{ending}(?!\w)"
    return re.compile(before + re.escape(term) + after, 0 if term.isupper() else re.IGNORECASE)


def _key(word: str) -> str:
    return word.casefold()[:_KEY]


def _stem(word: str) -> str:
    return word if len(word) <= _ENDING + 1 else word[: max(_ENDING, len(word) - _ENDING)]
