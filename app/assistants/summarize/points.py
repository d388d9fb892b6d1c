"""Reading what a model wrote: one point a line, ending in the numbers of its passages."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from app.assistants.summarize.events import PointKind

_BULLET = re.compile(r"^(?:(?:[-*•·–—]+|\(?\d{1,2}[.)](?=\s))\s*)+")
_MARKS = re.compile(
    r"\s*\[((?:¶|p\.?|passages?)?\s*\d+(?:\s*(?:[,;–-]|and)\s*(?:¶|p\.?|passages?)?\s*\d+)*)\]", re.IGNORECASE
)
_RANGE = re.compile(r"(\d+)\s*[–-]\s*(\d+)")
_NUMBER = re.compile(r"\d+")
_KIND = re.compile(r"^\**\s*(decision|action(?: item)?|point)s?\s*\**\s*:\s*\**\s*", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_FEWEST_WORDS = 3
_LONGEST_RANGE = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """A point as the model wrote it; `passages` are those of its numbers that it was shown."""

    text: str
    passages: tuple[int, ...]
    kind: PointKind = "point"


def read_points(answer: str, shown: Collection[int]) -> list[Draft]:
    """The points of an answer. Numbers that were not `shown` are dropped; so are lines that say nothing,
    headings, and lines that were said before (a model that loops says them for ever)."""
    drafts: list[Draft] = []
    seen: set[str] = set()
    for line in answer.splitlines():
        draft = _read(line, shown)
        if draft is None:
            continue
        key = re.sub(r"\W+", " ", draft.text).casefold().strip()
        if key in seen:
            continue
        seen.add(key)
        drafts.append(draft)
    return drafts


def _read(line: str, shown: Collection[int]) -> Draft | None:
    text = _BULLET.sub("", line.strip())
    kind: PointKind = "point"
    if labelled := _KIND.match(text):
        name = labelled[1].casefold()
        kind = "decision" if name == "decision" else "action" if name.startswith("action") else "point"
        text = text[labelled.end() :]
    numbers = tuple(dict.fromkeys(number for each in _MARKS.findall(text) for number in _numbers(each)))
    text = _EMPHASIS.sub(r"\2", _MARKS.sub("", text)).strip().strip("*").strip()
    says_something = len(text.split()) >= _FEWEST_WORDS or _dense(text)
    if not says_something or (text.endswith(":") and not numbers):
        return None
    return Draft(text, tuple(number for number in numbers if number in shown), kind)


def _numbers(marks: str) -> list[int]:
    ranges = [(int(first), int(last)) for first, last in _RANGE.findall(marks)]
    spread = [
        n for first, last in ranges if first < last <= first + _LONGEST_RANGE for n in range(first, last + 1)
    ]
    return spread + [int(each) for each in _NUMBER.findall(marks)]


def _dense(text: str) -> bool:
    """Scripts that put no blanks between words."""
    return (
        any("\u0e00" <= each <= "\u0eff" or "\u3040" <= each <= "\u9fff" for each in text) and len(text) >= 6
    )
