"""What a viewer must know before it shows a file. Runs in a job: the disk can be slow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from app.documents.document import Place, PlaceKind, Verdict
from app.gui.viewer.excerpts import Excerpt, Quote, excerpt
from app.gui.viewer.picture_pages import picture_pages
from app.storage.passages import IndexedFile, IndexReader, StoredPlace

_PDF_HEADER = b"%PDF-"
_HEADER_WITHIN = 1024
_CLOCK_S = 2.0  # file systems round times
# The reader gave these up in a process of its own; drawing them here could take the window with it.
_UNSAFE = (Verdict.damaged, Verdict.timed_out, Verdict.too_large)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`file` is None when the index does not know the file. `version` tells two contents of a path apart.

    `text` is None where the pages of a PDF are to be shown instead: those of the file, or `pages`, made from a picture.
    `recognised`: numbers of the places whose text was recognised. `on_disk`: the file itself, or the archive that it
    lies in.
    """

    path: str
    on_disk: str
    exists: bool
    changed: bool
    version: tuple[int, int]
    file: IndexedFile | None
    text: Excerpt | None
    recognised: frozenset[int] = frozenset()
    pages: bytes = b""


def load(index: IndexReader, path: str, quote: Quote | None) -> Loaded:
    """Look at the file and, unless it is a PDF or a picture that can be shown, take its text from the index."""
    file = next(iter(index.files([path])), None)
    if file is not None and file.container:
        return _load_member(index, file, quote)
    try:
        facts = Path(path).stat()
        with Path(path).open("rb") as stream:
            head = stream.read(_HEADER_WITHIN)
    except OSError:
        known = read_text(index, path, quote)
        return Loaded(path, path, exists=False, changed=False, version=(0, 0), file=file, text=known)
    changed = file is not None and (facts.st_size != file.size or facts.st_mtime > file.indexed + _CLOCK_S)
    safe = file is None or file.state not in _UNSAFE
    places = index.text_of(path)
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
        text=None if pages or (is_pdf and safe) else _excerpt(places, quote),
        recognised=frozenset(each.number for each in places if each.state == "recognised"),
        pages=pages,
    )


def _load_member(index: IndexReader, file: IndexedFile, quote: Quote | None) -> Loaded:
    """A document inside an archive is only ever shown as text: nothing is unpacked here."""
    archive = next(iter(index.files([file.container])), file)
    text = read_text(index, file.path, quote)
    try:
        facts = Path(file.container).stat()
    except OSError:
        return Loaded(
            file.path, file.container, exists=False, changed=False, version=(0, 0), file=file, text=text
        )
    changed = facts.st_mtime > max(archive.indexed, file.indexed) + _CLOCK_S
    version = (facts.st_size, facts.st_mtime_ns)
    return Loaded(
        file.path, file.container, exists=True, changed=changed, version=version, file=file, text=text
    )


def read_text(index: IndexReader, path: str, quote: Quote | None) -> Excerpt:
    """What the index holds of the file, around the quote."""
    return _excerpt(index.text_of(path), quote)


def _excerpt(places: Sequence[StoredPlace], quote: Quote | None) -> Excerpt:
    texts = [
        (Place(cast(PlaceKind, each.kind), each.number, each.label), each.text)
        for each in places
        if each.text  # pages that are pictures have none
    ]
    return excerpt(texts, quote)
