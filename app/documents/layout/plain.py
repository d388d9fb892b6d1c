"""Plain text: paragraphs, with the encoding, line ends, indents and bullets of the source.

Lines that only an editor broke are joined.
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.documents.layout.encoded import Encoded
from app.documents.layout.runs import Markup, masked_words, stretch_of
from app.documents.layout.stretches import Stretch, Words, bare
from app.documents.layout.text_format import TextFormat

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_PREFIX = re.compile(r"[ \t]*(?:(?:[-*+>•‣◦·–—]|\(?[0-9]{1,3}[.)]|[a-zA-Z][.)])[ \t]+)*")
_BULLET = re.compile(r"[ \t]*(?:[-*+>•‣◦·–—]|\(?[0-9]{1,3}[.)]|[a-zA-Z][.)])[ \t]+\S")
_SPACES = re.compile(r"([ \t\r\n]+)")
_WRAPPED = range(45, 121)  # characters of a line that an editor broke
_RAGGED = 0.8  # hand-made lines end this early at most


@dataclass(frozen=True, slots=True)
class Line:
    """Characters `start` to `end` of the source, without the line end."""

    start: int
    end: int
    text: str


def lines_of(source: str) -> Iterator[Line]:
    """The lines, whatever ends them."""
    at = 0
    while at < len(source):
        found = _LINE.match(source, at)
        assert found is not None  # it matches everywhere
        yield Line(at, found.end(1), found[1])
        at = found.end()


def words_between(source: str, start: int, end: int) -> list[Markup | Words]:
    """The text there, white space as single spaces."""
    units = [(" " if raw.isspace() else raw, raw) for raw in _SPACES.split(source[start:end]) if raw]
    return [
        each if isinstance(each, Words) else Markup("single", each.start, each.end)
        for each in masked_words(start, units)
    ]


def _stretches(encoded: Encoded) -> list[Stretch]:
    found: list[Stretch] = []
    for lines in _paragraphs(encoded.text):
        prefix = _PREFIX.match(lines[0].text)
        start = lines[0].start + (prefix.end() if prefix else 0)
        finish: Callable[[str], str] = str
        if len(lines) > 1:
            finish = _wrapper(encoded.text, start, lines)
        run = words_between(encoded.text, start, lines[-1].end)
        stretch = stretch_of(run, bare, finish=finish)
        if stretch:
            found.append(stretch)
    return found


def _paragraphs(source: str) -> Iterator[list[Line]]:
    """Lines that belong together: one each, unless an editor broke them."""
    block: list[Line] = []
    for line in lines_of(source):
        if block and (not line.text.strip() or _BULLET.match(line.text)):
            yield from _cut(block)
            block = []
        if line.text.strip():
            block.append(line)
    if block:
        yield from _cut(block)


def _cut(block: list[Line]) -> Iterator[list[Line]]:
    if _is_wrapped(block):
        yield block
    else:
        for line in block:
            yield [line]


def _is_wrapped(block: Sequence[Line]) -> bool:
    """Whether each line ends where the next word would not have fitted."""
    texts = [line.text.rstrip() for line in block]
    width = max(map(len, texts))
    return len(block) > 1 and all(
        len(text) in _WRAPPED and len(text) + 1 + len(following.split(None, 1)[0]) > width * _RAGGED
        for text, following in pairwise(texts)
    )


def _wrapper(source: str, start: int, lines: Sequence[Line]) -> Callable[[str], str]:
    """Breaks a changed paragraph at the width of the source's, an unchanged one where it was broken."""
    width = max(len(line.text) for line in lines)
    indent = re.match(r"[ \t]*", lines[1].text)
    line_end = source[lines[0].end : lines[1].start]
    first = start - lines[0].start
    own = source[start : lines[-1].end].strip(" \t")

    def finish(text: str) -> str:
        if text == own:
            return text
        wrapped = textwrap.wrap(
            " ".join(part for part in _SPACES.split(text) if part.strip(" \t\r\n")),
            width,
            initial_indent=" " * first,
            subsequent_indent=indent[0] if indent else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        return line_end.join(wrapped)[first:]

    return finish


FORMAT = TextFormat(_stretches)
read, write = FORMAT.read, FORMAT.write
