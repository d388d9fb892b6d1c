"""What is suspicious about a translated segment. Each finding is one plain sentence for the person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from app.assistants.translate import masking
from app.assistants.translate.events import Finding, FindingKind, TranslatedSegment
from app.assistants.translate.formatting import has_broken
from app.assistants.translate.numbers import missing
from app.assistants.translate.order import changed_places, date_place
from app.assistants.translate.replies import loops
from app.assistants.translate.terms import Terms, missed
from app.assistants.translate.units import units_missing
from app.base.languages import language_name
from app.documents.language import ENOUGH, detect, has_letters, written_in
from app.documents.layout.tags import readable, same_tags
from app.storage.glossaries import Term

# Translations outside these ratios of lengths are mostly wrong; BabelDOC redoes segments outside 0.3 to 3 tokens.
_SHORTEST, _LONGEST = 0.3, 3.0
_SHORT_TEXT = 24  # characters; below it any ratio is possible
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TWO_SIGNS = re.compile(r"[<>≤≥±]\s*[<>≤≥±]")
_DENSITY = 2.5  # characters of Latin script that one of these stands for
_WORDS_TO_JUDGE = 4
_LETTERS_TO_JUDGE = 20
_SURE = 0.8
_SMALL_NUMBER = 12  # up to here a translation into Chinese or Japanese may write digits for words
_ALIKE = (
    "no nn da sv",
    "id ms",
    "hr bs sr",
    "cs sk",
    "es gl ca pt oc an",
    "hi mr ne",
    "zh zh-Hant",
    "nl af",
    "de lb",
)
_PROSE = re.compile(
    r"(?<![^\W\d_])[^\W\d_]{2,30}+(?: [^\W\d_]{2,30}+){2}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{6}"
)
_LEAST_PROSE = 8
_KEPT_WHOLE = 3  # words of a text that may well be the same in two languages: names, titles
SERIOUS: frozenset[FindingKind] = frozenset(
    {
        "empty",
        "tags",
        "placeholders",
        "numbers",
        "repetition",
        "untranslated",
        "language",
        "length",
        "glossary",
    }
)
"""Findings worth asking the engine again for."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Values of the source that a translation lacks, and those it has that the source has not."""

    exact: tuple[str, ...]
    numbers: tuple[str, ...]
    foreign: tuple[str, ...]
    more: tuple[str, ...] = ()  # numbers that the source has not
    units: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[str, ...]:
        return self.exact + self.numbers + self.units


@lru_cache(maxsize=32)  # several steps ask about the same attempt
def losses(source: str, target: str, source_language: str = "", target_language: str = "") -> Losses:
    """Compare URLs, placeholders and the like character by character, numbers by value. Tags are not looked at.

    The languages tell how numbers are written; without them “1,234” may be either.
    """
    source, target = readable(source), readable(target)
    kept = [each.text for each in masking.values(source) if each.kind in masking.EXACT]
    lost, foreign = [], []
    for each in sorted(set(kept), key=len, reverse=True):
        places = _as_it_is(each, target)
        wanted, there = kept.count(each), len(places)
        lost += [each] * max(0, wanted - there)
        foreign += [each] * max(0, there - wanted)
        source = source.replace(each, " ")
        for at in reversed(places):
            target = target[:at] + " " + target[at + len(each) :]
    foreign += [
        each.text for each in masking.values(target) if each.kind in ("url", "address", "placeholder", "mark")
    ]
    torn = [
        each.text
        for each in masking.values(source)
        if each.kind == "date" and date_place(each.text, target) is None
    ]
    gone, more = missing(source, target, source_language, target_language)
    units = units_missing(source, target, source_language, target_language)
    if _DENSE.search(target):
        more = [each for each in more if not each.isdigit() or int(each) > _SMALL_NUMBER]
    return Losses(
        tuple(lost),
        tuple(dict.fromkeys([*gone, *torn])),
        tuple(dict.fromkeys(foreign)),
        tuple(dict.fromkeys(more)),
        tuple(units),
    )


def check(
    source: str, target: str, *, source_language: str, target_language: str, terms: Sequence[Term] = ()
) -> tuple[Finding, ...]:
    """Everything that is suspicious. `terms`: those of the glossary that are in `source`."""
    if not readable(target).strip():
        there = readable(source).strip()
        return (Finding("empty", "There is no translation."),) if there else ()
    found = _formal(source, target, source_language, target_language)
    said = readable(target)
    if loops(said) and not loops(readable(source)):
        found.append(Finding("repetition", "The translation repeats itself without end."))
    elif _untranslated(source, target):
        found.append(Finding("untranslated", "The translation is the same as the source text."))
    elif _bare(source) != _bare(target):
        found += _language(source, said, source_language, target_language)
        found += _length(readable(source), said)
    for each in missed(terms, said):
        must = "must be" if each.locked else "should be"
        found.append(Finding("glossary", f"“{each.source}” {must} “{each.target}” by your glossary."))
    return tuple(found)


def recheck(
    segment: TranslatedSegment, *, source_language: str, target_language: str, terms: Sequence[Term]
) -> TranslatedSegment:
    """The segment with its findings anew, after its target was edited. `terms`: of all glossaries in use."""
    present = Terms(terms).present(readable(segment.source))
    found = check(
        segment.source, segment.target,
        source_language=source_language, target_language=target_language, terms=present,
    )  # fmt: skip
    return replace(segment, findings=found)


