"""What a page view shows and where: zoom and position. Arithmetic only, no widgets.

Positions that must survive a change of size or zoom are kept as an anchor: a point of a page, and the
share of the view's height at which it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF

from app.gui.viewer.page_layout import GAP, PageLayout, lay_out

_THIRD = 1 / 3


@dataclass(frozen=True, slots=True)
class _Anchor:
    page: int
    points: float  # below the page's top
    share: float


class PageStrip:
    """Pages count from 0, sizes are in points, the rest in pixels of the view."""

    def __init__(self, sizes: Sequence[QSizeF]) -> None:
        self.sizes = tuple(sizes)
        self.fitted = True
        self.layout = PageLayout((), (), (), ())
        self._zoom = 1.0
        self._per_point = 1.0
        self._view = QSize(0, 0)
        self._anchor = _Anchor(0, 0.0, 0.0)

    def lay_out(self, view: QSize, pixels_per_point: float) -> None:
        self._view, self._per_point = view, pixels_per_point
        zoom = None if self.fitted else self._zoom
        self.layout = lay_out(self.sizes, view.width(), zoom, pixels_per_point)

    def set_zoom(self, zoom: float | None) -> None:
        """1.0 is life size, None fits the width. Takes effect with the next `lay_out`."""
        self.fitted = zoom is None
        self._zoom = zoom or 1.0

    def zoom_of(self, page: int) -> float:
        return self.layout.scales[page] / self._per_point if self.layout.scales else 1.0

    def range(self) -> QSize:
        """How far the view can be scrolled."""
        across = 0 if self.fitted else max(0, round(self.layout.width) - self._view.width())
        return QSize(across, max(0, round(self.layout.height) - self._view.height()))

    def aim_at_page(self, page: int) -> None:
        self._anchor = _Anchor(max(0, min(page, len(self.sizes) - 1)), -GAP / 2, 0.0)

    def aim_at_lines(self, page: int, lines: Sequence[QRectF]) -> None:
        """The first of these lines at a third of the height, where the eye begins."""
        self._anchor = _Anchor(page, lines[0].top(), _THIRD)

    def aim_at_point(self, scrolled: QPointF, at: QPointF) -> None:
        """What is at this height of the view now is what must stay there."""
        page, points = self.point_at(scrolled, at)
        self._anchor = _Anchor(page, points.y(), at.y() / max(1, self._view.height()))

    def aim_at(self, scrolled: int) -> None:
        """What is at the top now is what must stay there."""
        page = self.layout.page_at(scrolled)
        self._anchor = _Anchor(page, (scrolled - self.layout.tops[page]) / self.layout.scales[page], 0.0)

    def scroll_position(self) -> int:
        """Where the anchor wants the view to be."""
        anchor = self._anchor
        y = self.layout.tops[anchor.page] + anchor.points * self.layout.scales[anchor.page]
        return round(y - anchor.share * self._view.height())

    def page_read(self, scrolled: int) -> int:
        """The page at a third of the height; the last one when the end is in view."""
        if scrolled > 0 and scrolled >= self.range().height():
            return len(self.sizes) - 1
        return self.layout.page_at(scrolled + self._view.height() * _THIRD)

    def pages_to_draw(self, scrolled: int) -> list[int]:
        """What is in view first, then a screenful ahead and some behind."""
        height = self._view.height()
        seen = self.layout.pages_between(scrolled, scrolled + height)
        near = self.layout.pages_between(scrolled - height / 2, scrolled + 2 * height)
        return [*seen, *(page for page in near if page not in seen)]

    def page_box(self, page: int, scrolled: QPointF, ratio: float) -> QRectF:
        """In the view, with its corner on a whole device pixel so that letters stay sharp."""
        box = self.layout.page_box(page, self._view.width()).translated(-scrolled)
        box.moveTo(round(box.x() * ratio) / ratio, round(box.y() * ratio) / ratio)
        return box

    def point_at(self, scrolled: QPointF, at: QPointF) -> tuple[int, QPointF]:
        """The page at this point of the view, and the point in points of the page (or beside it)."""
        page = self.layout.page_at(at.y() + scrolled.y())
        corner = self.layout.page_box(page, self._view.width()).topLeft() - scrolled
        return page, (at - corner) / self.layout.scales[page]

    def boxes(
        self, page: int, lines: Sequence[QRectF], scrolled: QPointF, ratio: float, grown: float = 0.0
    ) -> list[QRectF]:
        """Lines of a page in the view, wider by `grown` pixels on each side."""
        corner = self.page_box(page, scrolled, ratio).topLeft()
        scale = self.layout.scales[page]
        return [
            QRectF(corner + line.topLeft() * scale, line.size() * scale).adjusted(
                -grown, -grown / 2, grown, grown / 2
            )
            for line in lines
        ]
