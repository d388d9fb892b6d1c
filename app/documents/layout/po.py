"""Gettext catalogues (PO): msgid is the text, msgstr the translation; every other byte stays."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.documents.language import has_letters
from app.documents.layout.encoded import Encoded, decoded
from app.documents.layout.literal import Literal, literal
from app.documents.layout.plain import Line, lines_of
from app.documents.layout.segment import Layout, Rebuilt, Segment
from app.documents.limits import Limits

_CHARSET = re.compile(rb"charset=([\w.:-]{2,40})", re.IGNORECASE)
_FIELD = re.compile(r"[ \t]*(msgctxt|msgid_plural|msgid|msgstr(?:\[([0-9]{1,2})\])?)[ \t]*(\".*)")
_STRING = re.compile(r'[ \t]*"((?:[^"\\]|\\.)*+)"')
_ESCAPE = re.compile(r"\\([abfnrtv\\\"]|[0-7]{1,3}|x[0-9a-fA-F]{2})")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LANGUAGE = re.compile(r"(?<=Language: )[\w@.-]*|(?<=Language:)(?=\\n)")
_WIDTH = 77  # characters between the quotes, as gettext's own tools wrap


@dataclass(frozen=True, slots=True)
class Field:
    """A string and where its field stands, keyword included."""

    start: int
    end: int
    keyword: str
    text: str


@dataclass(slots=True)
class Entry:
    """One entry; its translations by number, 0 without plurals."""

    fields: dict[str, Field] = field(default_factory=dict)
    translations: dict[int, Field] = field(default_factory=dict)
    fuzzy: bool = False

    def text(self, name: str) -> str:
        return self.fields[name].text if name in self.fields else ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One segment and the fields that its target goes into."""

    source: Literal
    fields: tuple[Field, ...]
    place: str
    target: str


def read(path: Path, limits: Limits) -> Layout:
    """The messages; `target` is their translation unless it is fuzzy, `place` their context. Raises `ReadFailure`."""
    encoded = _encoded(path, limits)
    _, slots = _slots(encoded.text)
    segments = (
        Segment(str(number), slot.source.shown, "string", slot.place, slot.target)
        for number, slot in enumerate(slots, 1)
    )
    return Layout(tuple(segments))


def write(
    path: Path,
    out: Path,
    targets: Mapping[str, str],
    language: str,
    limits: Limits,
    *,
    force: bool = False,
) -> Rebuilt:
    """The catalogue with the translations; fuzzy entries stay fuzzy. See `formats.FormatModule.write`."""
    encoded = _encoded(path, limits)
    source = encoded.text
    line_end = "\r\n" if "\r\n" in source else "\n"
    header, slots = _slots(source)
    patches: list[tuple[int, int, str]] = []
    if header and language:
        raw = source[header.start : header.end]
        patches.append((header.start, header.end, _LANGUAGE.sub(language, raw, count=1)))
    for number, slot in enumerate(slots, 1):
        target = targets.get(str(number))
        if target is None:
            continue
        text = slot.source.restored(target)
        for each in slot.fields:
            if force or text != each.text:
                patches.append((each.start, each.end, _written(each.keyword, text, line_end)))
    out.write_bytes(encoded.encode(_patched(source, sorted(patches))))
    return Rebuilt()


def _encoded(path: Path, limits: Limits) -> Encoded:
    data = path.read_bytes()
    named = _CHARSET.search(data[:20_000])
    return decoded(data, limits, named[1].decode("ascii", "replace") if named else "")


def _slots(source: str) -> tuple[Field | None, list[Slot]]:
    """(the header's msgstr, what there is to translate)."""
    header: Field | None = None
    slots: list[Slot] = []
    for entry in _entries(source):
        if not entry.text("msgid") and not entry.text("msgctxt"):
            header = header or entry.translations.get(0)
        else:
            slots += _slots_of(entry)
    return header, slots


def _slots_of(entry: Entry) -> Iterator[Slot]:
    numbers = sorted(entry.translations)
    plural = "msgid_plural" in entry.fields
    first = numbers if not plural else numbers[:1] if len(numbers) > 1 else []
    for name, own in (("msgid", first), ("msgid_plural", [each for each in numbers if each not in first])):
        fields = tuple(entry.translations[number] for number in own)
        if fields and has_letters(entry.text(name)):
            source = literal(entry.text(name))
            there = "" if entry.fuzzy else literal(fields[0].text).shown
            yield Slot(source, fields, entry.text("msgctxt"), there)


def _entries(source: str) -> Iterator[Entry]:
    entry = Entry()
    lines: list[Line] = []
    keyword = ""
    for line in (*lines_of(source), Line(len(source), len(source), "")):
        found = _FIELD.match(line.text)
        if keyword and not (not found and _STRING.match(line.text)):
            _add(entry, keyword, lines)
            keyword, lines = "", []
        if found:
            if found[1] in ("msgid", "msgctxt") and entry.translations:
                yield entry
                entry = Entry()
            keyword, lines = found[1], [line]
        elif keyword:
            lines.append(line)
        elif line.text.lstrip().startswith("#") or not line.text.strip():
            if entry.translations:
                yield entry
                entry = Entry()
            entry.fuzzy = entry.fuzzy or (line.text.startswith("#,") and "fuzzy" in line.text)
    if entry.translations:
        yield entry


def _add(entry: Entry, keyword: str, lines: list[Line]) -> None:
    texts = [_STRING.match(line.text[line.text.index('"') :]) for line in lines]
    text = "".join(_unescaped(found[1]) for found in texts if found)
    indent = len(lines[0].text) - len(lines[0].text.lstrip())
    last = lines[-1]
    end = last.start + len(last.text.rstrip())
    new = Field(lines[0].start + indent, end, keyword, text)
    if keyword.startswith("msgstr"):
        number = int(keyword[7:-1]) if keyword.endswith("]") else 0
        entry.translations[number] = new
    else:
        entry.fields[keyword] = new


def _unescaped(text: str) -> str:
    def said(found: re.Match[str]) -> str:
        what = found[1]
        if what[0] == "x":
            return chr(int(what[1:], 16))
        return chr(int(what, 8) & 0xFF) if what[0].isdigit() else _ESCAPES.get(what, what)

    return _ESCAPE.sub(said, text)


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    for letter, character in _ESCAPES.items():
        text = text.replace(character, f"\\{letter}")
    return text


def _written(keyword: str, text: str, line_end: str) -> str:
    lines = [_escaped(each) for each in re.findall(r"[^\n]*\n|[^\n]+", text)] or [""]
    if len(lines) == 1 and len(keyword) + 1 + len(lines[0]) <= _WIDTH:
        return f'{keyword} "{lines[0]}"'
    wrapped = (piece for line in lines for piece in _wrapped(line))
    return line_end.join((f'{keyword} ""', *(f'"{each}"' for each in wrapped)))


def _wrapped(line: str) -> Iterator[str]:
    current = ""
    for word in re.findall(r"[^ ]* +|[^ ]+$", line) or [line]:
        if current and len(current) + len(word) > _WIDTH:
            yield current
            current = ""
        current += word
    yield current


def _patched(source: str, patches: list[tuple[int, int, str]]) -> str:
    found: list[str] = []
    at = 0
    for start, end, text in patches:
        found += (source[at:start], text)
        at = end
    return "".join((*found, source[at:]))
