"""PDF pages: the quote is marked where it stands, and pages are turned, zoomed and copied."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QMouseEvent, QWheelEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QApplication, QWidget

from app.documents.document import Place
from app.gui.viewer.highlights import find_highlight, lines_of
from app.gui.viewer.pane import ViewerPane

Make = Callable[..., Any]
FILLER = ["Nothing of interest stands in this line."] * 30
QUOTE = "either party may end this lease with two months' notice in writing"
NOTICE = ["The tenant pays on the first day of each month.", "At any time either party may end this lease with",
          "two months' notice in writing. The landlord returns", "the deposit within thirty days."]  # fmt: skip


@pytest.fixture
def lease(tmp_path: Path, make_pdf: Make) -> Path:
    return make_pdf(tmp_path / "lease.pdf", [FILLER, FILLER, [*FILLER[:20], *NOTICE, *FILLER[:8]], FILLER])


@pytest.fixture
def document(lease: Path) -> QPdfDocument:
    made = QPdfDocument()
    made.load(str(lease))
    return made


def words_box(document: QPdfDocument, page: int, words: str) -> QRectF:
    """Where PDFium says that `words` stand."""
    at = document.getAllText(page).text().index(words)
    return document.getSelectionAtIndex(page, at, len(words)).boundingRectangle()


class TestHighlight:
    def test_covers_every_word_of_a_quote_over_two_lines(self, document: QPdfDocument) -> None:
        found = find_highlight(document, 2, QUOTE)

        assert found is not None and found.page == 2 and found.whole
        assert len(found.lines) == 2
        for words, line in (("either party", 0), ("this lease", 0), ("two months", 1), ("in writing", 1)):
            assert found.lines[line].adjusted(-1, -1, 1, 1).contains(words_box(document, 2, words)), words
        assert not found.lines[0].intersects(words_box(document, 2, "At any time"))
        assert not found.lines[1].intersects(words_box(document, 2, "The landlord"))

    def test_stands_where_the_page_was_drawn(self, document: QPdfDocument) -> None:
        """Line 22 of 18 points, the first 72 points below the top."""
        found = find_highlight(document, 2, QUOTE)

        assert found is not None
        assert found.lines[0].bottom() == pytest.approx(72 + 21 * 18 + 3, abs=3)

    def test_is_found_on_a_neighbouring_page(self, document: QPdfDocument) -> None:
        found = find_highlight(document, 1, QUOTE)

        assert found is not None and found.page == 2

    def test_marks_the_sentences_that_are_there(self, document: QPdfDocument) -> None:
        quote = "The tenant pays on the first day of each month. This sentence is not in the document at all."

        found = find_highlight(document, 2, quote)

        assert found is not None and not found.whole and len(found.lines) == 1

    @pytest.mark.parametrize("quote", ["", "   ", "words that stand nowhere"])
    def test_of_nothing_is_nothing(self, document: QPdfDocument, quote: str) -> None:
        assert find_highlight(document, 0, quote) is None

    def test_joins_letters_of_a_line_but_not_two_columns(self) -> None:
        letters = [QRectF(10 + 6 * i, 100, 5, 10) for i in range(5)]
        column = QRectF(300, 100, 40, 10)
        below = QRectF(10, 114, 50, 10)

        assert lines_of([*letters, column, below]) == [QRectF(10, 100, 29, 10), column, below]

    def test_keeps_lines_of_upright_text_apart(self) -> None:
        lines = [QRectF(100, 50, 10, 200), QRectF(114, 50, 10, 180)]

        assert lines_of(lines) == lines


class TestPdfInTheViewer:
    @pytest.fixture
    def shown(self, pane: ViewerPane, lease: Path, opened: Callable[[], None], cite: Make) -> ViewerPane:
        pane.open_source(cite(lease, Place("page", 3), QUOTE))
        opened()
        return pane

    def test_brings_the_quote_to_a_third_of_the_height(self, shown: ViewerPane) -> None:
        assert shown.area.pdf is not None
        view = shown.area.pdf.view

        assert view.page == 2
        assert shown.area.pdf.bar.field.text() == "3"
        assert view.highlight_boxes()[0].top() == pytest.approx(view.viewport().height() / 3, abs=4)
        assert not shown.remark.text

    def test_keeps_it_there_when_the_window_changes(self, shown: ViewerPane, qtbot: Any) -> None:
        assert shown.area.pdf is not None
        view = shown.area.pdf.view

        shown.resize(500, 500)
        qtbot.waitUntil(lambda: view.height() < 480)

        assert view.highlight_boxes()[0].top() == pytest.approx(view.viewport().height() / 3, abs=4)

    def test_paints_the_marker_behind_the_words(self, shown: ViewerPane, qtbot: Any) -> None:
        assert shown.area.pdf is not None
        view = shown.area.pdf.view
        box = view.highlight_boxes()[0].toRect()

        def ink() -> tuple[bool, bool]:
            image: QImage = view.viewport().grab(box).toImage()
            pixels = [QColor(image.pixel(x, y)) for x in range(image.width()) for y in range(image.height())]
            return (any(each.lightness() < 60 for each in pixels), any(_is_marker(each) for each in pixels))

        qtbot.waitUntil(lambda: ink() == (True, True), timeout=5000)

    def test_zooms_in_steps_and_back_to_the_width(self, shown: ViewerPane) -> None:
        assert shown.area.pdf is not None
        bar, view = shown.area.pdf.bar, shown.area.pdf.view
        fitted = view.zoom

        bar.zoom.larger.click()
        assert view.zoom > fitted
        assert view.horizontalScrollBar().maximum() > 0
        bar.zoom.smaller.click()
        bar.zoom.smaller.click()
        assert view.zoom < fitted
        bar.zoom.reset.click()
        assert view.zoom == fitted
        assert view.horizontalScrollBar().maximum() == 0

    def test_turns_pages_by_button_and_number(self, shown: ViewerPane, qtbot: Any) -> None:
        assert shown.area.pdf is not None
        bar, view = shown.area.pdf.bar, shown.area.pdf.view

        bar.previous.click()
        assert view.page == 1
        bar.field.setFocus()
        bar.field.selectAll()
        qtbot.keyClicks(bar.field, "4")
        qtbot.keyClick(bar.field, Qt.Key.Key_Return)
        assert view.page == 3
        assert not bar.next.isEnabled()

    def test_scrolling_shows_the_number_of_the_page_read(self, shown: ViewerPane, qtbot: Any) -> None:
        assert shown.area.pdf is not None

        qtbot.keyClick(shown.area.pdf.view, Qt.Key.Key_Home)
        assert shown.area.pdf.bar.field.text() == "1"
        qtbot.keyClick(shown.area.pdf.view, Qt.Key.Key_End)
        assert shown.area.pdf.bar.field.text() == "4"

    def test_copies_the_quote_and_the_page(self, shown: ViewerPane, qtbot: Any) -> None:
        assert shown.area.pdf is not None
        view = shown.area.pdf.view
        view.setFocus()

        qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == QUOTE
        shown.area.pdf.copying.menu().actions()[1].trigger()
        assert "the deposit within thirty days." in QGuiApplication.clipboard().text()

    def test_words_are_selected_with_the_mouse_and_copied(self, shown: ViewerPane, qtbot: Any) -> None:
        assert shown.area.pdf is not None
        view = shown.area.pdf.view
        first, last = (box.toRect() for box in view.highlight_boxes())
        start, end = first.topLeft() + QPoint(3, 3), QPoint(last.right() + 900, last.center().y())
        viewport, left = view.viewport(), Qt.MouseButton.LeftButton

        qtbot.mousePress(viewport, left, pos=start)
        move = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(end), QPointF(end), left, left, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(viewport, move)
        qtbot.mouseRelease(viewport, left, pos=end)
        qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

        copied = QGuiApplication.clipboard().text()
        assert copied == f"{QUOTE.replace(' two', chr(10) + 'two')}. The landlord returns"
        qtbot.mouseDClick(viewport, left, pos=first.topLeft() + QPoint(8, 6))
        assert view.selection.text == "either"
        qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert view.selection.text.endswith(FILLER[0])
        qtbot.mouseClick(viewport, left, pos=start)
        assert view.selection.text == ""

    def test_selects_over_the_end_of_a_page(self, shown: ViewerPane) -> None:
        assert shown.area.pdf is not None
        selection = shown.area.pdf.view.selection

        parts = selection._between((3, QPointF(0, 80)), (0, QPointF(300, 590)))

        assert sorted(parts) == [0, 1, 2, 3]
        assert parts[2].text().endswith("line.") and parts[3].text().count("line") <= 1

    def test_ctrl_and_wheel_zoom_at_the_mouse(self, shown: ViewerPane) -> None:
        assert shown.area.pdf is not None
        view = shown.area.pdf.view
        before, box = view.zoom, view.highlight_boxes()[0]

        for _ in range(4):  # a touchpad sends parts of a notch
            turn(view.viewport(), box.topLeft(), 60)

        assert before < 1.0 and view.zoom == 1.1  # two steps
        assert view.highlight_boxes()[0].top() == pytest.approx(box.top(), abs=3)

    def test_says_quietly_that_a_quote_is_not_there(
        self, pane: ViewerPane, lease: Path, opened: Callable[[], None], cite: Make
    ) -> None:
        pane.open_source(cite(lease, Place("page", 2), "These words are nowhere."))
        opened()

        assert pane.area.pdf is not None and pane.area.pdf.view.page == 1
        assert "could not be found" in pane.remark.text

    def test_another_quote_of_the_same_file_needs_no_new_view(
        self, shown: ViewerPane, lease: Path, opened: Callable[[], None], cite: Make
    ) -> None:
        before = shown.area.pdf

        shown.open_source(cite(lease, Place("page", 1), FILLER[0]))
        opened()

        assert shown.area.pdf is before and before is not None and before.view.page == 0

    def test_a_file_replaced_meanwhile_is_read_anew(
        self, shown: ViewerPane, lease: Path, opened: Callable[[], None], cite: Make, make_pdf: Make
    ) -> None:
        make_pdf(lease, [["Only one page is left."]])

        shown.open_source(cite(lease, Place("page", 3), QUOTE))
        opened()

        assert shown.area.pdf is not None and shown.area.pdf.view.document.pageCount() == 1

    def test_many_pages_are_drawn_and_dropped(
        self, pane: ViewerPane, tmp_path: Path, opened: Callable[[], None], qtbot: Any, make_pdf: Make
    ) -> None:
        path = make_pdf(tmp_path / "long.pdf", [[f"Page {number}"] for number in range(1, 121)])
        pane.open_file(str(path))
        opened()
        assert pane.area.pdf is not None

        for page in (60, 119, 0, 80):
            pane.area.pdf.view.go_to_page(page)
        pane.open_file(str(path.with_name("gone.pdf")))  # closed while pages are being drawn
        opened()

        assert pane.area.pdf is None


def turn(viewport: QWidget, at: QPointF, delta: int) -> None:
    wheel = QWheelEvent(
        at, at, QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, wheel)


def _is_marker(colour: QColor) -> bool:
    return colour.red() > 240 and colour.green() > 210 and 100 < colour.blue() < 170


def test_files_of_one_size_and_time_are_told_apart(pane, tmp_path, make_pdf, opened):
    paths = [make_pdf(tmp_path / f"{name}.pdf", [[name]]) for name in ("one", "two")]
    most = max(path.stat().st_size for path in paths)
    for path in paths:
        path.write_bytes(path.read_bytes().ljust(most, b"\n"))
        os.utime(path, ns=(10**18, 10**18))
    pane.open_file(str(paths[0]))
    opened()
    first = pane.area.pdf
    pane.open_file(str(paths[1]))
    assert not any(
        button.isEnabled()
        for button in (pane.header.find_button, pane.header.open_button, pane.header.folder_button)
    )
    opened()
    assert pane.area.pdf is not first and pane.area.pdf._text_of(0).strip() == "two"
    assert pane.header.folder_button.isEnabled() and pane.header.open_button.isEnabled()
