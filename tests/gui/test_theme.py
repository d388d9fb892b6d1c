"""Colours, contrast, icons."""

import dataclasses

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QPushButton,
    QTableView,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.base.paths import resource
from app.gui import theme
from app.gui.icons import app_icon, icon


def _luminance(colour):
    parts = [getattr(QColor(colour), name)() for name in ("redF", "greenF", "blueF")]
    r, g, b = (each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(one, other):
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


PAIRS = [
    *[("text", ground) for ground in
      ("window", "surface", "raised", "hover", "accent_soft", "warning_soft", "danger_soft", "code",
       "marker", "marker_soft", "found")],
    *[("muted", ground) for ground in ("window", "surface", "raised")],
    *[("accent", ground) for ground in ("window", "surface", "raised", "accent_soft")],
    ("on_accent", "accent"), ("on_accent", "accent_hover"),
    ("warning", "surface"), ("warning", "warning_soft"), ("danger", "danger_soft"),
]  # fmt: skip


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read(colours, ink, ground):
    assert _contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5


def test_the_theme_changes_while_running(themed):
    theme.apply_theme(themed, "dark")
    assert themed.palette().color(QPalette.ColorRole.Window) == QColor(theme.DARK.window)
    assert theme.colours() is theme.DARK
    theme.apply_theme(themed, "light")
    assert themed.palette().color(QPalette.ColorRole.Window) == QColor(theme.LIGHT.window)


def test_icons_take_the_colours_of_the_theme_in_force(themed):
    def darkest(made):
        image = made.pixmap(QSize(24, 24)).toImage()
        return max(
            (image.pixelColor(x, y) for x in range(24) for y in range(24)), key=lambda colour: colour.alpha()
        )

    made = icon("close")
    assert darkest(made).lightness() < 100
    theme.apply_theme(themed, "dark")
    assert darkest(made).lightness() > 180
    theme.apply_theme(themed, "light")


def test_every_icon_can_be_drawn(themed):
    for file in resource("icons").glob("*.svg"):
        if file.stem != "alcove":
            picture = icon(file.stem, "rail").pixmap(QSize(32, 32), 2.0, QIcon.Mode.Normal, QIcon.State.On)
            assert not picture.isNull()
            image = picture.toImage()
            assert any(image.pixelColor(x, y).alpha() for x in range(64) for y in range(64)), file.stem
    assert not app_icon().isNull()


def test_colours_are_complete():
    for each in (theme.LIGHT, theme.DARK):
        for field in dataclasses.fields(each):
            if field.name != "dark":
                assert QColor(getattr(each, field.name)).isValid()


def test_an_icon_without_room_is_nothing(themed):
    assert icon("close").pixmap(0, 0).isNull() and not icon("close").pixmap(16, 16).isNull()


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_highlighted_line_of_a_list_that_drops_down_can_be_read(themed, qtbot, qtlog, choice):
    theme.apply_theme(themed, choice)
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["Like the system", "Light", "Dark"])
    box.show()
    with qtlog.disabled():  # the offscreen platform cannot grab the keyboard
        box.showPopup()
    view = box.view()
    view.setCurrentIndex(box.model().index(1, 0))
    QApplication.processEvents()

    def colours(row):
        place = view.visualRect(box.model().index(row, 0))
        image = view.viewport().grab().toImage()
        place = place.intersected(image.rect()).adjusted(2, 2, -2, -2)
        return [
            image.pixelColor(x, y)
            for x in range(place.left(), place.right())
            for y in range(place.top(), place.bottom())
        ]

    def ground(row):
        found = [each.name() for each in colours(row)]
        return max(set(found), key=found.count)

    assert ground(1) == theme.colours().accent_soft != ground(0) == ground(2)
    for row in range(3):
        assert max(_contrast(each, ground(row)) for each in colours(row)) >= 4.5
    box.hidePopup()
    theme.apply_theme(themed, "light")


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_what_has_the_focus_can_be_seen(themed, qtbot, choice):
    theme.apply_theme(themed, choice)
    holder = QWidget()
    qtbot.addWidget(holder)
    theme.set_role(holder, "page")
    column = QVBoxLayout(holder)
    tree, table, button, other = QTreeView(), QTableView(), QPushButton("Add folder…"), QPushButton("Else")
    for each in (tree, table):
        each.setFrameShape(QTreeView.Shape.NoFrame)
    theme.set_role(tree, "rows")
    theme.set_role(button, "primary")
    for each in (tree, table, button, other):
        column.addWidget(each)
    holder.show()
    with qtbot.waitActive(holder):
        holder.activateWindow()
    for each, inwards in ((tree, 0), (table, 0), (button, 1)):
        edges = []
        for having in (other, each):
            having.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            edges.append(each.grab().toImage().pixelColor(inwards, each.height() // 2).name())
        assert edges[0] != edges[1] and _contrast(edges[1], theme.colours().surface) >= 3, each
    theme.apply_theme(themed, "light")
