"""Subtitles (SRT, VTT): one segment a cue; numbers, times, settings, notes and styles stay as they are."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from app.documents.layout.encoded import Encoded, read_text
from app.documents.layout.html import speller
from app.documents.layout.markup import words_of
from app.documents.layout.plain import Line, lines_of, words_between
from app.documents.layout.runs import Markup, stretch_of
from app.documents.layout.segment import Layout, Rebuilt
from app.documents.layout.stretches import Stretch, Words, bare, layout_of, rewritten
from app.documents.limits import Limits

_TIME = re.compile(r"\s*((?:[0-9]{1,4}:)?[0-9]{1,2}:[0-9]{1,2})(?:[.,][0-9]{1,6})?[ \t]*-->[ \t]*[0-9]")
_NUMBER = re.compile(r"\s*[0-9]+\s*$")
_MARKUP = re.compile(
    r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})(?:[ .][^<>]{0,200})?>|<[0-9:.]{5,15}>|\{\\[^{}]{0,200}\}"
)
_SPEAKER = re.compile(r"\s*(?:<[^<>]{1,60}>)*(?:[-–—]|>>)\s*\S")
_WORD = re.compile(r"(?:<[^<>]*>|\{\\[^{}]*\}|[^\s<{]|[<{])+")


def read(path: Path, limits: Limits) -> Layout:
    """The cues; `place` is when each is shown. Raises `ReadFailure`."""
    return layout_of(_stretches(read_text(path, limits), path))


def write(
    path: Path,
    out: Path,
    targets: Mapping[str, str],
    language: str,
    limits: Limits,
    *,
    force: bool = False,
) -> Rebuilt:
    """The subtitles again; see `formats.FormatModule.write`. A changed cue has at most as many lines as before."""
    encoded = read_text(path, limits)
    text = rewritten(encoded.text, _stretches(encoded, path), targets, force=force)
    out.write_bytes(encoded.encode(text))
    return Rebuilt()


def _stretches(encoded: Encoded, path: Path) -> list[Stretch]:
    vtt = path.suffix.lower() == ".vtt"
    found: list[Stretch] = []
    for time, lines in _cues(encoded.text):
        run = list(_run(encoded.text, lines, vtt=vtt))
        spell = speller("", xml=False, fits=lambda _: True) if vtt else bare
        stretch = stretch_of(run, spell, "cue", time, _balancer(encoded.text, lines))
        if stretch:
            found.append(stretch)
    return found


def _cues(source: str) -> Iterator[tuple[str, list[Line]]]:
    """(time, lines of text) of each cue that has any."""
    time = ""
    text: list[Line] = []
    for line in lines_of(source):
        timed = _TIME.match(line.text)
        if timed or not line.text.strip():
            if timed and text and _NUMBER.match(text[-1].text):
                text.pop()  # the blank line before the next cue is missing
            if text:
                yield time, text
            time, text = (timed[1] if timed else ""), []
        elif time:
            text.append(line)
    if text:
        yield time, text


def _run(source: str, lines: Sequence[Line], *, vtt: bool) -> Iterator[Markup | Words]:
    """Lines of several speakers stay lines: their breaks are marks."""
    dialogue = len(lines) > 1 and all(_SPEAKER.match(line.text) for line in lines)
    parts = lines if dialogue else [Line(lines[0].start, lines[-1].end, "")]
    for number, part in enumerate(parts):
        if number:
            yield Markup("single", parts[number - 1].end, part.start)
        at = part.start
        for found in _MARKUP.finditer(source, part.start, part.end):
            yield from _words(source, at, found.start(), vtt=vtt)
            kind = "single" if found[2] is None else "close" if found[1] else "open"
            yield Markup(kind, found.start(), found.end(), found[2] or "")
            at = found.end()
        yield from _words(source, at, part.end, vtt=vtt)


def _words(source: str, start: int, end: int, *, vtt: bool) -> Iterator[Markup | Words]:
    if not vtt:
        yield from words_between(source, start, end)
        return
    for each in words_of(source, start, end):
        yield each if isinstance(each, Words) else Markup("single", each.start, each.end)


def _balancer(source: str, lines: Sequence[Line]) -> Callable[[str], str]:
    """Divides a changed text among as few lines as it needs, at most the source's, of about the same length."""
    own = [line.text for line in lines]
    line_end = source[lines[0].end : lines[1].start] if len(lines) > 1 else "\n"
    whole = source[lines[0].start : lines[-1].end]
    dialogue = len(lines) > 1 and all(_SPEAKER.match(text) for text in own)

    def finish(text: str) -> str:
        if text in whole or dialogue:
            return text
        words = _WORD.findall(text)
        widths = [_width(word) for word in words]
        room = max(max(map(_width, own)), max(widths, default=0))
        if sum(widths) + len(widths) - 1 <= room:
            return " ".join(words)
        low, high = max(widths, default=0), sum(widths) + len(widths)
        while low < high:
            middle = (low + high) // 2
            if len(_filled(words, widths, middle)) <= len(own):
                high = middle
            else:
                low = middle + 1
        return line_end.join(_filled(words, widths, low))

    return finish


def _width(text: str) -> int:
    return len(_MARKUP.sub("", text))


def _filled(words: Sequence[str], widths: Sequence[int], width: int) -> list[str]:
    lines: list[list[str]] = []
    room = -1
    for word, length in zip(words, widths, strict=True):
        if length + 1 > room:
            lines.append([])
            room = width + 1
        lines[-1].append(word)
        room -= length + 1
    return [" ".join(line) for line in lines]
