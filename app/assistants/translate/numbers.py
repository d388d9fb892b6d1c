"""Numbers in a text and whether a translation has the same ones, however its language writes them."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from app.assistants.translate.number_words import (
    AFTERNOON,
    DECADE_AFTER,
    DECADE_BEFORE,
    SAID,
    TIMES_AFTER,
    TIMES_OR_NOT,
    UP_TO,
    times,
)

_SPACE = "[\u00a0\u202f\u2009 ]"
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_NO_SIGN_BEHIND = r"(?<![A-Za-z\d\u00c0-\u052f%°‰)\]}€$£\-−.,'’])"
MARK = rf"(?:(?<![-=<])(?:[<>]=?|[≤≥≦≧±])\s?[-−]?|{_NO_SIGN_BEHIND}[-−–－+＋](?=[\d€$£¥₹{_FRACTIONS}])|(?<![\w%°])[~≈～]\s?)"
"""A sign or a comparison in front of a number; a dash between two numbers or behind a word is none."""
_POWER = r"(?:[⁺⁻]?[⁰¹²³⁴-⁹]+|\^[-−+]?\d+|[eE][-+−]?\d{1,3}(?!\w))"
_PLAIN = rf"\d++(?:[.,'’٫٬]\d++)*+{_POWER}?"
_IN_GROUPS = rf"(?<![\d.,])\d{{1,3}}(?:{_SPACE}\d{{3}}){{1,6}}(?:[.,]\d+)?(?!\d)"
_PARTS = rf"(?:(?<!\d)\d{{1,6}}\s?)?[{_FRACTIONS}]|(?<![\d/.,])[1-7]/[2-8](?![\d/])"
_BEFORE = rf"(?=[^\w\s]|\d|[{_FRACTIONS}])(?P<mark>{MARK})?(?:[€$£¥₹]\s?)?"
_NUMBER = re.compile(rf"{_BEFORE}(?P<core>{_PARTS}|{_PLAIN})")
_ANY = re.compile(rf"{_BEFORE}(?P<core>{_PARTS}|{_IN_GROUPS}|{_PLAIN})")
_GROUPED = re.compile(_IN_GROUPS)
_POSSIBLE = re.compile(rf"[\d{_FRACTIONS}]")
_DATE = re.compile(r"([0-3]?\d)\.([01]?\d)\.(\d{4}|\d\d)")
_CLOCK = re.compile(r"([0-2]?\d)\.([0-5]\d)")
_O_CLOCK = re.compile(r"\s?(?:Uhr|h\b)")
_PM = re.compile(r"(?::[0-5]\d)?(?::[0-5]\d)?\s?p\.?\s?m\b", re.I)
_MIDNIGHT = re.compile(r"(?::[0-5]\d)?\s?a\.?\s?m\b", re.I)
_YEAR_BEFORE = re.compile(r"(?:['’]|(?<!\d)\d{4}\s?[-–/]\s?|(?<!\d)\d{1,2}([./-])\d{1,2}\1)\Z")
_OTHER_DIGITS = re.compile(r"[^\D0-9]")
_GAPS = re.compile(rf"{_SPACE}|['’٬]")
_MARKS = {
    "<=": "≤",
    ">=": "≥",
    "≦": "≤",
    "≧": "≥",
    "−": "-",
    "–": "-",
    "－": "-",
    "＋": "+",
    "≈": "~",
    "～": "~",
}
_NEAR = 24  # characters before a number in which words for a sign are looked for
# Where the decimal mark is a point or a comma; elsewhere (Spanish, Arabic) it depends on the country.
_POINT = frozenset(
    "en ja zh ko th he iw hi bn ta te mr gu pa ml kn si my ne ur ms fil tl sw mt ga cy yue".split()
)
_COMMA = frozenset(
    "de fr it nl pt pl ru uk be cs sk sl hr sr bs bg mk ro hu el tr az kk ky sv da no nb nn fi et lv lt is fo ca gl eu"
    " sq hy ka id vi lb fy oc br".split()
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `text[start:end]`, its sign, its currency in front and its “million” included.

    `readings`: what it may mean, in plain digits: “1,234” is 1234 or 1.234. `mark`: "-", "<", "≤" … or "".
    `before`: what stands right before it. `exponent`: how often ten multiplies it, None when nothing says so.
    """

    text: str
    start: int
    end: int
    readings: frozenset[str]
    mark: str = ""
    before: str = ""
    exponent: int | None = None
    whole: str = field(default="", compare=False)

    def same(self, other: "Number") -> bool:
        """Whether both are the same number, its sign and comparison included, or are written alike."""
        if self.whole != other.whole and not self.readings & other.readings:
            return False
        return self.mark == other.mark or _in_words(self, other) or _in_words(other, self)


