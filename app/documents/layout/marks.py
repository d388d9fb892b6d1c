"""Bookmarks and comment ranges: taken out before a paragraph is translated, and put back near their words."""

import re
from collections.abc import Sequence

from app.documents.layout.items import Group, Item, Mark, Text, plain_text, width

_SPACES = re.compile(r"\s+")

Placed = list[tuple[int, Mark]]  # and after how many characters each stands


def take(items: Sequence[Item]) -> tuple[list[Item], Placed]:
    """The items without their marks, and the marks."""
    marks: Placed = []
    return _taken(items, marks, 0)[0], marks


def _taken(items: Sequence[Item], marks: Placed, offset: int) -> tuple[list[Item], int]:
    kept: list[Item] = []
    for item in items:
        if isinstance(item, Mark):
            marks.append((offset, item))
            continue
        if isinstance(item, Group):
            children, offset = _taken(item.children, marks, offset)
            item = Group(item.content, children)
        else:
            offset += width([item])
        kept.append(item)
    return kept, offset


def place(items: list[Item], marks: Placed, source: list[Item]) -> list[Item]:
    """`items` with the marks of `source`: exactly there if the text is the same, else in proportion, so that what
    they surround is made of whole words."""
    if not marks:
        return items
    moved = plain_text(items) != plain_text(source)
    total, now = width(source), width(items)
    places: list[tuple[int, Mark]] = []
    for offset, mark in marks:
        at = now if offset == total else round(offset * now / max(total, 1))
        places.append((at, mark))
    waiting = [(at, mark) for at, mark in places if at > 0]
    first: list[Item] = [mark for at, mark in places if at == 0]
    return [*first, *_Placing(waiting, snap=moved).within(items, 0), *(mark for _, mark in waiting)]


class _Placing:
    """Walks items and puts marks where their turn comes; those left over go behind the last item."""

    def __init__(self, waiting: Placed, *, snap: bool) -> None:
        self._waiting = waiting
        self._snap = snap

    def within(self, items: Sequence[Item], offset: int) -> list[Item]:
        placed: list[Item] = []
        for item in items:
            while self._waiting and self._waiting[0][0] <= offset:
                placed.append(self._waiting.pop(0)[1])
            size = width([item])
            if isinstance(item, Group):
                placed.append(Group(item.content, self.within(item.children, offset)))
            elif isinstance(item, Text):
                placed += self._within_text(item, offset)
            else:
                placed.append(item)
            offset += size
        return placed

    def _within_text(self, item: Text, offset: int) -> list[Item]:
        parts: list[Item] = []
        done = 0
        while self._waiting and self._waiting[0][0] < offset + len(item.text):
            at, mark = self._waiting.pop(0)
            cut = max(done, self._cut(item.text, done, at - offset, ends=mark.ends))
            if cut > done:
                parts.append(Text(item.text[done:cut], item.style))
            parts.append(mark)
            done = cut
        if done < len(item.text):
            parts.append(Text(item.text[done:], item.style))
        return parts

    def _cut(self, text: str, done: int, at: int, *, ends: bool) -> int:
        """`at`, moved to where a word begins or ends."""
        if not self._snap or at <= 0:
            return max(at, 0)
        cuts = [0] if not ends else [len(text)]
        cuts += [each.start() if ends else each.end() for each in _SPACES.finditer(text)]
        return min(
            (each for each in cuts if each > done or not ends), key=lambda each: abs(each - at), default=at
        )
