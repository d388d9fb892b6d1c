"""Slides of PowerPoint and OpenDocument presentations, in their order, with titles, tables and notes."""

import posixpath
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from app.documents.building import Part, Piece
from app.documents.containers import parse_xml, read_member
from app.documents.document import ReadFailure, Verdict
from app.documents.limits import Limits
from app.documents.tables import table_pieces

_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SLIDE_LIST = "{http://schemas.openxmlformats.org/presentationml/2006/main}sldId"
_ODP_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_ODP_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ODP_SHOW = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_UNTOLD = ("sldNum", "dt", "ftr", "hdr")  # placeholders that repeat on each slide


def pptx_slides(container: zipfile.ZipFile, limits: Limits) -> list[Part]:
    """One part a slide, hidden slides left out. Raises `ReadFailure` when the presentation is broken."""
    folder = "ppt/"
    data = read_member(container, "ppt/presentation.xml", limits)
    if not data:
        raise ReadFailure(Verdict.damaged, "The presentation lacks its main part; try to get it again.")
    targets = _related(container, "ppt/_rels/presentation.xml.rels", folder, limits)
    parts: list[Part] = []
    for number, entry in enumerate(parse_xml(data).iter(_SLIDE_LIST), 1):
        name = targets.get(entry.get(_OFFICE + "id", ""), ("", ""))[1]
        slide = read_member(container, name, limits)
        root = parse_xml(slide) if slide else None
        if root is None or root.get("show") == "0":
            continue
        pieces = list(_shapes(root))
        rels = posixpath.join(posixpath.dirname(name), "_rels", posixpath.basename(name) + ".rels")
        for kind, target in _related(container, rels, posixpath.dirname(name), limits).values():
            if kind.endswith("/notesSlide") and (notes := read_member(container, target, limits)):
                pieces += [piece for piece in _shapes(parse_xml(notes)) if piece.kind != "heading"]
        parts.append(Part(number, _title(pieces), pieces))
    return parts


def _related(
    container: zipfile.ZipFile, name: str, folder: str, limits: Limits
) -> dict[str, tuple[str, str]]:
    """Relationship id -> (type, member name)."""
    data = read_member(container, name, limits)
    if not data:
        return {}
    return {
        each.get("Id", ""): (
            each.get("Type", ""),
            posixpath.normpath(posixpath.join("/" + folder, each.get("Target", ""))).lstrip("/"),
        )
        for each in parse_xml(data)
    }


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _shapes(root: Element) -> Iterator[Piece]:
    """Text of the shapes in drawing order; of alternative drawings only the first."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        name = _local(element)
        if name == "Fallback":
            continue
        if name == "tbl":
            yield from table_pieces(
                [" ".join(_paragraphs(cell)) for cell in row if _local(cell) == "tc"]
                for row in element
                if _local(row) == "tr"
            )
        elif name == "sp":
            yield from _shape(element)
        else:
            waiting.extend(reversed(element))


def _shape(shape: Element) -> Iterator[Piece]:
    placeholder = next((each for each in shape.iter() if _local(each) == "ph"), None)
    kind = placeholder.get("type", "") if placeholder is not None else ""
    text = "\n".join(filter(None, _paragraphs(shape)))
    if text and kind not in _UNTOLD:
        title = kind in ("title", "ctrTitle")
        yield Piece("heading", text, 1) if title else Piece("text", text)


def _paragraphs(element: Element) -> Iterator[str]:
    for paragraph in element.iter():
        if _local(paragraph) != "p":
            continue
        texts = (
            each.text or "" if _local(each) == "t" else "\n" if _local(each) == "br" else ""
            for each in paragraph.iter()
        )
        yield "".join(texts)


def _title(pieces: list[Piece]) -> str:
    return next((piece.text for piece in pieces if piece.kind == "heading"), "")


def odp_slides(content: bytes) -> list[Part]:
    """One part a slide of an OpenDocument presentation's content.xml. Raises `ReadFailure` when broken."""
    parts: list[Part] = []
    for number, page in enumerate(parse_xml(content).iter(_ODP_DRAW + "page"), 1):
        pieces: list[Piece] = []
        for frame in page.iter():
            if frame.tag in (_ODP_DRAW + "frame", _ODP_DRAW + "custom-shape"):
                pieces += _frame(frame)
        parts.append(Part(number, _title(pieces), pieces))
    return parts


def _frame(frame: Element) -> Iterator[Piece]:
    rows = list(frame.iter(_ODP_TABLE + "table-row"))
    if rows:
        yield from table_pieces(
            [" ".join(_odf_paragraphs(cell)) for cell in row.iter(_ODP_TABLE + "table-cell")] for row in rows
        )
        return
    text = "\n".join(filter(None, _odf_paragraphs(frame)))
    if text:
        title = frame.get(_ODP_SHOW + "class") == "title"
        yield Piece("heading", text, 1) if title else Piece("text", text)


def _odf_paragraphs(element: Element) -> Iterator[str]:
    for paragraph in element.iter():
        if _local(paragraph) in ("p", "h"):
            yield "".join(paragraph.itertext())
