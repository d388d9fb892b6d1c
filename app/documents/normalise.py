"""Clean text that still knows where each of its characters came from.

Used by the reader on what a file yields, and by the viewer to find a quotation in the raw text of a page.
Linear in the length of the text, whatever the text: documents can be hostile.
"""

import functools
import re
import unicodedata
from array import array
from dataclasses import dataclass

# Not printed, but a known way to smuggle instructions into a prompt: controls, zero-width and bidi marks,
# variation selectors, tag characters; and lone surrogates, which no pipe or database accepts.
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANK = " \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_BREAK = "\n\r\x0b\x0c\x85\u2028\u2029"
_HYPHEN = r"\-\u2010\x02\xad"
_SPELLED = "\ufb00-\ufb06\ufb13-\ufb17\ufb50-\ufbb1\ufbd3-\ufdff\ufe70-\ufefc"
_LINE_END = rf"[{_BLANK}]*(?:\r\n|[{_BREAK}])[{_BLANK}]*"
# Joiners shape words in Arabic and Indic scripts; anywhere else they are unseen too.
_SHAPED = "[\u0600-\u0dff]"
_STRAY_JOINER = rf"(?<=[\u200c\u200d])(?:(?!{_SHAPED})|(?<!{_SHAPED}.))"
_GAP = rf"(?:[{_BLANK}{_BREAK}{_UNSEEN}]|[\u200c\u200d]{_STRAY_JOINER})"


def _changes(kept: str, hyphen: str) -> re.Pattern[str]:
    """Everything that must change in a text; what lies between is copied whole.

    Line ends after a character of `hyphen` join words. A single character of `kept` between two words
    stays as it is: that is what most gaps are. The pattern begins with a character class, which the `re`
    module searches for fastest.
    """
    other = "".join(each for each in f"{_BLANK}{_BREAK}" if each not in kept)
    return re.compile(
        rf"[{_BLANK}{_BREAK}{_UNSEEN}\u200c\u200d{_HYPHEN}{_SPELLED}](?:"
        rf"(?P<hyphen>(?<=[^\W_][{hyphen}]){_LINE_END}(?=[^\W_]))"
        rf"|(?P<space>(?:(?<=[{other}{_UNSEEN}])|{_STRAY_JOINER}"
        rf"|(?<=[{kept}])(?={_GAP}|\Z)|(?<=\A[{kept}])){_GAP}*)"
        rf"|(?P<spelled>(?<=[{_SPELLED}])))",
        re.DOTALL,
    )


_CHANGES = _changes(" ", _HYPHEN)
_CHANGES_IN_LINES = _changes(" \n", r"\x02\xad")
_BREAKS = re.compile(rf"\r\n|[{_BREAK}]")
_VISIBLE_SPACE = re.compile(f"[{_BLANK}{_BREAK}]")
_IDEOGRAPH = re.compile("[\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60]")
_IGNORED_IN_QUOTES = re.compile(r"[\s\-\u2010\u2011\xad]+")
_MAX_MARKS = 30  # the bound of Unicode's stream-safe format; more is an attack on whatever composes them


@dataclass(frozen=True, slots=True)
class Normalised:
    """`offsets[i]` is the index in the raw text of `text[i]`; one more entry maps the end."""

    text: str
    offsets: "array[int]"


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.offsets = array("I")
        self.last = ""

    def copy(self, raw: str, start: int, end: int) -> None:
        if start < end:
            self._put(raw[start:end])
            self.offsets.extend(range(start, end))

    def write(self, text: str, origin: int) -> None:
        if text:
            self._put(text)
            self.offsets.extend([origin] * len(text))

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.last = text[-1]


def normalise(text: str, *, keep_lines: bool = False) -> Normalised:
    """Words joined over line ends, unseen characters removed, blanks collapsed, composed (NFC).

    Single line breaks become spaces unless `keep_lines`; a blank line stays one blank line.
    """
    writer = _Writer()
    position = 0
    for change in (_CHANGES_IN_LINES if keep_lines else _CHANGES).finditer(text):
        writer.copy(text, position, change.start())
        position = change.end()
        writer.write(_replacement(text, change, writer.last, keep_lines), change.start())
    writer.copy(text, position, len(text))
    return _composed("".join(writer.parts), writer.offsets, len(text))


