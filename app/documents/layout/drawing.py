"""Paragraphs of drawings (`a:p`): text on slides, in shapes of sheets, in the titles of charts, in diagrams."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from lxml.etree import SubElement
from lxml.etree import _Element as Element

from app.documents.layout.items import Group, Item, Style, Text, Thing
from app.documents.layout.packages import Package, Unit, child, key_of, local, named
from app.documents.layout.paragraph import Paragraph
from app.documents.layout.properties import alternative_texts
from app.documents.layout.segment import Segment, SegmentKind

_FORGOTTEN = frozenset({"lang", "altLang", "dirty", "err", "smtClean", "bmk"})
_SHOWS_ON_BLANKS = frozenset({"u", "strike", "sz"})


def items_of(paragraph: Element) -> list[Item]:
    """The paragraph's content without its properties."""
    items: list[Item] = []
    for element in paragraph:
        name = local(element)
        if name == "r":
            text = child(element, "t")
            items.append(Text((text.text or "") if text is not None else "", _style(child(element, "rPr"))))
        elif name not in ("pPr", "endParaRPr"):
            items.append(Thing(element))
    return items


def _style(properties: Element | None) -> Style:
    if properties is None:
        return Style()
    _, attributes, children, _ = key_of(properties, _FORGOTTEN)
    shows = (
        any(name in _SHOWS_ON_BLANKS for name in properties.attrib)
        or child(properties, "highlight") is not None
    )
    key = (attributes, children) if attributes or children else ()
    return Style(key, properties, shows)


def put(paragraph: Element, content: Paragraph, package: Package, text: str) -> None:
    """Write `text` into the paragraph; its properties stay."""
    items = content.items(text)
    kept = {name: child(paragraph, name) for name in ("pPr", "endParaRPr")}
    for each in list(paragraph):
        paragraph.remove(each)
    if package.language:
        kept["pPr"] = _directed(paragraph, kept["pPr"], right_to_left=package.right_to_left)
    written = [_element(paragraph, item, package.language) for item in items]
    paragraph.extend(each for each in (kept["pPr"], *written, kept["endParaRPr"]) if each is not None)


def _directed(paragraph: Element, properties: Element | None, *, right_to_left: bool) -> Element | None:
    if properties is None and right_to_left:
        properties = paragraph.makeelement(named(paragraph, "pPr"))
    if properties is None:
        return None
    if right_to_left:
        properties.set("rtl", "1")
        if (
            properties.get("algn", "l") == "l"
        ):  # unlike in Word, this means the left side whatever the direction
            properties.set("algn", "r")
    elif "rtl" in properties.attrib:
        properties.set("rtl", "0")
    return properties


def _element(paragraph: Element, item: Item, language: str) -> Element:
    if isinstance(item, Text):
        run: Element = paragraph.makeelement(named(paragraph, "r"))
        if item.style.model is not None:
            run.append(copy.deepcopy(item.style.model))
        if language:
            properties = child(run, "rPr")
            properties = SubElement(run, named(run, "rPr")) if properties is None else properties
            properties.set("lang", language)
        SubElement(run, named(run, "t")).text = item.text
        return run
    assert not isinstance(item, Group)
    element: Element = item.content
    element.tail = None
    return element


def paragraphs(root: Element) -> Iterator[tuple[int, Element]]:
    """All paragraphs of drawings below `root`, numbered from 1."""
    found = (each for each in root.iter() if local(each) == "p" and "drawingml" in str(each.tag))
    return enumerate(found, 1)


def paragraph_units(
    package: Package, part: str, numbered: Iterable[tuple[int, Element]], kind: SegmentKind, place: str
) -> Iterator[Unit]:
    """Units for paragraphs with letters."""
    for number, paragraph in numbered:
        content = Paragraph(items_of(paragraph))
        if content.letters:
            segment = Segment(f"{part}#{number}", content.text, _kind(paragraph, kind), place)
            yield Unit(segment, part, partial(put, paragraph, content, package))


def _kind(paragraph: Element, kind: SegmentKind) -> SegmentKind:
    return (
        "cell" if kind == "text" and any(local(each) == "tc" for each in paragraph.iterancestors()) else kind
    )


def drawing_units(package: Package, parts: Sequence[str], place: str = "") -> Iterator[Unit]:
    """Texts and alternative texts of charts, diagrams and drawings of sheets.

    Diagrams keep two copies of each text, one of them as it was last drawn; both get the same.
    """
    known: dict[str, Segment] = {}
    for part in parts:
        root = package.root(part)
        if root is None:
            continue
        for unit in paragraph_units(package, part, paragraphs(root), "text", place):
            first = known.setdefault(unit.segment.text, unit.segment) if "diagrams/" in part else unit.segment
            yield Unit(first, part, unit.put)
        yield from alternative_texts(part, root, place)
