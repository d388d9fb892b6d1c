"""EPUB books: the pages in reading order, the tables of contents and the title; all other members stay."""

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from app.documents.containers import entities_refused, locked, open_zip, read_member
from app.documents.document import ReadFailure, Verdict
from app.documents.layout import html, zip_rewriting
from app.documents.layout.encoded import Encoded, decoded
from app.documents.layout.markup import Token, tokens, words_of
from app.documents.layout.runs import Markup, stretch_of
from app.documents.layout.segment import Layout, Rebuilt, Segment
from app.documents.layout.stretches import Stretch, Words, layout_of, rewritten
from app.documents.limits import Limits

_PAGES = ("application/xhtml+xml", "text/html")
_CONTENTS = "application/x-dtbncx+xml"
_TITLES = frozenset(("dc:title", "dc:description", "title"))
_LANGUAGES = frozenset(("dc:language", "language"))
_FONTS_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


@dataclass(frozen=True, slots=True)
class _Member:
    """A member with text: a `page`, or XML whose `stretches` are known."""

    name: str
    encoded: Encoded
    page: html.Page
    place: str = ""
    xml: bool = True
    languages: tuple[tuple[int, int], ...] = ()  # of the package: where its languages stand


def read(path: Path, limits: Limits) -> Layout:
    """The texts of the book. Raises `ReadFailure`, locked for a book with copy protection."""
    segments: list[Segment] = []
    language = ""
    with open_zip(path, limits) as container:
        for number, member in enumerate(_members(container, limits), 1):
            layout = layout_of(member.page.stretches, prefix=f"{number}.")
            segments += (Segment(each.key, each.text, each.kind, member.place) for each in layout.segments)
            if member.languages:
                start, end = member.languages[0]
                language = language or member.encoded.text[start:end].strip()
    return Layout(tuple(segments), language)


def write(
    path: Path,
    out: Path,
    targets: Mapping[str, str],
    language: str,
    limits: Limits,
    *,
    force: bool = False,
) -> Rebuilt:
    """The book again; see `formats.FormatModule.write`."""
    changed: dict[str, bytes] = {}
    with open_zip(path, limits) as container:
        for number, member in enumerate(_members(container, limits), 1):
            text = _written(member, targets, language, f"{number}.", force=force)
            if text != member.encoded.text:
                changed[member.name] = member.encoded.encode(text)
    zip_rewriting.rewritten(path, out, changed, limits)
    return Rebuilt()


def _written(member: _Member, targets: Mapping[str, str], language: str, prefix: str, *, force: bool) -> str:
    if member.page.root is None:
        patches = [(start, end, language) for start, end in member.languages[:1] if language]
        return rewritten(
            member.encoded.text, member.page.stretches, targets, force=force, prefix=prefix, patches=patches
        )
    return member.page.rewritten(targets, language, force=force, prefix=prefix, xml=member.xml)


def _members(container: zipfile.ZipFile, limits: Limits) -> Iterator[_Member]:
    """The package, then its pages in reading order, then what lists them."""
    _refuse_protection(container, limits)
    name = _package_name(container, limits)
    package = _xml(container, name, limits, _TITLES)
    if package is None:
        raise ReadFailure(Verdict.damaged, "The book lacks its table of files; try to get it again.")
    yield package
    every = list(tokens(package.encoded.text, xml=True))
    folder = posixpath.dirname(name)
    items = {each.get("id") or "": each for each in every if _local(each) == "item"}
    spine = [items.get(each.get("idref") or "") for each in every if _local(each) == "itemref"]
    done: set[str] = set()
    for chapter, item in enumerate((each for each in spine if each), 1):
        yield from _page(container, folder, item, f"chapter {chapter}", limits, done)
    for item in items.values():
        if "nav" in (item.get("properties") or "").split():
            yield from _page(container, folder, item, "contents", limits, done)
        elif item.get("media-type") == _CONTENTS:
            contents = _xml(container, _name(folder, item), limits, frozenset(("text",)), "contents")
            if contents:
                yield contents


def _page(
    container: zipfile.ZipFile, folder: str, item: Token, place: str, limits: Limits, done: set[str]
) -> Iterator[_Member]:
    name = _name(folder, item)
    if name in done or item.get("media-type") not in _PAGES:
        return
    done.add(name)
    encoded = _text(container, name, limits)
    if encoded:
        xml = item.get("media-type") == _PAGES[0]
        yield _Member(name, encoded, html.page(encoded.text, xml=xml, fits=encoded.holds), place, xml)


def _xml(
    container: zipfile.ZipFile, name: str, limits: Limits, texts: frozenset[str], place: str = ""
) -> _Member | None:
    """A member whose elements named in `texts` hold one text each; None when there is none."""
    encoded = _text(container, name, limits)
    if encoded is None:
        return None
    source = encoded.text
    if "<!ENTITY" in source:
        raise entities_refused()
    spell = html.speller("", xml=True, fits=encoded.holds)
    found: list[Stretch] = []
    languages: list[tuple[int, int]] = []
    opened = ""
    for token in tokens(source, xml=True):
        if token.kind == "text" and opened in _LANGUAGES:
            languages.append((token.start, token.end))
        elif token.kind == "text" and opened in texts:
            run = [
                each if isinstance(each, Words) else Markup("single", each.start, each.end)
                for each in words_of(source, token.start, token.end)
            ]
            stretch = stretch_of(run, spell, "title", place)
            found += [stretch] if stretch else []
        opened = token.name if token.kind == "open" else ""
    return _Member(name, encoded, html.Page(source, tuple(found), None), place, languages=tuple(languages))


def _text(container: zipfile.ZipFile, name: str, limits: Limits) -> Encoded | None:
    data = read_member(container, name, limits)
    try:
        return decoded(data, limits, html.xml_charset(data)) if data else None
    except ReadFailure as failure:
        if failure.verdict is Verdict.empty:
            return None
        raise


def _refuse_protection(container: zipfile.ZipFile, limits: Limits) -> None:
    """Fonts may be scrambled; a book whose pages are cannot be read."""
    data = read_member(container, "META-INF/encryption.xml", limits).decode("utf-8", "replace")
    methods = [
        each.get("Algorithm") or ""
        for each in tokens(data, xml=True)
        if each.kind in ("open", "empty") and _local(each) == "EncryptionMethod"
    ]
    if any(method not in _FONTS_ONLY for method in methods):
        raise locked()


def _package_name(container: zipfile.ZipFile, limits: Limits) -> str:
    data = read_member(container, "META-INF/container.xml", limits).decode("utf-8", "replace")
    roots = (each.get("full-path") for each in tokens(data, xml=True) if _local(each) == "rootfile")
    return next(filter(None, roots), "") or next(
        (each for each in container.namelist() if each.endswith(".opf")), ""
    )


def _local(token: Token) -> str:
    return token.name.rpartition(":")[2] if token.kind in ("open", "empty") else ""


def _name(folder: str, item: Token) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote((item.get("href") or "").partition("#")[0])))
