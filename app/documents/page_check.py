"""Cheap checks that tell which pages of a PDF are pictures of text. Runs only in the reader process."""

import re
import time
from collections.abc import Mapping
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

_LITTLE = 100  # characters; a page with fewer, over a picture, may be a scan with a stamp or a letterhead
_COVERED = 0.6  # of the page by pictures
_DRAWN = 40  # paths; letters may have been turned into drawings
_OBJECTS = 2_000  # looked at on a page
_ENOUGH = 40  # characters needed to judge them
_FEWEST_VOWELS = 0.2  # of the Latin letters; languages have 0.35 to 0.5, shifted encodings about 0.15
_UNREADABLE = 0.2  # of the characters
_SECONDS = 15.0  # then pages without text count as scans unseen; recognition finds out

_SPACE_OR_LEADER = re.compile(r"[\s._\-\u2010-\u2015\u2026\u00b7|*=#]+")
_CODED = re.compile(r"\(cid:\d+\)|/?\b[gG]\d{1,3}\b(?:\s*/?\b[gG]\d{1,3}\b){5,}")
_BROKEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_VOWEL = re.compile("[aeiouyAEIOUY\u00c0-\u00c6\u00c8-\u00cf\u00d2-\u00d6\u00d8-\u00dd\u00e0-\u00e6\u00e8-\u00ef"
                    "\u00f2-\u00f6\u00f8-\u00fd\u00ff-\u0105\u0112-\u011b\u0128-\u0131\u014c-\u0153\u0168-\u0173]")  # fmt: skip


def is_legible(text: str) -> bool:
    """Whether `text` looks like a text in some language, and not like codes of a font without a map."""
    bare = _SPACE_OR_LEADER.sub("", text)
    if not bare:
        return False
    coded = sum(len(found) for found in _CODED.findall(bare)) + len(_BROKEN.findall(bare))
    if coded > _UNREADABLE * len(bare):
        return False
    if len(bare) >= _ENOUGH and sum(map(str.isalnum, bare)) < 0.3 * len(bare):
        return False
    latin = len(_LATIN.findall(bare))
    return latin < _ENOUGH or latin * 2 < len(bare) or len(_VOWEL.findall(bare)) >= _FEWEST_VOWELS * latin


def scanned_pages(path: Path, texts: Mapping[int, str]) -> frozenset[int]:
    """The pages, by number from 1, whose text must be recognised. `texts`: what their text layer says."""
    doubtful = [
        number
        for number, text in texts.items()
        if len("".join(text.split())) < _LITTLE or not is_legible(text)
    ]
    if not doubtful:
        return frozenset()
    began = time.monotonic()
    found: set[int] = set()
    try:
        document = pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, ValueError):
        return frozenset()  # what cannot be shown cannot be recognised
    with document:
        for number in doubtful:
            late = time.monotonic() - began > _SECONDS
            if not texts[number].strip() if late else _is_scan(document, number, texts[number]):
                found.add(number)
    return frozenset(found)


def _is_scan(document: pypdfium2.PdfDocument, number: int, text: str) -> bool:
    try:
        page = document[number - 1]
    except (pypdfium2.PdfiumError, IndexError, ValueError):
        return False
    try:
        covered, letters, drawn = _contents(page)
    except (pypdfium2.PdfiumError, ValueError):  # something odd on it; recognition shows what can be seen
        return not is_legible(text)
    finally:
        page.close()
    if not text.strip():
        return covered > 0.02 or letters > 0 or drawn >= _DRAWN
    return covered >= _COVERED or not is_legible(text)


def _contents(page: pypdfium2.PdfPage) -> tuple[float, int, int]:
    """The share of the page under pictures (0…1, overlaps counted twice), its text objects and its paths."""
    width, height = page.get_size()
    covered, letters, drawn = 0.0, 0, 0
    for seen, each in enumerate(page.get_objects(max_depth=3)):
        if seen >= _OBJECTS:
            break
        if each.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = each.get_bounds()
            across = max(min(right, width) - max(left, 0.0), 0.0)
            covered += across * max(min(top, height) - max(bottom, 0.0), 0.0)
        elif each.type == pdfium.FPDF_PAGEOBJ_TEXT:
            letters += 1
        elif each.type == pdfium.FPDF_PAGEOBJ_PATH:
            drawn += 1
    return min(covered / max(width * height, 1.0), 1.0), letters, drawn
