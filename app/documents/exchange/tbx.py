"""TBX, the exchange format of terminology: the older form (martif) and version 3."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.base.errors import AppError
from app.base.languages import language_name
from app.documents.exchange.opening import XML_LANGUAGE, TermRow, code_of, elements, local_name, opened

if TYPE_CHECKING:
    from lxml.etree import _Element

_LARGEST = 100 << 20  # bytes; some 100,000 concepts, and a glossary holds fewer
_REJECTED = ("deprecated", "superseded")
_PREFERRED = "preferred"


def read_tbx(path: Path, source_language: str, target_language: str) -> list[TermRow]:
    """The terms of a TBX file in two languages, in its order.

    Every term of a concept in the source language becomes a row with one target: the preferred one, else the first that
    is not deprecated. A concept without a term in one of the languages gives a row with an empty text. The note is the
    concept's definition or note. Raises `AppError` for what is no TBX file, a damaged or too large one, and one without
    these languages.
    """
    source, target = code_of(source_language), code_of(target_language)
    rows: list[TermRow] = []
    languages: dict[str, None] = {}
    with opened(path, _LARGEST) as stream:
        concepts = elements(stream, path.name, ("termEntry", "conceptEntry"), ("martif", "tbx"), "TBX")
        for concept in concepts:
            terms = _terms(concept)
            languages.update(dict.fromkeys(terms))
            rows += _rows(terms.get(source, []), terms.get(target, []), _note(concept))
    missing = [language_name(code) for code in (source, target) if code not in languages]
    if missing:
        there = ", ".join(language_name(code) for code in languages) or "none"
        raise AppError(f"{path.name} has no terms in {' or '.join(missing)}.", f"Its languages are: {there}.")
    return rows


def _terms(concept: "_Element") -> dict[str, list[tuple[str, str]]]:
    """Of each language the terms and what is said of their status."""
    found: dict[str, list[tuple[str, str]]] = {}
    for section in concept.iter("{*}langSet", "{*}langSec"):
        code = code_of(section.get(XML_LANGUAGE) or section.get("lang") or "")
        terms = found.setdefault(code, [])
        for group in section.iter("{*}tig", "{*}ntig", "{*}termSec"):
            term = next(group.iter("{*}term"), None)
            if term is not None:
                terms.append((_text(term), _status(group)))
    return found


def _status(group: "_Element") -> str:
    notes = (
        note for note in group.iter("{*}termNote") if "administrativestatus" in note.get("type", "").lower()
    )
    modern = (each for each in group.iter() if local_name(each) == "administrativeStatus")
    return next((_text(note).lower() for note in (*notes, *modern)), "")


def _rows(sources: list[tuple[str, str]], targets: list[tuple[str, str]], note: str) -> Iterator[TermRow]:
    allowed = [term for term, status in targets if not status.startswith(_REJECTED)]
    preferred = [term for term, status in targets if status.startswith(_PREFERRED)]
    target = next(iter(preferred or allowed), "")
    for source, _ in sources or [("", "")]:
        yield TermRow(source, target, note=note)


def _note(concept: "_Element") -> str:
    definitions = [each for each in concept.iter("{*}descrip") if each.get("type") == "definition"]
    return next((_text(each) for each in (*definitions, *concept.iter("{*}note"))), "")


def _text(element: "_Element") -> str:
    return " ".join("".join(map(str, element.itertext())).split())
