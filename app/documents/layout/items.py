"""What a paragraph consists of, whatever its format. `content` and `model` belong to the format that made them."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Style:
    """The formatting of a run. Runs with equal `key` look the same; `model` is what the format copies to make
    another; `blank_shows`: whether it shows on a blank (underlined, highlighted…)."""

    key: Hashable = ()
    model: Any = field(default=None, compare=False)
    blank_shows: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    style: Style


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """Something without text to translate: a picture, a tab, a footnote mark, a field."""

    content: Any
    style: Style | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Something around other items: a link, a tracked insertion, a content control."""

    content: Any
    children: "list[Item]"


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A position without width: where a bookmark or a comment begins or, with `ends`, where it ends."""

    content: Any
    ends: bool = False


Item = Text | Thing | Group | Mark


def plain_text(items: "list[Item]") -> str:
    return "".join(
        item.text if isinstance(item, Text) else plain_text(item.children)
        for item in items
        if isinstance(item, Text | Group)
    )


def width(items: "list[Item]") -> int:
    """Characters, where a thing counts as one."""
    return sum(
        len(item.text)
        if isinstance(item, Text)
        else width(item.children)
        if isinstance(item, Group)
        else isinstance(item, Thing)
        for item in items
    )
