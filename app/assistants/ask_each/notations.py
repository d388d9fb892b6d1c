"""How dates, money and lengths of time are written, as patterns."""

import re
from collections.abc import Iterable

from app.retrieval.verification.fact_words import MONTHS, NUMBER_WORDS, SCALES
from app.retrieval.verification.fact_words import UNITS as _KNOWN_UNITS

_MONTH = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<year>(?:1[5-9]|20|21)\d\d)(?!\d)"
_OF = r"(?:\s*(?:of|de|del|di|day of)\b)?"
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º)?"

ISO_DATE = re.compile(r"(?<![\d.-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
NUMERIC_DATE = re.compile(
    r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2((?:1[5-9]|20|21)\d\d|(?<=\d\d.)\d\d)(?![\d./-]\d|\d)"
)
CJK_DATE = re.compile(r"(\d{4})\s*[年년]\s*(?:(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일])?)?")
DAY_MONTH_YEAR = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}}){_ORDINAL}{_OF}[\s-]*{_MONTH},?{_OF}[\s-]*{_YEAR}", re.IGNORECASE
)
MONTH_DAY_YEAR = re.compile(rf"\b{_MONTH}\s*(?P<day>\d{{1,2}}){_ORDINAL},?\s+{_YEAR}", re.IGNORECASE)
MONTH_YEAR = re.compile(rf"\b{_MONTH},?{_OF}[\s-]*{_YEAR}", re.IGNORECASE)
QUARTER = re.compile(
    rf"\b(?:Q(?P<number>[1-4])|(?:the\s+)?(?P<word>first|second|third|fourth)\s+quarter)(?:\s+of)?[\s/-]*{_YEAR}",
    re.IGNORECASE,
)

_MORE_CURRENCIES = "chf cny inr sek nok dkk pln czk huf cad aud nzd brl mxn zar".split()
UNITS = (
    _KNOWN_UNITS
    | {code: code.upper() for code in _MORE_CURRENCIES}
    | {"us$": "$", "rupees": "INR", "francs": "CHF"}
)
"""Lower-case word or sign to its unit: "€", "day", "%", "km"…"""

_BEFORE = [word for word, unit in UNITS.items() if unit in "€$£¥" or unit.isupper()]
TIMES = SCALES | {"k": 1000}
"""Lower-case word to what the number before it is multiplied by."""


def _either(words: Iterable[str]) -> str:
    """Longest first. What is a word must be a whole one."""
    return "|".join(
        rf"(?<![^\W\d]){re.escape(each)}\b" if each[-1].isalpha() else re.escape(each)
        for each in sorted(words, key=len, reverse=True)
    )


_UNIT = _either(UNITS)
AMOUNT = re.compile(
    rf"(?:(?P<before>{_either(_BEFORE)})\s*)?"
    rf"(?:(?<![\w.,])(?P<digits>\d{{1,3}}(?:[,.'’\u00a0\u202f ]\d{{3}})+(?:[.,]\d{{1,2}})?(?!\d)|\d+(?:[.,]\d+)?)"
    rf"|\b(?P<word>(?:{_either(NUMBER_WORDS)})(?:[\s-](?:{_either(NUMBER_WORDS)}))?))"
    rf"(?:\s?(?P<times>{_either(TIMES)}))?"
    rf"(?:\)?\s*(?:(?:calendar|working|business|full|consecutive)\s+)?-?(?P<after>{_UNIT}))?",
    re.IGNORECASE,
)
"""A number with the unit before or after it."""

YEAR = re.compile(
    rf"(?<![\d.,:/€$£-])((?:1[5-9]|20|21)\d\d)(?![\d:/%-]|[.,]\d|\s*(?:{_UNIT}))", re.IGNORECASE
)
"""Four digits that can only be a year."""
