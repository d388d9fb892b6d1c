"""Values that must come through a translation as they are, and the marks that stand for them meanwhile.

A chat model sees `{v1}` instead of a URL, a placeholder or a dose; afterwards the mark is found again however the
model wrote it. What a model sees in clear is compared by `values` in this module's terms.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.documents.layout.tags import TAG

_UNITS = (
    "%(?![\\w(])|‰|°\\s?[CFK]?|[€£¥₹₽₩]|\\$(?![{\\w])|(?:EUR|USD|GBP|CHF|JPY|CNY)\\b"
    "|(?:[kMGTmµμn]?(?:m|g|l|L|W|V|Hz|J|Pa|bar|Wh|eV|B|bit|bps|Ω)|[mµμn]s|mA|kN|[kKMGT]i?B|[cd][ml]|cm|mm|hPa|ha|min|km/h"
    "|mol|mmol|ppm|ppb|dB|px|pt|dpi|fps|rpm|kcal|cal|IU|psi|mph|lb|lbs|oz|ft|yd|kn)"
    "(?:[²³]|\\^[23])?(?:/(?:[kmµcd]?[gmlL]|s|h|min|d|day|kg|dl|dL|[cmk]?m[²³]?))?(?![\\w/])"
)
_DIGITS = r"\d+(?:[.,'’\u00a0\u202f]\d+)*"
_PATTERNS = {
    "mark": r"[{｛\[(<]\s*[vV]\s*\d+\s*[}｝\])>]",
    "tag": r"[<＜]\s*/?\s*[gGxX]\s*\d+\s*/?\s*[>＞]",
    "url": r"(?:https?|ftp|file)://[^\s<>\"'«»“”]+|mailto:[^\s<>]+|\bwww\.[^\s<>\"'«»“”]+",
    "address": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "choice": r"\{\s*\w+\s*,(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}",
    "placeholder": r"\{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}|\{%[^%\n]*%\}|\{[\w.\[\]!:,<>^+%-]*\}|%\(\w+\)[#0 +-]*\d*[a-zA-Z]"
    r"|(?<![\d%])%(?:\d+\$)?[#0+-]*\d*(?:\.\d+)?(?:ll?|hh?)?[sdifuxXoeEgGc@](?![a-z]{2})|(?<![\d%\s])%[nL]?\d\b"
    r"|(?<!\S)%[nL]?\d\b|%n\b|\$[A-Za-z_]\w*|\$\d{1,2}(?![\d.,]|\s?\w)|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);|\\[nrt]\b"
    r"|</?[A-Za-z][^<>\n]*>",
    "code": r"`[^`\n]+`|\$[^$\n]*[\\^_={][^$\n]*\$|\\\([^\n]*?\\\)|\b[A-Za-z_]\w*\(\)|\b[A-Za-z]\w*_\w+\b",
    "path": r"(?<![\w/])(?:[A-Za-z]:\\[^\s<>\"*?|]+|\\\\[^\s<>\"*?|]+|(?:~|\.{1,2})?/[\w.+-]+(?:/[\w.+-]+)+/?)"
    r"|\b[\w-]+\.(?:docx?|xlsx?|pptx?|pdf|odt|txt|csv|json|xml|html?|py|js|exe|zip|png|jpe?g|toml|ya?ml|md|ini|log)\b",
    "identifier": r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|#[0-9a-fA-F]{6}\b"
    r"|\b[A-Z]{2,}(?:[-_/][A-Z0-9]+)*[-_/]?\d[\w-]*",
    "date": r"\b\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?\b"
    r"|\b\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)\d{2,4}\b",
    "time": r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?",
    "phone": rf"\+\d[\d ()/-]{{6,}}\d(?!\d|\s?(?:{_UNITS}))|\(\d{{2,5}}\)\s?\d[\d -]{{4,}}\d",
    "version": r"\bv\d+(?:\.\d+)*\b|\b(?!\d{1,3}(?:\.\d{3})+\b)\d+(?:\.\d+){2,}(?:[-+][\w.]+)?",
    "quantity": rf"[€$£¥₹]\s?{_DIGITS}(?:bn|m|k)?\b|{_DIGITS}\s?(?:{_UNITS})",
}
# Marks and tags of the source itself are masked too, so that they cannot be taken for ours.
_ANY = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items())
# No value begins inside a word; to say so first saves most of the time.
_VALUE = re.compile(f"(?=[^\\sa-z]|(?<![A-Za-z])[a-z])(?:{_ANY})")
# Every value has one of these characters, or is a file name or host.
_POSSIBLE = re.compile(r"[\d{%$<＜`@/\\_&(\[#｛]|\w\.\w")
_MARK = re.compile(r"[{｛\[(<]\s*[vV]\s*(\d+)\s*[}｝\])>]")
_END_OF_SENTENCE = ".,;:!?)]}»”’'\"…。，；：！？）】」』、"
EXACT = frozenset({"mark", "tag", "url", "address", "choice", "placeholder", "code", "path", "identifier", "phone", "version"})  # fmt: skip
"""Kinds that no language writes differently."""


@dataclass(frozen=True, slots=True)
class Value:
    """Something to keep, where it stands in the text: `text[start:end]`."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` with marks; `values[0]` stands behind `{v1}`."""

    text: str
    values: tuple[str, ...]


@lru_cache(maxsize=64)  # the same few texts are asked about by several checks
def values(text: str) -> tuple[Value, ...]:
    """What must be kept in `text`, in order. Inline tags are none of it; plain numbers neither."""
    return tuple(_values(text)) if _POSSIBLE.search(text) else ()


def _values(text: str) -> Iterator[Value]:
    place = 0
    while (found := _VALUE.search(text, place)) is not None:
        kind, start, end = found.lastgroup or "", *found.span()
        if kind == "sep":  # a group within dates
            kind = "date"
        tag = TAG.match(text, start)
        if tag is not None:
            place = tag.end()
            continue
        if kind in ("url", "path"):
            end = start + len(_trimmed(found.group()))
        yield Value(kind, text[start:end], start, end)
        place = max(end, start + 1)


def mask(text: str) -> Masked:
    """Put a mark in the place of each value."""
    parts: list[str] = []
    kept: list[str] = []
    end = 0
    for each in values(text):
        kept.append(each.text)
        parts += (text[end : each.start], f"{{v{len(kept)}}}")
        end = each.end
    return Masked("".join([*parts, text[end:]]), tuple(kept))


def unmask(text: str, kept: tuple[str, ...]) -> str:
    """Values in the place of their marks, as models write them: “{ v1 }”, “{V1}”, “｛v1｝”.

    A mark that never was stays as it is: it is noticed as something foreign.
    """

    def value(found: re.Match[str]) -> str:
        number = int(found[1])
        return kept[number - 1] if 0 < number <= len(kept) else found[0]

    return _MARK.sub(value, text)


def _trimmed(value: str) -> str:
    """Without the marks that belong to the sentence; a bracket stays where the value opened one."""
    while value and value[-1] in _END_OF_SENTENCE:
        if value[-1] == ")" and value.count("(") >= value.count(")"):
            break
        value = value[:-1]
    return value
