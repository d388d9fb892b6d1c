"""How well and how fast scanned pages are recognised; RapidOCR's own pipeline stands beside it.

Pages drawn from SQuAD paragraphs in three fonts, upright, askew and with noise. Each way of reading runs in a process
of its own, so that the peak of its memory is its own. Run: python -m benchmarks.recognition [--baseline]
"""

import argparse
import difflib
import io
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.libraries import shared_data, squad

Reader = Callable[[NDArray[np.uint8]], str]

_WORDS = 420
_COLUMNS = 2
_CASES = (
    ("Times-Roman", 10, 1, 150, 0.0, 0),
    ("Times-Roman", 10, 1, 200, 0.0, 0),
    ("Times-Roman", 10, 1, 300, 0.0, 0),
    ("Helvetica", 9, _COLUMNS, 200, 0.0, 0),
    ("Courier", 10, 1, 200, 0.0, 0),
    ("Times-Roman", 10, 1, 200, 1.2, 20),
    ("Helvetica", 9, _COLUMNS, 150, -1.0, 20),
)  # font, points, columns, dots an inch, degrees, noise (standard deviation of grey)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--baseline", action="store_true", help="RapidOCR's own pipeline as well (minutes)")
    options.add_argument("--one", choices=("alcove", "rapidocr"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    shared = shared_data()
    if shared is None:
        print("recognition: skipped, the SQuAD data is not here")
    elif chosen.one:
        _measure(chosen.one, shared)
    else:
        for way in ("alcove", "rapidocr") if chosen.baseline else ("alcove",):
            subprocess.run([sys.executable, "-m", "benchmarks.recognition", "--one", way], check=True)


def _measure(way: str, shared: Path) -> None:
    from app.documents.limited_serving import resident_bytes

    began = time.process_time()
    read = _alcove() if way == "alcove" else _rapidocr()
    print(f"{way}: loaded after {time.process_time() - began:.1f} s of processor time")
    texts = [
        text for article in squad(shared / "squad" / "train.json")[0] for text in article if text.isascii()
    ]
    words = " ".join(random.Random(3).sample(texts, 12)).split()[:_WORDS]
    for font, points, columns, dpi, degrees, noise in _CASES:
        page = _page(words, font, points, columns, dpi, degrees, noise)
        wall, used = time.perf_counter(), time.process_time()
        text = read(page)
        wall, used = time.perf_counter() - wall, time.process_time() - used
        print(
            f"  {font:12} {columns} col. {dpi} dpi {degrees:+.1f}° noise {noise:2}: words right "
            f"{_share_right(words, text):.3f}, {wall:5.1f} s ({used:4.1f} s of processor time)",
            flush=True,
        )
    print(f"  at most {resident_bytes() / 2**20:.0f} MB resident")


def _alcove() -> Reader:
    from app.documents.document import Place
    from app.documents.ocr import TextReader
    from app.documents.recognising import read_picture

    reader = TextReader()
    return lambda page: read_picture(Place("page", 1), page, reader).text


def _rapidocr() -> Reader:
    """As most apps use it: onnxruntime, the lines joined in the order given. All models are in the wheel."""
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={"Global.log_level": "critical", "EngineConfig.onnxruntime.intra_op_num_threads": 2}
    )
    return lambda page: "\n".join(engine(np.dstack([page] * 3)).txts or ())


def _page(
    words: list[str], font: str, points: int, columns: int, dpi: int, degrees: float, noise: int
) -> NDArray[np.uint8]:
    from pypdfium2 import PdfDocument
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

    file = io.BytesIO()
    width = (595 - 100) / columns
    frames = [Frame(50 + width * number, 40, width, 760) for number in range(columns)]
    document = BaseDocTemplate(file, pagesize=(595, 842), pageTemplates=[PageTemplate(frames=frames)])
    style = ParagraphStyle("body", fontName=font, fontSize=points, leading=points * 1.3, alignment=4)
    shares = [words[start : start + 105] for start in range(0, len(words), 105)]
    document.build(
        [Paragraph(" ".join(share).replace("&", "&amp;").replace("<", "&lt;"), style) for share in shares]
    )
    with PdfDocument(file.getvalue()) as opened:
        image = Image.fromarray(opened[0].render(scale=dpi / 72, grayscale=True).to_numpy().copy().squeeze())
    values = np.asarray(image.rotate(degrees, fillcolor=255, resample=Image.Resampling.BICUBIC), np.float32)
    noisy = values + np.random.default_rng(1).normal(0, noise, values.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _share_right(words: list[str], text: str) -> float:
    """Words in the right order; a word broken at the end of a line or run into the next is wrong."""
    blocks = difflib.SequenceMatcher(None, words, text.split(), autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(words)


if __name__ == "__main__":
    main()
