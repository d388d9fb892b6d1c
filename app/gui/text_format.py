"""Answers as HTML that a `QTextDocument` can show, and small texts about places and times.

Raw HTML in an answer is shown as text, images are named and never loaded. Sentences are marked by their
offsets in the answer, so two rare brackets stand in for the marks while Markdown is being read.
"""

import re
from collections.abc import Collection, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from app.assistants.events import Claim, Source
from app.documents.document import Place
from app.gui.theme import Colours

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

CITE = "cite:"
UNSUPPORTED = "unsupported:"

# Punctuation for Markdown, so that "**bold.**⸩" still closes its bold.
_ON, _OFF = "⸨", "⸩"
# Stands behind the number of a sentence: "[1 of sentence 3]" is "[1⸽3]", and an unsupported one begins with "⸨3⸽".
_OF = "⸽"
_PLAIN = str.maketrans({_ON: "(", _OFF: ")", _OF: ":"})
_NUMBERED = re.compile(rf"{_ON}(?:\d+{_OF})?|{_OFF}|(?<=\d){_OF}\d+(?=\])")
_BLOCK_START = re.compile(r"(?:\s|>|#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|\|)*")
_CITATION = re.compile(rf"\[(\d{{1,2}}(?:\s*,\s*\d{{1,2}})*)(?:{_OF}(\d+))?\]")
_BEGINS = re.compile(rf"(\d+){_OF}")
_LINK_TARGET = re.compile(r"^(?:https?://|mailto:)", re.IGNORECASE)


def to_html(text: str, claims: Sequence[Claim], numbers: Collection[int], colours: Colours) -> str:
    """The answer as HTML: Markdown read, `[1]` made links for each of `numbers`, unsupported claims marked."""
    tokens = _markdown().parse(_with_marks(text, claims, numbers))
    return _Writer(frozenset(numbers), colours).write(tokens)


def mark_of(target: str) -> tuple[int, int]:
    """The number of the source (0 of an unsupported sentence) and that of the sentence (-1: none) in the target of a mark."""
    number, _, claim = target.partition(":")[2].partition("/")
    return int(number or 0), int(claim or -1)


def warm_up() -> None:
    """Import what formatting needs, on a thread of its own, so that the first answer does not wait for it."""
    from pygments.formatters import html  # noqa: F401
    from pygments.lexers import get_lexer_by_name

    _markdown()
    get_lexer_by_name("python")


def place_name(place: Place) -> str:
    """ "Page 3", the title of a chapter, or "" for a file without places."""
    if place.kind not in ("page", "slide") and place.label:
        return place.label
    words = {
        "page": QCoreApplication.translate("Place", "Page {number}"),
        "slide": QCoreApplication.translate("Place", "Slide {number}"),
        "sheet": QCoreApplication.translate("Place", "Sheet {number}"),
        "chapter": QCoreApplication.translate("Place", "Chapter {number}"),
        "section": QCoreApplication.translate("Place", "Section {number}"),
    }
    return words[place.kind].format(number=place.number) if place.kind in words else ""


def source_place(source: Source) -> str:
    """Where in its file a source stands: "Page 3", "Costs · A2:F9"."""
    return " · ".join(filter(None, (place_name(source.place), source.cells)))


def doubt(source: Source) -> str:
    """What to know of a quote before relying on it, "" for nothing."""
    if not source.is_doubtful:
        return ""
    return QCoreApplication.translate("Place", "Recognised from a scan, may contain mistakes")


def file_name(path: str) -> str:
    """The last part of a path of either kind of system."""
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def time_left(seconds: float) -> str:
    """ "20 s left", "3 min left"."""
    if seconds < 60:
        return QCoreApplication.translate("Time", "{n} s left").format(n=max(1, round(seconds)))
    if seconds < 3600:
        return QCoreApplication.translate("Time", "{n} min left").format(n=round(seconds / 60))
    return QCoreApplication.translate("Time", "{n} h left").format(n=round(seconds / 3600))


def may_open(target: str) -> bool:
    """Whether a link may be opened outside at all (after asking)."""
    return _LINK_TARGET.match(target) is not None


def _with_marks(text: str, claims: Sequence[Claim], numbers: Collection[int]) -> str:
    text = text.translate(_PLAIN)
    pieces, at = [], 0
    for index, claim in sorted(enumerate(claims), key=lambda each: each[1].start):
        if claim.start < at or claim.end > len(text) or claim.end <= claim.start:
            continue
        said = text[claim.start : claim.end]
        lead = _BLOCK_START.match(said)
        head = lead.end() if lead else 0
        body = said[head:].rstrip()
        tail = said[head + len(body) :]
        missing = [n for n in claim.sources if n in numbers and f"[{n}]" not in said]
        pieces.append(text[at : claim.start] + said[:head])
        if claim.supported:
            after = text[claim.end : claim.end + 16].lstrip()
            marks = "".join(f" [{n}{_OF}{index}]" for n in missing if not after.startswith(f"[{n}]"))
            pieces.append(body + marks + tail)
        else:
            pieces.append((f"{_ON}{index}{_OF}{body}{_OFF}" if body else "") + tail)
        at = claim.end
    return "".join(pieces) + text[at:]


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # "[1]: …" at the start of a line is a citation here, not a link definition
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("reference")


