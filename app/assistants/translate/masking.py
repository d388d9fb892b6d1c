"""Values that must come through a translation as they are, and the marks that stand for them meanwhile.

A chat model sees `{v1}` instead of a URL, a placeholder or a dose; afterwards the mark is found again however the
model wrote it. What a model sees in clear is compared by `values` in this module's terms.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.assistants.translate.patterns import POSSIBLE, VALUE
from app.documents.layout.tags import TAG

_MARK = re.compile(r"[{｛\[(<]\s{0,3}[vV]\s{0,3}(\d{1,6})\s{0,3}[}｝\])>]")
_END_OF_SENTENCE = ".,;:!?)]}»”’'\"…。，；：！？）】」』、"
EXACT = frozenset({"mark", "tag", "url", "address", "choice", "placeholder", "code", "path", "identifier", "phone", "version"})  # fmt: skip
"""Kinds that no language writes differently."""


@dataclass(frozen=True, slots=True)
class Value:
    """Something to keep, where it stands in the text: `text[start:end]`."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` with marks; `values[0]` stands behind `{v1}`."""

    text: str
    values: tuple[str, ...]


@lru_cache(maxsize=64)  # the same few texts are asked about by several checks
def values(text: str) -> tuple[Value, ...]:
    """What must be kept in `text`, in order. Inline tags are none of it; plain numbers neither."""
    return tuple(_values(text))


def _values(text: str) -> Iterator[Value]:
    place = 0
    while (found := _next_value(text, place)) is not None:
        kind, start, end = found.lastgroup or "", *found.span()
        if kind == "sep":  # a group within dates
            kind = "date"
        elif kind == "host":
            kind = "url"
        tag = TAG.match(text, start)
        if tag is not None:
            place = tag.end()
            continue
        if kind in ("url", "path"):
            end = start + len(_trimmed(found.group()))
        yield Value(kind, text[start:end], start, end)
        place = max(end, start + 1)


def _next_value(text: str, place: int) -> re.Match[str] | None:
    """Looked for only from the word on that holds what every value has one of: most words of a text have none of it."""
    special = POSSIBLE.search(text, place)
    if special is None:
        return None
    start = special.start()
    while start > place and not text[start - 1].isspace():
        start -= 1
    while start > place and not text[start - 1].isalnum():  # a sign may stand apart: "- 5 °C"
        start -= 1
    return VALUE.search(text, start)


def mask(text: str) -> Masked:
    """Put a mark in the place of each value."""
    parts: list[str] = []
    kept: list[str] = []
    end = 0
    for each in values(text):
        kept.append(each.text)
        parts += (text[end : each.start], f"{{v{len(kept)}}}")
        end = each.end
    return Masked("".join([*parts, text[end:]]), tuple(kept))


def unmask(text: str, kept: tuple[str, ...]) -> str:
    """Values in the place of their marks, as models write them: “{ v1 }”, “{V1}”, “｛v1｝”.

    A mark that never was stays as it is: it is noticed as something foreign.
    """

    def value(found: re.Match[str]) -> str:
        number = int(found[1])
        return kept[number - 1] if 0 < number <= len(kept) else found[0]

    return _MARK.sub(value, text)


def _trimmed(value: str) -> str:
    """Without the marks that belong to the sentence; a bracket stays where the value opened one."""
    while value and value[-1] in _END_OF_SENTENCE:
        if value[-1] == ")" and value.count("(") >= value.count(")"):
            break
        value = value[:-1]
    return value
