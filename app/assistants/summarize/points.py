"""Reading what a model wrote: one point a line, ending in the numbers of its passages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.assistants.summarize.events import PointKind

_BULLET = re.compile(r"^(?:(?:[-*•·–—]+|\(?\d{1,2}[.)](?=\s))\s*)+")
_LABEL = r"(?:¶|p\.?|passages?)?\s*\d+"
_LIST = rf"({_LABEL}(?:\s*(?:[,;–-]|and)\s*{_LABEL})*)"
_MARKS = re.compile(rf"\s*\^?(?:\[{_LIST}\]|【{_LIST}】)", re.IGNORECASE)
# Round brackets are marks only where nothing follows: in a sentence they are part of it.
_LAST_MARKS = re.compile(rf"\s*\({_LIST}\)(?=\s*[.!?]?\s*$)", re.IGNORECASE)
_BETWEEN_MARKS = re.compile(r"(?:\s*[,;])+(?=\s*[.!?]?\s*$)")
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


def read_points(answer: str, shown: Mapping[int, int]) -> list[Draft]:
    """The points of an answer. `shown`: the number of each passage of the document by the number the model saw.

    Numbers it was not shown are dropped; so are lines that say nothing, headings, and lines that were said before (a
    model that loops says them for ever).
    """
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


def _read(line: str, shown: Mapping[int, int]) -> Draft | None:
    text = _BULLET.sub("", line.strip())
    kind: PointKind = "point"
    if labelled := _KIND.match(text):
        name = labelled[1].casefold()
        kind = "decision" if name == "decision" else "action" if name.startswith("action") else "point"
        text = text[labelled.end() :]
    numbers: list[int] = []

    def take(found: re.Match[str]) -> str:
        named = _numbers(next(each for each in found.groups() if each))
        last = not found.string[found.end() :].strip(" .!?,;[]0123456789")
        if last or any(number in shown for number in named):
            numbers.extend(named)
            return ""
        return " " + found.group().strip().strip("^[]【】")  # part of the sentence: "in [2024]"

    text = _LAST_MARKS.sub(take, _MARKS.sub(take, text))
    text = _EMPHASIS.sub(r"\2", _BETWEEN_MARKS.sub("", text)).strip().strip("*").strip()
    says_something = len(text.split()) >= _FEWEST_WORDS or _dense(text)
    if not says_something or (text.endswith(":") and not numbers):
        return None
    passages = dict.fromkeys(shown[number] for number in numbers if number in shown)
    return Draft(text, tuple(passages), kind)


def _numbers(marks: str) -> list[int]:
    ranges = [(int(first), int(last)) for first, last in _RANGE.findall(marks)]
    spread = [
        number
        for first, last in ranges
        if first < last <= first + _LONGEST_RANGE
        for number in range(first, last + 1)
    ]
    return spread + [int(each) for each in _NUMBER.findall(marks)]


def _dense(text: str) -> bool:
    """Scripts that put no blanks between words."""
    return (
        any("\u0e00" <= each <= "\u0eff" or "\u3040" <= each <= "\u9fff" for each in text) and len(text) >= 6
    )
