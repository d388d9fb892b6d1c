"""What a chat model writes around a translation, and how to see that it runs in circles."""

import re

# The name of a language begins with a capital, so "in anything:" is none: case matters there.
_LANGUAGE = r"(?:[A-Z]\w+ (?:translation|version|text)|[Ii]n [A-Z]\w+)"
_PREAMBLE = re.compile(
    r"\A\s*(?:"
    rf"(?i:sure|certainly|of course|okay|ok|absolutely|here (?:is|are)|here's)\b[^\n:]{{0,80}}?\b(?:(?i:translat\w+)|{_LANGUAGE})\b[^\n:]{{0,60}}"
    r"|(?i:the (?:following )?translation|translation|translated)\b[^\n:]{0,80}"
    rf"|{_LANGUAGE})"
    r":[ \t]*(?:\n+|(?=\S))"
)
_OPENING_LINE = re.compile(
    r"\A\s*(?:sure|certainly|of course|okay|ok|absolutely|here (?:is|are)|here's)\b[^\n:]{0,120}:[ \t]*\n+",
    re.IGNORECASE,
)
_COLONS = ":："
_THINKING = re.compile(r"\A\s*<think>(?:.*?</think>\s*|.*\Z)", re.DOTALL)
_FENCE = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)
_AFTERWORD = re.compile(
    r"\n\s*\n?\s*(?:\(?\**(?:note|explanation|literally|translation notes?)\b|i hope\b|let me know\b|please let me\b).*\Z",
    re.IGNORECASE | re.DOTALL,
)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "'": "'", "‘": "’", "「": "」", "『": "』"}
_LONGEST_UNIT = 120  # characters of what is repeated
_TIMES = 5
_LEAST_LOOP = 24  # characters in all; “hahahaha” is no loop


def bare(reply: str, source: str) -> str:
    """The translation itself: without thoughts, preamble, fence, quotes and afterword that `source` has no match for."""
    text = _THINKING.sub("", reply).strip()
    if (fenced := _FENCE.match(text)) and "```" not in source:
        text = fenced[1].strip()
    text = _without_preamble(text, source) or text
    if not _AFTERWORD.search(source):
        text = _AFTERWORD.sub("", text).strip() or text
    core = source.strip()
    closing = _QUOTES.get(text[:1])
    wrapped = closing is not None and len(text) > 1 and text.endswith(closing) and closing not in text[1:-1]
    if wrapped and core[:1] not in _QUOTES:
        text = text[1:-1].strip()
    if "\n" not in core:
        text = " ".join(text.split("\n"))
    return text


def cleaned(reply: str) -> str:
    """Without what no file or database can hold: control characters and halves of surrogate pairs."""
    return _UNWRITABLE.sub("", reply)


def _without_preamble(text: str, source: str) -> str:
    """A preamble ends with a colon. So may the translation of a source that has one begin: "In German law: …"."""
    found = _PREAMBLE.match(text) or _OPENING_LINE.match(text)
    if found is None:
        return text
    by_itself = found[0].endswith("\n") and "\n" not in source.strip()
    if not by_itself and any(each in source for each in _COLONS):
        return text
    return text[found.end() :].strip()


def loops(text: str) -> bool:
    """Whether the end of `text` says the same thing again and again."""
    for length in range(1, min(_LONGEST_UNIT, (len(text) + 1) // _TIMES) + 1):
        span = max(length * _TIMES - 1, _LEAST_LOOP)  # the last time may lack its blank
        if len(text) >= span and text[-(span - length) :] == text[-span:-length]:
            return True
    return False
