"""What is in a Markdown paragraph: text, emphasis and links as pairs, code and the like as single marks."""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from app.documents.layout.runs import Markup, masked_words
from app.documents.layout.stretches import Speller, Words

_SPECIAL = re.compile(r"[\\`*_~\[\]!<&$]|[ \t]{2,}(?=\n)|[ \t\n]+")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_TICKS = re.compile(r"`+")
_HTML = re.compile(
    r"<(?:(/?)([A-Za-z][A-Za-z0-9-]{0,30})(?:\s[^<>]*)?(/?)>|!--.*?-->|[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>|[^\s<>@]{1,64}@[^\s<>]{1,255}>)",
    re.DOTALL,
)
_VOID = frozenset("br hr img input wbr".split())
_LINK_END = re.compile(
    r"\]\(\s*+(?:<[^<>\n]*>|[^\s()<]*+(?:\([^\s()]*\)[^\s()]*+)*+)(?:\s++(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?+\s*+\)"
    r"|\]\[[^\[\]]{0,999}\]"
)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HARD_BREAK = re.compile(r"\t* {2,}[\r\n]")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,99}\]:?|\[[ xX]\](?=\s)")
_MATH = re.compile(r"\$\$[^$]+\$\$|\$(?![\s$])[^$\n]+(?<!\s)\$(?![0-9])")
_BLOCK_START = re.compile(r"(?:#{1,6}|[-+*])(?=\s|$)|>|[0-9]{1,9}(?=[.)](?:\s|$))|[-=*_~`]{3}")
_RISKY_BREAK = re.compile(r"\r?\n[ \t>]*+(?=[-+*#=|~]|[0-9]{1,9}[.)](?:\s|$)|```)")


def inline_run(source: str, spans: Sequence[tuple[int, int]]) -> Iterator[Markup | Words]:
    """The run of a paragraph whose lines stand at `spans`; what lies between two lines is a line break."""
    text = "\n".join(source[start:end] for start, end in spans)
    yield from _Scanner(text, _where(spans), source).run()


