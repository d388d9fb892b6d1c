"""Texts that are translated in place: stretches of a file's source, everything around them left as it is."""

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.documents.layout.segment import Layout, Segment, SegmentKind
from app.documents.layout.tags import TAG, Tag, pieces, tags_of, well_formed, written

# text like a tag, control characters, and bytes that were no text
MASKED = re.compile(TAG.pattern + "|[\x00-\x08\x0b\x0e-\x1f\udc80-\udcff]+")
_ALWAYS = frozenset("&<>*_`[]\\|~")  # which files spell in two ways


@dataclass(frozen=True, slots=True)
class Mark:
    """Markup within a stretch: source characters `start` to `end`, shown to the translator as a tag."""

    kind: str  # "open", "close", "single"
    start: int
    end: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """Text within a stretch, from `start` on. `units` are (what it says, how the source spells that), in order."""

    start: int
    units: tuple[tuple[str, str], ...]

    @property
    def end(self) -> int:
        return self.start + sum(len(spelled) for _, spelled in self.units)

    @property
    def text(self) -> str:
        return "".join(said for said, _ in self.units)


Part = Mark | Words
Speller = Callable[
    [str, str, bool], str
]  # (character, what follows it, the source has it bare) -> its spelling


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `start` to `end` of the source: `parts`, in order and without gaps.

    `spell` writes the characters that the source gives no example for; `finish` has the last word on what is
    written (quotes, line breaks).
    """

    start: int
    end: int
    parts: tuple[Part, ...]
    spell: Speller
    kind: SegmentKind = "text"
    place: str = ""
    finish: Callable[[str], str] = field(default=str)

    @property
    def text(self) -> str:
        """The segment's text, with tags."""
        return "".join(
            part.text if isinstance(part, Words) else written(Tag(part.kind, part.number))
            for part in self.parts
        )


def layout_of(stretches: Iterable[Stretch], language: str = "", remark: str = "", prefix: str = "") -> Layout:
    """The segments of the stretches; the keys are `prefix` and their number in order of the file, from 1."""
    segments = (
        Segment(f"{prefix}{number}", each.text, each.kind, each.place)
        for number, each in enumerate(stretches, 1)
    )
    return Layout(tuple(segments), language, remark)


