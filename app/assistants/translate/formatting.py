"""Inline tags after a translation: put right what a model wrote carelessly, drop what cannot be saved."""

import re
from dataclasses import dataclass

from app.documents.layout.tags import Tag, closing, opening, pieces, single, tags_of, written

_CARELESS = re.compile(r"(?:<|＜|&lt;)\s*(/?)\s*([gGxX])\s*(\d+)\s*(/?)\s*(?:>|＞|&gt;)")
_BROKEN = re.compile(
    r"(?:<|＜|&lt;|\[)\s*/?\s*[gGxX]\s*\d+\s*/?\s*(?:>|＞|&gt;|\])?|\b[gGxX]\d+\s*(?:>|＞|&gt;)"
)
_BLANKS = re.compile(r"  +")


@dataclass(frozen=True, slots=True)
class Repaired:
    """`lost`: numbers of the tags of the source that are not in `text`, or not where they were."""

    text: str
    lost: tuple[int, ...]


def tidied(target: str) -> str:
    """“< G1 >”, “<x2/>” and “&lt;g1&gt;” as they are meant."""

    def meant(found: re.Match[str]) -> str:
        number = int(found[3])
        if found[2] in "xX":
            return "" if found[1] else single(number)
        return closing(number) if found[1] else "" if found[4] else opening(number)

    return _CARELESS.sub(meant, target)


def repaired(source: str, target: str) -> Repaired:
    """`target` with only such tags of `source` as stand there well formed and once.

    Single tags that are missing are put at the end, since something stands behind each (a footnote, a picture).
    """
    wanted = tags_of(source)
    singles = {each.number for each in wanted if each.kind == "single"}
    pairs = {each.number for each in wanted if each.kind == "open"}
    parts = list(pieces(target))
    good = _good_places(parts, singles, pairs)
    text = "".join(
        _without_broken(part, source) if isinstance(part, str) else written(part) if place in good else ""
        for place, part in enumerate(parts)
    )
    there = {part.number for place, part in enumerate(parts) if place in good and isinstance(part, Tag)}
    lost = tuple(sorted((singles | pairs) - there))
    if len(text) < len(target):
        text = _BLANKS.sub(" ", text) if "  " not in source else text
    return Repaired(text + "".join(single(each) for each in lost if each in singles), lost)


def _good_places(parts: list[str | Tag], singles: set[int], pairs: set[int]) -> set[int]:
    """Places of the tags to keep: singles once, pairs that open and close once and do not cross one kept before."""
    tags = [(place, part) for place, part in enumerate(parts) if isinstance(part, Tag)]
    good = set()
    kept: list[tuple[int, int]] = []
    for place, tag in tags:
        same = [(at, each) for at, each in tags if each.number == tag.number]
        if tag.kind == "single" and tag.number in singles and len(same) == 1:
            good.add(place)
        if (
            tag.kind == "open"
            and tag.number in pairs
            and [each.kind for _, each in same] == ["open", "close"]
        ):
            start, end = same[0][0], same[1][0]
            if not any(a < start < b < end or start < a < end < b for a, b in kept):
                kept.append((start, end))
                good |= {start, end}
    return good


def _without_broken(text: str, source: str) -> str:
    """What is left of a mangled tag is no text."""
    return _BROKEN.sub(lambda found: found[0] if found[0] in source else "", text)


def has_broken(text: str, source: str) -> bool:
    return any(
        found[0] not in source
        for part in pieces(text)
        if isinstance(part, str)
        for found in _BROKEN.finditer(part)
    )
