"""The glossary at work: which terms a text has, and whether a translation uses theirs."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from app.assistants.translate.term_finding import (
    TermFinder,
    folded_words,
    is_acronym,
    letters_shared,
    parts_words,
)
from app.storage.glossaries import Term, usable

_SHORT = 5  # letters; shorter words count only by themselves, as a word like "Rat" is in many others
_PREFIXED = re.compile(
    "[\u0590-\u06ff]"
)  # Hebrew and Arabic write articles and prepositions in front of the word


class Terms:
    """Terms of all glossaries in use. Where they contradict each other, locked ones go first, then later ones."""

    def __init__(self, terms: Iterable[Term]) -> None:
        kept = usable(sorted(terms, key=lambda each: not each.locked)).terms
        self._finder = TermFinder(kept) if kept else None

    def present(self, text: str) -> list[Term]:
        """The terms that are in `text`, in its order; one inside a longer one that is there does not count."""
        return self._finder.present(text) if self._finder is not None else []


def missed(terms: Iterable[Term], target: str) -> list[Term]:
    """Those whose translation is not in `target`: locked ones as they are, others in any inflection."""
    target = unicodedata.normalize("NFC", target)
    return [each for each in terms if not _used(each, target)]


def _used(term: Term, target: str) -> bool:
    if _as_it_is(term.target).search(target):
        return True
    if term.locked or is_acronym(term.target):
        return False
    wanted, said = folded_words(term.target), folded_words(target)
    return bool(wanted) and all(any(_form_of(word, each) for each in said) for word in wanted)


@lru_cache(maxsize=4096)
def _as_it_is(term: str) -> re.Pattern[str]:
    """Acronyms count only in capitals; they may have the "s" of the plural."""
    before = r"(?<!\w)" if parts_words(term[0]) else ""
    after = r"(?!\w)" if parts_words(term[-1]) else ""
    plural = "s?" if is_acronym(term) else ""
    return re.compile(before + re.escape(term) + plural + after, 0 if is_acronym(term) else re.IGNORECASE)


def _form_of(word: str, said: str) -> bool:
    """Whether `said` is `word` with another ending, or a compound with it."""
    if word == said:
        return True
    shared = letters_shared(word, said)
    changed, added = (1, 2) if len(word) < _SHORT else (1, 3) if len(word) == _SHORT else (2, 3)
    if shared >= max(3, len(word) - changed) and len(said) - shared <= added:
        return True
    if len(word) < _SHORT:
        return len(word) >= 3 and _PREFIXED.match(word) is not None and word in said
    return word[: max(_SHORT, len(word) - 1)] in said
