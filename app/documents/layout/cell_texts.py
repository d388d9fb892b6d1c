"""Texts of spreadsheets (shared strings, inline strings, comments; headers and footers) as items, and written again."""

import copy
import re
from collections.abc import Iterator, Sequence

from lxml.etree import SubElement
from lxml.etree import _Element as Element

from app.documents.layout.items import Group, Item, Mark, Style, Text, Thing, plain_text
from app.documents.layout.packages import child, key_of, local, named

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_ESCAPED = re.compile(r"(_x[0-9A-Fa-f]{4}_)")  # how these files spell characters that XML has not
_PHONETIC = ("rPh", "phoneticPr")
_CODE = re.compile(r'(&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|[^&]))')
_SHOWS_ON_BLANKS = ("u", "strike", "sz")


def items_of(string: Element) -> list[Item]:
    """The text of a `si`, `is` or `text` element."""
    items: list[Item] = []
    for element in string:
        if local(element) == "t":
            items += _parts(element.text or "", Style())
        elif local(element) == "r":
            text = child(element, "t")
            items += _parts((text.text or "") if text is not None else "", _style(child(element, "rPr")))
    return items


def _parts(text: str, style: Style) -> Iterator[Item]:
    for part in filter(None, _ESCAPED.split(text)):
        yield Thing(part, style) if _ESCAPED.fullmatch(part) else Text(part, style)


def _style(properties: Element | None) -> Style:
    if properties is None:
        return Style()
    shows = any(local(each) in _SHOWS_ON_BLANKS for each in properties)
    return Style(tuple(sorted(map(repr, key_of(properties)[2]))), properties, shows)  # type: ignore[call-overload]


def put(string: Element, items: Sequence[Item]) -> None:
    """Make `items` its text. How the old text is pronounced goes if the text is another one."""
    before = text_of(string)
    phonetic = [each for each in string if local(each) in _PHONETIC]
    for each in list(string):
        string.remove(each)
    runs = _runs(items)
    for text, style in runs:
        if style.model is None and len(runs) == 1:
            _add_text(string, text)
            continue
        run = SubElement(string, named(string, "r"))
        if style.model is not None:
            run.append(copy.deepcopy(style.model))
        _add_text(run, text)
    if text_of(string) == before:
        string.extend(phonetic)


def _runs(items: Sequence[Item]) -> list[tuple[str, Style]]:
    runs: list[tuple[str, Style]] = []
    for item in items:
        assert not isinstance(item, Group | Mark)
        text, style = (
            (item.content, item.style or Style()) if isinstance(item, Thing) else (item.text, item.style)
        )
        if runs and runs[-1][1] == style:
            runs[-1] = runs[-1][0] + text, style
        else:
            runs.append((text, style))
    return runs


def _add_text(parent: Element, text: str) -> None:
    element = SubElement(parent, named(parent, "t"))
    element.text = text
    if text != text.strip() or "  " in text or "\n" in text:
        element.set(_SPACE, "preserve")


def text_of(string: Element) -> str:
    """The text as a reader sees it, without pronunciation."""
    texts = (each for each in string.iter() if local(each) == "t")
    return "".join(
        each.text or "" for each in texts if all(local(it) != "rPh" for it in each.iterancestors())
    )


def header_items(text: str) -> list[Item]:
    """A header or footer of a sheet: codes for page numbers, fonts and sides are things."""
    items: list[Item] = []
    for part in filter(None, _CODE.split(text.replace("&&", "\0"))):
        items.append(Thing(part) if _CODE.fullmatch(part) else Text(part.replace("\0", "&"), Style()))
    return items


def header_text(items: Sequence[Item]) -> str:
    """`header_items` reversed."""
    text = ""
    for item in items:
        if isinstance(item, Thing):
            text += item.content
            continue
        words = plain_text([item]).replace("&", "&&")
        apart = (
            " " if re.search(r"&\d+$", text) and words[:1].isdigit() else ""
        )  # else it would be a font size
        text += apart + words
    return text
