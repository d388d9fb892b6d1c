"""What a question asks of each document, and which answers it wants: “Which contracts end in 2026?” asks each contract when
it ends, and wants those that say 2026.

Found by rules, for English questions; any other question is put to each document as it stands.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta

from app.assistants.ask_each.rewriting import per_document, plain_question
from app.assistants.ask_each.values import Kind, Value, dates_in, quantities_in


@dataclass(frozen=True, slots=True)
class Condition:
    """Values from `low` to `high`, both included, in `unit` (see `Value`); `words`: as they stand in the question."""

    kind: Kind
    low: float
    high: float
    unit: str
    words: str

    def compares(self, value: Value) -> bool:
        """Whether both are of one kind: euros cannot be compared with dollars, nor with days."""
        units = {self.unit, value.unit} - {""}
        return self.kind == value.kind and len(units) < 2

    def holds(self, value: Value) -> bool | None:
        """None: it may or may not, the value says too little."""
        if not self.compares(value):
            return None
        if value.high < self.low or value.low > self.high:
            return False
        return True if self.low <= value.low and value.high <= self.high else None


@dataclass(frozen=True, slots=True)
class EachQuestion:
    """`asked`: what each document is asked, `otherwise`: the same in other words, for one that does not answer.

    `kind`: what kind of value its answer is, None for any words. `unapplied`: it names conditions, but not one that could be
    applied, so it is asked as it stands.
    """

    asked: str
    otherwise: tuple[str, ...] = ()
    kind: Kind | None = None
    condition: Condition | None = None
    unapplied: bool = False


def understand(question: str, today: date | None = None) -> EachQuestion:
    """`today` is what “this year” counts from."""
    question = " ".join(question.split())
    today = today or date.today()
    found = _condition_in(question, today)
    if found is None:
        asked = plain_question(question)
        negated = sounds_like_each(question) and _NOT.search(question)
        return EachQuestion(
            asked, kind=_kind_asked(asked), unapplied=bool(negated or _wants(question, today))
        )
    condition, start, end = found
    others = (question[:start], question[end:])
    if (
        _BEYOND.match(others[1])
        or _NOT.search("".join(others))
        or any(_wants(each, today) for each in others)
    ):
        return EachQuestion(question, unapplied=True)
    rest = " ".join((question[:start].rstrip(" ,") + " " + question[end:].lstrip(" ,")).split())
    asked, *otherwise = per_document(rest, condition.kind, condition.unit)
    return EachQuestion(asked, tuple(otherwise), condition.kind, condition)


# Conditions that are more than one range of values: the question is put as it stands.
_BEYOND = re.compile(r",?\s+(?:or|and|but|except)\s", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|never|neither|except|unless)\b|n[’']t\b", re.IGNORECASE)
_LISTED = re.compile(
    r"\s*(?:"
    r"(?:which|how many)\s+(?:of\s+)?(?:the\s+|my\s+|our\s+|these\s+)?(?:[\w-]+\s+){0,2}?(?!(?:is|was|does|has|this)\b)[\w-]+s\b"
    r"|what\s+(?!(?:is|was|does|has|this|are|were)\b)(?:[\w-]+\s+)?[\w-]{3,}s\s+(?:end|expire|start|have|are|were|will|do|mention|say)\b"
    r"|(?:please\s+)?(?:list|show(?:\s+me)?|find|name|give\s+me)\s+(?:all|every|each|the)\b"
    r"|in\s+(?:which|what|how\s+many)\s+[\w-]+s\b"
    r"|.*\b(?:in|of|for|from|by)\s+(?:each|every|all(?:\s+(?:of\s+)?(?:the|my|our))?)\s+(?:document|file|contract|lease|agreement"
    r"|invoice|policy|policies|letter|report|offer|paper)"
    r")",
    re.IGNORECASE,
)  # fmt: skip


def sounds_like_each(question: str) -> bool:
    """Whether it seems to want something of many documents: “which contracts…”, “list all…”, “in which documents…”."""
    return _LISTED.match(question) is not None


_NO_LOW, _NO_HIGH = -math.inf, math.inf
_AGO = r"(?:on\s+|the\s+)*"
_BETWEEN = re.compile(r"\b(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
_AND = re.compile(r"\s*(?:and|to|until|till|through|–|-)\s*(?:the\s+)?", re.IGNORECASE)
_STARTING = re.compile(r"\b(?:starting|beginning|effective|valid|as)\s+$", re.IGNORECASE)
_ONWARDS = re.compile(r"\s+(?:onwards?|on(?=\W*$))\b", re.IGNORECASE)
_BY_DATE = {
    "inside": r"(?:in|during|within|for|on|exactly|dated)\s+(?:the\s+)?(?:year\s+|month\s+of\s+)?",
    "below": rf"(?:before|prior\s+to|earlier\s+than|sooner\s+than)\s+{_AGO}",
    "to": rf"(?:by|until|till|up\s+to|(?:no|not)\s+later\s+than)\s+{_AGO}(?:end\s+of\s+)?",
    "above": rf"(?:after|later\s+than)\s+{_AGO}(?:end\s+of\s+)?",
    "from": rf"(?:since|from|starting|as\s+of|not\s+before|(?:no|not)\s+earlier\s+than)\s+{_AGO}",
}
_BY_SIZE = {
    "above": r"(?:(?:more|greater|higher|larger|bigger|longer|older)\s+than|over|above|exceed(?:s|ing)?|beyond)\s+",
    "from": r"(?:at\s+least|(?:no|not)\s+(?:less|fewer|shorter)\s+than|(?:a\s+)?minimum\s+of|from)\s+",
    "below": r"(?:(?:less|fewer|lower|smaller|shorter|cheaper|younger)\s+than|under|below)\s+",
    "to": r"(?:at\s+most|(?:no|not)\s+(?:more|longer|higher)\s+than|up\s+to|within|(?:a\s+)?maximum\s+of)\s+",
    "inside": r"(?:exactly|equal\s+to|of)\s+",
}
_NEGATED_FIRST = ("to", "from", "above", "below", "inside")  # “no more than” before “more than”
_RELATIVE = re.compile(
    r"\b(?:(?:in|during|within)\s+)?(?:(?P<which>this|next|last)\s+(?P<unit>year|month)"
    r"|the\s+next\s+(?P<count>\d+)\s+(?P<units>days|weeks|months|years))\b",
    re.IGNORECASE,
)
_KIND_ASKED = (
    ("date", re.compile(r"\bwhen\b|\b(?:what|which)\b.*\b(?:date|day|deadline)\b", re.IGNORECASE)),
    ("quantity", re.compile(r"\bhow (?:much|many|long|old|high|far)\b|\b(?:price|rent|fee|amount|deposit|cost|period)\b", re.IGNORECASE)),
)  # fmt: skip


def _kind_asked(question: str) -> Kind | None:
    for kind, pattern in _KIND_ASKED:
        if pattern.search(question):
            return "date" if kind == "date" else "quantity"
    return None


_Found = tuple[Condition, int, int]


def _condition_in(question: str, today: date) -> _Found | None:
    """With where it begins and ends."""
    return (
        _relative(question, today)
        or _compared(question, dates_in(question), _BY_DATE)
        or _compared(question, quantities_in(question), _BY_SIZE)
    )


def _wants(words: str, today: date) -> bool:
    """Whether a date, an amount or a number to compare with stands there."""
    return bool(
        dates_in(words)
        or any(each.unit for each in quantities_in(words))
        or _condition_in(words, today) is not None
    )


def _compared(question: str, values: list[Value], comparators: dict[str, str]) -> _Found | None:
    for number, value in enumerate(values):
        before = question[: value.start]
        after = values[number + 1] if number + 1 < len(values) else None
        between = _BETWEEN.search(before)
        if between and after and _AND.fullmatch(question[value.end : after.start]):
            first = _with_unit_of(value, after, question)
            return _made(question, value.kind, first.low, after.high, after.unit, between.start(), after.end)
        for name in _NEGATED_FIRST:
            found = re.search(rf"\b{comparators[name]}$", before, re.IGNORECASE)
            if found:
                onwards = _ONWARDS.match(question[value.end :])
                if name == "from" and _is_of_period(found[0], before[: found.start()], value) and not onwards:
                    name = "inside"
                low, high = _bounds(name, value)
                end = value.end + (onwards.end() if onwards else 0)
                return _made(question, value.kind, low, high, value.unit, found.start(), end)
    return None


def _is_of_period(words: str, before: str, value: Value) -> bool:
    """“Invoices from 2024” are those of that year, also of a month; “from 1 May 2024” and “starting from 2024” have no end."""
    if value.kind != "date" or not words.lower().startswith("from") or _STARTING.search(before):
        return False
    return all(date.fromordinal(int(day)).day == 1 for day in (value.low, value.high + 1))


def _with_unit_of(value: Value, after: Value, question: str) -> Value:
    """“Between 2 and 3 weeks”: the first number is meant in the unit of the second."""
    unit = re.sub(r"^[\d.,\s]+", "", question[after.start : after.end])
    return (
        value
        if value.unit
        else next(iter(quantities_in(f"{question[value.start : value.end]} {unit}")), value)
    )


def _bounds(name: str, value: Value) -> tuple[float, float]:
    step = 1.0 if value.kind == "date" else 0.0
    return {
        "inside": (value.low, value.high),
        "below": (_NO_LOW, value.low - 1 if step else math.nextafter(value.low, _NO_LOW)),
        "to": (_NO_LOW, value.high),
        "above": (value.high + 1 if step else math.nextafter(value.high, _NO_HIGH), _NO_HIGH),
        "from": (value.low, _NO_HIGH),
    }[name]


def _relative(question: str, today: date) -> _Found | None:
    found = _RELATIVE.search(question)
    if found is None:
        return None
    if found["count"]:
        days = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}[found["units"].lower()]
        length = min(float(found["count"]) * days, (date.max - today).days)
        first, last = today, today + timedelta(days=round(length))
    else:
        step = {"this": 0, "next": 1, "last": -1}[found["which"].lower()]
        months = 12 if found["unit"].lower() == "year" else 1
        counted = (today.year * 12 + (0 if months == 12 else today.month - 1)) + step * months
        first = date(counted // 12, counted % 12 + 1, 1)
        after = counted + months
        last = date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
    return _made(question, "date", first.toordinal(), last.toordinal(), "date", *found.span())


def _made(question: str, kind: Kind, low: float, high: float, unit: str, start: int, end: int) -> _Found:
    return Condition(kind, float(low), float(high), unit, question[start:end].strip()), start, end
