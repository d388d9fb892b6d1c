"""The texts of OpenDocument texts, presentations and spreadsheets, and the same files again with other texts."""

from collections.abc import Iterator
from functools import partial

from lxml.etree import _Element as Element

from app.base.languages import language as known_language
from app.documents.layout.fixed_texts import FixedTexts
from app.documents.layout.odf_paragraphs import items_of, looks_of, put
from app.documents.layout.packages import Format, Package, Unit, attribute, local
from app.documents.layout.paragraph import Paragraph
from app.documents.layout.properties import document_title, element_unit
from app.documents.layout.segment import Segment, SegmentKind

_PARTS = ("content.xml", "styles.xml")
_SKIPPED = frozenset("tracked-changes index-body".split())  # the second is made anew from the headings
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_SCRIPTS = {"Arab": "-complex", "Hebr": "-complex", "Thaa": "-complex", "Hans": "-asian", "Hant": "-asian"}
_NOTES = frozenset("note annotation notes".split())
_STAYS = "Texts that formulas refer to stay as they are."


def _units(package: Package) -> Iterator[Unit]:
    package.afterwards.append(partial(_set_language, package))
    for part in _PARTS:
        root = package.root(part)
        if root is not None:
            yield from _part_units(package, part, root)
    yield from document_title(package, "meta.xml")


def _part_units(package: Package, part: str, root: Element) -> Iterator[Unit]:
    fixed = FixedTexts(package, [part])
    looks = looks_of(root)
    cells: dict[str, Segment] = {}
    pages: dict[Element, int] = {}
    number = 0
    for element in _walked(root):
        name = local(element)
        number += 1
        if name == "page":
            pages[element] = len(pages) + 1
        elif name in ("p", "h") and "text:1.0" in str(element.tag):
            content = Paragraph(items_of(element, looks))
            ancestors = list(element.iterancestors())
            if not content.letters or _is_computed(ancestors):
                continue
            in_sheet = any(local(each) == "spreadsheet" for each in ancestors)
            if in_sheet and fixed.holds(content.text, heading=False):
                package.remarks.append(_STAYS)
                continue
            segment = Segment(
                f"{part}#{number}", content.text, _kind(name, ancestors), _place(ancestors, pages)
            )
            if in_sheet:
                segment = cells.setdefault(content.text, segment)
            yield Unit(segment, part, partial(_put, element, content))
        elif name in ("title", "desc") and "svg" in str(element.tag):
            place = _place(list(element.iterancestors()), pages)
            yield from element_unit(part, f"{part}#{number}", element, "alt", place)


def _put(element: Element, content: Paragraph, text: str) -> None:
    put(element, content.items(text))


def _walked(root: Element) -> Iterator[Element]:
    """All elements in order but for those that hold deleted text or what is made from other text."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if local(element) not in _SKIPPED:
            yield element
            waiting.extend(reversed(element))


def _is_computed(ancestors: list[Element]) -> bool:
    """Whether the paragraph shows a number, a date or what a formula gives."""
    cell = next(
        (each for each in ancestors if local(each) in ("table-cell", "note", "annotation", "frame")), None
    )
    if cell is None or local(cell) != "table-cell":
        return False
    kind = attribute(cell, "value-type")
    return bool(attribute(cell, "formula")) or kind not in ("", "string")


def _kind(name: str, ancestors: list[Element]) -> SegmentKind:
    names = [local(each) for each in ancestors]
    if not _NOTES.isdisjoint(names):
        return "note"
    if "table-cell" in names:
        return "cell"
    frames = [each for each in ancestors if local(each) == "frame"]
    title = any(attribute(each, "class") == "title" for each in frames)
    return "heading" if name == "h" or title else "text"


def _place(ancestors: list[Element], pages: dict[Element, int]) -> str:
    for each in ancestors:
        if each in pages:
            notes = any(local(other) == "notes" for other in ancestors)
            return f"slide {pages[each]}" + (", notes" if notes else "")
        if local(each) == "table" and any(local(other) == "spreadsheet" for other in ancestors):
            return attribute(each, "name")
        if local(each) in ("header", "footer", "annotation"):
            return "comment" if local(each) == "annotation" else local(each)
        if local(each) == "note":
            return attribute(each, "note-class")
    return ""


def _set_language(package: Package) -> None:
    """Declare the language of the translation as the default, and its direction."""
    language = known_language(package.language) if package.language else None
    root = package.root("styles.xml") if language is not None else None
    if language is None or root is None:
        return
    kind = _SCRIPTS.get(language.script, "-asian" if language.base in ("ja", "ko", "zh") else "")
    space = _STYLE if kind else _FO
    for style in root.iter(_STYLE + "default-style"):
        for each in style:
            if local(each) == "text-properties":
                each.set(f"{space}language{kind}", language.base)
                each.set(f"{space}country{kind}", "none")
                package.change("styles.xml")
            elif local(each) == "paragraph-properties" and language.rtl:
                each.set(_STYLE + "writing-mode", "rl-tb")


def _language(package: Package) -> str:
    """The default language of its paragraphs."""
    root = package.root("styles.xml")
    for each in root.iter(_STYLE + "text-properties") if root is not None else ():
        language, country = each.get(_FO + "language", ""), each.get(_FO + "country", "none")
        if language not in ("", "none"):
            return language if country == "none" else f"{language}-{country}"
    return ""


FORMAT = Format(_units, _language)
read, write = FORMAT.read, FORMAT.write
