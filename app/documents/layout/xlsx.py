"""The texts of Excel workbooks, and the workbooks again with other texts. Formulas, numbers and names of sheets stay."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from lxml.etree import _Element as Element

from app.documents.layout import cell_texts
from app.documents.layout.drawing import drawing_units
from app.documents.layout.fixed_texts import FixedTexts
from app.documents.layout.packages import Format, Package, Unit, child, local
from app.documents.layout.paragraph import Paragraph
from app.documents.layout.properties import document_title, element_unit
from app.documents.layout.segment import Segment, SegmentKind
from app.documents.layout.sheet_tables import TableLabels, string_of

_MAIN = tuple(
    f"{each}.main+xml" for each in ("sheet", "template", "sheet.macroEnabled", "template.macroEnabled")
)
_DRAWN = ("/chart", "/diagramData", "/diagramDrawing")
_STAYS = "Texts that formulas, filters or lists of allowed values refer to stay as they are."


@dataclass(slots=True)
class _Workbook:
    package: Package
    part: str
    strings_part: str = ""
    strings: list[Element] = field(default_factory=list)
    sheets: list[tuple[str, str]] = field(default_factory=list)  # (name, part), in order
    known: dict[str, Segment] = field(default_factory=dict)  # each distinct text once
    headings: set[Element] = field(default_factory=set)
    done: set[Element] = field(default_factory=set)


def _units(package: Package) -> Iterator[Unit]:
    for part in package.parts(*_MAIN)[:1]:
        book = _open(package, part)
        fixed = FixedTexts(package, _mentioning(book))
        for _, sheet in book.sheets:
            _collect_tables(book, sheet)
        for name, sheet in book.sheets:
            yield from _cells(book, name, sheet, fixed)
            yield from _headers(book, name, sheet)
            yield from _comments(book, name, sheet)
            drawings = [each for _, _, each in package.related(sheet, "/drawing")]
            for drawing in list(drawings):
                drawings += [each for _, kind, each in package.related(drawing) if kind.endswith(_DRAWN)]
            yield from drawing_units(package, drawings, name)
    yield from document_title(package)


def _open(package: Package, part: str) -> _Workbook:
    book = _Workbook(package, part)
    for _, _, name in package.related(part, "/sharedStrings"):
        root = package.root(name)
        book.strings_part = name
        book.strings = [each for each in root if local(each) == "si"] if root is not None else []
    targets = {identity: name for identity, _, name in package.related(part)}
    root = package.root(part)
    listed = child(root, "sheets") if root is not None else None
    for sheet in listed if listed is not None else ():
        ids = [value for key, value in sheet.items() if str(key).endswith("}id")]
        book.sheets += [(sheet.get("name", ""), targets[each]) for each in ids if each in targets]
    return book


def _mentioning(book: _Workbook) -> list[str]:
    parts = [book.part, *(sheet for _, sheet in book.sheets)]
    for _, sheet in book.sheets:
        parts += [name for _, _, name in book.package.related(sheet, "/table")]
    return [*parts, *(name for _, _, name in book.package.related(book.part, "/pivotCacheDefinition"))]


def _all_cells(book: _Workbook, sheet: str) -> Iterator[Element]:
    root = book.package.root(sheet)
    return root.iter("{*}c") if root is not None and local(root) == "worksheet" else iter(())


def _collect_tables(book: _Workbook, sheet: str) -> None:
    tables = [name for _, _, name in book.package.related(sheet, "/table")]
    if not tables:
        return
    cells = {cell.get("r", ""): cell for cell in _all_cells(book, sheet)}
    for part in tables:
        table = TableLabels(book.package, part, sheet)
        book.headings.update(table.collect(cells, book.strings))
        book.package.afterwards.append(table.follow)


def _cells(book: _Workbook, name: str, sheet: str, fixed: FixedTexts) -> Iterator[Unit]:
    for cell in _all_cells(book, sheet):
        string = string_of(cell, book.strings)
        if string is None or string in book.done:
            continue
        book.done.add(string)
        if fixed.holds(cell_texts.text_of(string), heading=string in book.headings):
            if _STAYS not in book.package.remarks and any(map(str.isalpha, cell_texts.text_of(string))):
                book.package.remarks.append(_STAYS)
            continue
        part = sheet if cell.get("t") == "inlineStr" else book.strings_part
        yield from _string_unit(book, part, string, "cell", f"{name}!{cell.get('r', '')}")


def _string_unit(
    book: _Workbook, part: str, string: Element, kind: SegmentKind, place: str
) -> Iterator[Unit]:
    content = Paragraph(cell_texts.items_of(string))
    if content.letters:
        segment = Segment(f"{part}#{len(book.known) + 1}", content.text, kind, place)
        segment = book.known.setdefault(content.text, segment)
        yield Unit(segment, part, partial(_put_string, string, content))


def _put_string(string: Element, content: Paragraph, text: str) -> None:
    cell_texts.put(string, content.items(text))


def _headers(book: _Workbook, name: str, sheet: str) -> Iterator[Unit]:
    root = book.package.root(sheet)
    found = child(root, "headerFooter") if root is not None else None
    for element in found if found is not None else ():
        content = Paragraph(cell_texts.header_items(element.text or ""))
        if content.letters:
            segment = Segment(f"{sheet}#{local(element)}", content.text, "text", name)
            yield Unit(segment, sheet, partial(_put_header, element, content))


def _put_header(element: Element, content: Paragraph, text: str) -> None:
    element.text = cell_texts.header_text(content.items(text))


def _comments(book: _Workbook, name: str, sheet: str) -> Iterator[Unit]:
    for _, _, part in book.package.related(sheet, "/comments"):
        root = book.package.root(part)
        authors = [each.text or "" for each in root.iter("{*}author")] if root is not None else []
        for comment in root.iter("{*}comment") if root is not None else ():
            text = child(comment, "text")
            author = comment.get("authorId", "")
            threaded = author.isdigit() and "".join(authors[int(author) : int(author) + 1]).startswith("tc=")
            if text is not None and not threaded:  # those repeat a thread for old programs
                yield from _string_unit(book, part, text, "note", f"{name}!{comment.get('ref', '')}")
    for _, _, part in book.package.related(sheet, "/threadedComment"):
        root = book.package.root(part)
        for number, text in enumerate(root.iter("{*}text") if root is not None else (), 1):
            yield from element_unit(part, f"{part}#{number}", text, "note", name)


def _language(package: Package) -> str:
    """Workbooks do not say."""
    return ""


FORMAT = Format(_units, _language)
read, write = FORMAT.read, FORMAT.write