def listed(things: Sequence[str], most: int = 4) -> str:
    """“a”, “b” and 3 more."""
    shown = [f"“{each}”" for each in things[:most]]
    more = len(things) - most
    if more > 0:
        return ", ".join(shown) + f" and {more} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1] if shown else "")))


def _formal(source: str, target: str, source_language: str, target_language: str) -> list[Finding]:
    found: list[Finding] = []
    if not same_tags(source, target) or has_broken(target, source):
        found.append(Finding("tags", "The formatting is not the same as in the source text."))
    differ = losses(source, target, source_language, target_language)
    said = readable(source), readable(target), source_language, target_language
    if differ.exact:
        found.append(Finding("placeholders", f"{listed(differ.exact)} is missing in the translation."))
    if differ.numbers:
        found.append(
            Finding("numbers", f"The number {listed(differ.numbers)} is missing in the translation.")
        )
    if differ.units:
        found.append(Finding("numbers", f"The unit of {listed(differ.units)} is missing in the translation."))
    for kind, more in (("placeholders", differ.foreign), ("numbers", differ.more)):
        if more:
            text = f"{listed(more)} is in the translation, but not in the source text."
            found.append(Finding(cast(FindingKind, kind), text))
    if not (differ.lost or differ.foreign or differ.more) and (swapped := changed_places(*said)):
        found.append(Finding("numbers", f"{listed(swapped)} changed places; look whether that is right."))
    if _TWO_SIGNS.search(said[1]) and not _TWO_SIGNS.search(said[0]):
        found.append(Finding("numbers", "Two signs such as “<” stand side by side; look which is right."))
    if prose := _prose_kept(*said[:2]):
        found.append(Finding("kept", f"{listed(prose)} was not translated, because it looks like code."))
    return found


def _prose_kept(source: str, target: str) -> list[str]:
    """Values of several words that were kept as they are: a choice of plurals, or no value at all."""
    kept = [each.text for each in masking.values(source) if len(each.text) >= _LEAST_PROSE]
    return [each for each in dict.fromkeys(kept) if _PROSE.search(each) and each in target]


def _untranslated(source: str, target: str) -> bool:
    """Names and titles stay as they are: only a text with enough words in lower case counts."""
    said = _bare(source)
    if said.casefold() != _bare(target).casefold():
        return False
    words = [each for each in said.split() if has_letters(each)]
    dense = len(_DENSE.findall(said))
    lower = sum(each[0].islower() for each in words)
    return dense > _LETTERS_TO_JUDGE // 2 or (len(words) > _KEPT_WHOLE and lower >= len(words) / 2)


def _language(source: str, said: str, source_language: str, target_language: str) -> list[Finding]:
    said = _bare(said)
    words, letters = len(said.split()), sum(map(str.isalpha, said))
    dense = len(_DENSE.findall(said)) * _DENSITY
    if max(letters, dense) < _LETTERS_TO_JUDGE or max(words, dense / 5) < _WORDS_TO_JUDGE:
        return []
    wanted = language_name(target_language)
    if not written_in(said, target_language):
        return [Finding("language", f"The translation is not written in the letters of {wanted}.")]
    few = words < 2 * _WORDS_TO_JUDGE and not dense
    found = detect(said[:ENOUGH], (source_language, target_language) if few else ())
    if found is None or found.probability < _SURE or _alike(found.code, target_language):
        return []
    return [
        Finding("language", f"The translation seems to be in {language_name(found.code)}, not in {wanted}.")
    ]


def _length(source: str, said: str) -> list[Finding]:
    before, after = _size(source), _size(said)
    if before < _SHORT_TEXT and after < 4 * _SHORT_TEXT:
        return []
    if after < before * _SHORTEST:
        return [Finding("length", "The translation is much shorter than the source text.")]
    if after > before * _LONGEST:
        return [Finding("length", "The translation is much longer than the source text.")]
    return []


def _size(text: str) -> float:
    return len(text) + (_DENSITY - 1) * len(_DENSE.findall(text))


@lru_cache(maxsize=32)
def _bare(text: str) -> str:
    """What is left to translate: without tags and values."""
    text, kept, end = readable(text), [], 0
    for each in masking.values(text):
        kept.append(text[end : each.start])
        end = each.end
    return " ".join("".join([*kept, text[end:]]).split())


def _alike(one: str, other: str) -> bool:
    return one == other or any(one in each.split() and other in each.split() for each in _ALIKE)


def _as_it_is(value: str, text: str) -> list[int]:
    """Where the value begins in `text`, not as a part of a longer one."""
    places: list[int] = []
    at = text.find(value)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(value) : at + len(value) + 1]
        if not (_joined(before, value[0]) or _joined(value[-1], after)):
            places.append(at)
            at += len(value) - 1
        at = text.find(value, at + 1)
    return places


def _joined(left: str, right: str) -> bool:
    """Whether two characters make one word or number; other scripts put no blank there ("COVID-19の")."""
    return all(each.isascii() and (each.isalnum() or each == "_") for each in (left, right))
