"""The texts of Word documents, and the documents again with other texts."""

from collections.abc import Iterator
from functools import partial

from lxml.etree import _Element as Element

from app.documents.layout.drawing import drawing_units
from app.documents.layout.packages import Format, Package, Unit, attribute, child, local
from app.documents.layout.paragraph import Paragraph
from app.documents.layout.properties import alternative_texts, document_title
from app.documents.layout.segment import Segment, SegmentKind
from app.documents.layout.word_paragraphs import Fields, Writing, items_of, put

_MAIN = ("document.main+xml", "template.main+xml", "documentEnabled.main+xml", "templateEnabled.main+xml")
_STORIES: dict[str, tuple[SegmentKind, str]] = {
    "wordprocessingml.header+xml": ("text", "header"),
    "wordprocessingml.footer+xml": ("text", "footer"),
    "wordprocessingml.footnotes+xml": ("note", "footnote"),
    "wordprocessingml.endnotes+xml": ("note", "endnote"),
    "wordprocessingml.comments+xml": ("note", "comment"),
}
_DRAWINGS = ("drawingml.chart+xml", "diagramData+xml", "diagramDrawing+xml")
_HEADINGS = ("heading", "title", "subtitle")
_STORY_ENDS = ("txbxContent", "footnote", "endnote", "comment")


def _units(package: Package) -> Iterator[Unit]:
    headings = _heading_styles(package)
    for part in package.parts(*_MAIN):
        yield from _story(package, part, headings, "text", "")
    for ending, (kind, place) in _STORIES.items():
        for part in package.parts(ending):
            yield from _story(package, part, headings, kind, place)
    yield from drawing_units(package, package.parts(*_DRAWINGS))
    yield from document_title(package)


def _heading_styles(package: Package) -> frozenset[str]:
    """Ids of the paragraph styles for headings."""
    found = set()
    for part in package.parts("wordprocessingml.styles+xml"):
        root = package.root(part)
        for style in root if root is not None else ():
            name = child(style, "name")
            if name is not None and attribute(name, "val").lower().startswith(_HEADINGS):
                found.add(attribute(style, "styleId"))
    return frozenset(found)


def _story(
    package: Package, part: str, headings: frozenset[str], kind: SegmentKind, place: str
) -> Iterator[Unit]:
    root = package.root(part)
    if root is None:
        return
    fields: dict[Element, Fields] = {}
    chosen: dict[str, str] = {}  # text -> key, for the second copy that old programs get of a text box
    writing = Writing(package.language, package.right_to_left)
    for number, paragraph in enumerate((each for each in root.iter() if local(each) == "p"), 1):
        if not _is_words(paragraph):
            continue
        within = fields.setdefault(_story_of(paragraph, root), Fields())
        inside_field = within.depth > 0
        within.pass_over(paragraph)
        if inside_field:
            continue
        content = Paragraph(items_of(paragraph))
        if not content.letters:
            continue
        key = f"{part}#{number}"
        if _in_fallback(paragraph):
            key = chosen.get(content.text, key)
        else:
            chosen[content.text] = key
        segment = Segment(key, content.text, _kind(paragraph, headings, kind), place)
        yield Unit(segment, part, partial(_put, paragraph, content, writing))
    yield from alternative_texts(part, root, place)


def _put(paragraph: Element, content: Paragraph, writing: Writing, text: str) -> None:
    put(paragraph, content.items(text), writing)


def _is_words(paragraph: Element) -> bool:
    """Whether it is a `w:p`; drawings have paragraphs of their own kind."""
    return "wordprocessingml" in str(paragraph.tag)


def _story_of(paragraph: Element, root: Element) -> Element:
    return next((each for each in paragraph.iterancestors() if local(each) in _STORY_ENDS), root)


def _in_fallback(paragraph: Element) -> bool:
    return any(local(each) == "Fallback" for each in paragraph.iterancestors())


def _kind(paragraph: Element, headings: frozenset[str], kind: SegmentKind) -> SegmentKind:
    properties = child(paragraph, "pPr")
    style = child(properties, "pStyle") if properties is not None else None
    if style is not None and attribute(style, "val") in headings:
        return "heading"
    if kind == "text" and any(local(each) == "tc" for each in paragraph.iterancestors()):
        return "cell"
    return kind


def _language(package: Package) -> str:
    """The default language of its styles."""
    for part in package.parts("wordprocessingml.styles+xml"):
        root = package.root(part)
        defaults = child(root, "docDefaults") if root is not None else None
        for each in defaults.iter() if defaults is not None else ():
            if local(each) == "lang":
                return attribute(each, "val")
    return ""


FORMAT = Format(_units, _language)
read, write = FORMAT.read, FORMAT.write
