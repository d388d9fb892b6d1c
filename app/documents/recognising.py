"""The text of a page that is a picture. Runs only in the reader process."""

import functools
import math
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.documents import filetype, page_pictures
from app.documents.building import place_text
from app.documents.document import Place, PlaceText, ReadFailure
from app.documents.limits import Limits
from app.documents.ocr import Box, Found, TextReader
from app.documents.page_check import is_legible
from app.documents.page_pictures import Picture
from app.documents.reading_order import Line, pieces

_LEGIBLE = 0.5  # confidence of a line; below, it is rather a pattern in a photograph
_FEWEST_LETTERS = 3
_TIME = 0.75  # of the time for a request; a dense page takes 6 seconds on two idle cores
_ON_END = 1.5  # times as high as wide
_SAMPLE = 4  # lines that tell whether a page stands on its head
_UPSIDE_DOWN = 0.85  # confidence below which that is looked into
_GIBBERISH = 0.5  # what is left of the quality of a text in no language
_SIGN = re.compile(r"\w")


def recognise(path: Path, number: int, limits: Limits) -> PlaceText | None:
    """Page `number` (from 1) of a PDF or of an image file: `recognised`, or `picture` when nothing is legible.

    A page that cannot be decoded any more is a picture too; None when the file cannot be reached. Raises `AppError`
    when the models are missing.
    """
    reader = _reader()
    place = Place("page", number)
    try:
        until = time.monotonic() + limits.seconds * _TIME
        return read_picture(place, _picture(path, number, limits), reader, until)
    except ReadFailure:
        return _nothing(place)
    except OSError:
        return None


@functools.cache
def _reader() -> TextReader:
    """Kept from page to page: loading takes a second, and the process is for nothing else."""
    return TextReader()


def _picture(path: Path, number: int, limits: Limits) -> Picture:
    with path.open("rb") as file:
        head = file.read(filetype.HEAD)
    if filetype.media_type(path, head, limits) == filetype.PDF:
        return page_pictures.pdf_page(path, number)
    return page_pictures.frame(path, number)


def read_picture(place: Place, picture: Picture, reader: TextReader, until: float = math.inf) -> PlaceText:
    """The text on `picture`, whichever way up it is.

    What is not read by the time `until` (`time.monotonic`) is left out, and lowers the quality by its share.
    """
    tried = _upright(picture, reader, until)
    found = _legible(tried)
    letters = sum(len(_SIGN.findall(each.text)) for each in found)
    if letters < _FEWEST_LETTERS:
        return _nothing(place)
    built = place_text(place, pieces(_straightened(found)))
    length = sum(len(each.text) for each in found)
    quality = sum(each.confidence * len(each.text) for each in found) / length
    if not is_legible(built.text):
        quality *= _GIBBERISH
    if time.monotonic() > until:
        quality *= sum(_width(each.corners) for each in found) / sum(_width(each.corners) for each in tried)
    return replace(built, state="recognised", quality=round(quality, 3))


def _nothing(place: Place) -> PlaceText:
    return PlaceText(place, "", (), "picture", 0.0)


def _legible(found: Sequence[Found]) -> list[Found]:
    return [each for each in found if each.confidence >= _LEGIBLE and _SIGN.search(each.text)]


def _upright(picture: Picture, reader: TextReader, until: float) -> list[Found]:
    """The lines, after the page was turned as most of them need it."""
    boxes = reader.boxes(picture)
    if _lie_on_side(boxes):
        picture = np.ascontiguousarray(np.rot90(picture))
        boxes = reader.boxes(picture)
    sample = sorted(boxes, key=_width, reverse=True)[:_SAMPLE]
    upright = _confidence(reader.read(picture, sample))
    if sample and upright < _UPSIDE_DOWN:
        turned = np.ascontiguousarray(np.rot90(picture, 2))
        if _confidence(reader.read(turned, [_turned(box, picture) for box in sample])) > upright:
            picture, boxes = turned, [_turned(box, picture) for box in boxes]
    downwards = sorted(boxes, key=lambda box: float(box[0, 1]))
    return reader.read(picture, downwards, until)


def _lie_on_side(boxes: Sequence[Box]) -> bool:
    on_end = sum(_height(box) for box in boxes if _height(box) > _ON_END * _width(box))
    level = sum(_width(box) for box in boxes if _width(box) > _ON_END * _height(box))
    return on_end > level


def _turned(box: Box, picture: Picture) -> Box:
    """The same box after half a turn of the picture."""
    size = np.array(picture.shape[::-1], np.float32)
    return (size - box)[[2, 3, 0, 1]]


def _width(box: Box) -> float:
    return float(np.linalg.norm(box[1] - box[0]))


def _height(box: Box) -> float:
    return float(np.linalg.norm(box[3] - box[0]))


def _confidence(found: Sequence[Found]) -> float:
    length = sum(len(each.text) for each in found)
    return sum(each.confidence * len(each.text) for each in found) / max(length, 1)


def _straightened(found: Sequence[Found]) -> list[Line]:
    """The lines where they would be if the page had been laid straight on the scanner."""
    longest = sorted(found, key=lambda each: _width(each.corners), reverse=True)[: max(len(found) // 2, 1)]
    across = [each.corners[1] - each.corners[0] for each in longest]
    angle = float(np.median([np.arctan2(step[1], step[0]) for step in across]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lines = []
    for each in found:
        middle = each.corners.mean(axis=0) @ turn
        width, height = _width(each.corners), _height(each.corners)
        left, top = float(middle[0]) - width / 2, float(middle[1]) - height / 2
        lines.append(Line(each.text, each.confidence, left, top, left + width, top + height))
    return lines