def _replacement(text: str, change: re.Match[str], before: str, keep_lines: bool) -> str:
    found = change.group()
    if change.lastgroup == "spelled":
        return unicodedata.normalize("NFKC", found).strip()
    after = text[change.end() : change.end() + 1]
    if change.lastgroup == "hyphen":
        # "Jean-/Paul" and "2024-/25" keep their hyphens, "docu-/ment" does not
        return found[0] if found[0] in "-\u2010" and not (before.isalpha() and after.islower()) else ""
    if not before or not after or not _VISIBLE_SPACE.search(found):
        return ""
    breaks = len(_BREAKS.findall(found))
    if breaks > 1:
        return "\n\n"
    if breaks and keep_lines:
        return "\n"
    wrapped_ideographs = breaks and _IDEOGRAPH.match(before) and _IDEOGRAPH.match(after)
    return "" if wrapped_ideographs else " "


def _composed(text: str, offsets: "array[int]", raw_length: int) -> Normalised:
    """Compose `text`, which has one offset a character, and add the offset of the end."""
    if max(text, default="") < "\u0300":
        offsets.append(raw_length)
        return Normalised(text, offsets)
    parts: list[str] = []
    composed = array("I")
    position = 0
    for cluster in _clusters().finditer(text):
        start, end = cluster.span()
        written = unicodedata.normalize("NFC", cluster.group()[: 1 + _MAX_MARKS])
        parts += text[position:start], written
        composed.extend(offsets[position:start])
        composed.extend(offsets[min(start + i, end - 1)] for i in range(len(written)))
        position = end
    parts.append(text[position:])
    composed.extend(offsets[position:])
    composed.append(raw_length)
    return Normalised("".join(parts), composed)


@functools.cache
def _clusters() -> re.Pattern[str]:
    """A character followed by those that composing may merge into it, or that it would rewrite."""
    # class 0, so `combining` does not name them, yet they merge into the character before
    followers = (
        "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35"
        "\U00011127\U000114b0\U000114ba\U000114bd\U000115af\U00011930\u1161-\u1175\u11a8-\u11c2"
    )
    planes = (range(0x300, 0x3100), range(0xA66F, 0xAC00), range(0xF900, 0xFE30), range(0x101FD, 0x1E94B))
    changing = [
        code
        for codes in (*planes, range(0x2F800, 0x2FA1E))
        for code in codes
        if unicodedata.combining(chr(code)) or unicodedata.normalize("NFC", chr(code)) != chr(code)
    ]
    return re.compile(f".?[{_ranges(changing)}{followers}]+", re.DOTALL)


def _ranges(codes: list[int]) -> str:
    """Sorted code points as ranges of a character class; single ones would be tried one by one."""
    starts = [code for before, code in zip([-1, *codes], codes, strict=False) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], -1], strict=True) if after != code + 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


def find_quote(haystack: str, quote: str) -> tuple[int, int] | None:
    """Where `quote` stands in the raw text of a page: (start, end) indices into `haystack`, or None.

    Blanks, line ends, hyphenation and ligatures may differ; letters and their case may not.
    """
    wanted, _ = _squeezed(normalise(quote).text)
    if not wanted:
        return None
    page = normalise(haystack)
    letters, positions = _squeezed(page.text)
    found = letters.find(wanted)
    if found < 0:
        return None
    first, last = positions[found], positions[found + len(wanted) - 1]
    return page.offsets[first], max(page.offsets[last] + 1, page.offsets[last + 1])


def _squeezed(text: str) -> tuple[str, "array[int]"]:
    """`text` without blanks and hyphens, and where each remaining character stood."""
    parts: list[str] = []
    positions = array("I")
    position = 0
    for gap in _IGNORED_IN_QUOTES.finditer(text):
        parts.append(text[position : gap.start()])
        positions.extend(range(position, gap.start()))
        position = gap.end()
    parts.append(text[position:])
    positions.extend(range(position, len(text)))
    return "".join(parts), positions
