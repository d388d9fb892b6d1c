"""Summarising with a model: points of each stretch of passages, then merged as a tree.

Each level of the tree is shown the words of the document that its points rest on, and what it writes is checked
against them like the first level is. Where a model's points fail the check twice, the document's own sentences
stand in for that stretch.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.assistants.summarize.checking import check
from app.assistants.summarize.events import Point, SummaryProgress, Wish
from app.assistants.summarize.extractive import position
from app.assistants.summarize.material import Material
from app.assistants.summarize.packing import packed, stretches_of
from app.assistants.summarize.points import read_points
from app.assistants.summarize.prompts import map_messages, merge_messages, passage_text, point_text
from app.assistants.summarize.way import ModelWay
from app.assistants.summarize.writing import Writer
from app.engine.protocol import Message
from app.retrieval.protocol import DocumentPassage

_FEWEST_GOOD = 0.5  # of what was written must be supported, else it is tried again
_POINT_TOKENS = 80  # what one point takes at most, with its numbers
_FEWEST_POINTS = 3  # of a stretch
_MERGED_TO = 3  # so many times fewer points at each level
_PASSAGES_A_POINT = 2

Progress = Generator[SummaryProgress, None, list[Point]]
Stretch = Sequence[DocumentPassage]
Fallback = Callable[[Stretch, int], list[Point]]


@dataclass
class Tree:
    """One document, summarised by a model.

    `fallback`: the document's own sentences for a stretch of passages. After `write` ended, or was stopped, `read` are
    the passages that were read, `points` what there is by then, `stretches` how many were read, of which `fell_back`
    stayed with the document's own sentences; `left_out` sentences of the model were not supported.
    """

    material: Material
    wish: Wish
    writer: Writer
    way: ModelWay
    translated: bool
    fallback: Fallback
    read: set[int] = field(default_factory=set)
    points: list[Point] = field(default_factory=list)
    fell_back: int = 0
    stretches: int = 0
    left_out: int = 0

    def plan(self, count: int) -> int:
        """Calls that are likely needed for `count` points (each section its own, for that style)."""
        return sum(self._calls(self._cut(part, count), count) for part in self._parts())

    def write(self, count: int) -> Generator[SummaryProgress, None, None]:
        """Raises `AppError` and `Cancelled`; `points` then holds what was found by then."""
        finished: list[Point] = []
        for part in self._parts():
            found: list[Point] = []
            groups = self._cut(part, count)
            for group in groups:
                found += yield from self._map(group, self._asked_of(group, len(groups), count))
                self.stretches += 1
                self.read.update(each.number for each in group)
                self.points = finished + found
            if len(groups) > 1:
                self.points = finished + _strongest(found, count)  # for a stop in the middle of merging
                found = yield from self._merge(found, count)
            finished += found
            self.points = finished

    def _parts(self) -> list[Stretch]:
        if self.wish.style == "sections":
            return [section.passages for section in self.material.sections]
        return [self.material.passages]

    def _calls(self, groups: Sequence[Stretch], count: int) -> int:
        if len(groups) == 1:
            return 1
        calls, points = len(groups), sum(self._asked_of(each, len(groups), count) for each in groups)
        while points > count:
            batches = -(-points // self._most_points)
            calls += batches
            points = count if batches == 1 else max(count, points // _MERGED_TO)
        return calls

    @property
    def _most_points(self) -> int:
        """As many as the model can write in one call."""
        return max(_FEWEST_POINTS, self.way.answer // _POINT_TOKENS)

    def _asked_of(self, group: Stretch, groups: int, count: int) -> int:
        """Points asked of one stretch: all of them together more than are wanted in the end, for a choice."""
        if groups == 1:
            return min(count, self._most_points)
        wanted = max(_FEWEST_POINTS, len(group) // _PASSAGES_A_POINT, -(-3 * count // (2 * groups)))
        return min(wanted, self._most_points)

    def _cut(self, passages: Stretch, count: int) -> Sequence[Stretch]:
        """Stretches that fit into one call, and so many that `count` points can be written."""
        least = -(-count // self._most_points)
        room = min(self.way.budget, max(1, sum(self._sizes[each.number] for each in passages) // least))
        return stretches_of(passages, self._sizes, room)

    @cached_property
    def _sizes(self) -> dict[int, int]:
        """Tokens of each passage."""
        counts = self._count([passage_text(each) for each in self.material.passages])
        return {each.number: tokens for each, tokens in zip(self.material.passages, counts, strict=True)}

    def _count(self, texts: Sequence[str]) -> Sequence[int]:
        return self.writer.engine.count_tokens(self.writer.model, texts, self.writer.cancel)

    def _map(self, group: Stretch, count: int) -> Progress:
        shown = [each.number for each in group]
        found = yield from self._tried(map_messages(group, self.wish, count), shown, count)
        if found:
            return found
        self.fell_back += 1
        return self.fallback(group, count)

    def _merge(self, points: list[Point], count: int) -> Progress:
        """Fewer and fewer points, each level fed with the words of the document as well."""
        kept = [each for each in points if each.kind != "point"]  # no decision or action is ever merged away
        rest = [each for each in points if each.kind == "point"]
        while len(rest) > count:
            sizes = self._count([point_text(each, {}) for each in rest])
            batches = packed(rest, sizes, self.way.budget)
            wanted = max(count, len(rest) // _MERGED_TO)
            merged: list[Point] = []
            for batch in batches:
                merged += yield from self._merged(batch, max(1, round(wanted * len(batch) / len(rest))))
            kept += [each for each in merged if each.kind != "point"]
            merged = [each for each in merged if each.kind == "point"]
            rest = merged if len(merged) < len(rest) else _strongest(merged, count)
        return sorted(kept + rest, key=position) if kept else rest

    def _merged(self, batch: list[Point], count: int) -> Progress:
        count = min(count, self._most_points)
        if len(batch) <= count:
            return batch
        shown = list(dict.fromkeys(source.number for each in batch for source in each.sources))
        numbers = {number: index for index, number in enumerate(shown, start=1)}
        found = yield from self._tried(merge_messages(batch, numbers, self.wish, count), shown, count)
        # what was checked once is better than what failed twice
        return found or _strongest(batch, count)

    def _tried(self, messages: Sequence[Message], shown: Sequence[int], count: int) -> Progress:
        """The supported ones of what the model writes; nothing when too few of them are, twice.

        `shown`: numbers of the passages in the order of the numbers the model sees, which begin at 1.
        """
        tokens = min(self.way.answer, count * _POINT_TOKENS)
        for again in (False, True):
            answer = yield from self.writer.ask(messages, tokens, again=again)
            drafts = read_points(answer, dict(enumerate(shown, start=1)))
            if self.wish.style != "minutes":  # what was decided is not cut off
                drafts = drafts[:count]
            supported = check(
                drafts,
                shown,
                self.material,
                self.writer.library,
                self.writer.cancel,
                translated=self.translated,
            )
            if supported and len(supported) >= _FEWEST_GOOD * len(drafts):
                self.left_out += len(drafts) - len(supported)
                return supported
            self.writer.calls.planned += not again
        return []


def _strongest(points: Sequence[Point], count: int) -> list[Point]:
    """Those that rest most firmly on the document, in its order; every decision and action."""
    ranked = sorted(points, key=lambda each: -(each.sources[0].score if each.sources else 0.0))
    best = [each for each in ranked if each.kind == "point"][:count]
    return sorted([each for each in points if each.kind != "point"] + best, key=position)
