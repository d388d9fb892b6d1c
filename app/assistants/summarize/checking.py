"""Whether the document says what a point says.

Three things are asked of the words a point rests on: every number, date, name and quotation of the point stands in
them, their meaning is near, and neither denies what the other says. A point that its own passages do not support may
still be supported by another passage that the model was shown.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.assistants.summarize.events import Point
from app.assistants.summarize.material import Material, windows
from app.assistants.summarize.points import Draft
from app.base.jobs import CancelToken
from app.documents.language import main_script
from app.retrieval.citations import facts_missing
from app.retrieval.client import Library

# Cosine of a point with the sentence (or two) it rests on. With all-MiniLM-L6-v2 on 250 abstracts of SciTLDR, 99 % of the
# reference summaries come this near to a window of their own abstract, and 4 % to one of another (`benchmarks summaries`).
NEAR_ENOUGH = 0.5
# Share of a point's words (pairs of characters where words are not divided) that its passage holds too. Used where
# likeness of meaning tells little: the embedder knows English best and other scripts hardly.
_SAME_WORDS = 0.5
_CAPITALS = 0.24  # of the words within sentences: more than names, so nouns are written that way (German)
_NEARLY_THE_SAME = (
    0.8  # cosine from which a sentence says the same, so that a denial missing there turns it round
)
_SOURCES = 3
_NEARLY_AS_GOOD = 0.12
_DENIES = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|cannot|without|kein\w*|nicht|nie(?:mals)?|ohne|ne|pas|jamais|aucune?|sans"
    r"|no|nunca|ningun[oa]?|sin|non|mai|nessun\w*|senza|niet|geen|nooit|não|nenhuma?|sem)\b|n[’']t\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"\b(?:forbid|forbad|prohibit|refus|reject|declin|den(?:y|ied|ies)|exclud|unable|lack|fail|ban(?:s|ned)?\b|only|except|unless"
    r"|verb(?:ie|o)t|untersag|abgelehnt|interdit|prohib|vietat|verboden|proibid)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_INNER_WORD = re.compile(r"(?<=[a-zà-ÿ,;] )[^\W\d_]{3,}")
_DENSE_SCRIPTS = ("Han", "Kana", "Thai", "Laoo", "Khmr", "Mymr")


@dataclass(frozen=True)
class _Window:
    passage: int
    start: int
    end: int


_Scored = tuple[float, _Window]


def check(
    drafts: Sequence[Draft],
    shown: Sequence[int],
    material: Material,
    library: Library,
    cancel: CancelToken,
    *,
    translated: bool,
) -> list[Point]:
    """Those drafts that the document supports, each with its sources, best first.

    `shown`: numbers of the passages the model was shown. `translated`: the points are in another language than the
    document, so names may be spelled otherwise and likeness tells nothing; then numbers alone are compared, and a point
    has to name its passages itself.
    """
    if not drafts:
        return []
    flat = [window for number in shown for window in _windows(material, number)]
    texts = [material.passage(each.passage).text[each.start : each.end] for each in flat]
    cosines = library.compare([draft.text for draft in drafts], [texts] * len(drafts), cancel)
    found = [
        _checked(draft, material, list(zip(own, flat, strict=True)), translated=translated)
        for draft, own in zip(drafts, cosines, strict=True)
    ]
    return [each for each in found if each is not None]


def _checked(draft: Draft, material: Material, scored: list[_Scored], *, translated: bool) -> Point | None:
    best: dict[int, _Scored] = {}
    for score, window in scored:
        if window.passage not in best or score > best[window.passage][0]:
            best[window.passage] = (score, window)
    cited = _ranked(best[number] for number in draft.passages if number in best)
    anywhere = [] if translated else _ranked(best.values())
    for chosen in (cited, anywhere):
        if chosen and _supports(draft.text, chosen, material, translated=translated):
            return _point(draft, chosen, material)
    return None


def _supports(text: str, chosen: list[_Scored], material: Material, *, translated: bool) -> bool:
    passages = [material.passage(window.passage) for _, window in chosen]
    evidence = "\n".join(f"{each.heading}\n{each.text}" for each in passages)
    nouns = _capital_nouns(evidence)
    if facts_missing(text, evidence, names=not translated and not nouns):
        return False
    if translated:
        return True
    likeness, window = chosen[0]
    nearest = material.passage(window.passage).text[window.start : window.end]
    if _turned_round(text, nearest, likeness):
        return False
    if main_script(text) != "Latn" or nouns:
        return _shared(text, evidence) >= _SAME_WORDS
    return likeness >= NEAR_ENOUGH and not _other_opener(text, nearest, evidence)


def _turned_round(text: str, nearest: str, likeness: float) -> bool:
    """One denies what the other says: "will ask" and "will not ask"."""
    if _DENIES.search(text):
        return _DENIES.search(nearest) is None and _REFUSES.search(nearest) is None
    denied = _DENIES.search(nearest) is not None
    return denied and likeness >= _NEARLY_THE_SAME and _REFUSES.search(text) is None


def _other_opener(text: str, nearest: str, evidence: str) -> bool:
    """The point begins with a word the passages do not hold, where the sentence it rests on names somebody else.

    A name at the beginning cannot be told from any other word by its capital.
    """
    words, there = _WORD.findall(text), _WORD.findall(nearest)
    if not words or not there or _root(words[0]) in {_root(each) for each in _WORD.findall(evidence)}:
        return False
    lowered = {each for each in _WORD.findall(evidence) if each.islower()}
    names = {each for each in there if each[0].isupper() and each.lower() not in lowered}
    said = {_root(each) for each in words}
    return any(_root(each) not in said for each in names)


def _capital_nouns(text: str) -> bool:
    inner = _INNER_WORD.findall(text)
    return len(inner) > 10 and sum(each[0].isupper() for each in inner) > _CAPITALS * len(inner)


def _shared(text: str, evidence: str) -> float:
    """Share of what `text` is made of that `evidence` holds."""
    own, there = _units(text), _units(evidence)
    return len(own & there) / len(own) if own else 0.0


def _units(text: str) -> set[str]:
    if main_script(text) in _DENSE_SCRIPTS:
        letters = [each for each in text if each.isalnum()]
        return {first + second for first, second in pairwise(letters)}
    return {_root(each) for each in _WORD.findall(text) if len(each) > 2}


def _root(word: str) -> str:
    """Enough of a word for its plural, case or past tense to meet it; without accents."""
    bare = "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))
    return bare.casefold()[:5]


def _ranked(found: Iterable[_Scored]) -> list[_Scored]:
    """The nearest, and at most two others that are nearly as near."""
    ranked = sorted(found, key=lambda each: (-each[0], each[1].passage))
    return [each for each in ranked[:_SOURCES] if each[0] >= ranked[0][0] - _NEARLY_AS_GOOD]


def _point(draft: Draft, chosen: list[_Scored], material: Material) -> Point:
    sources = tuple(
        material.source(window.passage, window.start, window.end, score) for score, window in chosen
    )
    return Point(draft.text, sources, section=material.section_of(sources[0].number), kind=draft.kind)


def _windows(material: Material, number: int) -> list[_Window]:
    return [_Window(number, start, end) for start, end in windows(material.passage(number).text)]
