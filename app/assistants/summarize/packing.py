"""Putting passages or points into groups that fit into one call of the model."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from app.retrieval.protocol import DocumentPassage

T = TypeVar("T")
_FULL_ENOUGH = 0.5  # then a group ends with its section


def packed(items: Sequence[T], sizes: Sequence[int], room: int) -> list[list[T]]:
    """The items in order, in groups of at most `room` and of about the same size; at least one item each."""
    total = sum(sizes)
    groups = max(1, -(-total // room))
    even = min(room, -(-total // groups) + max(sizes, default=0) // 2)
    found: list[list[T]] = []
    filled = 0
    for item, size in zip(items, sizes, strict=True):
        if not found or filled + size > even:
            found.append([])
            filled = 0
        found[-1].append(item)
        filled += size
    return found


def stretches_of(
    passages: Sequence[DocumentPassage], sizes: Mapping[int, int], room: int
) -> list[list[DocumentPassage]]:
    """The passages in groups of at most `room` tokens; at least one passage each.

    A group that is full enough ends where a section does. So a change in one section leaves the groups of the others
    as they were, and what the model wrote about those need not be asked for again.
    """
    found: list[list[DocumentPassage]] = []
    filled = 0
    for passage in passages:
        size = sizes[passage.number]
        ends = bool(found) and filled >= _FULL_ENOUGH * room and _heading(passage) != _heading(found[-1][-1])
        if not found or filled + size > room or ends:
            found.append([])
            filled = 0
        found[-1].append(passage)
        filled += size
    return found


def _heading(passage: DocumentPassage) -> tuple[str, str]:
    return passage.section, passage.heading
