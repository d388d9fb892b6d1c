"""Numbers in a text and whether a translation has the same ones, however its language writes them."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_SPACE = "[\u00a0\u202f\u2009 ]"
_GROUPED = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d+)?(?![\d])")
_NUMBER = re.compile(r"\d+(?:[.,'’٫٬]\d+)*")
_ANY = re.compile(f"{_GROUPED.pattern}|{_NUMBER.pattern}")
_OTHER_DIGITS = re.compile(r"[^\D0-9]")
_SPACES = re.compile(_SPACE)
_APOSTROPHES = re.compile(r"['’٬]")
# Words and characters right behind a number that multiply it: "1.5 million" is "150万".
_TIMES = {
    "thousand": 3, "tausend": 3, "mille": 3, "mil": 3, "mila": 3, "тыс": 3, "тысяч": 3, "千": 3, "천": 3, "ألف": 3,
    "million": 6, "millionen": 6, "millions": 6, "millones": 6, "millón": 6, "milhões": 6, "milhão": 6, "milioni": 6,
    "milione": 6, "mio": 6, "miljoen": 6, "млн": 6, "миллион": 6, "миллионов": 6, "مليون": 6, "مليونا": 6, "ملايين": 6,
    "billion": 9, "bn": 9, "mn": 6, "billions": 9, "milliarde": 9, "milliarden": 9, "milliard": 9, "milliards": 9, "mrd": 9,
    "miliardi": 9, "miljard": 9, "bilhões": 9, "млрд": 9, "миллиардов": 9, "مليار": 9, "مليارات": 9,
    "万": 4, "萬": 4, "만": 4, "億": 8, "亿": 8, "억": 8, "百": 2, "兆": 12, "trillion": 12, "billionen": 12,
}  # fmt: skip
_TIMES_AFTER = re.compile(
    r"[\s\u00a0-]?(" + "|".join(sorted(_TIMES, key=len, reverse=True)) + r")(?![a-zа-я])", re.I
)


@dataclass(frozen=True, slots=True)
class Number:
    """`readings`: what it may mean; “1,234” is 1234 or 1.234."""

    text: str
    readings: frozenset[Decimal]


def numbers(text: str, *, grouped: bool = True) -> list[Number]:
    """Every number written in digits of any script, in order.

    `grouped`: “1 200” is one number; else two.
    """
    found: list[Number] = []
    text = ascii_digits(text)
    for each in (_ANY if grouped else _NUMBER).finditer(text):
        times = _TIMES_AFTER.match(text, each.end())
        found.append(Number(each.group(), _readings(each.group(), times[1].casefold() if times else "")))
    return found


def missing(source: str, target: str) -> tuple[list[str], list[str]]:
    """Numbers of `source` that `target` does not have, and those it has on top, each as it is written.

    Whether a blank groups digits or separates two numbers cannot be seen, so the reading that fits best counts.
    """
    ways = [[numbers(each)] for each in (source, target)]
    for way, text in zip(ways, (source, target), strict=True):
        if _GROUPED.search(ascii_digits(text)):
            way.append(numbers(text, grouped=False))
    differences = [_difference(wanted, there) for wanted in ways[0] for there in ways[1]]
    return min(differences, key=lambda each: (len(each[0]), len(each[1])))


def _difference(wanted: list[Number], there: list[Number]) -> tuple[list[str], list[str]]:
    left = list(there)
    unmatched = [each for each in wanted if not _take(left, each, exact=True)]
    lost = [each.text for each in unmatched if not _take(left, each, exact=False)]
    return lost, [each.text for each in left]


def ascii_digits(text: str) -> str:
    """Digits of every script as 0 to 9; the length stays."""
    if text.isascii() or not _OTHER_DIGITS.search(text):
        return text
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)


def _take(there: list[Number], wanted: Number, *, exact: bool) -> bool:
    for place, each in enumerate(there):
        if each.text == wanted.text if exact else each.readings & wanted.readings:
            del there[place]
            return True
    return False


def _readings(text: str, times: str) -> frozenset[Decimal]:
    plain = _APOSTROPHES.sub("", _SPACES.sub("", text)).replace("٫", ".")
    found = set(map(Decimal, _plain_readings(plain)))
    if times:
        found |= {each * 10 ** _TIMES[times] for each in found}
    if len(plain) == 2 and plain.isdigit():
        found |= {Decimal(100 * century + int(plain)) for century in (19, 20)}  # ’98 is 1998
    return frozenset(each.normalize() for each in found)


def _plain_readings(text: str) -> list[str]:
    dots, commas = text.count("."), text.count(",")
    if not dots and not commas:
        return [text]
    if dots and commas:
        decimal = max(".,", key=text.rindex)
        other = "," if decimal == "." else "."
        whole = text.replace(other, "")
        return [whole.replace(",", ".")] if whole.count(decimal) == 1 else [re.sub("[.,]", "", text)]
    mark = "." if dots else ","
    grouped = re.fullmatch(rf"[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+", text) is not None
    if dots + commas > 1:
        return [text.replace(mark, "")]
    readings = [text.replace(",", ".")]
    return [*readings, text.replace(mark, "")] if grouped else readings
