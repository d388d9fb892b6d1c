"""Inline tags: how formatting travels through a translation.

`<g1>bold</g1>` surrounds text that is formatted as one; `<x2>` stands for something without text (a footnote
mark, a picture, a line break, a field). Numbers begin at 1 in each segment and are shared by both kinds. Text of a
file that happens to look like a tag is itself put into an `<x…>` by the readers, so what matches `TAG` is a tag.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

TAG = re.compile(r"<(?:(/)?g|(x))(\d+)>")
_FORMATTING = r"(?:</?g\d+>)*"
# Singles that may part words: between two characters that are no blanks, and not in front of what closes a phrase, where
# a footnote mark or a field stands.
BREAK = re.compile(
    rf"(?<=[^\s>]){_FORMATTING}(?:<x\d+>{_FORMATTING})+(?=[^\s<.,;:!?%)\]}}»”’…。、，；：！？）】」』])"
)


@dataclass(frozen=True, slots=True)
class Tag:
    """`kind`: "open", "close" or "single"."""

    kind: str
    number: int


def opening(number: int) -> str:
    return f"<g{number}>"


def closing(number: int) -> str:
    return f"</g{number}>"


def single(number: int) -> str:
    return f"<x{number}>"


def written(tag: Tag) -> str:
    return {"open": opening, "close": closing, "single": single}[tag.kind](tag.number)


def pieces(text: str) -> Iterator[str | Tag]:
    """The text cut at its tags, in order; no empty strings."""
    end = 0
    for found in TAG.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        kind = "single" if found[2] else "close" if found[1] else "open"
        yield Tag(kind, int(found[3]))
        end = found.end()
    if end < len(text):
        yield text[end:]


def tags_of(text: str) -> list[Tag]:
    return [each for each in pieces(text) if isinstance(each, Tag)]


def plain(text: str) -> str:
    """The text without its tags."""
    return TAG.sub("", text)


@lru_cache(maxsize=64)  # several checks ask about the same few texts
def readable(text: str) -> str:
    """The text without its tags, as it is read: a line break or tab parts the words on its sides, and so may any single."""
    return TAG.sub("", BREAK.sub(" ", text)) if "<x" in text else plain(text)


def well_formed(found: Sequence[Tag]) -> bool:
    """Every pair is closed, none crosses another, no number stands twice."""
    stack: list[int] = []
    seen: set[int] = set()
    for tag in found:
        if tag.kind == "close":
            if not stack or stack.pop() != tag.number:
                return False
            continue
        if tag.number in seen:
            return False
        seen.add(tag.number)
        if tag.kind == "open":
            stack.append(tag.number)
    return not stack


def same_tags(source: str, target: str) -> bool:
    """Whether `target` holds exactly the tags of `source`, well formed. Their order may differ: languages do."""
    before, after = tags_of(source), tags_of(target)
    key = [(tag.kind, tag.number) for tag in before], [(tag.kind, tag.number) for tag in after]
    return sorted(key[0]) == sorted(key[1]) and well_formed(after)
