"""Dates and quantities in a text, in the notations of several languages, as ranges that can be compared.

A value is a range because a text often says less than a day: “2026” is any day of that year, and 03/04/2026 is one day
or another. What lies wholly inside a condition meets it, what lies wholly outside does not, the rest is doubtful.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

from app.assistants.ask_each.notations import (
    AMOUNT,
    CJK_DATE,
    DAY_MONTH_YEAR,
    ISO_DATE,
    MONTH_DAY_YEAR,
    MONTH_YEAR,
    NUMERIC_DATE,
    QUARTER,
    TIMES,
    UNITS,
    YEAR,
)
from app.retrieval.verification.fact_words import MONTHS, NUMBER_WORDS

Kind = Literal["date", "quantity"]
_Meaning = TypeVar("_Meaning")
_MONTH_DAYS = 30.4375  # on average, so that twelve months are a year
_DAYS = {
    "minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": _MONTH_DAYS, "quarter": 3 * _MONTH_DAYS,
    "year": 12 * _MONTH_DAYS,
}  # fmt: skip
_CENTURY = 70  # two digits below it are a year after 2000


def _folded(word: str) -> str:
    """As the tables below have it. Patterns that ignore case also take “İ” and “ı” for “i”, which `casefold` does not."""
    return word.casefold().replace("i\u0307", "i").replace("ı", "i").rstrip(".")


def _by_folded(words: Mapping[str, _Meaning]) -> dict[str, _Meaning]:
    return {_folded(word): meaning for word, meaning in words.items()}


_MONTHS, _UNITS, _TIMES = _by_folded(MONTHS), _by_folded(UNITS), _by_folded(TIMES)
_NUMBER_WORDS = _by_folded(NUMBER_WORDS)
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


@dataclass(frozen=True, slots=True)
class Value:
    """`text[start:end]` means something from `low` to `high`.

    Of a date: proleptic ordinals of days. Of a quantity: numbers in `unit`: "€", "day" (to which all lengths of time are
    brought), "%"… or "" where none stands there.
    """

    kind: Kind
    low: float
    high: float
    unit: str
    start: int
    end: int

    @property
    def shown(self) -> str:
        """For files: "2026-06-30", "2026-06-01/2026-06-30", "1450 €", "90 days"."""
        if self.kind == "date":
            days = [date.fromordinal(int(each)).isoformat() for each in (self.low, self.high)]
            return days[0] if days[0] == days[1] else "/".join(days)
        return f"{self.low:.12g} {'days' if self.unit == 'day' else self.unit}".strip()


def values_in(text: str, kind: Kind) -> list[Value]:
    """In the order of the text. Numbers within dates are no quantities."""
    dates = dates_in(text)
    return dates if kind == "date" else quantities_in(_without(text, dates))


def dates_in(text: str) -> list[Value]:
    """Days, months, quarters and years, in the order of the text."""
    found: list[Value] = []
    for pattern, read in _DATES:
        for match in pattern.finditer(_without(text, found)):
            span = read(match)
            if span is not None:
                found.append(Value("date", *span, "date", *match.span()))
    return sorted(found, key=lambda each: each.start)


def quantities_in(text: str) -> list[Value]:
    """Amounts of money, lengths of time, percentages and bare numbers; written numbers only with a unit."""
    return list(_quantities(text))


def _quantities(text: str) -> Iterator[Value]:
    for match in AMOUNT.finditer(text):
        written = match["word"]
        unit = _UNITS.get(_folded(match["before"] or match["after"] or ""), "")
        if written and not unit:
            continue
        number = _written(written) if written else read_number(match["digits"])
        if number is None:
            continue
        number *= _TIMES.get(_folded(match["times"] or ""), 1.0)
        if unit in _DAYS:
            number, unit = number * _DAYS[unit], "day"
        if not math.isfinite(number):  # a row of hundreds of digits is no amount
            continue
        yield Value("quantity", number, number, unit, *match.span())


def read_number(digits: str) -> float:
    """ "10,000", "10.000,50", "10 000", "1'000", "12.5". A single mark before exactly three digits separates thousands."""
    plain = re.sub(r"[\s'’]", "", digits)
    marks = [each for each in plain if each in ",."]
    if len(set(marks)) == 2:
        decimal = marks[-1]
        plain = plain.replace("." if decimal == "," else ",", "").replace(decimal, ".")
    elif len(marks) > 1 or (marks and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", plain)):
        plain = re.sub("[.,]", "", plain)
    else:
        plain = plain.replace(",", ".")
    return float(plain)


def _written(words: str) -> float | None:
    parts = [_NUMBER_WORDS.get(_folded(each)) for each in re.split(r"[\s-]+", words)]
    return (
        sum(each for each in parts if each is not None) if all(each is not None for each in parts) else None
    )


def _without(text: str, values: list[Value]) -> str:
    """Each of them blanked out, so that offsets stay."""
    for each in values:
        text = text[: each.start] + "\0" * (each.end - each.start) + text[each.end :]
    return text


_Range = tuple[int, int] | None


def _day(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def _range(year: int, month: int = 0, day: int = 0, months: int = 1) -> _Range:
    """Of a day, of a month (or `months` from it) without `day`, of a year without `month`."""
    if day:
        only = _day(year, month, day)
        return None if only is None else (only, only)
    if not month:
        month, months = 1, 12
    first = _day(year, month, 1)
    after = _day(year + (month + months - 1) // 12, (month + months - 1) % 12 + 1, 1)
    return None if first is None or after is None else (first, after - 1)


def _numbers(match: re.Match[str]) -> _Range:
    return _range(*(int(each) for each in match.groups() if each is not None))


def _numeric(match: re.Match[str]) -> _Range:
    """Day first, or month first with slashes; both where nothing decides."""
    first, mark, second, written = match.groups()
    year = int(written)
    if len(written) == 2:
        year += 2000 if year < _CENTURY else 1900
    readings = [_day(year, int(second), int(first))]
    if mark != ".":
        readings.append(_day(year, int(first), int(second)))
    days = [each for each in readings if each is not None]
    return (min(days), max(days)) if days else None


def _quarter(match: re.Match[str]) -> _Range:
    number = int(match["number"] or _QUARTERS.get(_folded(match["word"]), 0))
    return _range(int(match["year"]), 3 * number - 2, months=3) if number else None


def _named(match: re.Match[str]) -> _Range:
    groups = match.groupdict()
    month = _MONTHS.get(_folded(groups["month"]))
    return None if month is None else _range(int(groups["year"]), month, int(groups.get("day") or 0))


_DATES = (
    (ISO_DATE, _numbers), (NUMERIC_DATE, _numeric), (CJK_DATE, _numbers), (DAY_MONTH_YEAR, _named),
    (MONTH_DAY_YEAR, _named), (MONTH_YEAR, _named), (QUARTER, _quarter), (YEAR, _numbers),
)  # fmt: skip
