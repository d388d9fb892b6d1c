"""TMX 1.4, the exchange format of translation memories, read and written piece by piece, so files may be large.

Formatting in a segment becomes our inline tags (`documents.layout.tags`) and the other way round. Alcove's own files
keep the tags word for word, so that a memory exported and imported again is the same.
"""

import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from app import __version__
from app.documents.exchange.opening import XML_LANGUAGE, code_of, elements, local_name
from app.documents.layout.tags import (
    Tag,
    closing,
    opening,
    pieces,
    plain,
    same_tags,
    single,
    tags_of,
    well_formed,
)

if TYPE_CHECKING:
    from lxml.etree import _Element, _IncrementalFileWriter

_TOOL = "Alcove"
_ORIGIN = "x-alcove-origin"
_ENGINE = "x-alcove-engine"
_HEAD_BYTES = 4096
# characters XML 1.0 cannot hold
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Pair(NamedTuple):
    """One translation. Languages as codes of `base.languages`; `origin`: who wrote it, `engine`: the engine's name, both ""
    in other programs' files. `changed` in seconds (Unix), 0.0 where the file does not tell.
    """

    source_language: str
    target_language: str
    source: str
    target: str
    origin: str = ""
    changed: float = 0.0
    engine: str = ""


def is_tmx(path: Path) -> bool:
    """Whether the file begins as TMX does, in any Unicode encoding. Raises `OSError`."""
    with path.open("rb") as stream:
        return b"<tmx" in stream.read(_HEAD_BYTES).replace(b"\0", b"").lower()


def read_tmx(
    stream: BinaryIO, name: str, source_language: str = "", target_language: str = ""
) -> Iterator[Pair | None]:
    """The translations in a TMX file called `name`; None for each unit that has none in these languages.

    Without a source language it is the one each unit or the file names, else that of the unit's first text; without a
    target language every other one is taken. Regions are cut where `base.languages` knows none. Raises `AppError` for
    what is no TMX file and for a damaged one, after the units before the damage.
    """
    wanted = code_of(source_language) if source_language else ""
    target = code_of(target_language) if target_language else ""
    declared, own = "", False
    for element in elements(stream, name, ("header", "tu"), ("tmx",), "TMX"):
        if local_name(element) == "header":
            declared, own = element.get("srclang", ""), element.get("creationtool") == _TOOL
            continue
        source = wanted or element.get("srclang") or declared
        pairs = list(_pairs(element, "" if source == "*all*" else code_of(source), target, own))
        if not pairs:
            yield None
        yield from pairs


def write_tmx(stream: BinaryIO, pairs: Iterable[Pair]) -> int:
    """Write `pairs` as TMX 1.4 and return how many. Characters XML cannot hold (control characters) are left out."""
    from lxml import etree

    count = 0
    with etree.xmlfile(stream, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("tmx", version="1.4"):
            xml.write("\n")
            header = {
                "creationtool": _TOOL,
                "creationtoolversion": __version__,
                "segtype": "paragraph",
                "o-tmf": _TOOL,
                "adminlang": "en",
                "srclang": "*all*",
                "datatype": "xml",
            }
            xml.write(etree.Element("header", header))
            with xml.element("body"):
                for pair in pairs:
                    xml.write("\n")
                    _write_unit(xml, pair)
                    count += 1
                xml.write("\n")
    return count


def _pairs(unit: "_Element", source: str, target: str, own: bool) -> Iterator[Pair]:
    texts: dict[str, _Element] = {}
    for variant in unit.iterchildren("{*}tuv"):
        code = code_of(variant.get(XML_LANGUAGE) or variant.get("lang") or "")
        segment = variant.find("{*}seg")
        if code and segment is not None:
            texts.setdefault(code, segment)
    source = source or next(iter(texts), "")
    if source not in texts:
        return
    notes = {prop.get("type"): prop.text or "" for prop in unit.iterchildren("{*}prop")} if own else {}
    changed = _read_date(unit.get("changedate", ""))
    for code, segment in texts.items():
        if code == source or (target and code != target):
            continue
        if own:
            before, after = ("".join(map(str, each.itertext())) for each in (texts[source], segment))
        else:
            before, after = _tagged_pair(texts[source], segment)
        yield Pair(source, code, before, after, notes.get(_ORIGIN, ""), changed, notes.get(_ENGINE, ""))


def _tagged_pair(source: "_Element", target: "_Element") -> tuple[str, str]:
    """Both texts with our tags, the same number for what belongs together; without tags where they do not fit together."""
    numbers: dict[str, int] = {}
    before, after = _tagged(source, numbers), _tagged(target, numbers)
    if well_formed(tags_of(before)) and same_tags(before, after):
        return before, after
    return plain(before), plain(after)


def _tagged(segment: "_Element", numbers: dict[str, int]) -> str:
    """The text with tags. `numbers`: those given so far, by what an element is matched with in the other language."""
    open_pairs: dict[str, str] = {}  # `i` of a beginning: what it is matched with
    singles = 0

    def number(key: str) -> int:
        return numbers.setdefault(key, len(numbers) + 1)

    def walk(element: "_Element") -> Iterator[str]:
        nonlocal singles
        yield element.text or ""
        for child in element:
            kind, i, x = local_name(child), child.get("i", ""), child.get("x", "")
            if kind == "bpt":
                open_pairs[i] = f"pair {x or i}"
                yield opening(number(open_pairs[i]))
            elif kind == "ept":
                yield closing(number(open_pairs.get(i, f"pair {i}")))
            elif kind == "hi":
                singles += 1
                own = number(f"hi {x or singles}")
                yield from (opening(own), *walk(child), closing(own))
            elif kind in ("ph", "it", "ut"):
                singles += 1
                yield single(number(f"single {x or singles}"))
            elif kind:  # not of TMX: its text is text
                yield from walk(child)
            yield child.tail or ""

    return "".join(walk(segment))


def _write_unit(xml: "_IncrementalFileWriter", pair: Pair) -> None:
    from lxml import etree

    unit = etree.Element("tu", srclang=pair.source_language)
    if pair.changed:
        unit.set("changedate", time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(pair.changed)))
    for kind, text in ((_ORIGIN, pair.origin), (_ENGINE, pair.engine)):
        if text:
            etree.SubElement(unit, "prop", type=kind).text = _FORBIDDEN.sub("", text)
    for code, text in ((pair.source_language, pair.source), (pair.target_language, pair.target)):
        variant = etree.SubElement(unit, "tuv", {XML_LANGUAGE: code})
        _fill(etree.SubElement(variant, "seg"), _FORBIDDEN.sub("", text))
    xml.write(unit)


def _fill(segment: "_Element", text: str) -> None:
    """The text with its tags as TMX elements; each holds the tag itself, as other programs keep their own code there."""
    last: _Element | None = None
    for piece in pieces(text):
        if isinstance(piece, Tag):
            last = _inline(piece)
            segment.append(last)
        elif last is None:
            segment.text = piece
        else:
            last.tail = piece


def _inline(tag: Tag) -> "_Element":
    from lxml import etree

    number = str(tag.number)
    if tag.kind == "single":
        element = etree.Element("ph", x=number)
        element.text = single(tag.number)
    elif tag.kind == "open":
        element = etree.Element("bpt", i=number, x=number)
        element.text = opening(tag.number)
    else:
        element = etree.Element("ept", i=number)
        element.text = closing(tag.number)
    return element


def _read_date(text: str) -> float:
    import calendar

    try:
        return float(calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ")))
    except ValueError:
        return 0.0