def numbers(text: str, language: str = "", *, grouped: bool = True) -> list[Number]:
    """Every number written in digits of any script, in order. `language`: code, tells what “1,234” is.

    `grouped`: “1 200” is one number; else two.
    """
    return list(_numbers(text, language, grouped)) if _POSSIBLE.search(text) else []


@lru_cache(maxsize=64)  # the same few texts are asked about by several checks
def _numbers(text: str, language: str, grouped: bool) -> tuple[Number, ...]:
    text = ascii_digits(text)
    language = language.split("-")[0]
    afternoon = AFTERNOON.search(text) is not None
    found = [
        number
        for each in (_ANY if grouped else _NUMBER).finditer(text)
        for number in _read(text, each, language, afternoon)
    ]
    if any(each.exponent for each in found):
        found = list(_joined(text, found))
    return tuple(found)


def missing(
    source: str, target: str, source_language: str = "", target_language: str = ""
) -> tuple[list[str], list[str]]:
    """Numbers of `source` that `target` does not have, and those it has on top, each as it is written.

    Whether a blank groups digits or separates two numbers cannot be seen: a reading in which all is there counts.
    """
    ways = []
    for text, language in ((source, source_language), (target, target_language)):
        ways.append([numbers(text, language)])
        if _GROUPED.search(ascii_digits(text)):
            ways[-1].append(numbers(text, language, grouped=False))
    differences = [_difference(ways[0][0], there) for there in ways[1]]
    differences += [_difference(wanted, ways[1][0]) for wanted in ways[0][1:]]
    return next((each for each in differences if each == ([], [])), differences[0])


def partners(wanted: Sequence[Number], there: Sequence[Number]) -> list[int | None]:
    """For each of `wanted` the place in `there` of the same number, each used once; None where there is none."""
    known: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(there):
        for reading in {each.whole, *each.readings}:
            known[reading].append(place)
    used: set[int] = set()
    found: list[int | None] = [None] * len(wanted)
    for exact in (True, False):
        for number, each in enumerate(wanted):
            if found[number] is None:
                found[number] = _partner(each, there, known, used, exact=exact)
    return found


def ascii_digits(text: str) -> str:
    """Digits of every script as 0 to 9; the length stays."""
    if text.isascii() or not _OTHER_DIGITS.search(text):
        return text
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)


def _difference(wanted: list[Number], there: list[Number]) -> tuple[list[str], list[str]]:
    found = partners(wanted, there)
    used = set(found)
    lost = [each.text for each, place in zip(wanted, found, strict=True) if place is None]
    return lost, [each.text for place, each in enumerate(there) if place not in used]


def _partner(
    wanted: Number, there: Sequence[Number], known: dict[str, list[int]], used: set[int], *, exact: bool
) -> int | None:
    for key in (wanted.whole,) if exact else wanted.readings:
        places = known.get(key, [])
        while places and places[0] in used:
            places.pop(0)
        for place in places:
            fits = there[place].whole == key if exact else there[place].same(wanted)
            if place not in used and fits:
                used.add(place)
                return place
    return None


def _in_words(one: Number, other: Number) -> bool:
    """Whether `other` has the mark of `one` in words: “minus 5”, “weniger als 5”."""
    said = SAID.get(one.mark)
    return said is not None and not other.mark and said.search(other.before) is not None


def _read(text: str, found: re.Match[str], language: str, afternoon: bool) -> Iterator[Number]:
    core, mark = found["core"], (found["mark"] or "").replace(" ", "")
    mark = _MARKS.get(mark, mark)
    start, end = found.start(), found.end()
    before = text[max(0, found.start("core") - _NEAR) : found.start("core")].casefold()
    date = _DATE.fullmatch(core)
    if date is None and _O_CLOCK.match(text, end):
        date = _CLOCK.fullmatch(core)
    if date is not None:
        for number in range(1, len(date.groups()) + 1):
            begins, ends = found.start("core") + date.start(number), found.start("core") + date.end(number)
            yield Number(
                date[number], begins, ends, _years(date[number], year=number == 3), whole=date[number]
            )
        return
    scale = TIMES_AFTER.match(text, end) if core[-1].isdecimal() else None
    exponent = times(scale[0], language) if scale else None
    end = scale.end() if scale else end
    readings = _readings(core, language)
    if scale and exponent:
        readings = {_shifted(each, exponent) for each in readings}
    elif core[-1].isdecimal() and (letter := TIMES_OR_NOT.match(text, end)):
        readings |= {_shifted(each, times(letter[0], language)) for each in readings}
    if core.isdecimal() and len(core) <= 2:
        readings = _short(core, readings, text, found, afternoon)
    whole = mark + core + (f" {exponent}" if exponent else "") + ("pm" if _is_pm(core, text, end) else "")
    yield Number(text[start:end], start, end, frozenset(readings), mark, before, exponent, whole)


