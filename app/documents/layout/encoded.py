"""Bytes to text and back to the same bytes."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from app.documents.decoding import encoding_of
from app.documents.document import ReadFailure, Verdict
from app.documents.limits import Limits

# longest first: UTF-32's mark begins like UTF-16's
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPED = "surrogateescape"  # bytes that the encoding does not know travel as lone surrogates


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file's text, as it was encoded. `text` has neither the mark nor converted line ends.

    Bytes that are no text in `encoding` stand in it as lone surrogates (U+DC80 to U+DCFF).
    """

    text: str
    encoding: str
    mark: bytes = b""

    def holds(self, text: str) -> bool:
        """Whether the encoding has every character of `text`."""
        try:
            text.encode(self.encoding, _ESCAPED)
        except UnicodeError:
            return False
        return True

    def encode(self, text: str) -> bytes:
        """The bytes of a file with `text`. Becomes UTF-8 where the encoding lacks a character."""
        try:
            return self.mark + text.encode(self.encoding, _ESCAPED)
        except UnicodeError:
            return text.encode("utf-8", _ESCAPED)


def decoded(data: bytes, limits: Limits, declared: str = "") -> Encoded:
    """The text in `data`; `declared` is the encoding that the file itself names, tried first.

    Raises `ReadFailure` for what is no text, and for too much of it.
    """
    mark, encoding = next((each for each in _MARKS if data.startswith(each[0])), (b"", ""))
    data = data[len(mark) :]
    text = None
    for each in (encoding, declared):
        text = text if text is not None or not each else _exact(data, each)
        encoding = encoding or (each if text is not None else "")
    if text is None:
        encoding = encoding or encoding_of(data) or ""
        text = _loose(data, encoding)
    if len(text) > limits.characters:
        raise ReadFailure(Verdict.too_large, "The file holds too much text; divide it into smaller files.")
    if not text.strip("\0 \t\r\n"):
        raise ReadFailure(Verdict.empty, "The file holds no text.")
    return Encoded(text, encoding, mark)


def read_text(path: Path, limits: Limits) -> Encoded:
    """The text of the file at `path`. Raises `ReadFailure` as `decoded` does, and `OSError`."""
    return decoded(path.read_bytes(), limits)


def _exact(data: bytes, encoding: str) -> str | None:
    """None unless the same bytes come back."""
    try:
        text = data.decode(encoding)
        return text if text.encode(encoding) == data else None
    except (LookupError, ValueError, TypeError, AssertionError):
        return None


def _loose(data: bytes, encoding: str) -> str:
    if not encoding:
        raise ReadFailure(Verdict.unsupported, "This is not a text file; choose one that is.")
    try:
        return data.decode(encoding, _ESCAPED)
    except UnicodeError:
        return data.decode(encoding, "replace")
