"""Puts what the readers of single formats find into places with offsets."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.documents.document import Block, BlockKind, Place, PlaceKind, PlaceText, SheetRow
from app.documents.normalise import normalise

_SHORT = 3_000  # characters; a file up to this length is one place, whatever headings it has
_LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, heading, table or listing as its format gave it; `level` is 1 to 6 for headings."""

    kind: BlockKind
    text: str
    level: int = 0
    wrapped: bool = False  # line breaks mean nothing, as in a PDF
    rows: tuple[
        tuple[int, int, int], ...
    ] = ()  # of a sheet: row, first and last column of each line of the text


@dataclass(slots=True)
class Part:
    """A slide, sheet, page or chapter with its pieces. Part `number` counts from 1."""

    number: int
    label: str
    pieces: list[Piece]


_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)*")
_INDENT = re.compile(r"[ \t]{0,40}")
_WRAPPED_LINE = range(45, 100)  # characters


def text_pieces(text: str) -> list[Piece]:
    """The paragraphs of plain text. Lines that only an editor broke are joined again."""
    paragraphs = _BLANK_LINES.split(text.replace("\r\n", "\n").replace("\r", "\n"))
    return [Piece("text", paragraph, wrapped=_is_wrapped(paragraph)) for paragraph in paragraphs]


def _is_wrapped(paragraph: str) -> bool:
    lines = paragraph.split("\n")
    return len(lines) > 1 and all(len(line) in _WRAPPED_LINE for line in lines[:-1])


def place_text(place: Place, pieces: Iterable[Piece]) -> PlaceText:
    """The pieces' normalised text, a blank line between them, and a block for each that is not blank."""
    texts: list[str] = []
    blocks: list[Block] = []
    rows: list[SheetRow] = []
    position = 0
    for piece in pieces:
        text = _clean(piece)
        if not text:
            continue
        blocks.append(Block(piece.kind, piece.level, position, position + len(text)))
        if piece.rows:
            rows += ((position + start, *row) for start, row in _located(piece))
        texts.append(text)
        position += len(text) + 2
    return PlaceText(place, "\n\n".join(texts), tuple(blocks), rows=tuple(rows))


def _located(piece: Piece) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Where the line of each row begins in the normalised text; lines that hold nothing visible are left out."""
    offsets = normalise(piece.text, keep_lines=True).offsets
    at = 0
    found: list[tuple[int, tuple[int, int, int]]] = []
    for line, row in zip(piece.text.split("\n"), piece.rows, strict=True):
        found.append((bisect_left(offsets, at), row))
        at += len(line) + 1
    last = len(offsets) - 1
    for each, following in zip(found, [*(start for start, _ in found[1:]), last], strict=True):
        if each[0] < following:
            yield each


def _clean(piece: Piece) -> str:
    if piece.kind == "code":  # its indentation means something
        lines = (_INDENT.match(line) for line in piece.text.splitlines())
        texts = (found.group().expandtabs(4) + normalise(found.string).text for found in lines if found)
        return _BLANK_LINES.sub("\n\n", "\n".join(map(str.rstrip, texts))).strip("\n")
    text = normalise(piece.text, keep_lines=not piece.wrapped).text
    return " ".join(text.split()) if piece.kind == "heading" else text


def places(kind: PlaceKind, parts: Iterable[Part]) -> tuple[PlaceText, ...]:
    """One place for each part that holds text."""
    built = (place_text(Place(kind, part.number, label(part.label)), part.pieces) for part in parts)
    return tuple(place for place in built if place.text)


def sections(pieces: Sequence[Piece]) -> tuple[PlaceText, ...]:
    """For formats without pages: a short text is one place, a long one a place for each main heading."""
    level = _section_level(pieces)
    if level is None or sum(len(piece.text) for piece in pieces) <= _SHORT:
        return places("document", [Part(1, "", list(pieces))])
    parts = [Part(1, "", [])]
    for piece in pieces:
        opens = piece.kind == "heading" and piece.level <= level
        if opens and any(each.kind != "heading" and each.text.strip() for each in parts[-1].pieces):
            parts.append(Part(len(parts) + 1, "", []))
        if opens:  # of headings in a row, the innermost names the section
            parts[-1].label = piece.text
        parts[-1].pieces.append(piece)
    return places("section", parts)


def _section_level(pieces: Sequence[Piece]) -> int | None:
    """The outermost heading level that occurs twice: a title over everything divides nothing."""
    levels = [piece.level for piece in pieces if piece.kind == "heading"]
    return next((level for level in sorted(set(levels)) if levels.count(level) > 1), None)


def label(text: str) -> str:
    """`text` on one line, short enough to be shown in a citation."""
    line = " ".join(normalise(text).text.split())
    return line if len(line) <= _LONGEST_LABEL else line[: _LONGEST_LABEL - 1].rstrip() + "\u2026"


def first_heading(built: Sequence[PlaceText]) -> str:
    """The text of a heading that opens the file, "" when something else does."""
    if not built or not built[0].blocks or built[0].blocks[0].kind != "heading":
        return ""
    block = built[0].blocks[0]
    return label(built[0].text[block.start : block.end])
