"""Cuts a document into passages small enough to embed, along its headings, paragraphs and sentences.

A passage never leaves its place, so it can be cited, and is a slice of the place's text, so it can be
shown. Tokens are counted once for each sentence and added up; a passage that is nearly full is counted again when it
is finished, because a sum is only nearly right.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.documents.document import Block, Document, PlaceText
from app.documents.sentences import sentences

CountTokens = Callable[[Sequence[str]], Sequence[int]]

_SEPARATOR = " \u203a "
_SMALL = 0.2  # of the budget: a smaller passage joins its neighbour
_FULL_ENOUGH = 0.5  # of the budget: then a paragraph that fits whole into the next passage goes there
_OFF_BY = 25  # a sum of tokens is off by less than one in so many
_COUNTED_AT_ONCE = 2_000  # characters; tokenizers slow down on monsters
_FIRST_CELL = re.compile(r"[^;|\n]*[^;|\s]")
_LONGEST_KEY = 100  # characters
_CUTS = (re.compile(r"[;:,\u3001\uff0c\uff1b\uff1a]\s*|\s[\u2013\u2014-]\s|\n"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class Chunk:
    """One passage: `document.places[place].text[start:end]`, under the headings `heading`."""

    place: int
    start: int
    end: int
    heading: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut any further: a sentence, a table row, a line of code."""

    start: int
    end: int
    tokens: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A passage in the making; `path` are the headings above it, the last of which (or the row it goes on with) begin at
    `opening`.
    """

    start: int
    end: int
    tokens: int
    path: tuple[str, ...]
    opening: int


def chunk(document: Document, count_tokens: CountTokens, max_tokens: int) -> list[Chunk]:
    """The passages of `document`, in order, without overlaps.

    A passage and its heading together count at most `max_tokens`. Raises `ValueError` when
    `max_tokens` leaves no room for text.
    """
    if max_tokens < 8:
        raise ValueError("max_tokens must be at least 8")
    cutter = _Cutter(count_tokens, max_tokens)
    return [
        Chunk(index, piece.start, piece.end, _SEPARATOR.join(piece.path))
        for index, place in enumerate(document.places)
        for piece in cutter.cut(place)
    ]


class _Cutter:
    def __init__(self, count_tokens: CountTokens, max_tokens: int) -> None:
        self._count = count_tokens
        self._max = max_tokens
        self._paths: dict[tuple[str, ...], int] = {(): 0}

    def cut(self, place: PlaceText) -> list[_Piece]:
        pieces: list[_Piece] = []
        for path, headings, blocks in _sections(place):
            fitting = self._fitting_path(path)
            budget = self._max - self._tokens_of(fitting)
            first = len(pieces)
            for block in blocks or headings:  # a heading with nothing under it is a passage of its own
                self._cut_block(place.text, block, fitting, budget, pieces, first)
            if headings:
                pieces[first] = replace(pieces[first], opening=headings[0].start)
        return self._join_small(place.text, pieces)

    def _cut_block(
        self, text: str, block: Block, path: tuple[str, ...], budget: int, pieces: list[_Piece], first: int
    ) -> None:
        """Append the block to `pieces`, of which those from `first` belong to the same section."""
        if block.kind == "table" and (header := _header_row(text[block.start : block.end])):
            with_header = self._fitting_path((*path, header))
            rows_budget = self._max - self._tokens_of(with_header)
        else:
            with_header, rows_budget = path, budget
        units = self._units(text, block, min(budget, rows_budget))
        whole = sum(unit.tokens for unit in units)
        room = budget - pieces[-1].tokens if len(pieces) > first and pieces[-1].path == path else 0
        if room < whole <= budget and room < budget * (1 - _FULL_ENOUGH):
            room = 0
        key: tuple[str, ...] = ()  # of the row that the last piece goes on with
        for number, unit in enumerate(units):
            start = _row_start(text, block, unit) if block.kind == "table" else unit.start
            row = _first_cell(text, start, unit.start)
            if unit.tokens <= room and row == key:
                last = pieces[-1]
                pieces[-1] = replace(last, end=unit.end, tokens=last.tokens + unit.tokens)
                room -= unit.tokens
            else:
                above = self._fitting_path((*path, *row)) if row else with_header if number else path
                pieces.append(_Piece(unit.start, unit.end, unit.tokens, above, start))
                room = self._max - self._tokens_of(above) - unit.tokens
            key = row

    def _units(self, text: str, block: Block, budget: int) -> list[_Unit]:
        inside = text[block.start : block.end]
        spans = sentences(inside) if block.kind in ("text", "heading") else _lines(inside)
        return self._fit(text, [(block.start + start, block.start + end) for start, end in spans], budget)

    def _fit(self, text: str, spans: Sequence[tuple[int, int]], budget: int) -> list[_Unit]:
        """Each span as one unit, or halved at a clause, a word or anywhere until each part fits."""
        units: list[_Unit] = []
        while spans:
            spans = [(start, end) for start, end in (_stripped(text, *span) for span in spans) if start < end]
            counts = self._counts([text[start:end] for start, end in spans], budget + 1)
            halves: list[tuple[int, int]] = []
            for (start, end), tokens in zip(spans, counts, strict=True):
                if tokens <= budget or end - start == 1:
                    units.append(_Unit(start, end, tokens))
                else:
                    middle = _best_cut(text, start, end)
                    halves += [(start, middle), (middle, end)]
            spans = halves
        return sorted(units, key=lambda unit: unit.start)

    def _counts(self, texts: Sequence[str], too_many: int) -> list[int]:
        """Tokens of each text; `too_many` for those that are far too long to be worth counting."""
        counted = iter(self._count([text for text in texts if len(text) <= _COUNTED_AT_ONCE]))
        return [next(counted) if len(text) <= _COUNTED_AT_ONCE else too_many for text in texts]

    def _join_small(self, text: str, pieces: list[_Piece]) -> list[_Piece]:
        """Join crumbs to a neighbour, then make sure that every passage really fits."""
        joined: list[_Piece] = []
        for piece in pieces:
            if joined and (both := self._both(text, joined[-1], piece)):
                joined[-1] = both
            else:
                joined.append(piece)
        return self._fitting(text, joined)

    def _both(self, text: str, first: _Piece, second: _Piece) -> _Piece | None:
        if min(first.tokens, second.tokens) > self._max * _SMALL:
            return None
        path = _common(first.path, second.path)
        # headings that no longer stand above the passage stand in it
        start = first.start if path == first.path else first.opening
        added = (text[start : first.start].strip(), text[first.end : second.start].strip())
        tokens = first.tokens + second.tokens + sum(self._count([each for each in added if each]))
        if tokens + self._tokens_of(path) > self._max:
            return None
        return _Piece(start, second.end, tokens, path, first.opening)

    def _fitting(self, text: str, pieces: Sequence[_Piece]) -> list[_Piece]:
        """The pieces, those that may not fit counted as a whole, and cut again if they do not."""
        fitting: list[_Piece] = []
        rooms = [self._max - self._tokens_of(piece.path) for piece in pieces]
        near = [n for n, piece in enumerate(pieces) if piece.tokens + piece.tokens // _OFF_BY + 2 > rooms[n]]
        counts = self._counts([text[pieces[n].start : pieces[n].end] for n in near], self._max + 1)
        counted = dict(zip(near, counts, strict=True))
        for number, (piece, room) in enumerate(zip(pieces, rooms, strict=True)):
            tokens = counted.get(number, piece.tokens)
            if tokens <= room:
                fitting.append(replace(piece, tokens=tokens))
            else:
                for unit in self._fit(text, [(piece.start, piece.end)], room):
                    fitting.append(replace(piece, start=unit.start, end=unit.end, tokens=unit.tokens))
        return fitting

    def _fitting_path(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The innermost headings that leave most of the room to the text."""
        while path and self._tokens_of(path) > self._max // 3:
            path = path[1:]
        return path

    def _tokens_of(self, path: tuple[str, ...]) -> int:
        if path not in self._paths:
            heading = _SEPARATOR.join(path)
            # one more, for whatever joins the heading to the text
            self._paths[path] = self._counts([heading], self._max)[0] + 1
        return self._paths[path]


