"""Finds and reads lines of text on a picture, with the PP-OCR models from RapidOCR's wheel on OpenVINO.

Only the weights of RapidOCR are used: none of its code is imported, so nothing of it can download or log. Compared
with its own pipeline, pages are looked at smaller, lines are read one at a time and narrower: less than half the work
and about half the memory, and no word more is wrong (`python -m benchmarks.recognition`). Runs only in the reader process.
"""

import importlib.util
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.base.errors import AppError
from app.base.openvino_alone import openvino
from app.documents.page_pictures import Picture

Box = NDArray[np.float32]
"""Corners of a line, (4, 2), x and y in pixels: top left, top right, bottom right, bottom left as it is read."""

_FINDER, _READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_THREADS = 2
_LONG_SIDE = 1152  # pixels of a page when lines are looked for
_SHORT_SIDE = 736  # smaller pictures are enlarged, at most to twice their size
_CANVAS = 128  # sizes are rounded up to this, since each new shape costs preparation and memory
_LIKELY = 0.3  # that a pixel belongs to a line
_SURE = 0.5  # on average over a line
_GROWN = 1.6  # what the detector was trained to shrink lines by
_SMALLEST = 3  # pixels
_MOST_LINES = 1_000
_LINE_HEIGHT = 48  # pixels, as the models were trained
_NARROWED = 0.85  # of the width: fewer steps to compute; at 0.75 thin letters get lost on noisy scans
_WIDTH_STEP = 128
_WIDEST = 3_200
_DOUBTFUL = 0.95  # confidence below which a line is read again at full width


@dataclass(frozen=True, slots=True)
class Found:
    """`corners` in the picture's pixels; `confidence`: 0…1, the mean over the characters."""

    corners: Box
    text: str
    confidence: float


class TextReader:
    """Loaded models; loading takes about a second. Raises `AppError` when they are not installed."""

    def __init__(self) -> None:
        folder = _models()
        core = openvino.Core()
        options = {"INFERENCE_NUM_THREADS": _THREADS, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
        finder = core.read_model(folder / _FINDER)
        reader = core.read_model(folder / _READER)
        listed = str(reader.get_rt_info()["framework"]["character"].value).splitlines()
        self._characters = np.array(["", *listed, " "])
        self._finder: Any = core.compile_model(finder, "CPU", options).create_infer_request()
        self._reader: Any = core.compile_model(reader, "CPU", options).create_infer_request()

    def boxes(self, picture: Picture) -> list[Box]:
        """The lines on `picture`, in no order; those that stand on end are upright boxes, higher than wide."""
        height, width = picture.shape
        scale = _LONG_SIDE / max(height, width)
        scale = min(scale, max(1.0, min(2.0, _SHORT_SIDE / min(height, width))))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        canvas = np.full([-(-side // _CANVAS) * _CANVAS for side in small.shape], 255, np.uint8)
        canvas[: small.shape[0], : small.shape[1]] = small
        self._finder.infer([_tensor(canvas)])
        likely = np.array(self._finder.get_output_tensor().data[0, 0, : small.shape[0], : small.shape[1]])
        return [box / np.float32(scale) for box in _outlined(likely)]

    def read(self, picture: Picture, boxes: Sequence[Box], until: float = math.inf) -> list[Found]:
        """The text in each of `boxes`, "" where there is none and after the time `until` (`time.monotonic`)."""
        return [
            Found(box, *(self._line(_cropped(picture, box)) if time.monotonic() < until else ("", 0.0)))
            for box in boxes
        ]

    def _line(self, strip: Picture) -> tuple[str, float]:
        text, confidence = self._decoded(strip, _NARROWED)
        if confidence < _DOUBTFUL:
            again = self._decoded(strip, 1.0)
            if again[1] > confidence:
                return again
        return text, confidence

    def _decoded(self, strip: Picture, narrowed: float) -> tuple[str, float]:
        height, width = strip.shape
        wanted = min(max(math.ceil(_LINE_HEIGHT * width / height * narrowed), 16), _WIDEST)
        canvas = np.full((_LINE_HEIGHT, -(-wanted // _WIDTH_STEP) * _WIDTH_STEP), 127, np.uint8)
        canvas[:, :wanted] = cv2.resize(strip, (wanted, _LINE_HEIGHT), interpolation=cv2.INTER_AREA)
        self._reader.infer([_tensor(canvas)])
        steps = self._reader.get_output_tensor().data[0]
        best = steps.argmax(axis=1)
        kept = best != 0  # 0 is "nothing here"; a character seen in several steps in a row is one
        kept[1:] &= best[1:] != best[:-1]
        if not kept.any():
            return "", 0.0
        confidence = float(steps[kept, best[kept]].mean())
        return "".join(self._characters[best[kept]]).strip(), confidence


def _models() -> Path:
    found = importlib.util.find_spec("rapidocr")  # finds the folder without running anything in it
    folder = Path(found.origin).parent / "models" if found is not None and found.origin is not None else None
    if folder is None or not all((folder / name).is_file() for name in (_FINDER, _READER)):
        raise AppError(
            "Text in pictures cannot be recognised: its models are missing.", "Install Alcove again."
        )
    return folder


def _tensor(grey: Picture) -> NDArray[np.float32]:
    """(1, 3, height, width), -1…1."""
    values = grey.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(np.broadcast_to(values, (1, 3, *grey.shape)))


def _outlined(likely: NDArray[np.float32]) -> list[Box]:
    """The boxes around what is likely to be a line, grown to its full height."""
    mask = cv2.dilate((likely > _LIKELY).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes: list[Box] = []
    for outline in outlines[:_MOST_LINES]:
        centre, (width, height), angle = cv2.minAreaRect(outline)
        if min(width, height) < _SMALLEST or _sureness(likely, outline) < _SURE:
            continue
        grown = 2 * width * height * _GROWN / (2 * (width + height))
        turned = cv2.boxPoints((centre, (width + grown, height + grown), angle))
        boxes.append(_corners(np.asarray(turned, np.float32)))
    return boxes


def _sureness(likely: NDArray[np.float32], outline: Any) -> float:
    left, top, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [outline - np.array([left, top])], 1)
    return float(cv2.mean(likely[top : top + height, left : left + width], inside)[0])


def _corners(points: NDArray[np.float32]) -> Box:
    """In the order of `Box`, for a line that is not turned by more than 45 degrees."""
    across = points[np.argsort(points[:, 0], kind="stable")]
    left, right = (side[np.argsort(side[:, 1], kind="stable")] for side in (across[:2], across[2:]))
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def _cropped(picture: Picture, box: Box) -> Picture:
    width = max(int(np.linalg.norm(box[0] - box[1])), 1)
    height = max(int(np.linalg.norm(box[0] - box[3])), 1)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turning = cv2.getPerspectiveTransform(box, target)
    strip = cv2.warpPerspective(
        picture, turning, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(strip, np.uint8)
