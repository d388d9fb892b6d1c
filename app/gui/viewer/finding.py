"""Finds words in a document as a person types them: in any case, over line ends and hyphens.

A long document is searched a few milliseconds at a time, from the part in view onwards, so that the window stays alive.
"""

import re
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.documents.normalise import Normalised, normalise

_SLICE_S = 0.012
_KEPT_CHARACTERS = 20_000_000  # of normalised text, so that the next letter typed is quick
_MOST_HITS = 10_000
# one character for one, so that offsets stay
_ALIKE = str.maketrans("‘’‚‛“”„‟‐‑‒–—−", "''''\"\"\"\"------")


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """`start` and `end` are offsets in the text of the part; parts count from 0 (pages, or one whole text)."""

    part: int
    start: int
    end: int


def pattern_of(words: str) -> re.Pattern[str] | None:
    """What to look for in normalised text; None when nothing was typed."""
    parts = normalise(words.translate(_ALIKE)).text.split()
    return re.compile(r"\s+".join(re.escape(each) for each in parts), re.IGNORECASE) if parts else None


def find_all(pattern: re.Pattern[str], text: Normalised) -> Iterator[tuple[int, int]]:
    """Where the words stand in the raw text that was normalised: (start, end)."""
    for found in pattern.finditer(text.text.translate(_ALIKE)):
        end = max(text.offsets[found.end() - 1] + 1, text.offsets[found.end()])
        yield text.offsets[found.start()], end


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
        self.hits: list[Hit] = []
        self.current: Hit | None = None
        self.more = False  # than anybody would go through, so that the search ended early
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)

    @property
    def searching(self) -> bool:
        """Parts are left to look into."""
        return bool(self._to_do)

    @property
    def position(self) -> int:
        """Of the current hit, counted from 1; 0 for none."""
        return self.hits.index(self.current) + 1 if self.current is not None else 0

    def find(self, words: str, part: int = 0, start: int = 0) -> None:
        """Look for `words`; the first hit at or after `start` in `part` becomes the current one."""
        self._pattern = pattern_of(words)
        self._near = self.current or Hit(part, start, start)  # the next letter typed keeps to the place
        self.hits, self.current, self.more = [], None, False
        first = self._near.part
        self._to_do = [*range(first, self._count), *range(first)] if self._pattern is not None else []
        self.changed.emit()
        if self._to_do:
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
        return [each for each in self.hits if each.part == part]

    @Slot()
    def _go_on(self) -> None:
        until = perf_counter() + _SLICE_S
        while self._to_do and perf_counter() < until:
            self._look_into(self._to_do.pop(0))
        if len(self.hits) >= _MOST_HITS:
            self.more = self.searching
            self._to_do.clear()
        if self.current is None and self.hits and not self.searching:
            self._choose(self.hits[0])
        if self.searching:
            self._timer.start()
        else:
            self._timer.stop()
        self.changed.emit()

    def _look_into(self, part: int) -> None:
        assert self._pattern is not None
        for start, end in find_all(self._pattern, self._normalised(part)):
            hit = Hit(part, start, end)
            insort(self.hits, hit)
            if self.current is None and (part, start) >= (self._near.part, self._near.start):
                self._choose(hit)

    def _normalised(self, part: int) -> Normalised:
        found = self._texts.get(part)
        if found is None:
            found = normalise(self._text_of(part))
            if self._kept < _KEPT_CHARACTERS:
                self._texts[part] = found
                self._kept += len(found.text)
        return found

    def _choose(self, hit: Hit) -> None:
        self.current = hit
        self.chosen.emit()