def numbered(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts with their tags numbered from 1; what opens and closes must be well nested."""
    found: list[Part] = []
    stack: list[int] = []
    number = 0
    for part in parts:
        if isinstance(part, Words):
            found.append(part)
            continue
        if part.kind == "close":
            own = stack.pop()
        else:
            own = number = number + 1
            if part.kind == "open":
                stack.append(own)
        found.append(Mark(part.kind, part.start, part.end, own))
    return tuple(found)


def rewritten(
    source: str,
    stretches: Sequence[Stretch],
    targets: Mapping[str, str],
    *,
    force: bool = False,
    prefix: str = "",
    patches: Sequence[tuple[int, int, str]] = (),
) -> str:
    """The source with the targets in it. `patches` (start, end, new text) are put in besides, in order of the file.

    A stretch may lie within a mark of another one (a picture's text within a paragraph). A stretch whose target
    is its own text stays as it is, unless `force`.
    """
    wanted: list[tuple[Stretch, str]] = []
    for number, stretch in enumerate(stretches, 1):
        target = targets.get(f"{prefix}{number}")
        if target is not None and (force or target != stretch.text):
            wanted.append((stretch, target))
    inner, outer = _layers(wanted)
    small = [
        (each.start, each.end, _spelled(each, target, source, _Patched(source, ()))) for each, target in inner
    ]
    patched = _Patched(source, sorted([*small, *patches]))
    large = [(each.start, each.end, _spelled(each, target, source, patched)) for each, target in outer]
    around = [each for each in patched.patches if not _inside(each, large)]
    return _Patched(source, sorted([*large, *around])).between(0, len(source))


def bare(character: str, _: str, __: bool) -> str:
    """The speller of formats that escape nothing."""
    return character


class _Patched:
    """A source with changes in it; stretches of it can be taken out."""

    def __init__(self, source: str, patches: Sequence[tuple[int, int, str]]) -> None:
        self._source = source
        self.patches = patches
        self._starts = [start for start, _, _ in patches]

    def between(self, start: int, end: int) -> str:
        found: list[str] = []
        for at in range(bisect_left(self._starts, start), len(self.patches)):
            first, last, text = self.patches[at]
            if first >= end and not (first == last == end == len(self._source)):
                break
            found += (self._source[start:first], text)
            start = last
        return "".join((*found, self._source[start:end]))


def _layers(
    wanted: Sequence[tuple[Stretch, str]],
) -> tuple[list[tuple[Stretch, str]], list[tuple[Stretch, str]]]:
    """(stretches that lie in others, all others). The wanted ones need not be in order of the file."""
    inner: list[tuple[Stretch, str]] = []
    outer: list[tuple[Stretch, str]] = []
    end = 0
    for each in sorted(wanted, key=lambda pair: (pair[0].start, -pair[0].end)):
        if each[0].end <= end:
            inner.append(each)
        else:
            outer.append(each)
            end = each[0].end
    return inner, outer


def _inside(patch: tuple[int, int, str], large: Sequence[tuple[int, int, str]]) -> bool:
    at = bisect_left(large, (patch[0] + 1, 0, ""))
    return at > 0 and patch[1] <= large[at - 1][1]


def _spelled(stretch: Stretch, target: str, source: str, patched: _Patched) -> str:
    """What stands in the file for `target`, spelled as the source spells where it can be."""
    marks = {(part.kind, part.number): part for part in stretch.parts if isinstance(part, Mark)}
    spelling = _Spelling(stretch)
    spelled: list[str] = []
    for piece in repaired(stretch.text, target):
        if isinstance(piece, Tag):
            mark = marks[piece.kind, piece.number]
            spelled.append(patched.between(mark.start, mark.end))
        else:
            spelled.append(spelling.of(piece))
    return stretch.finish("".join(spelled))


class _Spelling:
    """Each character is spelled as at its next occurrence in the source: entities, line breaks and all."""

    def __init__(self, stretch: Stretch) -> None:
        self._spell = stretch.spell
        units = [unit for part in stretch.parts if isinstance(part, Words) for unit in part.units]
        special = {said for said, spelled in units if said != spelled} | _ALWAYS
        self._known: dict[str, deque[str]] = {said: deque() for said in special}
        for said, spelled in units:
            if said in special:
                self._known[said].append(spelled)
            elif not special.isdisjoint(said):
                for each in said:
                    if each in special:
                        self._known[each].append(each)

    def of(self, text: str) -> str:
        if self._spell is bare and self._known.keys().isdisjoint(text):
            return text
        return "".join(self._one(text, at) for at in range(len(text)))

    def _one(self, text: str, at: int) -> str:
        character = text[at]
        known = self._known.get(character)
        example = known.popleft() if known else None
        if example is not None and (example != character or character.isspace()):
            return example
        return self._spell(character, text[at + 1 : at + 42], example is not None)


def repaired(source: str, target: str) -> Iterator[str | Tag]:
    """The pieces of `target` with tags of `source` only, each once and well nested.

    Singles that are missing come at the end. Text that lost all its pairs goes into those that hold most of the source.
    """
    own = {(tag.kind, tag.number) for tag in tags_of(source)}
    found = list(_known_once(target, own))
    if not well_formed([each for each in found if isinstance(each, Tag)]):
        found = [each for each in found if not (isinstance(each, Tag) and each.kind != "single")]
    kept = {(each.kind, each.number) for each in found if isinstance(each, Tag)}
    around = [] if any(kind == "open" for kind, _ in kept) else _dominant(source)
    yield from (Tag("open", number) for number in around)
    yield from found
    yield from (Tag("close", number) for number in reversed(around))
    yield from (tag for tag in tags_of(source) if tag.kind == "single" and (tag.kind, tag.number) not in kept)


def _known_once(target: str, own: set[tuple[str, int]]) -> Iterator[str | Tag]:
    left = set(own)
    for piece in pieces(target):
        if isinstance(piece, str):
            yield piece
        elif (piece.kind, piece.number) in left:
            left.discard((piece.kind, piece.number))
            yield piece


def _dominant(source: str) -> list[int]:
    """The pairs that each hold more than half of the source's letters, outermost first."""
    opened: dict[int, int] = {}
    inside: dict[int, int] = {}
    letters = 0
    for piece in pieces(source):
        if isinstance(piece, str):
            letters += len(piece)
        elif piece.kind == "open":
            opened[piece.number] = letters
        elif piece.kind == "close":
            inside[piece.number] = letters - opened.get(piece.number, letters)
    return [number for number in opened if inside.get(number, 0) * 2 > letters]
