"""From a run of text and markup to the stretch of it that is translated."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.documents.language import has_letters
from app.documents.layout.segment import SegmentKind
from app.documents.layout.stretches import MASKED, Mark, Part, Speller, Stretch, Words, numbered


@dataclass(frozen=True, slots=True)
class Markup:
    """Source characters `start` to `end` that are no text. `kind`: open and close (of `name`), or single."""

    kind: str
    start: int
    end: int
    name: str = ""


def stretch_of(
    run: Sequence[Markup | Words],
    spell: Speller,
    kind: SegmentKind = "text",
    place: str = "",
    finish: Callable[[str], str] = str,
) -> Stretch | None:
    """What is to be translated of a run that has no gaps; None when nothing is.

    White space and markup around the text stay outside; pairs that enclose no text, or that never close, are shown
    as singles, and so are singles in a row as one.
    """
    parts = list(_merged(_trimmed(list(_without_empty(_paired(run))))))
    if not has_letters("".join(part.text for part in parts if isinstance(part, Words))):
        return None
    return Stretch(parts[0].start, parts[-1].end, numbered(parts), spell, kind, place, finish)


def masked_words(start: int, units: Sequence[tuple[str, str]]) -> Iterator[Part]:
    """The text of `units`, see `Words`; what looks like a tag, or is no text at all, becomes a mark."""
    text = "".join(said for said, _ in units)
    spans = [found.span() for found in MASKED.finditer(text)]
    if not spans:
        if units:
            yield Words(start, tuple(units))
        return
    said_at, source_at = _positions(start, units)
    previous = 0
    for first, last in (*spans, (len(text), len(text))):
        if first > previous:
            yield Words(source_at[previous], tuple(_cut(units, said_at, previous, first)))
        if last > first:
            yield Mark("single", source_at[first], source_at[last])
        previous = last


def _positions(start: int, units: Sequence[tuple[str, str]]) -> tuple[list[int], list[int]]:
    """(index of each character's unit, where each character stands in the source and where all end)."""
    said_at: list[int] = []
    source_at: list[int] = []
    for number, (said, spelled) in enumerate(units):
        said_at += [number] * len(said)
        source_at += range(start, start + len(said))
        start += len(spelled)
    return said_at, [*source_at, start]


def _cut(
    units: Sequence[tuple[str, str]], unit_of: Sequence[int], first: int, last: int
) -> Iterator[tuple[str, str]]:
    """The units of the characters `first` to `last`; units of several characters are spelled as they are."""
    at = first
    while at < last:
        number = unit_of[at]
        end = at
        while end < last and unit_of[end] == number:
            end += 1
        said, spelled = units[number]
        if end - at == len(said):
            yield said, spelled
        else:
            begin = at
            while begin > 0 and unit_of[begin - 1] == number:
                begin -= 1
            piece = said[at - begin : end - begin]
            yield piece, piece
        at = end


def _paired(run: Sequence[Markup | Words]) -> list[Part]:
    """Marks instead of markup; whatever has no partner within the run, or crosses another pair, is a single."""
    opened: list[int] = []
    names: dict[str, int] = {}
    pairs: set[int] = set()
    for at, each in enumerate(run):
        if isinstance(each, Words) or each.kind == "single":
            continue
        if each.kind == "open":
            opened.append(at)
            names[each.name] = names.get(each.name, 0) + 1
        elif names.get(each.name, 0):
            while True:
                begin = opened.pop()
                name = run[begin].name  # type: ignore[union-attr]  # only markup is opened
                names[name] -= 1
                if name == each.name:
                    break
            pairs |= {begin, at}
    return [
        each
        if isinstance(each, Words)
        else Mark(each.kind if at in pairs else "single", each.start, each.end)
        for at, each in enumerate(run)
    ]


def _partners(parts: Sequence[Part]) -> dict[int, int]:
    stack: list[int] = []
    found: dict[int, int] = {}
    for at, part in enumerate(parts):
        if isinstance(part, Mark) and part.kind == "open":
            stack.append(at)
        elif isinstance(part, Mark) and part.kind == "close":
            found[stack.pop()] = at
    return found


def _trimmed(parts: list[Part]) -> list[Part]:
    partners = _partners(parts)
    first, last = 0, len(parts)
    while first < last:
        if _blank(parts[first]):
            first += 1
        elif _blank(parts[last - 1]):
            last -= 1
        elif partners.get(first) == last - 1:
            first, last = first + 1, last - 1
        else:
            break
    kept = parts[first:last]
    if kept and isinstance(head := kept[0], Words) and head.units[0][0] == " ":
        kept[0] = Words(head.start + len(head.units[0][1]), head.units[1:])
    if kept and isinstance(tail := kept[-1], Words) and tail.units[-1][0] == " ":
        kept[-1] = Words(tail.start, tail.units[:-1])
    return kept


def _blank(part: Part) -> bool:
    return part.kind == "single" if isinstance(part, Mark) else not part.text.strip(" ")


def _without_empty(parts: list[Part]) -> Iterator[Part]:
    """A pair around nothing that is read becomes one mark."""
    partners = _partners(parts)
    texts = [0]
    for part in parts:
        texts.append(texts[-1] + (not _blank(part) and isinstance(part, Words)))
    at = 0
    while at < len(parts):
        partner = partners.get(at)
        if partner is not None and texts[at] == texts[partner]:
            yield Mark("single", parts[at].start, parts[partner].end)
            at = partner
        else:
            yield parts[at]
        at += 1


def _merged(parts: Iterable[Part]) -> Iterator[Part]:
    held: Mark | None = None
    for part in parts:
        if isinstance(part, Mark) and part.kind == "single":
            held = Mark("single", held.start if held else part.start, part.end)
            continue
        if held:
            yield held
            held = None
        yield part
    if held:
        yield held
