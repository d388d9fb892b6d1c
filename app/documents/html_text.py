"""HTML to pieces: what a reader of the page would see, without scripts, menus and hidden text."""

import re
from html.parser import HTMLParser

from app.documents.building import Piece
from app.documents.document import BlockKind
from app.documents.tables import table_pieces

_SKIPPED = frozenset(
    "script style noscript template svg math title nav iframe object canvas select button".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form"
    " header html main p section summary ul ol table tbody thead tfoot caption".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt|em|rem)?\s*(?:;|$)"
    r"|opacity\s*:\s*0\s*(?:;|$)",
    re.IGNORECASE,
)


class _Page(HTMLParser):
    """Collects pieces. Tags are matched loosely, as browsers do."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.pieces: list[Piece] = []
        self._hidden: list[str] = []  # the open elements inside the outermost unseen one
        self._texts: list[str] = []
        self._level = 0
        self._preformatted = 0
        self._in_title = False
        self._rows: list[list[str]] = []
        self._tables = 0
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and not self.title and not self._hidden:
            self._in_title = True
        if self._hidden or tag in _SKIPPED or _unseen(attrs):
            if tag not in _VOID:
                self._hidden.append(tag)
            return
        if tag == "br":
            self._texts.append("\n")
        elif tag in ("td", "th"):
            self._next_cell()
        elif tag == "tr":
            self._next_row()
        elif tag == "li":
            self._texts.append("\n")
        elif tag == "table":
            self._open_table()
        elif tag == "pre":
            self._flush()
            self._preformatted += 1
        elif tag in _HEADINGS and not self._tables:
            self._flush()
            self._level = _HEADINGS[tag]
        elif tag in _BLOCKS:
            self._separate()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if self._hidden:
            self._leave_hidden(tag)
        elif tag == "table":
            self._close_table()
        elif tag == "pre":
            self._flush()
            self._preformatted = max(0, self._preformatted - 1)
        elif tag in _HEADINGS and not self._tables:
            self._flush()
        elif tag in _BLOCKS:
            self._separate()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        if not self._hidden:
            self._texts.append(data if self._preformatted else re.sub(r"\s+", " ", data))

    def finish(self) -> None:
        self.close()
        while self._tables:
            self._close_table()
        self._flush()

    def _leave_hidden(self, tag: str) -> None:
        if tag in self._hidden[-8:]:
            while self._hidden.pop() != tag:
                pass
        elif tag in ("body", "html"):
            self._hidden.clear()

    def _separate(self) -> None:
        """Between blocks: a new paragraph, but inside a table cell only a blank, inside a list a line."""
        if self._tables:
            self._texts.append(" ")
        else:
            self._flush()

    def _flush(self) -> None:
        text = "".join(self._texts)
        self._texts.clear()
        kind: BlockKind = "heading" if self._level else "code" if self._preformatted else "text"
        if kind != "code":
            text = "\n".join(filter(None, (line.strip() for line in text.split("\n"))))
        if text.strip():
            self.pieces.append(Piece(kind, text, self._level))
        self._level = 0

    def _open_table(self) -> None:
        if not self._tables:
            self._flush()
        self._tables += 1

    def _next_row(self) -> None:
        if self._tables == 1:
            self._end_cell()
            self._rows.append([])

    def _next_cell(self) -> None:
        if self._tables == 1:
            self._end_cell()
            self._in_cell = True
            if not self._rows:
                self._rows.append([])

    def _end_cell(self) -> None:
        text = " ".join("".join(self._texts).split())
        self._texts.clear()
        if self._in_cell:
            self._rows[-1].append(text)
        elif text:  # a caption, or text that browsers lift out of the table
            self.pieces.append(Piece("text", text))
        self._in_cell = False

    def _close_table(self) -> None:
        if self._tables == 1:
            self._end_cell()
            self.pieces += table_pieces(self._rows)
            self._rows = []
        self._tables = max(0, self._tables - 1)


def _unseen(attributes: list[tuple[str, str | None]]) -> bool:
    for name, value in attributes:
        if name == "hidden" or (name == "style" and value and _UNSEEN_STYLE.search(value)):
            return True
    return False


_LOOSE_END = re.compile(r"</(script|style)\b[^>]*>", re.IGNORECASE)


def html_pieces(html: str) -> tuple[str, list[Piece]]:
    """(title, pieces) of a page. Nothing it names is ever fetched."""
    page = _Page()
    page.feed(_LOOSE_END.sub(r"</\1>", html))
    page.finish()
    return " ".join(page.title.split()), page.pieces


_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE
)


def declared_charset(data: bytes) -> str:
    """The encoding that a page or an XML file names in its first bytes, else ""."""
    found = _CHARSET.search(data[:2048])
    return found.group(1).decode("ascii").lower() if found else ""