def _where(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Where each character of the joined lines stands in the source, and the end."""
    places: list[int] = []
    for start, end in spans:
        places += range(start, end + 1)  # the last is the line break's, or the end's
    return places


class _Scanner:
    """One pass over the text; what is not understood is text."""

    def __init__(self, text: str, where: Sequence[int], source: str) -> None:
        self._text = text
        self._where = where
        self._source = source
        self._found: list[Markup | Words] = []
        self._units: list[tuple[str, str]] = []
        self._units_at = 0
        self._brackets: list[int] = []  # indexes in _found of "[" that may open a link
        self._ticks = self._tick_runs()

    def run(self) -> list[Markup | Words]:
        at = 0
        for_good = len(self._text)
        while at < for_good:
            special = _SPECIAL.search(self._text, at)
            until = special.start() if special else for_good
            self._say(self._text[at:until], at, until)
            at = self._special(until) if special else for_good
        self._end_words()
        return self._found

    def _special(self, at: int) -> int:
        """Deal with what begins at `at`; returns where it ends."""
        text = self._text
        if text[at] in " \t\n":
            return self._space(at)
        if text[at] == "\\":
            return self._backslash(at)
        if text[at] in "*_~":
            return self._emphasis(at)
        if text[at] in "[]!":
            return self._bracket(at)
        if text[at] == "`":
            ticks = _TICKS.match(text, at)
            assert ticks is not None
            ends = self._ticks[len(ticks[0])]
            own = bisect_right(ends, ticks.end())
            return (
                self._mark("single", at, ends[own])
                if own < len(ends)
                else self._say(ticks[0], at, ticks.end())
            )
        if text[at] == "<":
            return self._html(at)
        if text[at] == "&" and (reference := _REFERENCE.match(text, at)):
            said = html.unescape(reference[0])
            return self._say(said if len(said) == 1 else reference[0], at, reference.end())
        if text[at] == "$" and (math := _MATH.match(text, at)):
            return self._mark("single", at, math.end())
        return self._say(text[at], at, at + 1)

    def _say(self, said: str, at: int, end: int) -> int:
        if said:
            if not self._units:
                self._units_at = self._where[at]
            first, last = self._where[at], self._where[end - 1] + 1
            if said == " ":
                last = self._where[end]
            self._units.append((said, self._source[first:last]))
        return end

    def _mark(self, kind: str, at: int, end: int, name: str = "") -> int:
        self._end_words()
        self._found.append(Markup(kind, self._where[at], self._where[end - 1] + 1, name))
        return end

    def _end_words(self) -> None:
        if self._units:
            for each in masked_words(self._units_at, self._units):
                self._found.append(
                    each if isinstance(each, Words) else Markup("single", each.start, each.end)
                )
        self._units = []

    def _space(self, at: int) -> int:
        end = at
        while end < len(self._text) and self._text[end] in " \t\n":
            end += 1
        if _HARD_BREAK.match(self._source, self._where[at]):
            self._end_words()
            self._found.append(Markup("single", self._where[at], self._where[end]))
            return end
        return self._say(" ", at, end)

    def _backslash(self, at: int) -> int:
        if self._text.startswith("\\\n", at):
            self._end_words()
            self._found.append(Markup("single", self._where[at], self._where[at + 2]))
            return at + 2
        escape = _ESCAPE.match(self._text, at)
        return self._say(escape[1], at, at + 2) if escape else self._say("\\", at, at + 1)

    def _emphasis(self, at: int) -> int:
        sign = self._text[at]
        end = at
        while end < len(self._text) and self._text[end] == sign:
            end += 1
        before, after = self._text[at - 1 : at], self._text[end : end + 1]
        left, right = bool(after.strip()), bool(before.strip())
        if sign == "_" and before.isalnum() and after.isalnum():
            left = right = False
        if not (left or right) or (sign == "~" and end - at != 2):
            return self._say(self._text[at:end], at, end)
        name = self._text[at:end]
        if right and (not left or self._is_open(name)):
            return self._mark("close", at, end, name)
        return self._mark("open", at, end, name)

    def _is_open(self, name: str) -> bool:
        for each in reversed(self._found[-50:]):
            if isinstance(each, Markup) and each.name == name:
                return each.kind == "open"
        return False

    def _bracket(self, at: int) -> int:
        text = self._text
        if footnote := _FOOTNOTE.match(text, at):
            return self._mark("single", at, footnote.end())
        if text[at] == "]":
            if not self._brackets:
                return self._say("]", at, at + 1)
            opened = self._brackets.pop()
            link = _LINK_END.match(text, at)
            if link is None:
                self._unlink(opened)
                return self._say("]", at, at + 1)
            return self._mark("close", at, link.end(), "[")
        opens = 2 if text.startswith("![", at) else 1 if text[at] == "[" else 0
        if not opens:
            return self._say(text[at], at, at + 1)
        self._mark("open", at, at + opens, "[")
        self._brackets.append(len(self._found) - 1)
        return at + opens

    def _unlink(self, opened: int) -> None:
        """A bracket that opens no link is text."""
        mark = self._found[opened]
        raw = self._source[mark.start : mark.end]
        self._found[opened] = Words(mark.start, tuple((each, each) for each in raw))

    def _html(self, at: int) -> int:
        found = _HTML.match(self._text, at)
        if found is None:
            return self._say("<", at, at + 1)
        if found[2] is None or found[3] or found[2].lower() in _VOID:
            return self._mark("single", at, found.end())
        return self._mark("close" if found[1] else "open", at, found.end(), found[2].lower())

    def _tick_runs(self) -> dict[int, list[int]]:
        """Length of a run of backticks -> where such runs end."""
        runs: dict[int, list[int]] = {}
        for found in _TICKS.finditer(self._text):
            runs.setdefault(len(found[0]), []).append(found.end())
        return runs


def speller(*, cell: bool) -> Speller:
    """Escapes what would be read as markup."""

    def spell(character: str, following: str, bare: bool) -> str:
        if cell and character == "|":
            return "\\|"
        if bare:
            return character
        if character in "*`[]\\>" or (character in "_~" and not following[:1].isalnum()):
            return "\\" + character
        if character == "<" and (following[:1].isalpha() or following[:1] in ("/", "!", "?")):
            return "\\<"
        return "&amp;" if character == "&" and _REFERENCE.match("&" + following) else character

    return spell


def finisher(run: Sequence[Markup | Words], source: str) -> Callable[[str], str]:
    """Keeps a changed paragraph a paragraph: no line of it may begin like a list, a heading or a quotation."""
    whole = source[run[0].start : run[-1].end] if run else ""

    def finish(text: str) -> str:
        if text in whole:
            return text
        start = _BLOCK_START.match(text)
        if start:
            at = start.end() if start[0].isdigit() else 0
            text = f"{text[:at]}\\{text[at:]}"
        return _RISKY_BREAK.sub(" ", text)

    return finish
