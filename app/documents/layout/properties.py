"""Texts without formatting: alternative texts of pictures, the title in a document's properties."""

import re
from collections.abc import Callable, Iterator

from lxml.etree import _Element as Element

from app.documents.layout.items import Style, Text, plain_text
from app.documents.layout.packages import Package, Unit, local
from app.documents.layout.paragraph import Paragraph
from app.documents.layout.segment import Segment, SegmentKind

_FILE_NAME = re.compile(r"\S+\.\w{2,4}")
_DRAWN = ("docPr", "cNvPr")


def plain_unit(
    part: str, key: str, text: str, put: Callable[[str], None], kind: SegmentKind, place: str = ""
) -> Iterator[Unit]:
    """One unit for `text`, none if it has no letters."""
    paragraph = Paragraph([Text(text, Style())])
    if paragraph.letters:
        yield Unit(
            Segment(key, paragraph.text, kind, place),
            part,
            lambda target: put(plain_text(paragraph.items(target))),
        )


def element_unit(part: str, key: str, element: Element, kind: SegmentKind, place: str = "") -> Iterator[Unit]:
    """One unit for an element that holds nothing but text."""

    def put(text: str) -> None:
        element.text = text

    if len(element) == 0:
        yield from plain_unit(part, key, element.text or "", put, kind, place)


def alternative_texts(part: str, root: Element, place: str = "") -> Iterator[Unit]:
    """What screen readers say for pictures and shapes of Office files; names of files are none."""
    drawn = (each for each in root.iter() if local(each) in _DRAWN and "descr" in each.attrib)
    for number, element in enumerate(drawn, 1):
        text = str(element.attrib["descr"])
        if not _FILE_NAME.fullmatch(text.strip()):
            yield from plain_unit(
                part, f"{part}#alt{number}", text, lambda new, it=element: it.set("descr", new), "alt", place  # type: ignore[misc]
            )  # fmt: skip


def document_title(package: Package, part: str = "docProps/core.xml") -> Iterator[Unit]:
    """The title in the file's properties."""
    root = package.root(part) if part in package.names else None
    titles = [each for each in root.iter() if local(each) == "title"] if root is not None else []
    if titles:
        yield from element_unit(part, f"{part}#title", titles[0], "title")
