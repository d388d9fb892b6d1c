"""Which language a text is in."""

import re
import threading
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from app.base.languages import LANGUAGES, Language, language

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENOUGH = 110  # characters of a segment that tell its language; the time grows with their number
_LONGEST = 4_000  # characters that are looked at; more does not change the answer
_SURE = (
    0.5  # least probability of an answer among all languages; below it short texts are mostly guessed wrongly
)
_PLAIN = 0.9  # the first of all languages is then the answer
_SURE_AMONG_FEW = 0.65  # among two to a few languages, chance alone gives more
_SCRIPTS = {
    "Hebr": "\u0590-\u05ff\ufb1d-\ufb4f", "Arab": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "Thaa": "\u0780-\u07bf", "Deva": "\u0900-\u097f", "Beng": "\u0980-\u09ff", "Guru": "\u0a00-\u0a7f",
    "Gujr": "\u0a80-\u0aff", "Orya": "\u0b00-\u0b7f", "Taml": "\u0b80-\u0bff", "Telu": "\u0c00-\u0c7f",
    "Knda": "\u0c80-\u0cff", "Mlym": "\u0d00-\u0d7f", "Sinh": "\u0d80-\u0dff", "Thai": "\u0e00-\u0e7f",
    "Laoo": "\u0e80-\u0eff", "Tibt": "\u0f00-\u0fff", "Mymr": "\u1000-\u109f",
    "Geor": "\u10a0-\u10ff\u1c90-\u1cbf", "Ethi": "\u1200-\u139f", "Khmr": "\u1780-\u17ff",
    "Armn": "\u0530-\u058f", "Grek": "\u0370-\u03ff\u1f00-\u1fff", "Cyrl": "\u0400-\u052f",
    "Hang": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "Kana": "\u3040-\u30ff\uff66-\uff9d",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "Latn": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
}  # fmt: skip
_BY_SCRIPT = {name: re.compile(f"[{ranges}]") for name, ranges in _SCRIPTS.items()}
_WRITTEN_IN = {"Jpan": ("Kana", "Han"), "Kore": ("Hang", "Han"), "Hans": ("Han",), "Hant": ("Han",)}
# Characters that only one way of writing Chinese has, among the most frequent ones.
_SIMPLIFIED = frozenset("们这说国对时会个来过还为发经后现实见开关无让难边应产从给长头动电话问题学车东门两")
_TRADITIONAL = frozenset("們這說國對時會個來過還為發經後現實見開關無讓難邊應產從給長頭動電話問題學車東門兩")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN_ONLY_NOISE = re.compile(r"https?://\S+|\S+@\S+|[\w./-]+\.\w{2,4}\b")


@dataclass(frozen=True, slots=True)
class Detected:
    """`probability`: 0 to 1, as the detector has it."""

    code: str
    probability: float


def detect(text: str, among: Collection[str] = ()) -> Detected | None:
    """The language of `text`, one of `among` where that is not empty (codes of `base.languages`); None when unsure.

    A text of a script that only one language in question is written in needs no more than its letters. The first text
    that needs more loads a model of 5 MB, which takes about half a second.
    """
    text = _LATIN_ONLY_NOISE.sub(" ", text[:_LONGEST])
    script = main_script(text)
    if script == "":
        return None
    wanted, fitting = _in_question(script, tuple(among))
    if not fitting:
        return None
    if script in ("Han", "Kana"):
        found = _chinese_or_japanese(text, script)
        if any(each.code == found for each in fitting):
            return Detected(found, 1.0)
        return _other_chinese(found, {each.code for each in wanted})
    if len(fitting) == 1:
        # one of two languages in question is no proof where others share the script
        alone = len(_in_question(script, ())[1]) == 1
        if alone or not wanted or (len(wanted) > 1 and script != "Latn"):
            return Detected(fitting[0].code, 1.0)
    return _by_model(text, {each.code for each in fitting}, few=bool(wanted))


@cache
def _in_question(script: str, among: tuple[str, ...]) -> tuple[tuple[Language, ...], tuple[Language, ...]]:
    """The languages of `among`, and those of them (else of all) that are written in `script`."""
    wanted = tuple(each for each in map(language, among) if each is not None)
    return wanted, tuple(each for each in wanted or LANGUAGES if script in _scripts_of(each.script))


def main_script(text: str) -> str:
    """The script most letters of `text` are in (ISO 15924, with Han, Kana and Hang apart), "" without letters."""
    if text.isascii():
        return "Latn" if _BY_SCRIPT["Latn"].search(text) else ""
    counts = {name: len(pattern.findall(text)) for name, pattern in _BY_SCRIPT.items()}
    for dense in ("Han", "Kana", "Hang"):  # one character says as much as two or three letters
        counts[dense] *= 2
    if counts["Kana"] * 10 > counts["Han"] > 0 and counts["Kana"] + counts["Han"] > counts["Latn"]:
        return "Kana"
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] else ""


def has_letters(text: str) -> bool:
    return _LETTER.search(text) is not None


def written_in(text: str, code: str) -> bool:
    """Whether a fair part of the letters are of the script of that language; true where nothing can be told.

    Names in Latin letters are common in every language, so a third is enough.
    """
    wanted = language(code)
    letters = len(_LETTER.findall(text))
    if wanted is None or letters == 0:
        return True
    if wanted.script == "Latn" and text.isascii():
        return True
    fitting = sum(len(_BY_SCRIPT[each].findall(text)) for each in _scripts_of(wanted.script))
    return fitting * (3 if wanted.script == "Latn" else 4) >= letters


def _scripts_of(script: str) -> tuple[str, ...]:
    return _WRITTEN_IN.get(script, (script,))


def _chinese_or_japanese(text: str, script: str) -> str:
    if script == "Kana":
        return "ja"
    simple = sum(each in _SIMPLIFIED for each in text)
    traditional = sum(each in _TRADITIONAL for each in text)
    return "zh-Hant" if traditional > simple else "zh"


def _other_chinese(found: str, codes: Collection[str]) -> Detected | None:
    """Where only the other way of writing Chinese is in question, it is that one."""
    if found == "ja":
        return None
    other = "zh" if found == "zh-Hant" else "zh-Hant"
    return Detected(other, 0.9) if other in codes else None


def _by_model(text: str, codes: Collection[str], *, few: bool) -> Detected | None:
    first, probability = _identifier_first(text)
    if probability >= _PLAIN and _known_as(first) in codes:
        return Detected(_known_as(first), probability)  # no need to look at the others
    ranked = [(_known_as(code), probability) for code, probability in _identifier_rank(text)]
    fitting = [(code, probability) for code, probability in ranked if code in codes]
    if not fitting:
        return None
    best, probability = fitting[0]
    if few:
        total = sum(each for _, each in fitting)
        probability = probability / total if total > 0 else 0.0
    sure = probability >= (_SURE_AMONG_FEW if few and len(fitting) > 1 else _SURE)
    return Detected(best, probability) if sure else None


@cache
def _known_as(code: str) -> str:
    found = language(code)
    return code if found is None else found.code


_one_at_a_time = threading.Lock()


def _identifier_first(text: str) -> tuple[str, float]:
    with _one_at_a_time:
        code, probability = _identifier().classify(text)
    return str(code), float(probability)


def _identifier_rank(text: str) -> list[tuple[str, float]]:
    with _one_at_a_time:
        return list(_identifier().rank(text))


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # brings NumPy: half a second

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
