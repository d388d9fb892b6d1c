"""Pages as pictures: rendered from a PDF, or decoded from an image file. Runs only in the reader process."""

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from app.documents.containers import unsupported
from app.documents.document import ReadFailure, Verdict
from app.documents.limits import Limits

Picture = NDArray[np.uint8]
"""Grey values, (height, width), 0 is black."""

_DPI = 200  # more makes recognition slower, not better
_PIXELS = 5_600_000  # a page of A4 at 240 dots an inch
_LONGEST_SIDE = 12_000
_DECODED_PIXELS = 80_000_000  # A3 at 600 dots an inch has 70 million
_FORMATS = ("PNG", "JPEG", "MPO", "TIFF", "BMP", "WEBP", "GIF", "JPEG2000", "AVIF")
Image.init()  # else `open` knows only the five most common formats
_ONE_FRAME = ("GIF", "WEBP", "MPO", "AVIF", "PNG")  # more of them are film, or the same picture again


def pdf_page(path: Path, number: int) -> Picture:
    """Page `number` (from 1) of the PDF at `path`. Raises `ReadFailure` when it cannot be shown."""
    try:
        with pypdfium2.PdfDocument(path) as document:
            page = document[number - 1]
            width, height = page.get_size()
            bitmap = page.render(scale=_scale(width, height, _DPI / 72), grayscale=True)
            picture: Picture = bitmap.to_numpy().copy().reshape(bitmap.height, -1)[:, : bitmap.width]
            bitmap.close()
            page.close()
    except (pypdfium2.PdfiumError, IndexError, ValueError) as error:
        raise _damaged() from error
    return picture


def _scale(width: float, height: float, wanted: float) -> float:
    """The largest scale up to `wanted` that keeps a picture of this size within bounds."""
    if width < 1 or height < 1:
        raise _damaged()
    return min(wanted, math.sqrt(_PIXELS / (width * height)), _LONGEST_SIDE / max(width, height))


def frames(path: Path, limits: Limits) -> int:
    """How many pages the image file at `path` has. Raises `ReadFailure`: damaged, too-large, unsupported."""
    with _opened(path) as image:
        count = 1 if image.format in _ONE_FRAME else int(getattr(image, "n_frames", 1))
        _decoded(image)  # one that cannot be decoded is damaged, whatever its header says
    return min(count, limits.members)


def frame(path: Path, number: int) -> Picture:
    """Page `number` (from 1) of the image file at `path`, as it was meant to be turned. Raises like `frames`."""
    with _opened(path) as image:
        try:
            image.seek(number - 1)
        except (EOFError, OSError, ValueError) as error:
            raise _damaged() from error
        return _decoded(image)


def _opened(path: Path) -> Image.Image:
    try:
        with warnings.catch_warnings(action="ignore"):
            return Image.open(path, formats=[each for each in _FORMATS if each in Image.OPEN])
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise _unknown(path) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise _damaged() from error


def _unknown(path: Path) -> ReadFailure:
    with path.open("rb") as file:
        head = file.read(12)
    other = head.startswith((b"8BPS", b"AT&TFORM")) or head[4:8] == b"ftyp"
    return unsupported("a picture of a kind that Alcove does not know") if other else _damaged()


def _decoded(image: Image.Image) -> Picture:
    width, height = image.size
    if width * height > _DECODED_PIXELS:
        raise _too_large()
    scale = _scale(width, height, 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    try:
        image.draft("L", size)  # a JPEG is decoded at an eighth, a quarter or half of its size at once
        upright: Any = ImageOps.exif_transpose(_grey(image))
        if scale < 1:
            upright.thumbnail(
                (max(size), max(size)) if width == height else _turned(size, upright), reducing_gap=2.0
            )
        return np.array(upright, dtype=np.uint8)
    except MemoryError as error:
        raise _too_large() from error
    except Exception as error:  # decoders of broken pictures raise whatever comes to their mind
        raise _damaged() from error


def _turned(size: tuple[int, int], image: Image.Image) -> tuple[int, int]:
    """`size` for an image that may have been turned onto its side."""
    return size if (size[0] > size[1]) == (image.width > image.height) else (size[1], size[0])


def _grey(image: Image.Image) -> Image.Image:
    """Grey on white: what is transparent shows the paper."""
    exif = image.getexif()
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        values = np.asarray(image, dtype=np.float32)
        low, high = float(values.min()), float(values.max())
        grey = Image.fromarray(((values - low) * (255 / max(high - low, 1.0))).astype(np.uint8))
    elif image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layers = image.convert("RGBA")
        paper = Image.new("L", image.size, 255)
        paper.paste(layers.convert("L"), mask=layers.getchannel("A"))
        grey = paper
    else:
        grey = image.convert("L")
    grey.info["exif"] = exif.tobytes()
    return grey


def _damaged() -> ReadFailure:
    return ReadFailure(Verdict.damaged, "The picture is incomplete or damaged; try to get it again.")


def _too_large() -> ReadFailure:
    return ReadFailure(Verdict.too_large, "The picture has more pixels than Alcove reads.")
