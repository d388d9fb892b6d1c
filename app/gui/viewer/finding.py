"""Finds words in a document as a person types them: in any case, over line ends and hyphens.

A long document is searched a few milliseconds at a time, from the part in view onwards, so that the window stays alive.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.documents.normalise import Normalised, normalise

_SLICE_S = 0.012
_LONG = 50_000  # characters that are not made searchable while letters are being typed
_PAUSE_MS = 150  # after the last letter
_KEPT_CHARACTERS = 20_000_000  # of normalised text, so that the next letter typed is quick
_MOST_HITS = 10_000
# one character for one, so that offsets stay
_ALIKE = str.maketrans("‘’‚‛“”„‟‐‑‒–—−", "''''\"\"\"\"------")


class Hit(NamedTuple):
    """`start` and `end` are offsets in the text of the part; parts count from 0 (pages, or one whole text)."""

    part: int
    start: int
    end: int


def pattern_of(words: str) -> re.Pattern[str] | None:
    """What to look for in normalised text; None when nothing was typed."""
    parts = normalise(words.translate(_ALIKE)).text.split()
    return re.compile(r"\s+".join(re.escape(each) for each in parts), re.IGNORECASE) if parts else None


def searchable(text: str) -> Normalised:
    """What `find_all` looks into."""
    found = normalise(text)
    return Normalised(found.text.translate(_ALIKE), found.offsets)


def find_all(pattern: re.Pattern[str], text: Normalised, start: int = 0) -> Iterator[tuple[int, int]]:
    """Where the words stand in the raw text: (start, end), those at or after `start` first, then those before."""
    middle = bisect_left(text.offsets, start)
    taken = len(text.text)
    for found in pattern.finditer(text.text, middle):
        taken = min(taken, found.start())
        yield _span(text.offsets, found)
    for found in pattern.finditer(text.text):
        if found.start() >= middle or found.end() > taken:
            break
        yield _span(text.offsets, found)


def _span(offsets: "array[int]", found: re.Match[str]) -> tuple[int, int]:
    return offsets[found.start()], max(offsets[found.end() - 1] + 1, offsets[found.end()])


class DocumentSearch(QObject):
    """The hits of the words that are looked for, and the one that is looked at.

    `text_of` gives the raw text of each of `count` parts.
    """

    changed = Signal()
    """More was found, or nothing is looked for any more."""

    chosen = Signal()
    """Another hit is the current one."""

    def __init__(self, count: int, text_of: Callable[[int], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._count = count
        self._text_of = text_of
        self._texts: dict[int, Normalised] = {}
        self._kept = 0
        self._pattern: re.Pattern[str] | None = None
        self._near = Hit(0, 0, 0)
        self._to_do: list[int] = []
        self._under_way: Iterator[Hit] | None = None
        self.hits: list[Hit] = []
        self.current: Hit | None = None
        self.more = False  # than anybody would go through, so that the search ended early
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)

    @property
    def searching(self) -> bool:
        """Parts are left to look into."""
        return bool(self._to_do) or self._under_way is not None

    @property
    def position(self) -> int:
        """Of the current hit, counted from 1; 0 for none."""
        return bisect_left(self.hits, self.current) + 1 if self.current is not None else 0

    def find(self, words: str, part: int = 0, start: int = 0) -> None:
        """Look for `words`; the first hit at or after `start` in `part` becomes the current one."""
        self._pattern = pattern_of(words)
        self._near = self.current or Hit(part, start, start)  # the next letter typed keeps to the place
        self.hits, self.current, self.more = [], None, False
        first, self._under_way = self._near.part, None
        self._to_do = [*range(first, self._count), *range(first)] if self._pattern is not None else []
        self.changed.emit()
        if self._to_do:
            if self._is_long(first):
                self._timer.start(_PAUSE_MS)
            else:
                self._go_on()

    def clear(self) -> None:
        self.find("")

    def start_over(self) -> None:
        """The texts are others now."""
        self._texts.clear()
        self._kept = 0
        self.clear()

    def step(self, direction: int) -> None:
        """The next hit (1) or the one before (-1), around the end."""
        if self.hits:
            self._choose(self.hits[(self.position - 1 + direction) % len(self.hits)])

    def on_part(self, part: int) -> list[Hit]:
        return self.between(part, 0, None)

    def between(self, part: int, start: int, end: int | None) -> list[Hit]:
        """Those that begin in this piece of the text of a part; None: up to its end."""
        past = Hit(part + 1, 0, 0) if end is None else Hit(part, end, 0)
        return self.hits[bisect_left(self.hits, Hit(part, start, 0)) : bisect_left(self.hits, past)]

    @Slot()
    def _go_on(self) -> None:
        until = perf_counter() + _SLICE_S
        while self.searching and perf_counter() < until:
            self._look_on()
        if self.current is None and self.hits and not self.searching:
            self._choose(self.hits[0])
        if self.searching:
            self._timer.start(0)
        else:
            self._timer.stop()
        self.changed.emit()

    def _look_on(self) -> None:
        """For the next hit of the part that is being looked into, or into the next part."""
        if self._under_way is None:
            self._under_way = self._hits_of(self._to_do.pop(0))
        hit = next(self._under_way, None)
        if hit is None:
            self._under_way = None
            return
        if len(self.hits) >= _MOST_HITS:
            self.more, self._under_way = True, None
            self._to_do.clear()
            return
        self.hits.insert(bisect_left(self.hits, hit), hit)
        if self.current is None and hit >= self._near[:2]:
            self._choose(hit)

    def _hits_of(self, part: int) -> Iterator[Hit]:
        assert self._pattern is not None
        start = self._near.start if part == self._near.part else 0
        for span in find_all(self._pattern, self._normalised(part), start):
            yield Hit(part, *span)

    def _is_long(self, part: int) -> bool:
        """And not searchable yet, which takes a moment."""
        return part not in self._texts and len(self._text_of(part)) > _LONG

    def _normalised(self, part: int) -> Normalised:
        found = self._texts.get(part)
        if found is None:
            found = searchable(self._text_of(part))
            if self._kept < _KEPT_CHARACTERS:
                self._texts[part] = found
                self._kept += len(found.text)
        return found

    def _choose(self, hit: Hit) -> None:
        self.current = hit
        self.chosen.emit()
