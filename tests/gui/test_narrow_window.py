"""A small screen: 1280×800 at 150 % leaves about 820×512. What is not in use gives way."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.gui.shortcuts import ShortcutSheet
from app.gui.viewer.header import PageBar
from tests.gui.conftest import source


def settle():
    for _ in range(5):
        QApplication.processEvents()


@pytest.fixture
def narrow(window):
    window.resize(820, 512)
    settle()
    return window


def on_page(widget, page):
    return QRect(widget.mapTo(page, widget.rect().topLeft()), widget.size())


def test_the_list_folds_away_while_there_are_sources(narrow, ask):
    chat = narrow.chat
    assert chat.conversations.isVisible() and not chat.columns.list_button.isVisible()
    ask("How long is the notice?")
    settle()
    assert chat.conversations.isHidden() and chat.sources.isVisible()
    assert chat.columns.list_button.isVisible()
    for each in (chat.view, chat.composer, chat.sources):
        assert chat.rect().contains(on_page(each, chat))
    transcript = chat.view.transcript
    assert transcript.widget().width() <= transcript.viewport().width()
    assert not on_page(chat.composer, chat).intersects(on_page(chat.sources, chat))
    assert chat.sources.width() >= 280


def test_list_and_sources_take_turns(narrow, ask):
    chat = narrow.chat
    ask("How long?")
    chat.columns.list_button.click()
    assert chat.conversations.isVisible() and chat.sources.isHidden()
    chat.columns.sources_button.click()
    assert chat.conversations.isHidden() and chat.sources.isVisible()
    chat.columns.sources_button.click()
    assert chat.conversations.isVisible() and chat.sources.isHidden()


def test_ctrl_f_brings_the_list_back(narrow, ask, qtbot):
    ask("How long?")
    assert narrow.chat.conversations.isHidden()
    qtbot.keyClick(narrow, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert narrow.chat.conversations.isVisible() and narrow.chat.conversations.search_field.hasFocus()
    ask("And the keys?")
    assert narrow.chat.conversations.isHidden() and narrow.chat.sources.isVisible()


def test_a_wide_window_shows_list_and_sources_side_by_side(window, ask):
    window.resize(820, 512)
    ask("How long?")
    window.resize(1200, 800)
    settle()
    chat = window.chat
    assert chat.conversations.isVisible() and chat.sources.isVisible()
    assert not chat.columns.list_button.isVisible()
    assert (chat.conversations.width(), chat.sources.width()) == (240, 320)


def test_the_viewer_takes_more_than_half_of_a_narrow_window(narrow, ask):
    ask("How long?")
    narrow.chat._open_source(source(1))
    settle()
    page, pane = narrow.viewer.sizes()
    assert narrow.chat.conversations.isHidden() and narrow.chat.sources.isHidden()
    assert pane >= 0.54 * (page + pane) and pane >= 384 and page >= 320
    assert narrow.chat.rect().contains(on_page(narrow.chat.composer, narrow.chat))
    transcript = narrow.chat.view.transcript
    assert transcript.widget().width() <= transcript.viewport().width()
    narrow.chat.columns.list_button.click()
    assert not narrow.viewer.is_open and narrow.chat.conversations.isVisible()


def test_beside_a_document_names_make_room_for_each_other(narrow, ask):
    """Whole words or an icon, nothing between: “Sta…del” says nothing."""
    chat = narrow.chat
    ask("How long is the notice period in the flat lease?")
    chat._open_source(source(1))
    settle()
    composer, model = chat.composer, chat.model
    icon_only = Qt.ToolButtonStyle.ToolButtonIconOnly
    assert not chat.columns.sources_button.isVisible()  # the viewer stands in their place
    assert model.toolButtonStyle() == icon_only and "Starter model" in model.accessibleName()
    assert chat.head.title.width() >= 160
    assert composer._each.toolButtonStyle() == icon_only and composer._each.accessibleName()
    assert composer._chooser.width() >= composer._chooser.sizeHint().width()
    narrow.viewer.close_viewer()
    settle()
    assert chat.columns.sources_button.isVisible()
    narrow.resize(1240, 780)
    settle()
    for button in (model, composer._each, composer._chooser):
        assert button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        assert button.width() >= button.sizeHint().width()


def test_beside_a_document_in_a_window_of_1280_every_name_is_whole(window, ask):
    window.resize(1230, 770)
    ask("How long is the notice period in the flat lease?")
    window.chat._open_source(source(1))
    settle()
    chat = window.chat
    assert chat.conversations.isVisible()
    for button in (chat.model, chat.composer._each, chat.composer._chooser):
        assert button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        assert button.width() >= button.sizeHint().width()
    window.viewer.close_viewer()
    settle()
    assert chat.conversations.width() == 240


def test_where_there_is_no_room_for_both_the_viewer_covers_the_page(narrow, ask, qtbot):
    ask("How long?")
    narrow.resize(730, 490)
    narrow.chat._open_source(source(1))
    settle()
    assert narrow.viewer.covers_page and not narrow.chat.isVisible()
    qtbot.keyClick(narrow, Qt.Key.Key_Escape)
    assert narrow.chat.isVisible() and not narrow.viewer.is_open
    narrow.chat._open_source(source(1))
    narrow.rail._buttons["chat"].click()
    assert narrow.chat.isVisible() and not narrow.viewer.is_open


def test_escape_uncovers_the_page_before_it_stops_the_answer(narrow, script, qtbot):
    narrow.resize(730, 490)
    script.hold.clear()
    narrow.chat.ask("Slow?")
    narrow.chat._open_source(source(1))
    assert narrow.viewer.covers_page
    qtbot.keyClick(narrow, Qt.Key.Key_Escape)
    assert not narrow.viewer.is_open
    assert narrow.chat.answers.live(narrow.chat.view.current) is not None


def test_a_covered_page_comes_back_when_the_window_grows(narrow, ask):
    ask("How long?")
    narrow.resize(730, 490)
    narrow.chat._open_source(source(1))
    settle()
    assert narrow.viewer.covers_page
    narrow.resize(1200, 800)
    settle()
    assert narrow.viewer.is_open and narrow.chat.isVisible() and narrow.chat.conversations.isVisible()
    page, pane = narrow.viewer.sizes()
    assert pane == pytest.approx(0.45 * (page + pane), abs=2)


@pytest.mark.parametrize("width", [240, 300, 384, 600])
def test_controls_of_pages_never_overlap(themed, qtbot, width):
    bar = PageBar()
    qtbot.addWidget(bar)
    bar.show_count(12345)
    bar.zoom.show_zoom(8.0)
    bar.resize(width, 40)
    bar.show()
    settle()
    controls = [*_children(bar), *_children(bar.zoom)]
    controls.remove(bar.zoom)
    shown = [(each, on_page(each, bar)) for each in controls]
    for number, (each, place) in enumerate(shown):
        assert each.width() >= min(each.minimumSizeHint().width(), each.sizeHint().width())
        assert bar.rect().contains(place) and bar.zoom.geometry().contains(place) is (
            each.parent() is bar.zoom
        )
        assert not any(place.intersects(other) for _, other in shown[:number])
    assert {bar.field, bar.zoom.smaller, bar.zoom.larger, bar.zoom.reset} <= set(controls)
    assert bar.zoom.label.isVisible() is (width >= 384)


def _children(widget):
    return [each for each in widget.findChildren(QWidget) if each.parent() is widget and each.isVisible()]


def test_the_sheet_of_keys_fits_and_names_those_of_library_and_viewer(narrow, qtbot):
    sheet = ShortcutSheet(narrow)
    qtbot.addWidget(sheet)
    keys = {each.text() for each in sheet.findChildren(QLabel)}
    assert {"F5", "Ctrl++", "Ctrl+-", "Ctrl+0", "Alt+Up", "Alt+Down", "Ctrl+Shift+O"} <= keys
    assert sheet.sizeHint().width() <= 820 and sheet.sizeHint().height() <= 512