def _short(core: str, readings: set[str], text: str, found: re.Match[str], afternoon: bool) -> set[str]:
    """One or two digits may be a short year, a decade or an hour."""
    end, value = found.end(), int(core)
    before = text[max(0, found.start() - 12) : found.start()]
    decade = value % 10 == 0 and (DECADE_AFTER.match(text, end) or DECADE_BEFORE.search(before))
    if len(core) == 2 and (decade or _YEAR_BEFORE.search(before)):
        return readings | _years(core, year=True)
    if _is_pm(core, text, end):
        return {str(value % 12 + 12)}
    if value == 12 and _MIDNIGHT.match(text, end):
        return {"0", "12"}
    return readings | {str(value + 12)} if afternoon and 0 < value < 12 else readings


def _is_pm(core: str, text: str, end: int) -> bool:
    return core.isdecimal() and len(core) <= 2 and 0 < int(core) <= 12 and _PM.match(text, end) is not None


def _years(digits: str, *, year: bool) -> frozenset[str]:
    """Dates are written with and without zeros in front; ’98 is 1998."""
    centuries = {"19" + digits, "20" + digits} if year and len(digits) == 2 else set()
    return frozenset({digits.lstrip("0") or "0", *centuries})


def _joined(text: str, found: list[Number]) -> Iterator[Number]:
    """“5 to 6 million” may mean 5 million; “3万5000” is one number."""
    waiting = None
    for one, other in pairwise([*found, None]):
        one = one if waiting is None else waiting
        waiting = None
        if one is None or other is None:
            pass
        elif one.exponent is None and other.exponent and UP_TO.fullmatch(text, one.end, other.start):
            one = replace(
                one, readings=one.readings | {_shifted(each, other.exponent) for each in one.readings}
            )
        elif (
            one.exponent
            and one.end == other.start
            and not other.mark
            and (other.exponent or 0) < one.exponent
        ):
            total = {
                str(int(a) + int(b)) for a in one.readings for b in other.readings if (a + b).isdecimal()
            }
            waiting = replace(
                one, text=one.text + other.text, end=other.end, readings=frozenset(total), exponent=other.exponent,
                whole=one.whole + other.whole,
            )  # fmt: skip
            continue
        if one is not None:
            yield one


def _readings(text: str, language: str) -> set[str]:
    if text[-1] in _FRACTIONS or "/" in text:
        whole = text[:-1].strip() if text[-1] in _FRACTIONS else ""
        value = unicodedata.numeric(text[-1]) if text[-1] in _FRACTIONS else int(text[0]) / int(text[-1])
        return {f"{int(whole or 0) + value:.4f}".rstrip("0")}
    power = re.search(_POWER + r"\Z", text)
    if power is not None:
        written = unicodedata.normalize("NFKC", power[0]).replace("−", "-").lstrip("^")
        return {f"{each}^{written}" for each in _readings(text[: power.start()], language)}
    return {_canonical(each) for each in _plain_readings(_GAPS.sub("", text), language)}


def _canonical(plain: str) -> str:
    """Zeros count where they tell numbers apart: “1.10” is not 1.1, “007” is not 7, but 12.00 is 12."""
    whole, point, rest = plain.partition(".")
    if not point and len(whole) > 2:
        return whole
    rest = rest if rest.strip("0") else ""
    return (whole.lstrip("0") or "0") + ("." + rest if rest else "")


def _shifted(plain: str, exponent: int) -> str:
    whole, _, rest = plain.partition(".")
    digits = (whole + rest[:exponent].ljust(exponent, "0")).lstrip("0") or "0"
    rest = rest[exponent:].rstrip("0")
    return digits + ("." + rest if rest else "")


def _plain_readings(text: str, language: str) -> list[str]:
    if "٫" in text:
        return [text.replace("٫", ".")]
    dots, commas = text.count("."), text.count(",")
    if not dots and not commas:
        return [text]
    if dots and commas:
        decimal = max(".,", key=text.rindex)
        other = "," if decimal == "." else "."
        whole = text.replace(other, "")
        return [whole.replace(",", ".")] if whole.count(decimal) == 1 else [re.sub("[.,]", "", text)]
    mark = "." if dots else ","
    if dots + commas > 1:
        return [text.replace(mark, "")]
    readings = [text.replace(",", ".")]
    if re.fullmatch(rf"[1-9]\d{{0,2}}\{mark}\d{{3}}", text) is None:
        return readings
    if language in (_POINT if mark == "." else _COMMA):
        return readings
    grouped = text.replace(mark, "")
    return [grouped] if language in (_COMMA if mark == "." else _POINT) else [*readings, grouped]
