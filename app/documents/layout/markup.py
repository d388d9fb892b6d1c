"""HTML and XML as tokens with positions, in one pass and time proportional to the length, whatever the text is."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.documents.layout.runs import masked_words
from app.documents.layout.stretches import Part

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_RAW = frozenset("script style xmp iframe noembed noframes plaintext".split())
_RAW_WITH_REFERENCES = frozenset(("title", "textarea"))
_TAG_NAME = re.compile(r"</?([A-Za-z_][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+("[^"]*"|'[^']*'|(?!["'])[^\s>]*+|["'][^\s>]*+))?"""
)
_GAP = re.compile(r"[\s/]*+")
_TAG_END = re.compile(r"[\s/]*+>")
_UNITS = re.compile(r"([ \t\r\n\f]+|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?)")


@dataclass(frozen=True, slots=True)
class Attribute:
    """`start` and `end` span the value with its quotes; both are where it would stand when there is none."""

    name: str
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Token:
    """Characters `start` to `end`. `kind`: open, close, empty (a whole element), text or other (comments, scripts)."""

    kind: str
    name: str
    start: int
    end: int
    attributes: tuple[Attribute, ...] = ()

    def get(self, name: str) -> str | None:
        """The decoded value of an attribute."""
        return next((each.value for each in self.attributes if each.name == name), None)


def tokens(source: str, *, xml: bool) -> Iterator[Token]:
    """All of the source, in order and without gaps. Names are lower case unless `xml`."""
    at = text = 0
    while (at := source.find("<", at)) >= 0:
        token = _markup(source, at, xml=xml)
        if token is None:
            at += 1
            continue
        if token.start > text:
            yield Token("text", "", text, token.start)
        yield token
        at = text = token.end
        if not xml and token.kind == "open" and token.name in _RAW | _RAW_WITH_REFERENCES:
            at = text = _raw_end(source, token)
            if at > token.end:
                kind = "text" if token.name in _RAW_WITH_REFERENCES else "other"
                yield Token(kind, "", token.end, at)
    if text < len(source):
        yield Token("text", "", text, len(source))


def words_of(source: str, start: int, end: int) -> Iterator[Part]:
    """The text between two positions, decoded; what looks like a tag or is no text becomes a mark."""
    units = [unit for raw in _UNITS.split(source[start:end]) if raw for unit in _unit(raw)]
    return masked_words(start, units)


def _unit(raw: str) -> Iterator[tuple[str, str]]:
    if raw.isspace() and raw[0] in " \t\r\n\f":
        yield " ", raw
    elif raw[0] == "&" and (said := html.unescape(raw)) != raw:
        common = 0  # "&copy2026" is a reference and a number
        while common < min(len(said), len(raw)) - 1 and said[-1 - common] == raw[-1 - common]:
            common += 1
        if said[: len(said) - common] and len(said) - common == 1:
            yield said[0], raw[: len(raw) - common]
            if common:
                yield said[1:], raw[len(raw) - common :]
        else:
            yield raw, raw  # two characters at once: rare enough to stay as it is
    else:
        yield raw, raw


def _markup(source: str, at: int, *, xml: bool) -> Token | None:
    """The token that begins with the "<" at `at`; None when it is only a sign."""
    following = source[at + 1 : at + 2]
    if following == "!":
        return Token("other", "", at, _declaration_end(source, at, xml=xml))
    if following == "?":
        return Token("other", "", at, _after(source, "?>" if xml else ">", at))
    name = _TAG_NAME.match(source, at)
    if name is None:
        return Token("other", "", at, _after(source, ">", at)) if following == "/" else None
    local = name[1] if xml else name[1].lower()
    if following == "/":
        return Token("close", local, at, _after(source, ">", name.end()))
    attributes, end = _attributes(source, name.end(), xml=xml)
    empty = source.endswith("/>", at, end) if xml or local not in _RAW | _RAW_WITH_REFERENCES else False
    return Token("empty" if empty or (not xml and local in VOID) else "open", local, at, end, attributes)


def _attributes(source: str, at: int, *, xml: bool) -> tuple[tuple[Attribute, ...], int]:
    found: list[Attribute] = []
    while (ended := _TAG_END.match(source, at)) is None:
        each = _ATTRIBUTE.match(source, at)
        if each is None:  # "=" alone, or the end of the file
            at = _GAP.match(source, at).end() + 1  # type: ignore[union-attr]  # it matches everywhere
            if at > len(source):
                return tuple(found), len(source)
            continue
        name = each[1] if xml else each[1].lower()
        if each[2] is None:
            found.append(Attribute(name, each.end(1), each.end(1), ""))
        else:
            raw = each[2]
            inner = raw[1:-1] if len(raw) > 1 and raw[0] in "\"'" and raw[-1] == raw[0] else raw
            found.append(Attribute(name, each.start(2), each.end(2), html.unescape(inner)))
        at = each.end()
    return tuple(found), ended.end()


def _declaration_end(source: str, at: int, *, xml: bool) -> int:
    if source.startswith("<!--", at):
        if not xml and source.startswith((">", "->"), at + 4):
            return source.index(">", at) + 1
        return _after(source, "-->", at + 4)
    if source.startswith("<![CDATA[", at):
        return _after(source, "]]>", at)
    if xml and source[at : at + 9].upper() == "<!DOCTYPE":
        bracket = source.find("[", at, _after(source, ">", at))
        if bracket >= 0:
            return _after(source, ">", _after(source, "]", bracket))
    return _after(source, ">", at)


def _raw_end(source: str, token: Token) -> int:
    if token.name == "plaintext":
        return len(source)
    found = re.compile(rf"</{re.escape(token.name)}(?=[\s/>])", re.IGNORECASE).search(source, token.end)
    return found.start() if found else len(source)


def _after(source: str, what: str, at: int) -> int:
    """Where the next `what` ends; the end of the file when there is none, as browsers read it."""
    found = source.find(what, at)
    return len(source) if found < 0 else found + len(what)
