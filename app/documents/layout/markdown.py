"""Markdown: markdown-it says where the text of each block stands, `markdown_inline` what is in it."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from app.documents.document import ReadFailure, Verdict
from app.documents.layout.encoded import Encoded
from app.documents.layout.markdown_inline import finisher, inline_run, speller
from app.documents.layout.plain import Line, lines_of, words_between
from app.documents.layout.runs import stretch_of
from app.documents.layout.segment import SegmentKind
from app.documents.layout.stretches import Stretch, bare
from app.documents.layout.text_format import TextFormat

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_VALUE = re.compile(
    r"(?:title|description|subtitle|summary)[ \t]*:[ \t]+(?:\"([^\"\\]+)\"|'([^'\\]+)'|([^\s\"'|>&*!%#@\[{][^#:\[\]{}]*?))[ \t]*$"
)
_PLAIN_YAML = re.compile(r"[^\s\"'|>&*!%#@`\[\]{},?:-][^#:\"]*$")
_KINDS: dict[str, SegmentKind] = {"heading_open": "heading", "td_open": "cell", "th_open": "cell"}


def _stretches(encoded: Encoded) -> list[Stretch]:
    source = encoded.text
    lines = list(lines_of(source))
    front = _front_matter(lines)
    found = list(_front_stretches(source, lines[:front]))
    texts = ["" if at < front else line.text for at, line in enumerate(lines)]
    try:
        from markdown_it import MarkdownIt

        parser = MarkdownIt("commonmark").enable("table").disable("inline")  # places only
        tokens = parser.parse("\n".join(texts))
    except IndexError as error:
        raise ReadFailure(Verdict.damaged, "The file could not be read as Markdown.") from error
    for kind, spans in _places(tokens, lines):
        if source.startswith("$$", spans[0][0]):
            continue
        run = list(inline_run(source, spans))
        stretch = stretch_of(run, speller(cell=kind == "cell"), kind, finish=finisher(run, source))
        if stretch:
            found.append(stretch)
    return found


def _front_matter(lines: list[Line]) -> int:
    """How many lines at the top are properties, not text."""
    if not lines or lines[0].text.rstrip() != "---":
        return 0
    ends = (at for at, line in enumerate(lines[1:200], 2) if line.text.rstrip() in ("---", "..."))
    return next(ends, 0)


def _front_stretches(source: str, lines: list[Line]) -> Iterator[Stretch]:
    for line in lines:
        found = _FRONT_VALUE.match(line.text)
        if found is None or found.lastindex is None:
            continue
        start, end = (line.start + each for each in found.span(found.lastindex))
        stretch = stretch_of(
            words_between(source, start, end), bare, "title", finish=_YAML_QUOTING[found.lastindex]
        )
        if stretch:
            yield stretch


def _yaml_plain(text: str) -> str:
    if _PLAIN_YAML.match(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_YAML_QUOTING = {
    1: lambda text: text.replace("\\", "\\\\").replace('"', '\\"'),
    2: lambda text: text.replace("'", "''"),
    3: _yaml_plain,
}


def _places(tokens: "list[Token]", lines: list[Line]) -> Iterator[tuple[SegmentKind, list[tuple[int, int]]]]:
    """(kind, where each line of the text stands in the source) for each text that can be found there."""
    row, column = -1, 0
    for before, token in pairwise(tokens):
        if token.type != "inline":
            continue
        kind = _KINDS.get(before.type, "text")
        where = token.map or before.map
        if where is None or not token.content.strip():
            continue
        if kind != "cell":
            column = 0
        elif where[0] != row:
            row, column = where[0], 0
        spans = _spans(token.content, lines, where[0], column, cell=kind == "cell")
        if spans:
            column = spans[0][1] - lines[where[0]].start
            yield kind, spans


def _spans(content: str, lines: list[Line], first: int, column: int, *, cell: bool) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number, text in enumerate(content.split("\n"), first):
        wanted = text.strip(" \t")
        if cell:
            wanted = wanted.replace("|", "\\|")
        if number >= len(lines):
            return []
        line = lines[number]
        at = line.text.find(wanted, column)
        if at < 0:
            return []
        found.append((line.start + at, line.start + at + len(wanted)))
    return found


FORMAT = TextFormat(_stretches)
read, write = FORMAT.read, FORMAT.write
