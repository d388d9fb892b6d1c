"""What a viewer must know before it shows a file. Runs in a job: the disk can be slow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from app.documents.cells import cell_range
from app.documents.document import Place, PlaceKind, Verdict
from app.gui.viewer.excerpts import Excerpt, PlaceTexts, Quote, excerpt, in_context, locate
from app.gui.viewer.picture_pages import picture_pages
from app.storage.passages import IndexedFile, IndexReader, StoredPlace
from app.storage.sheet_rows import rows_of_sheets

_PDF_HEADER = b"%PDF-"
_HEADER_WITHIN = 1024
_CLOCK_S = 2.0  # file systems round times
# The reader gave these up in a process of its own; drawing them here could take the window with it.
_UNSAFE = (Verdict.damaged, Verdict.timed_out, Verdict.too_large)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`file` is None when the index does not know the file. `version` tells two contents of a path apart.

    `text` is what the index holds. With `is_paged` the pages of a PDF are shown instead: those of the file, or `pages`,
    made from a picture. `recognised`: the texts that were recognised, by the number of their places. `on_disk`: the file
    itself, or the archive that it lies in. `quote` and `others`: what is to be marked. `cells`: those of the quote
    in a sheet ("A2:F9"), "" where there are none or it was not found.
    """

    path: str
    on_disk: str
    exists: bool
    changed: bool
    version: tuple[int, int]
    file: IndexedFile | None
    text: Excerpt
    is_paged: bool = False
    recognised: Mapping[int, str] = field(default_factory=dict)
    pages: bytes = b""
    quote: Quote | None = None
    others: tuple[Quote, ...] = ()
    cells: str = ""

    @property
    def is_member(self) -> bool:
        """It lies in an archive."""
        return self.on_disk != self.path


def load(index: IndexReader, path: str, quote: Quote | None, others: Sequence[Quote] = ()) -> Loaded:
    """Look at the file, take its text from the index and, from a picture that can be shown, make pages."""
    file = next(iter(index.files([path])), None)
    places = index.text_of(path)
    texts = _texts(places)
    quote = None if quote is None else in_context(texts, quote)
    others = tuple(in_context(texts, each) for each in others)
    known = excerpt(texts, quote, others=others)
    if file is not None and file.container:
        loaded = _load_member(index, file, known)
    else:
        loaded = _load_file(file, path, places, known)
    cells = "" if quote is None else _cells_of(index, path, texts, quote)
    return replace(loaded, quote=quote, others=others, cells=cells)


def _cells_of(index: IndexReader, path: str, texts: PlaceTexts, quote: Quote) -> str:
    """Of these very words: the cells of their source are those of the evidence, which can stand elsewhere."""
    rows = rows_of_sheets(index, path)
    if not rows or not texts or not quote.text:
        return ""
    target, start, end = locate(texts, quote)
    return cell_range(rows.get(texts[target][0].number, ()), start, end) if start >= 0 else ""


def _load_file(file: IndexedFile | None, path: str, places: Sequence[StoredPlace], known: Excerpt) -> Loaded:
    try:
        facts = Path(path).stat()
        with Path(path).open("rb") as stream:
            head = stream.read(_HEADER_WITHIN)
    except OSError:
        return Loaded(path, path, exists=False, changed=False, version=(0, 0), file=file, text=known)
    changed = file is not None and (facts.st_size != file.size or facts.st_mtime > file.indexed + _CLOCK_S)
    safe = file is None or file.state not in _UNSAFE
    is_pdf = _PDF_HEADER in head
    is_picture = safe and not is_pdf and any(each.state != "text" for each in places)
    pages = picture_pages(path) if is_picture else b""
    return Loaded(
        path,
        path,
        exists=True,
        changed=changed,
        version=(facts.st_size, facts.st_mtime_ns),
        file=file,
        text=known,
        is_paged=bool(pages) or (is_pdf and safe),
        recognised={each.number: each.text for each in places if each.state == "recognised"},
        pages=pages,
    )


def _load_member(index: IndexReader, file: IndexedFile, known: Excerpt) -> Loaded:
    """A document inside an archive is only ever shown as text: nothing is unpacked here."""
    archive = next(iter(index.files([file.container])), file)
    try:
        facts = Path(file.container).stat()
    except OSError:
        return Loaded(
            file.path, file.container, exists=False, changed=False, version=(0, 0), file=file, text=known
        )
    changed = facts.st_mtime > max(archive.indexed, file.indexed) + _CLOCK_S
    version = (facts.st_size, facts.st_mtime_ns)
    return Loaded(
        file.path, file.container, exists=True, changed=changed, version=version, file=file, text=known
    )


def _texts(places: Sequence[StoredPlace]) -> list[tuple[Place, str]]:
    return [
        (Place(cast(PlaceKind, each.kind), each.number, each.label), each.text)
        for each in places
        if each.text  # pages that are pictures have none
    ]
