"""Paragraphs of OpenDocument files (`text:p`, `text:h`) as items, and written again."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.etree import SubElement
from lxml.etree import _Element as Element

from app.documents.layout.items import Group, Item, Mark, Style, Text, Thing
from app.documents.layout.packages import attribute, key_of, local

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_COUNT = _TEXT + "c"
_BLANKS = re.compile(r"[ \t\r\n]+")
_GROUPS = (_TEXT + "a", _TEXT + "meta")
_MARKS = frozenset(
    "bookmark bookmark-start bookmark-end reference-mark reference-mark-start reference-mark-end"
    " toc-mark toc-mark-start toc-mark-end user-index-mark user-index-mark-start user-index-mark-end"
    " alphabetical-index-mark alphabetical-index-mark-start alphabetical-index-mark-end"
    " annotation annotation-end change change-start change-end soft-page-break".split()
)

_STYLE_NAME = _TEXT + "style-name"
_UNSEEN = frozenset(
    "rsid paragraph-rsid language country language-asian country-asian language-complex country-complex"
    " script rfc-language-tag".split()
)
_SHOWS_ON_BLANKS = frozenset(
    "text-underline-style text-line-through-style background-color font-size text-overline-style".split()
)

Span = tuple[tuple[str, str], ...]  # the attributes of a text:span


@dataclass(frozen=True, slots=True)
class Look:
    """What an automatic style looks like, () for plain text. Programs make many that look the same."""

    key: tuple[object, ...]
    blank_shows: bool


def looks_of(root: Element) -> dict[str, Look]:
    """Name -> look of the automatic styles of text in a part."""
    found: dict[str, Look] = {}
    for style in root.iterfind("{*}automatic-styles/{*}style"):
        if attribute(style, "family") == "text":
            key = tuple(each for each in key_of(style, _UNSEEN)[2] if each[1] or each[2])  # type: ignore[attr-defined]
            names = {str(name).rpartition("}")[2] for each in style for name in each.attrib}
            parent = attribute(style, "parent-style-name")
            look = (parent, *key) if parent or key else ()
            found[attribute(style, "name")] = Look(look, bool(parent) or bool(names & _SHOWS_ON_BLANKS))
    return found


class _Reader:
    """Collapses white space as OpenDocument says: over the whole paragraph, and away at its start."""

    def __init__(self, looks: dict[str, Look]) -> None:
        self._after_blank = True
        self._looks = looks

    def _style(self, spans: tuple[Span, ...]) -> Style:
        looks = [self._look(each) for each in spans]
        key = tuple(each.key for each in looks if each.key)
        return Style(key, spans, any(each.blank_shows for each in looks))

    def _look(self, span: Span) -> Look:
        names = dict(span)
        if set(names) == {_STYLE_NAME} and names[_STYLE_NAME] in self._looks:
            return self._looks[names[_STYLE_NAME]]
        return Look(span, blank_shows=True)

    def items(self, element: Element, spans: tuple[Span, ...]) -> Iterator[Item]:
        style = self._style(spans)
        yield from self._text(element.text, style)
        for each in element:
            yield from self._item(each, spans, style)
            yield from self._text(each.tail, style)

    def _item(self, element: Element, spans: tuple[Span, ...], style: Style) -> Iterator[Item]:
        name = local(element)
        if element.tag == _TEXT + "span":
            yield from self.items(
                element, (*spans, tuple(sorted((str(k), str(v)) for k, v in element.items())))
            )
        elif element.tag == _TEXT + "s":
            count = element.get(_COUNT, "1")
            few = count.isdigit() and len(count) < 4
            yield Text(" " * int(count), style) if few else Thing(element, style)
        elif element.tag in _GROUPS:
            yield Group(element, list(self.items(element, spans)))
        elif name in _MARKS:
            yield Mark(element, ends=name.endswith("-end"))
        elif name:
            self._after_blank = element.tag == _TEXT + "line-break"
            yield Thing(element, style)
        else:
            yield Mark(element)  # a comment in the XML

    def _text(self, text: str | None, style: Style) -> Iterator[Item]:
        collapsed = _BLANKS.sub(" ", text or "")
        if self._after_blank:
            collapsed = collapsed.removeprefix(" ")
        if collapsed:
            self._after_blank = collapsed.endswith(" ")
            yield Text(collapsed, style)


def items_of(paragraph: Element, looks: dict[str, Look]) -> list[Item]:
    """The paragraph's content."""
    return list(_Reader(looks).items(paragraph, ()))


def put(paragraph: Element, items: Sequence[Item]) -> None:
    """Make `items` the paragraph's content."""
    _clear(paragraph)
    _Writer().write(paragraph, items)


def _clear(element: Element) -> None:
    element.text = None
    for each in list(element):
        element.remove(each)


class _Writer:
    """Appends items to elements; blanks in a row become `text:s`."""

    def __init__(self) -> None:
        self._after_blank = True

    def write(self, parent: Element, items: Sequence[Item]) -> None:
        spans: tuple[Span, ...] = ()
        inside = parent
        for item in items:
            wanted = self._spans_of(item, spans)
            if wanted != spans:
                inside, spans = parent, wanted
                for span in wanted:
                    inside = SubElement(inside, _TEXT + "span")
                    for name, value in span:
                        inside.set(name, value)
            self._add(inside, item)

    def _spans_of(self, item: Item, now: tuple[Span, ...]) -> tuple[Span, ...]:
        if isinstance(item, Mark):
            return now
        style = None if isinstance(item, Group) else item.style
        return style.model or () if style is not None else ()

    def _add(self, parent: Element, item: Item) -> None:
        if isinstance(item, Text):
            self._add_text(parent, item.text)
            return
        element: Element = item.content
        element.tail = None
        parent.append(element)
        if isinstance(item, Group):
            _clear(element)
            self.write(element, item.children)
        elif isinstance(item, Thing):
            self._after_blank = element.tag == _TEXT + "line-break"

    def _add_text(self, parent: Element, text: str) -> None:
        for part in re.findall(r" +|[^ ]+", _BLANKS.sub(lambda found: found[0].translate(_AS_BLANKS), text)):
            if part[0] != " ":
                _append(parent, part)
                self._after_blank = False
                continue
            count = len(part)
            if not self._after_blank:
                _append(parent, " ")
                count -= 1
            if count:
                SubElement(parent, _TEXT + "s").set(_COUNT, str(count))
            self._after_blank = True


_AS_BLANKS = str.maketrans("\t\r\n", "   ")


def _append(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
