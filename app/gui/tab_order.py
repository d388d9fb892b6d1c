"""Where Tab goes next: through what is shown, in the order in which it is read.

Qt's own chain follows the order in which widgets were made and given their places. Messages and cards come and go, and
what moves into the window with a focus proxy can end up in a ring of its own that Tab never leaves.
"""

from collections.abc import Iterator
from functools import cmp_to_key

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QScrollArea, QWidget

from app.gui.theme import GRID


def next_stop(top: QWidget, current: QWidget | None, *, forward: bool) -> QWidget | None:
    """The stop after or before `current` below `top`, around the ends; None when there is no other.

    `current` may be one that has just been hidden: then the next one, at the end the one before, not the first of all.
    """
    stops = [each for each in _inside(top, current) if each is current or _takes_tab(each)]
    if not forward:
        stops.reverse()
    at = stops.index(current) if current in stops else -1
    after, before = stops[at + 1 :], stops[: max(at, 0)]
    if not after and before and current is not None and not current.isVisible():
        return before[-1]
    return next(iter(after + before), None)


def bring_into_view(widget: QWidget) -> None:
    """Scroll whatever it lies in."""
    for area in widget.window().findChildren(QScrollArea):
        if area.isAncestorOf(widget) and area.viewport().isAncestorOf(widget):
            area.ensureWidgetVisible(widget, 0, 2 * GRID)


def _takes_tab(widget: QWidget) -> bool:
    if isinstance(widget, QAbstractItemView) and not widget.model().rowCount():
        return False  # there is nothing in it that could show the focus
    by_tab = (widget.focusPolicy() & Qt.FocusPolicy.TabFocus) == Qt.FocusPolicy.TabFocus
    return by_tab and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None


def _inside(widget: QWidget, current: QWidget | None) -> Iterator[QWidget]:
    """`widget` and all below it that is shown or leads to `current`."""
    yield widget
    for each in _children(widget):
        shown = each.isVisible() or (current is not None and (each is current or each.isAncestorOf(current)))
        if shown and not each.isWindow():
            yield from _inside(each, current)


def _children(widget: QWidget) -> list[QWidget]:
    """From top to bottom, those beside each other from left to right.

    Asked for by place, not by layout: wrappers of Qt's own layouts take those of the widgets in them along when they go.
    """
    found: list[QWidget] = widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return sorted(found, key=cmp_to_key(_by_place))


def _by_place(one: QWidget, other: QWidget) -> int:
    first, second = one.geometry(), other.geometry()
    if first.bottom() < second.top() or second.bottom() < first.top():
        return first.top() - second.top()
    return first.left() - second.left() or first.top() - second.top()