class _Writer:
    """Writes Markdown tokens as the HTML subset of Qt. Holds whether a marked sentence is open."""

    def __init__(self, numbers: frozenset[int], colours: Colours) -> None:
        self._numbers = numbers
        self._colours = colours
        self._marked = False
        self._sentence = ""
        self._in_link = False

    def write(self, tokens: Sequence["Token"]) -> str:
        return "".join(self._token(token) for token in tokens)

    def _token(self, token: "Token") -> str:
        if token.type == "inline":
            return self.write(token.children or [])
        if token.type in ("text", "code_inline"):
            return self._text(token.content, code=token.type == "code_inline")
        if token.type in ("fence", "code_block"):
            return _code_block(_NUMBERED.sub("", token.content), token.info.split(" ")[0], self._colours)
        if token.type in ("softbreak", "hardbreak"):
            return "<br>"
        if token.type == "image":
            name = _NUMBERED.sub("", token.content) or QCoreApplication.translate("Answer", "image")
            return f'<span style="color:{self._colours.muted}">[{escape(name)}]</span>'
        if token.type == "link_open":
            return self._link(str(token.attrs.get("href", "")))
        if token.type == "link_close":
            self._in_link = False
            return "</a>"
        return _tag(token, self._colours)

    def _link(self, target: str) -> str:
        self._in_link = True
        for mark in ("%E2%B8%A8", "%E2%B8%A9"):
            target = target.replace(mark, "")
        return f'<a href="{escape(target, quote=True)}" style="color:{self._colours.accent}">'

    def _text(self, content: str, *, code: bool) -> str:
        pieces = []
        for piece in re.split(f"([{_ON}{_OFF}])", content):
            if piece in (_ON, _OFF):
                self._marked = piece == _ON
                self._sentence = ""
            elif piece:
                if self._marked and not self._sentence and (begins := _BEGINS.match(piece)):
                    self._sentence, piece = begins[1], piece[begins.end() :]
                pieces.append(self._piece(piece, code))
        return "".join(pieces)

    def _piece(self, piece: str, code: bool) -> str:
        now = self._colours
        if code:
            return f'<code style="background-color:{now.code}">&nbsp;{escape(piece)}&nbsp;</code>'
        if self._in_link:
            return escape(piece)
        if self._marked:
            style = f"color:{now.warning}; background-color:{now.warning_soft}; text-decoration:underline"
            return f'<a href="{UNSUPPORTED}/{self._sentence}" style="{style}">{escape(piece)}</a>'
        return _CITATION.sub(self._citation, escape(piece))

    def _citation(self, match: re.Match[str]) -> str:
        wanted = [int(each) for each in match[1].split(",")]
        if not all(number in self._numbers for number in wanted):
            return match[0]
        now = self._colours
        style = f"color:{now.accent}; text-decoration:none; font-weight:600"
        of = f"/{match[2]}" if match[2] else ""
        return "".join(f'<a href="{CITE}{number}{of}" style="{style}">[{number}]</a>' for number in wanted)


_PARAGRAPH = "margin-top:0px; margin-bottom:8px"


def _tag(token: "Token", colours: Colours) -> str:
    """A tag of the subset; anything unknown to Qt is left out."""
    if token.hidden:
        return ""
    if token.type == "hr":
        return "<hr>"
    if token.nesting < 0:
        return {"blockquote": "</td></tr></table>"}.get(token.tag, f"</{token.tag}>")
    plain: dict[str, str] = {
        "p": f'<p style="{_PARAGRAPH}">',
        "blockquote": f'<table cellpadding="6"><tr><td style="color:{colours.muted}">',
        "table": '<table border="1" cellspacing="0" cellpadding="5" style="border-collapse:collapse;'
        f' border-color:{colours.border}; margin-top:4px; margin-bottom:12px">',
        "th": f'<th align="left" style="border:1px solid {colours.border}">',
        "td": f'<td style="border:1px solid {colours.border}">',
        "ol": f'<ol start="{token.attrs.get("start", 1)}" style="{_PARAGRAPH}">',
        "ul": f'<ul style="{_PARAGRAPH}">',
    }
    if token.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        return f'<{token.tag} style="margin-top:8px; margin-bottom:4px; font-size:large">'
    return plain.get(token.tag, f"<{token.tag}>")


def _code_block(code: str, language: str, colours: Colours) -> str:
    body = _highlighted(code.rstrip("\n"), language, colours.dark)
    return (
        f'<table width="100%" cellpadding="8" cellspacing="0" style="background-color:{colours.code};'
        f' margin-top:4px; margin-bottom:12px"><tr><td><pre style="white-space:pre-wrap; margin:0px">{body}</pre></td></tr></table>'
    )


def _highlighted(code: str, language: str, dark: bool) -> str:
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer: Any = get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        lexer = None
    if lexer is None:
        return escape(code)
    formatter: Any = HtmlFormatter(noclasses=True, nowrap=True, style="github-dark" if dark else "xcode")
    return str(highlight(code, lexer, formatter)).rstrip("\n")
