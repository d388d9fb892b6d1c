"""Whether values of one kind changed places: “5 mg to adults and 2 mg to children” with its doses exchanged."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from app.assistants.translate import masking
from app.assistants.translate.numbers import ascii_digits, numbers
from app.assistants.translate.units import Quantity, quantities

_BETWEEN = r"(?:[-./]|\. |[年月\s]|년 ?|월 ?)"
_DATE = re.compile(rf"(?<!\d)(\d{{1,4}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{1,4}})(?!\d)")


def changed_places(
    source: str, target: str, source_language: str, target_language: str
) -> tuple[str, str] | None:
    """Two values as `source` has them, whose order is another one in `target`; None when there are none.

    Only what could be mistaken for one another is compared: numbers with the same unit, numbers with as many digits,
    URLs with URLs. Languages order the rest as they like.
    """
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    kept = [each for each in masking.values(source) if each.kind in masking.EXACT]
    for each in kept:
        at = target.find(each.text)
        if source.count(each.text) == 1 and target.count(each.text) == 1:
            groups[each.kind].append((each.text, at))
    dates = [each for each in masking.values(source) if each.kind == "date"]
    for each in dates:
        place = date_place(each.text, target)
        if place is not None and [one.text for one in dates].count(each.text) == 1:
            groups["date"].append((each.text, place))
    inside = [(each.start, each.end) for each in (*kept, *dates)]
    found = [
        each
        for each in numbers(source, source_language)
        if not any(start <= each.start < end for start, end in inside)
    ]
    if len(found) > 1:
        wanted = quantities(source, found)
        there = quantities(target, numbers(target, target_language))
        for one in wanted:
            places = _places(one, there)
            if len(places) == 1 and len(_places(one, wanted)) == 1:
                groups[one.unit or f"{len(one.number.whole)} digits"].append((one.number.text, places[0]))
    for group in groups.values():
        for (left, first), (right, second) in pairwise(group):
            if second < first:
                return left, right
    return None


def date_place(date: str, text: str) -> int | None:
    """Where the numbers of a date stand together, in any order; a time behind it is not looked at."""
    if date in text:
        return text.index(date)
    wanted = sorted(int(each) % 100 for each in re.findall(r"\d+", date)[:3])
    for found in _DATE.finditer(ascii_digits(text)):
        if sorted(int(each) % 100 for each in found.groups()) == wanted:
            return found.start()
    return None


def _places(wanted: Quantity, there: Sequence[Quantity]) -> list[int]:
    """Where the same number begins: with the same unit, or else with any, since it may be spelled out."""
    same = [each for each in there if each.number.same(wanted.number)]
    alike = [each for each in same if each.unit == wanted.unit]
    return [each.number.start for each in alike or same]
