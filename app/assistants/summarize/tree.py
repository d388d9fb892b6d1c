"""Summarising with a model: points of each stretch of passages, then merged as a tree.

Each level of the tree is shown the words of the document that its points rest on, and what it writes is checked
against them like the first level is. Where a model's points fail the check twice, the document's own sentences
stand in for that stretch.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from app.assistants.summarize.checking import check
from app.assistants.summarize.events import Point, SummaryProgress, Wish
from app.assistants.summarize.material import Material
from app.assistants.summarize.points import read_points
from app.assistants.summarize.prompts import map_messages, merge_messages, passage_text
from app.assistants.summarize.writing import Writer
from app.engine.protocol import Message
from app.retrieval.protocol import DocumentPassage

_FEWEST_GOOD = 0.5  # of what was written must be supported, else it is tried again
_POINT_TOKENS = 60  # what one point takes at most, with its numbers
_MAP_POINTS = (3, 6)
_PASSAGES_A_POINT = 2

T = TypeVar("T")
Progress = Generator[SummaryProgress, None, list[Point]]
Stretch = Sequence[DocumentPassage]
Fallback = Callable[[Stretch, int], list[Point]]


@dataclass
class Tree:
    """One document, summarised by a model.

    `budget`: tokens of material in one call. `fallback`: the document's own sentences for a stretch of passages.
    After `write` ended, or was stopped, `read` are the passages that were read, `points` what there is by then, and
    `fell_back` counts the stretches that stayed with the document's own sentences.
    """

    material: Material
    wish: Wish
    writer: Writer
    budget: int
    translated: bool
    fallback: Fallback
    read: set[int] = field(default_factory=set)
    points: list[Point] = field(default_factory=list)
    fell_back: int = 0
    stretches: int = 0

    def plan(self, count: int) -> int:
        """Calls that are likely needed for `count` points (each section its own, for that style)."""
        return sum(self._calls(len(self._cut(part)), count) for part in self._parts())

    def write(self, count: int) -> Generator[SummaryProgress, None, None]:
        """Raises `AppError` and `Cancelled`; `points` then holds what was found by then."""
        finished: list[Point] = []
        for part in self._parts():
            found: list[Point] = []
            groups = self._cut(part)
            for group in groups:
                several = len(groups) > 1
                wanted = self._map_count(group) if several else count
                found += yield from self._map(group, wanted)
                self.read.update(each.number for each in group)
                self.points = finished + found
            if len(groups) > 1:
                found = yield from self._merge(found, count)
            finished += found
            self.points = finished

    def _parts(self) -> list[Stretch]:
        if self.wish.style == "sections":
            return [section.passages for section in self.material.sections]
        return [self.material.passages]

    def _calls(self, groups: int, count: int) -> int:
        if groups == 1:
            return 1
        calls, points = groups, groups * _MAP_POINTS[0]
        while points > count:
            batches = -(-points // self._merged_at_once)
            calls += batches
            points = count if batches == 1 else batches * self._kept_of_batch
        return calls

    @property
    def _merged_at_once(self) -> int:
        """A point with two sentences of evidence takes about three times the room of the point alone."""
        return max(4, self.budget // (3 * _POINT_TOKENS))

    @property
    def _kept_of_batch(self) -> int:
        """At most half, so that each level of the tree is smaller than the one below."""
        return min(max(_MAP_POINTS), self._merged_at_once // 2)

    def _map_count(self, group: Stretch) -> int:
        fewest, most = _MAP_POINTS
        return min(most, max(fewest, len(group) // _PASSAGES_A_POINT))

    def _cut(self, passages: Stretch) -> Sequence[Stretch]:
        """Stretches that fit into one call; at least one passage each."""
        return _packed(passages, [self._sizes[each.number] for each in passages], self.budget)

    @cached_property
    def _sizes(self) -> dict[int, int]:
        """Tokens of each passage."""
        texts = [passage_text(each) for each in self.material.passages]
        counts = self.writer.engine.count_tokens(self.writer.model, texts, self.writer.cancel)
        return {each.number: tokens for each, tokens in zip(self.material.passages, counts, strict=True)}

    def _map(self, group: Stretch, count: int) -> Progress:
        shown = [each.number for each in group]
        self.stretches += 1
        found = yield from self._tried(map_messages(group, self.wish, count), shown, count)
        if found:
            return found
        self.fell_back += 1
        return self.fallback(group, count)

    def _merge(self, points: list[Point], count: int) -> Progress:
        """Fewer and fewer points, each level fed with the words of the document as well."""
        keep = [each for each in points if each.kind != "point"]  # no decision or action is ever merged away
        rest = [each for each in points if each.kind == "point"]
        while len(rest) > count:
            batches = _packed(rest, [1] * len(rest), self._merged_at_once)
            wanted = count if len(batches) == 1 else self._kept_of_batch
            merged: list[Point] = []
            for batch in batches:
                merged += yield from self._merged(batch, wanted)
            if len(merged) >= len(rest):
                rest = _strongest(merged, count)
            else:
                rest = merged
        return sorted(keep + rest, key=_position) if keep else rest

    def _merged(self, batch: list[Point], count: int) -> Progress:
        if len(batch) <= count:
            return batch
        shown = list(dict.fromkeys(source.number for each in batch for source in each.sources))
        found = yield from self._tried(merge_messages(batch, self.wish, count), shown, count)
        # what was checked once is better than what failed twice
        return found or _strongest(batch, count)

    def _tried(self, messages: Sequence[Message], shown: Sequence[int], count: int) -> Progress:
        """The supported ones of what the model writes; nothing when too few of them are, twice."""
        for again in (False, True):
            answer = yield from self.writer.ask(messages, count * _POINT_TOKENS, again=again)
            drafts = read_points(answer, set(shown))
            if self.wish.style != "minutes":  # what was decided is not cut off
                drafts = drafts[:count]
            checked = check(
                drafts,
                shown,
                self.material,
                self.writer.library,
                self.writer.cancel,
                translated=self.translated,
            )
            supported = [each for each in checked if each.supported]
            if supported and len(supported) >= _FEWEST_GOOD * len(checked):
                return supported
            self.writer.calls.planned += not again
        return []


def _packed(items: Sequence[T], sizes: Sequence[int], room: int) -> list[list[T]]:
    """The items in order, in as few groups of at most `room` as that gives, of about the same size."""
    total = sum(sizes)
    groups = max(1, -(-total // room))
    even = min(room, -(-total // groups) + max(sizes, default=0) // 2)
    packed: list[list[T]] = []
    filled = 0
    for item, size in zip(items, sizes, strict=True):
        if not packed or filled + size > even:
            packed.append([])
            filled = 0
        packed[-1].append(item)
        filled += size
    return packed


def _strongest(points: Sequence[Point], count: int) -> list[Point]:
    """Those that rest most firmly on the document, in its order."""
    best = sorted(points, key=lambda each: -(each.sources[0].score if each.sources else 0.0))[:count]
    return sorted(best, key=_position)


def _position(point: Point) -> tuple[int, int]:
    return (point.sources[0].number, point.sources[0].start) if point.sources else (1 << 30, 0)
