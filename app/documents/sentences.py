"""Where sentences begin and end, for most written languages, without a model."""

import re

_CLOSERS = "\"'\u2019\u201d\u00bb\u203a)\\]"
_END = re.compile(
    r"\n+"  # normalised text keeps a line break only where the line means something
    rf"|[.!?\u2026\u061f\u06d4\u0589]+[{_CLOSERS}]*(?=\s)"
    "|[\u0964\u0965]+"
    "|[\u3002\uff01\uff1f\uff61]+[\u300d\u300f\u3011\uff09\u201d\u2019]*"
)
_LAST_WORD = re.compile(r"([^\s(\[\"'\u201c\u2018\u00ab]*)\.$")
_LONGEST_ABBREVIATION = 16
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sr jr st rev hon gen col capt lt sgt vs cf ca approx repr co corp dept est tel"
    " resp incl excl e.g i.e z.b d.h u.a u.u s.o v.a o.g bzw usw evtl ggf str abs hr fr hrsg mme mm env"
    " dott ing sra srta ud uds dhr mevr blz afd tzn np tj \u0442.\u0435 \u0442.\u0434 \u0442.\u043f \u0433"
    " \u0443\u043b \u0441\u0442\u0440 \u0440\u0443\u0431".split()
)
# words of their own as well, so abbreviations only in front of a number
_BEFORE_NUMBERS = frozenset(
    "no nos nr fig figs eq eqs sec sect ch chap vol vols p pp ed art arts para max min av bd sig"
    " jan feb mar apr jun jul aug sep sept oct nov dec".split()
)


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of normalised `text`, in order, blanks at the ends left out.

    Every character that is not blank belongs to exactly one span.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(text):
        if _closes(text, start, end):
            _add(spans, text, start, end.end())
            start = end.end()
    _add(spans, text, start, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _closes(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether this mark ends a sentence; a full stop may belong to an abbreviation or a number."""
    if not end.group().startswith("."):
        return True
    following = text[end.end() : end.end() + 2].lstrip()
    if following[:1].islower():
        return False
    if end.group() != ".":
        return True
    word = _LAST_WORD.search(text, max(start, end.start() - _LONGEST_ABBREVIATION), end.end())
    if word is None:
        return True
    last = word.group(1)
    initial = len(last) == 1 and last.isalpha() and last.isupper()
    # "3. Payment" opens a numbered line; "in 2024." closes a sentence
    numbering = last.isdigit() and len(last) <= 3 and not text[start : word.start()].strip()
    if initial or numbering or last.casefold() in _ABBREVIATIONS:
        return False
    return not (last.casefold() in _BEFORE_NUMBERS and following[:1].isdigit())
