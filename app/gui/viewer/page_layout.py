"""Where the pages of a document lie below each other, in the pixels of one zoom. No widgets."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSizeF

GAP = 16
ZOOMS = (0.25, 0.33, 0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0)
_MOST_FITTED = 2.5  # a small receipt is not blown up to the width of the screen


@dataclass(frozen=True, slots=True)
class PageLayout:
    """`scales[i]` turns points of page i into pixels; `tops[i]` is where it begins."""

    scales: tuple[float, ...]
    tops: tuple[float, ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]

    @property
    def height(self) -> float:
        return self.tops[-1] + self.heights[-1] + GAP if self.tops else 0.0

    @property
    def width(self) -> float:
        return max(self.widths, default=0.0) + 2 * GAP

    def page_at(self, y: float) -> int:
        """The page at this height; the one above when it lies in a gap."""
        return max(0, bisect_right(self.tops, y) - 1)

    def pages_between(self, top: float, bottom: float) -> range:
        if not self.tops:
            return range(0)
        return range(self.page_at(top), min(len(self.tops) - 1, self.page_at(bottom)) + 1)

    def page_box(self, page: int, across: float) -> QRectF:
        """The page's rectangle, centred in `across` pixels (or in the widest page, if that is wider)."""
        middle = max(across, self.width) / 2
        return QRectF(middle - self.widths[page] / 2, self.tops[page], self.widths[page], self.heights[page])


def lay_out(
    sizes: Sequence[QSizeF], across: float, zoom: float | None, pixels_per_point: float
) -> PageLayout:
    """`zoom` 1.0 is life size; None fits each page into `across`."""
    scales, tops, widths, heights = [], [], [], []
    top = float(GAP)
    for size in sizes:
        scale = pixels_per_point * (zoom if zoom is not None else 1.0)
        if zoom is None and size.width() > 0:
            fitting = max(40.0, across - 2 * GAP) / size.width()
            scale = min(fitting, _MOST_FITTED * pixels_per_point)
        scales.append(scale)
        tops.append(top)
        widths.append(size.width() * scale)
        heights.append(size.height() * scale)
        top += heights[-1] + GAP
    return PageLayout(tuple(scales), tuple(tops), tuple(widths), tuple(heights))


def next_zoom(now: float, direction: int) -> float:
    """The step above or below `now`."""
    if direction > 0:
        return next((each for each in ZOOMS if each > now * 1.01), ZOOMS[-1])
    return next((each for each in reversed(ZOOMS) if each < now * 0.99), ZOOMS[0])
