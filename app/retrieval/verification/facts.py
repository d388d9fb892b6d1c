"""Numbers, dates, times and names of a text, in a form in which different ways of writing them meet.

"1,000", "1000" and "1.000,00" are one number, "3 May 2026", "2026-05-03" and "03.05.2026" one date, "three" is 3. What can
be read in two ways ("1.234", "03/05/2026") means both, and meets either.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.retrieval.verification.fact_words import FREQUENCIES, MONTHS, NUMBER_WORDS, SCALES, TENS, UNITS

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>[12]\d{3})"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|º|\.)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_YEAR}[-/.](?P<month>[01]?\d)[-/.](?P<day>[0-3]?\d)\b",
        r"\b(?P<day>[0-3]?\d)([-/.])(?P<month>[01]?\d)\2(?P<year>[12]\d{3}|\d\d)\b",
        rf"\b{_DAY}\s+(?:of\s+|de\s+)?(?P<name>{_MONTH})\b\.?(?:,?\s+(?:of\s+|de\s+)?{_YEAR}\b)?",
        rf"\b(?P<name>{_MONTH})\b\.?\s+{_DAY}(?!\d)(?:,?\s+{_YEAR}\b)?",
        rf"\b(?P<name>{_MONTH})\b\.?,?\s+(?:of\s+|de\s+)?{_YEAR}\b",
    )
)
_TIME = re.compile(
    r"\b(?P<hour>[0-2]?\d)(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?|\b(?P<hours>[0-2]?\d):(?P<minutes>[0-5]\d)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![\w])(?:[^\W\d_]+[-_/.]?\d[\w\-_/.]*\w|[^\W\d_]+\d|\d+[^\W\d_]+\d\w*|\d+[^\W\d_]{4,}\w*)(?!\w)"
)
_SIGN = r"(?:(?<![\w.,)%])[-−]|\bminus\s)?"
_DIGITS = re.compile(
    rf"(?P<sign>{_SIGN})(?P<money>[€$£¥]\s?)?(?P<digits>(?<![\d.,])\d{{1,3}}(?:[ \u00a0\u202f'’]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*)"
    r"(?P<ordinal>(?:st|nd|rd|th)\b)?"
)
_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_SPELLED = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(TENS)})[-\s](?P<ones>one|two|three|four|five|six|seven|eight|nine)|(?P<word>{_WORDS}))\b",
    re.IGNORECASE,
)
_FOLLOWING = re.compile(r"\s?(?P<word>%|€|\$|£|°\s?[CF]|[^\W\d_]+)")
_FREQUENCY = re.compile(rf"\b({'|'.join(FREQUENCIES)})\b", re.IGNORECASE)
_CLUTTER = re.compile(r"[ \u00a0\u202f'’]")
# letters that a pattern without regard to case takes for s and i, and that lower() leaves
_FOLDED = str.maketrans({"ſ": "s", "İ": "i", "ı": "i"})
_NOT_COUNTED = frozenset({"one", "a", "an", "ein", "eine", "einen", "un", "une", "una", "uno", "um", "uma"})


@dataclass(frozen=True, slots=True)
class Fact:
    """`text[start:end]` of a text and what it may mean. `unit`: of a number, "" where none that is known stands there."""

    kind: str
    text: str
    start: int
    end: int
    readings: frozenset[str]
    unit: str = ""


def facts_of(text: str) -> list[Fact]:
    """All facts of `text` but its names, in order; none lies within another."""
    found: list[Fact] = []
    taken = bytearray(len(text))
    for finder in (_dates, _times, _codes, _numbers, _spelled, _frequencies):
        for fact in finder(text):
            if not any(taken[fact.start : fact.end]):
                found.append(fact)
                taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
    return sorted(found, key=lambda each: each.start)


def stands_in(fact: Fact, there: Sequence[Fact]) -> bool:
    """Whether one of the facts of another text says the same."""
    if fact.kind == "number" and fact.text.casefold() in _NOT_COUNTED:
        return True  # "one" is a pronoun more often than a number
    if fact.kind == "date":
        return any(_same_date(one, other, there) for one in fact.readings for other in _all(there, "date"))
    if fact.kind == "number":
        return any(
            fact.readings & other.readings and (not fact.unit or not other.unit or fact.unit == other.unit)
            for other in there
            if other.kind == "number"
        ) or any(_year_of(each) in fact.readings for each in _all(there, "date"))
    return any(fact.readings & other.readings for other in there if other.kind == fact.kind)


def _all(there: Sequence[Fact], kind: str) -> Iterator[str]:
    for each in there:
        if each.kind == kind:
            yield from each.readings


def _year_of(date: str) -> str:
    return date.split("-")[0]


def _same_date(said: str, told: str, there: Sequence[Fact]) -> bool:
    """Dates are year-month-day, empty where not said. What is said must be told; the year may stand apart as a number."""
    for place, (one, other) in enumerate(zip(said.split("-"), told.split("-"), strict=True)):
        if one and one != other:
            apart = place == 0 and not other
            if not (apart and any(one in each.readings for each in there if each.kind == "number")):
                return False
    return True


def _dates(text: str) -> Iterator[Fact]:
    for pattern in _DATES:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            year, day = parts.get("year") or "", parts.get("day") or ""
            named = parts.get("name")
            if named and named == "may" and not day:
                continue
            month = MONTHS.get(_folded(named)) if named else int(parts["month"])
            if month is None:
                continue
            readings = set(_written(year, month, int(day or 0)))
            if not named and len(found.groups()) == 4:  # 03/05/2026 is March for some
                readings |= set(_written(year, int(day), month))
            if readings:
                yield Fact("date", found[0].strip(" .,"), found.start(), found.end(), frozenset(readings))


def _written(year: str, month: int, day: int) -> Iterator[str]:
    if 1 <= month <= 12 and day <= 31:
        for full in [year] if len(year) != 2 else ["19" + year, "20" + year]:
            yield f"{full}-{month}-{day or ''}"


def _times(text: str) -> Iterator[Fact]:
    for found in _TIME.finditer(text):
        hour, minute = int(found["hour"] or found["hours"]), int(found["minute"] or found["minutes"] or 0)
        half = (found["half"] or "").lower()
        hours = {hour % 12 + (12 if half == "p" else 0)} if half else {hour, hour % 12, hour % 12 + 12}
        yield Fact(
            "time", found[0], found.start(), found.end(), frozenset(f"{each}:{minute:02}" for each in hours)
        )


def _codes(text: str) -> Iterator[Fact]:
    for found in _CODE.finditer(text):
        yield Fact(
            "code",
            found[0],
            found.start(),
            found.end(),
            frozenset({re.sub(r"[\W_]", "", found[0]).casefold()}),
        )


def _numbers(text: str) -> Iterator[Fact]:
    for found in _DIGITS.finditer(text):
        values = _values(found["digits"])
        if found["sign"]:
            values = {-each for each in values}
        money = UNITS.get((found["money"] or "").strip(), "")
        yield _number(text, found.start(), found.end(), values, money)


def _spelled(text: str) -> Iterator[Fact]:
    for found in _SPELLED.finditer(text):
        tens, ones = 0, NUMBER_WORDS.get(_folded(found["ones"] or found["word"]))
        if found["tens"]:
            tens = TENS.get(_folded(found["tens"]), 0)
        if ones is not None:
            yield _number(text, found.start(), found.end(), {Decimal(tens + ones)}, "")


def _frequencies(text: str) -> Iterator[Fact]:
    for found in _FREQUENCY.finditer(text):
        often = FREQUENCIES.get(_folded(found[0]))
        if often is not None:
            yield Fact("frequency", found[0], found.start(), found.end(), frozenset({often}))


def _folded(word: str) -> str:
    return word.translate(_FOLDED).lower()


def _number(text: str, start: int, end: int, values: set[Decimal], unit: str) -> Fact:
    """With the "million" and the unit behind it."""
    following = _FOLLOWING.match(text, end)
    scale = SCALES.get(following["word"].casefold()) if following else None
    if following and scale:
        values = {each * scale for each in values}
        end = following.end()
        following = _FOLLOWING.match(text, end)
    measured = UNITS.get(following["word"].replace(" ", "").casefold(), "") if following else ""
    if following and measured:
        unit, end = unit or measured, following.end()
    readings = frozenset(_plain(each) for each in values)
    return Fact("number", text[start:end].strip(), start, end, readings, unit)


def _plain(value: Decimal) -> str:
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _values(digits: str) -> set[Decimal]:
    """What digits with points and commas may mean."""
    bare = _CLUTTER.sub("", digits)
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        decimal = "." if bare.rindex(".") > bare.rindex(",") else ","
        bare = bare.replace("," if decimal == "." else ".", "").replace(",", ".")
        return {Decimal(bare)} if bare.count(".") == 1 else {Decimal(bare.replace(".", ""))}
    if points + commas > 1:
        return {Decimal(re.sub("[.,]", "", bare))}
    values = {Decimal(bare.replace(",", "."))}
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", bare):
        values.add(Decimal(re.sub("[.,]", "", bare)))
    return values
