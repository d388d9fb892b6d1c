"""The memory bar: where its parts lie, what it says, and what is really painted."""

from typing import Any

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.gui.models.detail.memory_bar import MemoryBar, MemoryLegend, Span, part_colour, spans
from app.hardware.fit import MIB, Memory

MEMORY = Memory(weights=400 * MIB, kv=200 * MIB, compute=100 * MIB, overhead=100 * MIB)


def test_parts_lie_side_by_side_against_what_is_free():
    assert list(spans(MEMORY, free=1000 * MIB)) == [
        Span(0, 0.0, 0.4, over=False),
        Span(1, 0.4, 0.6, over=False),
        Span(2, 0.6, 0.7, over=False),
        Span(3, 0.7, 0.8, over=False),
    ]


def test_what_does_not_fit_lies_beyond_the_mark():
    assert list(spans(MEMORY, free=500 * MIB)) == [
        Span(0, 0.0, 0.5, over=False),
        Span(1, 0.5, 0.625, over=False),
        Span(1, 0.625, 0.75, over=True),
        Span(2, 0.75, 0.875, over=True),
        Span(3, 0.875, 1.0, over=True),
    ]


@pytest.mark.parametrize("free", [0, 1])
def test_no_free_memory_at_all(free: int):
    assert all(span.over for span in spans(MEMORY, free) if span.start > 0)


def test_says_and_paints_the_numbers(themed: QApplication, qtbot: Any):
    bar = MemoryBar()
    qtbot.addWidget(bar)
    bar.show_memory(MEMORY, 500 * MIB, on_card=True)
    bar.resize(400, bar.sizeHint().height())

    assert bar.accessibleName() == (
        "Memory: 800 MB needed, 500 MB free on the graphics card. "
        "Weights 400 MB, Context 200 MB, Computing 100 MB, Other 100 MB"
    )
    painted = bar.grab().toImage()
    middle = bar.height() - 12
    assert painted.pixelColor(100, middle) == part_colour(0)
    assert painted.pixelColor(220, middle) == part_colour(1)
    assert painted.pixelColor(280, middle) == part_colour(1, over=True)
    assert painted.pixelColor(380, middle) == part_colour(3, over=True)
    assert painted.pixelColor(251, middle) == QColor("#20242a")  # the mark


def test_the_legend_has_one_column_where_it_is_narrow(themed: QApplication, qtbot: Any):
    legend = MemoryLegend()
    qtbot.addWidget(legend)
    legend.show_memory(MEMORY)
    legend.resize(600, 60)
    legend.show()
    assert legend.texts == ["400 MB", "200 MB", "100 MB", "100 MB"]
    low = legend.sizeHint().height()

    legend.resize(legend.minimumSizeHint().width(), 120)

    assert legend.sizeHint().height() > 1.5 * low
