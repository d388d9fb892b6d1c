"""What the sources of the sample documents hold, and the few helpers that all writers need.

A source is a Markdown file with TOML properties between two lines of plus signs. Its name is the name of
the sample with ".md" added, for instance "flat-lease.pdf.md".
"""

import io
import re
import tomllib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["heading", "paragraph", "bullet", "number", "note", "table", "break"]

_ZIP_TIME = (2026, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """One heading, paragraph, item of a list, speaker's note, table or page break."""

    kind: Kind
    text: str = ""
    level: int = 0  # of a heading
    rows: list[list[str]] = field(default_factory=list)  # of a table, the header first


@dataclass(frozen=True)
class Source:
    """A source file, read."""

    name: str  # of the sample that is made from it
    properties: dict[str, str]
    written: datetime
    body: str

    @property
    def title(self) -> str:
        return self.properties["title"]

    @property
    def author(self) -> str:
        return self.properties["author"]

    @property
    def subject(self) -> str:
        return self.properties.get("subject", "")

    @property
    def blocks(self) -> list[Block]:
        return parse(self.body)


def read_source(path: Path) -> Source:
    """The source at `path`."""
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    properties = tomllib.loads(head)
    written = properties.pop("date")
    if not isinstance(written, datetime):
        assert isinstance(written, date)
        written = datetime(written.year, written.month, written.day, 9, tzinfo=UTC)
    return Source(path.name.removesuffix(".md"), properties, written, body)


def parse(body: str) -> list[Block]:
    """The blocks of a Markdown text; line breaks inside a paragraph become spaces."""
    blocks: list[Block] = []
    around: list[str] = []  # the lists and quotations that are open
    numbers: list[int] = []
    rows: list[list[str]] = []
    kind: Kind = "paragraph"
    level = 0
    for token in _PARSER.parse(body):
        _follow(token, around, numbers)
        if token.type == "heading_open":
            kind, level = "heading", int(token.tag[1:])
        elif token.type == "heading_close":
            kind, level = "paragraph", 0
        elif token.type == "hr":
            blocks.append(Block("break"))
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            blocks.append(Block("table", rows=rows))
            rows = []
        elif token.type == "inline":
            text = token.content.replace("\n", " ")
            if rows:
                rows[-1].append(text)
            elif around and kind == "paragraph":
                blocks.append(_nested(around[-1], numbers, text))
            else:
                blocks.append(Block(kind, text, level))
    return blocks


def _follow(token: Token, around: list[str], numbers: list[int]) -> None:
    name = token.type.removesuffix("_open").removesuffix("_close")
    if name in ("bullet_list", "ordered_list", "blockquote"):
        if token.nesting == 1:
            around.append(name)
            numbers.append(0)
        else:
            around.pop()
            numbers.pop()
    elif token.type == "list_item_open":
        numbers[-1] += 1


def _nested(around: str, numbers: list[int], text: str) -> Block:
    if around == "blockquote":
        return Block("note", text)
    if around == "ordered_list":
        return Block("number", f"{numbers[-1]}. {text}")
    return Block("bullet", text)


def to_xhtml(body: str) -> str:
    """The Markdown text as the inside of an (X)HTML page."""
    return str(_PARSER.render(body))


def packed(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP container whose bytes depend on nothing but `members`; "mimetype" is stored uncompressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as container:
        for name, data in members:
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            info.create_system = 0
            container.writestr(info, data)
    return target.getvalue()


def repacked(data: bytes, written: datetime) -> bytes:
    """The Office file `data` without the moment at which it was made."""
    stamp = written.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    members: list[tuple[str, bytes]] = []
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        for name in container.namelist():
            content = container.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp, content)
            members.append((name, content))
    return packed(members)
