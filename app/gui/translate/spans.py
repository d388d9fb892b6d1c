"""Where the segments of a text lie in it."""

from collections.abc import Iterable, Sequence

from app.assistants.translate.events import TranslatedSegment
from app.documents.layout.tags import plain


def spans(text: str, pieces: Iterable[str]) -> list[tuple[int, int]]:
    """Start and end of each piece, found one after the other; (0, 0) for one that is not there."""
    found, at = [], 0
    for piece in pieces:
        wanted = plain(piece).strip()
        start = text.find(wanted, at) if wanted else -1
        if start < 0:
            found.append((0, 0))
        else:
            at = start + len(wanted)
            found.append((start, at))
    return found


def joined(source: str, segments: Sequence[TranslatedSegment]) -> str:
    """The translations so far, apart as their sources are apart."""
    text, before = "", 0
    for segment, (start, end) in zip(
        segments, spans(source, [each.source for each in segments]), strict=True
    ):
        text += source[before:start] if end else "\n"
        text += plain(segment.target)
        before = end or before
    return text


def in_utf16(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """A span counted as Qt counts."""
    start, end = (len(text[:at].encode("utf-16-le")) // 2 for at in span)
    return start, end
