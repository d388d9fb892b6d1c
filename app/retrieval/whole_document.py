"""All passages of one document with their vectors: from the index, or cut from a pasted text."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.base.errors import AppError
from app.documents.building import Piece, first_heading, sections, text_pieces
from app.documents.chunking import chunk
from app.documents.document import Document, Place, Verdict
from app.retrieval.embedding import Embedder, Vectors
from app.retrieval.file_reading import PASSAGE_TOKENS
from app.retrieval.protocol import DocumentPassage
from app.retrieval.stored_vectors import fits, unpacked
from app.storage.database import Database

_SEPARATOR = " \u203a "
_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """`vectors` has shape (passages, dimensions); rows of passages that are not `embedded` are zero."""

    title: str
    passages: tuple[DocumentPassage, ...]
    vectors: Vectors
    embedded: npt.NDArray[np.bool_]
    places: int
    unit: str
    state: str
    reason: str


def stored_document(database: Database, file: str, dimensions: int) -> WholeDocument:
    """What the index holds of `file`. Raises `AppError` when that is nothing, with the file's own reason."""
    name = Path(file).name
    found = database.rows("SELECT id, title, state, reason FROM files WHERE path = ?", (file,))
    if not found:
        raise AppError(f"“{name}” is not in the library yet.", "Add it to the library, then try again.")
    of_file = found[0]
    rows = database.rows(
        """SELECT p.start, p.end, p.heading, t.kind, t.number, t.label, v.vector,
                  substr(t.text, p.start + 1, p.end - p.start) AS text
           FROM passages p JOIN places t ON t.id = p.place_id LEFT JOIN vectors v ON v.passage_id = p.id
           WHERE p.file_id = ? ORDER BY p.place_id, p.start""",
        (of_file["id"],),
    )
    if not rows:
        raise AppError(
            f"“{name}” holds no text that could be summarised.", of_file["reason"] or "Try another file."
        )
    vectors = np.zeros((len(rows), dimensions), dtype=np.float32)
    embedded = np.zeros(len(rows), dtype=np.bool_)
    for number, row in enumerate(rows):
        if row["vector"] is not None and fits(row["vector"], dimensions):
            vectors[number] = unpacked([row["vector"]], dimensions)[0]
            embedded[number] = True
    passages = _with_sections([_passage(number, row) for number, row in enumerate(rows, start=1)])
    return WholeDocument(
        of_file["title"] or name, passages, vectors, embedded, *_extent(passages), of_file["state"], of_file["reason"]
    )  # fmt: skip


def pasted_document(text: str, embedder: Embedder) -> WholeDocument:
    """`text` cut into passages, none of them embedded yet. Raises `AppError` when it is blank."""
    places = sections(list(_pieces(text)))
    document = Document("text/plain", first_heading(places), places)
    chunks = chunk(document, embedder.count_tokens, min(PASSAGE_TOKENS, embedder.max_tokens - 2))
    if not chunks:
        raise AppError("There is no text to summarise.", "Paste some text first.")
    passages = _with_sections([
        DocumentPassage(
            number, places[each.place].place, each.heading, places[each.place].text[each.start : each.end],
            each.start, each.end,
        )
        for number, each in enumerate(chunks, start=1)
    ])  # fmt: skip
    count = len(passages)
    return WholeDocument(
        document.title, passages, np.zeros((count, embedder.dimensions), dtype=np.float32),
        np.zeros(count, dtype=np.bool_), *_extent(passages), str(Verdict.indexed), "",
    )  # fmt: skip


def _pieces(text: str) -> Iterator[Piece]:
    """The paragraphs of a pasted text; lines marked as Markdown headings are headings."""
    for piece in text_pieces(_HEADING.sub(r"\n\n\g<0>\n\n", text)):
        heading = _HEADING.fullmatch(piece.text.strip())
        yield Piece("heading", heading.group(2), len(heading.group(1))) if heading else piece


def _passage(number: int, row: sqlite3.Row) -> DocumentPassage:
    place = Place(row["kind"], row["number"], row["label"])
    return DocumentPassage(number, place, row["heading"], row["text"], row["start"], row["end"])


def _extent(passages: Sequence[DocumentPassage]) -> tuple[int, str]:
    """How many places with text the document has, and what they are. The index knows no pages without text."""
    kind = passages[0].place.kind
    return len({each.place for each in passages}), "section" if kind == "document" else kind


def _with_sections(passages: Sequence[DocumentPassage]) -> tuple[DocumentPassage, ...]:
    """Each with the first level of its headings that is not the same for all; pages without one continue the last."""
    paths = [each.heading.split(_SEPARATOR) if each.heading else [] for each in passages]
    named = [path for path in paths if path]
    depth = 0
    while named and all(len(path) > depth and path[depth] == named[0][depth] for path in named):
        depth += 1
    section = ""
    found = []
    for passage, path in zip(passages, paths, strict=True):
        section = path[min(depth, len(path) - 1)] if path else section
        found.append(replace(passage, section=section))
    return tuple(found)
