"""The one module that knows kreuzberg, which reads the formats Alcove has no reader of its own for.

Only ever imported in the reader process. kreuzberg is always told the media type: left to guess, it
would try to download grammars for source code, and to run an OCR engine on pictures.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import kreuzberg

from app.documents import filetype
from app.documents.building import Part, Piece
from app.documents.containers import entities_refused, locked
from app.documents.document import BlockKind, ReadFailure, Verdict
from app.documents.limits import Limits
from app.documents.old_office import PPT
from app.documents.sheet_origins import Cell
from app.documents.tables import table_pieces

_SLOW = 6.0  # seconds for the text of a PDF; looking for headings takes four times as long
_LONGEST_HEADING = 120
_SEARCHED = 2_000  # words ahead; a guess further off is none of this page's order
_PROTECTED = re.compile("password|encrypt", re.IGNORECASE)
_NO_TITLES = {"untitled", "powerpoint presentation", "document1", "presentation1"}
_ENTITIES = re.compile("DTD|entity", re.IGNORECASE)
_BEYOND_LIMIT = re.compile("limit exceeded|too (?:large|many|deep)|exceeds", re.IGNORECASE)
_READABLE = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff\uac00-\ud7a3]{2}")  # labels in figures are not
_WORD = re.compile(r"[^\W_]+")
_FIELD = re.compile(r"(?:EMBED|LINK|HYPERLINK|INCLUDEPICTURE|PAGEREF|SHAPE) +\S+(?: \\\S+)*")

Node = Mapping[str, Any]


def _config(**options: Any) -> kreuzberg.ExtractionConfig:
    config = kreuzberg.ExtractionConfig(use_cache=False, enable_quality_processing=False, **options)
    config.disable_ocr = True  # type: ignore[attr-defined]  # missing from its stubs
    return config


def _extract(data: bytes, media_type: str, **options: Any) -> kreuzberg.ExtractionResult:
    try:
        return kreuzberg.extract_bytes_sync(data, media_type, config=_config(**options))
    except kreuzberg.KreuzbergError as error:
        message = str(error)
        if _PROTECTED.search(message):
            raise locked() from error
        if _ENTITIES.search(message):
            raise entities_refused() from error
        if _BEYOND_LIMIT.search(message):
            raise ReadFailure(Verdict.too_large, "The file claims more content than Alcove reads.") from error
        raise ReadFailure(
            Verdict.damaged, "The file is damaged; try to get it again or to save it anew."
        ) from error


def title(result: kreuzberg.ExtractionResult) -> str:
    """The title that the file's own properties name, "" when it is none a person gave."""
    named = result.metadata.get("title") or result.metadata.get("subject") or ""
    name = re.sub(r"^Microsoft (?:Word|PowerPoint|Excel) - ", "", str(named)).strip()
    return "" if name.casefold() in _NO_TITLES else name


def pdf_pages(data: bytes) -> tuple[str, list[Part]]:
    """(title, one part a page, blank pages too). Raises `ReadFailure` when locked or damaged."""
    pages = kreuzberg.PageConfig(extract_pages=True)
    began = time.monotonic()
    result = _extract(data, filetype.PDF, pages=pages)
    texts = {page["page_number"]: page["content"] for page in result.pages or []}
    nodes: dict[int, list[Node]] = {}
    if time.monotonic() - began < _SLOW:
        nodes = _nodes_by_page(data)
    parts = [
        Part(number, "", list(_page_pieces(text, nodes.get(number, ())))) for number, text in texts.items()
    ]
    return title(result), parts


def _nodes_by_page(data: bytes) -> dict[int, list[Node]]:
    """Paragraphs and headings as kreuzberg guesses them from fonts and gaps, nothing if it fails."""
    try:
        result = _extract(data, filetype.PDF, output_format="markdown", include_document_structure=True)
    except ReadFailure:
        return {}
    found: dict[int, list[Node]] = {}
    for node in _nodes(result):
        if node.get("page") and node["content"].get("text"):
            found.setdefault(node["page"], []).append(node["content"])
    return found


def _page_pieces(text: str, nodes: Iterable[Node]) -> Iterator[Piece]:
    """The page's own text, parted where a guessed paragraph starts at the beginning of a line.

    Guesses never change the text itself, so a quotation is found again on the page as it is displayed.
    """
    words = [(match.start(), match.group()) for match in _WORD.finditer(text)]
    cuts: dict[int, int] = {0: 0}  # where a piece starts -> its heading level or 0
    at = 0
    for node in nodes:
        wanted = _WORD.findall(node["text"])
        found = _find(words, wanted, at)
        if found is None:
            continue
        at = min(found + len(wanted), len(words))
        start = words[found][0]
        end = words[at][0] if at < len(words) else len(text)
        if not _opens_line(text, start) or text[start].islower():  # then it goes on, whatever the gap
            continue
        heading = (
            node["node_type"] == "heading"
            and _is_heading(text[start : _line_end(text, words[at - 1][0])])
            and _opens_line(text, end)
        )
        cuts[_line_start(text, start)] = min(int(node.get("level", 1)), 6) if heading else 0
        if end < len(text) and _opens_line(text, end) and not text[end].islower():
            cuts.setdefault(_line_start(text, end), 0)
    starts = sorted(cuts)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        kind: BlockKind = "heading" if cuts[start] else "text"
        yield Piece(kind, text[start:end], cuts[start], wrapped=True)


