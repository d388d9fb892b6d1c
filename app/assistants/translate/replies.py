"""What a chat model writes around a translation, and how to see that it runs in circles."""

import re

_PREAMBLE = re.compile(
    r"\A\s*(?:(?:sure|certainly|of course|okay|ok|absolutely|here (?:is|are)|here's|the (?:following )?translat\w+|translat\w+"
    r"|in [A-Z]\w+)\b[^\n:]{0,120}:[ \t]*(?:\n+|(?=\S))"
    r"|(?:text|target|output|answer|[A-Z]\w+ (?:translation|text|version))[ \t]*:[ \t]*\n*)",
    re.IGNORECASE,
)
_THINKING = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
_FENCE = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)
_AFTERWORD = re.compile(
    r"\n\s*\n?\s*(?:\(?\**(?:note|explanation|literally|translation notes?)\b|i hope\b|let me know\b|please let me\b).*\Z",
    re.IGNORECASE | re.DOTALL,
)
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "'": "'", "‘": "’", "「": "」", "『": "』"}
_LONGEST_UNIT = 120  # characters of what is repeated
_TIMES = 5
_LEAST_LOOP = 24  # characters in all; “hahahaha” is no loop


def bare(reply: str, source: str) -> str:
    """The translation itself: without thoughts, preamble, fence, quotes and afterword that `source` has no match for."""
    text = _THINKING.sub("", reply).strip()
    if (fenced := _FENCE.match(text)) and "```" not in source:
        text = fenced[1].strip()
    if not _PREAMBLE.match(source):
        without = _PREAMBLE.sub("", text, count=1).strip()
        text = without or text
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


def loops(text: str) -> bool:
    """Whether the end of `text` says the same thing again and again."""
    for length in range(1, min(_LONGEST_UNIT, (len(text) + 1) // _TIMES) + 1):
        span = max(length * _TIMES - 1, _LEAST_LOOP)  # the last time may lack its blank
        if len(text) >= span and text[-(span - length) :] == text[-span:-length]:
            return True
    return False