def _sections(place: PlaceText) -> Iterator[tuple[tuple[str, ...], list[Block], list[Block]]]:
    """The place cut at its headings: (heading path, heading blocks, other blocks)."""
    label = (place.place.label,) if place.place.label else ()
    open_headings: list[tuple[int, str]] = []
    headings: list[Block] = []
    blocks: list[Block] = []

    def path() -> tuple[str, ...]:
        names = tuple(name for _, name in open_headings)
        return names if names[:1] == label else label + names

    for block in place.blocks:
        if block.kind != "heading":
            blocks.append(block)
            continue
        if blocks or (headings and block.level <= headings[-1].level):
            yield path(), headings, blocks
            headings, blocks = [], []
        while open_headings and open_headings[-1][0] >= block.level:
            open_headings.pop()
        open_headings.append((block.level, " ".join(place.text[block.start : block.end].split())))
        headings.append(block)
    if headings or blocks:
        yield path(), headings, blocks


def _header_row(table: str) -> str:
    """The first row where the others need it to be understood: rows of "name: value" do not."""
    first, _, rest = table.partition("\n")
    named = ": " in first or any(character.isdigit() for character in first)
    return "" if named or not rest or len(first) > 300 else first.strip()


def _row_start(text: str, block: Block, unit: _Unit) -> int:
    return max(text.rfind("\n", block.start, unit.start) + 1, block.start)


def _first_cell(text: str, start: int, end: int) -> tuple[str, ...]:
    """What names the row that begins at `start` for a unit that goes on with it at `end`; nothing for one that opens it."""
    cell = _FIRST_CELL.match(text, start, min(start + _LONGEST_KEY, end))
    return (cell.group(),) if cell else ()


def _lines(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        spans.append((start, start + len(line)))
        start += len(line)
    return spans


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _best_cut(text: str, start: int, end: int) -> int:
    """The sentence end, clause end or blank nearest to the middle of the span, else the middle."""
    middle = (start + end) // 2
    reach = min((end - start) // 4, _COUNTED_AT_ONCE)
    low, high = middle - reach, middle + reach
    ends = [low + last for _, last in sentences(text[low:high])[:-1]]
    for pattern in _CUTS:
        ends = ends or [cut.end() for cut in pattern.finditer(text, low, high)]
    inner = [cut for cut in ends if start < cut < end]
    return min(inner, key=lambda cut: abs(cut - middle), default=middle)


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    length = 0
    while length < min(len(first), len(second)) and first[length] == second[length]:
        length += 1
    return first[:length]
