"""Reads one file of any supported kind. Runs only in the reader process: files can be hostile."""

import logging
import re
import stat
from dataclasses import replace
from pathlib import Path

from app.base.logs import describe_bug
from app.documents import filetype, formats
from app.documents.building import first_heading, label
from app.documents.document import Document, PlaceText, ReadFailure, ReadResult, Verdict
from app.documents.limits import MIB, Limits

_log = logging.getLogger(__name__)
# what programs write where nobody gave a title
_NO_TITLE = re.compile(
    r"\W*(?:anonymous|unspecified|untitled|unnamed|no title|none|null|unknown|(?:power ?point )?presentation|(?:word )?document)\W*\d*\W*",
    re.IGNORECASE,
)


def read_document(path: Path, limits: Limits) -> ReadResult:
    """The text of the file at `path`, or the reason why there is none. Never raises on what a file holds."""
    try:
        return _read(path, limits)
    except Exception as error:
        failure = why_unread(error)
        return ReadResult(failure.verdict, failure.reason)


def why_unread(error: Exception) -> ReadFailure:
    """What `error`, raised by reading a file, says about that file."""
    match error:
        case ReadFailure():
            return error
        case RecursionError():
            return ReadFailure(Verdict.too_large, "The file is nested too deeply to be read.")
        case MemoryError():
            return ReadFailure(
                Verdict.too_large, "Reading this file would need more memory than Alcove allows a file."
            )
        case PermissionError():
            return ReadFailure(Verdict.unreadable, "You have no permission to read this file.")
        case OSError():
            return ReadFailure(
                Verdict.unreadable, f"The file could not be read ({error.strerror or 'unknown'})."
            )
    # broken files find errors in parsers that nobody knows of
    _log.warning("unexpected while reading: %s", describe_bug(error))
    return ReadFailure(Verdict.damaged, "The file is damaged; try to get it again or to save it anew.")


def _read(path: Path, limits: Limits) -> ReadResult:
    size = _regular_size(path)
    if size == 0:
        return ReadResult(Verdict.empty, "The file is empty.")
    if size > limits.file_bytes:
        return ReadResult(Verdict.too_large, f"The file is larger than {limits.file_bytes // MIB} MB.")
    with path.open("rb") as file:
        head = file.read(filetype.HEAD)
    media_type = filetype.media_type(path, head, limits)
    title, found, remark = formats.READERS[media_type](path, media_type, limits)
    if not found:
        return ReadResult(Verdict.empty, "The file holds no text.")
    found, cut = _bounded(found, limits.characters)
    remark = cut or remark
    document = Document(media_type, _given(label(title)) or first_heading(found), found, remark)
    return ReadResult(Verdict.partial if remark else Verdict.indexed, remark, document)


def _given(title: str) -> str:
    """`title`, or nothing for one that tells nothing, such as "(anonymous)"."""
    return "" if _NO_TITLE.fullmatch(title) else title


def _regular_size(path: Path) -> int:
    """Bytes of the file. Raises `ReadFailure` for what is no regular file: opening a pipe waits forever."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ReadFailure(Verdict.unreadable, "This is not an ordinary file.")
    return status.st_size


def _bounded(found: tuple[PlaceText, ...], characters: int) -> tuple[tuple[PlaceText, ...], str]:
    """The first places that together hold at most `characters`, and a remark if that is not all."""
    kept: list[PlaceText] = []
    for place in found:
        if len(place.text) > characters:
            kept.append(_cut(place, characters))
            return tuple(kept), "Only the beginning was read: the text is too long."
        kept.append(place)
        characters -= len(place.text)
    return tuple(kept), ""


def _cut(place: PlaceText, characters: int) -> PlaceText:
    blocks = tuple(
        replace(block, end=min(block.end, characters)) for block in place.blocks if block.start < characters
    )
    rows = tuple(row for row in place.rows if row[0] < characters)
    return replace(place, text=place.text[:characters], blocks=blocks, rows=rows)
