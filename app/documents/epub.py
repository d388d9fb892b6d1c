"""Chapters of an EPUB book, in reading order, with the titles of its table of contents."""

import posixpath
import zipfile
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from app.documents.building import Part
from app.documents.containers import parse_xml, read_member
from app.documents.document import ReadFailure, Verdict
from app.documents.html_text import html_pieces
from app.documents.limits import Limits

_PAGES = ("application/xhtml+xml", "text/html")
_CONTENTS = "application/x-dtbncx+xml"


def epub_chapters(container: zipfile.ZipFile, limits: Limits) -> tuple[str, list[Part]]:
    """(title, one part for each file of the reading order). Raises `ReadFailure` when the book is broken."""
    package_name = _package_name(container, limits)
    data = read_member(container, package_name, limits)
    if not data:
        raise ReadFailure(Verdict.damaged, "The book lacks its table of files; try to get it again.")
    package = parse_xml(data)
    folder = posixpath.dirname(package_name)
    items = {each.get("id", ""): each for each in package.iter() if _local(each) == "item"}
    titles = _contents(container, folder, list(items.values()), limits)
    parts: list[Part] = []
    for reference in package.iter():
        item = items.get(reference.get("idref", "")) if _local(reference) == "itemref" else None
        if item is None or item.get("media-type") not in _PAGES:
            continue
        name = _member(folder, item.get("href", ""))
        if "nav" in item.get("properties", "").split():
            continue
        _, pieces = html_pieces(read_member(container, name, limits).decode("utf-8", "replace"))
        heading = next((piece.text for piece in pieces if piece.kind == "heading"), "")
        if pieces:
            parts.append(Part(len(parts) + 1, titles.get(name) or heading, pieces))
    title = next((each.text or "" for each in package.iter() if _local(each) == "title"), "")
    return title, parts


def _package_name(container: zipfile.ZipFile, limits: Limits) -> str:
    data = read_member(container, "META-INF/container.xml", limits)
    roots = parse_xml(data).iter() if data else iter(())
    name = next((each.get("full-path", "") for each in roots if _local(each) == "rootfile"), "")
    return name or next((each for each in container.namelist() if each.endswith(".opf")), "")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _member(folder: str, reference: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(reference.partition("#")[0])))


def _contents(
    container: zipfile.ZipFile, folder: str, items: list[Element], limits: Limits
) -> dict[str, str]:
    """Member name -> the first title that the table of contents gives it (EPUB 3, else EPUB 2)."""
    titles: dict[str, str] = {}
    for item in items:
        name = _member(folder, item.get("href", ""))
        is_nav = "nav" in item.get("properties", "").split()
        if not is_nav and item.get("media-type") != _CONTENTS:
            continue
        try:
            root = parse_xml(read_member(container, name, limits))
        except ReadFailure:
            continue  # the headings in the text will do
        for reference, title in _nav_links(root) if is_nav else _ncx_links(root):
            titles.setdefault(_member(posixpath.dirname(name), reference), " ".join(title.split()))
    return titles


def _nav_links(root: Element) -> list[tuple[str, str]]:
    return [(each.get("href", ""), "".join(each.itertext())) for each in root.iter() if _local(each) == "a"]


def _ncx_links(root: Element) -> list[tuple[str, str]]:
    links: list[tuple[str, str]] = []
    for point in root.iter():
        if _local(point) != "navPoint":
            continue
        text = next((each.text or "" for each in point.iter() if _local(each) == "text"), "")
        target = next((each.get("src", "") for each in point.iter() if _local(each) == "content"), "")
        links.append((target, text))
    return links
