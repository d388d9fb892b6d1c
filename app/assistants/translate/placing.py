"""Formatting for engines that see plain text only: each formatted piece is translated again by itself and looked for."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.documents.layout.tags import Tag, closing, opening, pieces, plain, single


@dataclass(frozen=True, slots=True)
class Placed:
    """`text` with the tags that found a place. `guessed`: something without text was put where it seems to belong."""

    text: str
    guessed: bool


def place(source: str, target: str, translate: Callable[[str], str]) -> Placed:
    """Put the tags of `source` into `target`, the translation of its plain text.

    A pair surrounds its piece where that stands in the target, as it is or as `translate` gives it; else it is left
    out. Singles at the ends stay there; others go to a word's end about as far into the text as in the source.
    """
    spans, singles = _marked(source)
    said = plain(source)
    inserts: list[tuple[int, int, str]] = []
    taken: list[tuple[int, int]] = []
    for number, (start, end) in sorted(spans.items(), key=lambda each: each[1][0] - each[1][1]):
        found = _span(said, (start, end), target, translate)
        if found is not None and not any(
            a < found[0] < b < found[1] or found[0] < a < found[1] < b for a, b in taken
        ):
            depth = len(taken)
            taken.append(found)
            inserts += [(found[0], depth, opening(number)), (found[1], -1 - depth, closing(number))]
    guessed = False
    for number, at in singles:
        inside = bool(said[:at].strip() and said[at:].strip())
        guessed = guessed or inside
        inserts.append((_near(said, at, target), 0 if said[:at].strip() else -100, single(number)))
    return Placed(_with(target, inserts), guessed)


def _with(target: str, inserts: list[tuple[int, int, str]]) -> str:
    text, end = "", 0
    for at, _, tag in sorted(inserts, key=lambda each: each[:2]):
        text += target[end:at] + tag
        end = at
    return text + target[end:]


def _marked(source: str) -> tuple[dict[int, tuple[int, int]], list[tuple[int, int]]]:
    """Where pairs and singles are in the plain text."""
    at = 0
    begun: dict[int, int] = {}
    spans: dict[int, tuple[int, int]] = {}
    singles: list[tuple[int, int]] = []
    for each in pieces(source):
        if not isinstance(each, Tag):
            at += len(each)
        elif each.kind == "open":
            begun[each.number] = at
        elif each.kind == "close":
            spans[each.number] = (begun.pop(each.number, at), at)
        else:
            singles.append((each.number, at))
    return spans, singles


def _span(
    said: str, span: tuple[int, int], target: str, translate: Callable[[str], str]
) -> tuple[int, int] | None:
    start, end = span
    if not said[:start].strip() and not said[end:].strip():
        return 0, len(target)
    piece = said[start:end].strip()
    if not piece:
        return None
    wishes = dict.fromkeys((piece, translate(piece).strip(" .。") if any(map(str.isalpha, piece)) else piece))
    for wish in wishes:
        places = (
            [each.start() for each in re.finditer(re.escape(wish), target, re.IGNORECASE)] if wish else []
        )
        places = [at for at in places if _whole(target, at, at + len(wish))]
        if places:
            share = start / max(1, len(said))
            at = min(places, key=lambda each: abs(each / max(1, len(target)) - share))
            return at, at + len(wish)
    return None


def _whole(text: str, start: int, end: int) -> bool:
    """No part of a longer word, in scripts that part words."""
    before, after = text[start - 1 : start], text[end : end + 1]
    cut = (before, text[start : start + 1]), (text[end - 1 : end], after)
    return not any(a.isascii() and b.isascii() and a.isalnum() and b.isalnum() for a, b in cut if a and b)


def _near(said: str, at: int, target: str) -> int:
    if not said[:at].strip():
        return 0
    if not said[at:].strip():
        return len(target)
    wish = round(len(target) * at / max(1, len(said)))
    ends = [each.end() for each in re.finditer(r"\w+[.,;:!?…)]*|[。、！？]", target)] or [len(target)]
    return min(ends, key=lambda each: abs(each - wish))