def _find(words: list[tuple[int, str]], wanted: list[str], start: int) -> int | None:
    """Index of the first run of `wanted` from `start`; a long paragraph is known by its first words."""
    run = wanted[:8]
    if not run:
        return None
    for index in range(start, min(len(words) - len(run) + 1, start + _SEARCHED)):
        if words[index][1] == run[0] and all(words[index + i][1] == word for i, word in enumerate(run)):
            return index
    return None


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _opens_line(text: str, position: int) -> bool:
    """Whether only signs, such as a bullet, stand before `position` on its line."""
    line = text[_line_start(text, position) : position]
    return position >= len(text) or not any(map(str.isalnum, line))


def _is_heading(text: str) -> bool:
    line = "".join(text.split())
    letters = sum(map(str.isalpha, line))
    return (
        len(line) <= _LONGEST_HEADING
        and not line.endswith((".", ",", ";", ":"))
        and letters * 2 > len(line)
        and _READABLE.search(text) is not None
    )


def flowing_pieces(data: bytes, media_type: str) -> tuple[str, list[Piece]]:
    """(title, pieces) of a text document. Raises `ReadFailure` when locked or damaged."""
    result = _extract(data, media_type, include_document_structure=True)
    return title(result), list(_flow(_nodes(result)))


def _nodes(result: kreuzberg.ExtractionResult) -> list[Node]:
    return list(result.document["nodes"]) if result.document else []


def _flow(nodes: Iterable[Node]) -> Iterator[Piece]:
    """The nodes in reading order; the items of a list become the lines of one piece."""
    items: list[str] = []
    for node in nodes:
        content = node["content"]
        kind = content["node_type"]
        if node.get("content_layer") in ("header", "footer"):
            continue
        if kind == "list_item":
            items.append(content.get("text", ""))
            continue
        if items and kind != "list":
            yield Piece("text", "\n".join(items))
            items = []
        yield from _piece(kind, content)
    if items:
        yield Piece("text", "\n".join(items))


def _piece(kind: str, content: Node) -> Iterator[Piece]:
    text = str(content.get("text") or "")
    if kind in ("heading", "title"):
        yield Piece("heading", text, min(max(int(content.get("level", 1)), 1), 6))
    elif kind == "table":
        yield from table_pieces(_grid(content["grid"]))
    elif kind == "code":
        yield Piece("code", text)
    elif kind == "metadata_block":  # the headers of a message, the front matter of a page
        yield Piece("text", "\n".join(f"{name}: {value}" for name, value in content.get("entries", ())))
    elif kind in ("paragraph", "formula", "footnote") and not _FIELD.fullmatch(text.strip()):
        yield Piece("text", text)


def _grid(grid: Node) -> list[list[str]]:
    rows = [[""] * int(grid["cols"]) for _ in range(int(grid["rows"]))]
    for cell in grid["cells"]:
        rows[cell["row"]][cell["col"]] = cell["content"]
    return rows


def old_slides(data: bytes) -> tuple[str, list[Part]]:
    """(title, one part a slide) of a PowerPoint file from before 2007."""
    result = _extract(data, PPT, include_document_structure=True)
    parts: list[Part] = []
    for node in _nodes(result):
        content = node["content"]
        if content["node_type"] == "slide":
            name = str(content.get("title") or "")
            parts.append(Part(int(content["number"]), name, [Piece("heading", name, 1)]))
            continue
        if not parts:
            parts.append(Part(1, "", []))
        parts[-1].pieces += _flow([node])
    return title(result), parts


def sheets(
    data: bytes, media_type: str, hidden: frozenset[str], first_cells: Mapping[str, Cell], limits: Limits
) -> tuple[str, list[Part], str]:
    """(title, one part a sheet, remark); sheets named in `hidden` are left out.

    `first_cells`: where the first filled cell of a sheet stands.
    """
    result = _extract(data, media_type)
    names = list(result.metadata.get("sheet_names") or [])
    parts: dict[int, Part] = {}
    cells = 0
    for table in result.tables:
        number = table.page_number
        name = names[number - 1] if 0 < number <= len(names) else ""
        if name in hidden:
            continue
        room = limits.cells - cells
        width = max(map(len, table.cells), default=0)
        rows = table.cells[: room // max(width, 1)]
        cells += len(rows) * width
        part = parts.setdefault(number, Part(number, name, []))
        part.pieces += table_pieces(rows, _origin(rows, first_cells.get(name)))
        if len(rows) < len(table.cells):
            return (
                title(result),
                list(parts.values()),
                "Only the first rows were read: the spreadsheet is too large.",
            )
    return title(result), list(parts.values()), ""


def _origin(rows: list[list[str]], first: Cell | None) -> Cell | None:
    """Row and column of `rows[0][0]` in the sheet, as told by its first filled cell; None when that is not known."""
    here = next(((row, at) for row, cells in enumerate(rows) for at, cell in enumerate(cells) if cell), None)
    if first is None or here is None or first[0] <= here[0] or first[1] <= here[1]:
        return None
    return first[0] - here[0], first[1] - here[1]
