"""What the viewer shows for files that are not PDFs, and when something is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.documents.document import Place
from app.gui.viewer.excerpts import MOST_CHARACTERS, Quote, excerpt
from app.gui.viewer.pane import ViewerPane

QUOTE = "Keys are handed over by noon."
PLACES = [
    (Place("section", 1, "Arrival"), "Guests arrive after three. 😀 " + QUOTE + " Breakfast is at eight."),
    (Place("section", 2, "Departure"), "The room is left\n\nas it was found."),
]
Make = Callable[..., Any]
AddFile = Make
Opened = Callable[[], None]


@pytest.fixture
def rules(tmp_path: Path, add_file: AddFile) -> Path:
    path = tmp_path / "rules.docx"
    path.write_bytes(b"PK not really")
    add_file(path, PLACES)
    return path


class TestText:
    def test_marks_the_quote(self, pane: ViewerPane, rules: Path, opened: Opened, cite: Make) -> None:
        start = PLACES[0][1].index(QUOTE)

        pane.open_source(cite(rules, PLACES[0][0], QUOTE, start))
        opened()

        assert pane.area.text.view.isVisible()
        assert pane.area.text.view.quote is not None and pane.area.text.view.quote.selectedText() == QUOTE
        assert len(pane.area.text.view.extraSelections()) == 1
        assert not pane.remark.text

    def test_finds_a_quote_whose_offsets_are_old(
        self, pane: ViewerPane, rules: Path, opened: Opened, cite: Make
    ) -> None:
        pane.open_source(cite(rules, PLACES[1][0], QUOTE, 3))
        opened()

        assert pane.area.text.view.quote is not None and pane.area.text.view.quote.selectedText() == QUOTE

    def test_names_the_places(self, pane: ViewerPane, rules: Path, opened: Opened) -> None:
        pane.open_file(str(rules))
        opened()

        lines = pane.area.text.view.toPlainText().split("\n")
        assert lines[0] == "Arrival" and "Departure" in lines
        assert pane.area.text.view.quote is None

    def test_says_that_a_quote_is_not_there(
        self, pane: ViewerPane, rules: Path, opened: Opened, cite: Make
    ) -> None:
        pane.open_source(cite(rules, PLACES[0][0], "Nobody wrote this."))
        opened()

        assert pane.area.text.view.isVisible() and "could not be found" in pane.remark.text

    def test_scrolls_to_a_quote_far_below(
        self, pane: ViewerPane, tmp_path: Path, add_file: AddFile, opened: Opened, cite: Make
    ) -> None:
        path = tmp_path / "long.txt"
        path.write_text("x")
        text = "A line that nobody quotes.\n" * 800 + QUOTE + "\n" + "More lines follow.\n" * 800
        add_file(path, [(Place("document", 1), text)])

        pane.open_source(cite(path, Place("document", 1), QUOTE, text.index(QUOTE)))
        opened()

        assert pane.area.text.view.quote is not None
        top = pane.area.text.view.cursorRect(pane.area.text.view.quote).top()
        assert 0.2 < top / pane.area.text.view.viewport().height() < 0.5

    def test_shows_markup_as_it_is(
        self, pane: ViewerPane, tmp_path: Path, add_file: AddFile, opened: Opened
    ) -> None:
        path = tmp_path / "page.html"
        path.write_text("x")
        markup = '<img src="http://example.com/pixel.png"> <b>bold</b>'
        add_file(path, [(Place("document", 1), markup)])

        pane.open_file(str(path))
        opened()

        assert pane.area.text.view.toPlainText() == markup

    def test_lines_stay_readable_in_a_wide_window(
        self, pane: ViewerPane, rules: Path, opened: Opened, qtbot: Any
    ) -> None:
        pane.open_file(str(rules))
        pane.resize(1600, 700)
        opened()

        qtbot.waitUntil(lambda: pane.area.text.view.viewport().width() <= 700)

    def test_letters_grow_and_shrink_in_their_place(
        self, pane: ViewerPane, tmp_path: Path, add_file: AddFile, opened: Opened, cite: Make
    ) -> None:
        path = tmp_path / "long.txt"
        path.write_text("x")
        text = "A line that nobody quotes.\n" * 200 + QUOTE + "\nMore lines follow." * 200
        add_file(path, [(Place("document", 1), text)])
        pane.open_source(cite(path, Place("document", 1), QUOTE, text.index(QUOTE)))
        opened()
        view, zoom = pane.area.text.view, pane.area.text.zoom
        size = view.fontMetrics().height()

        for _ in range(3):
            zoom.larger.click()
        opened()

        assert view.fontMetrics().height() > size * 1.3 and zoom.label.text() == "150 %"
        assert view.quote is not None and 0 < view.cursorRect(view.quote).top() < view.viewport().height()
        zoom.reset.click()
        assert view.fontMetrics().height() == size


class TestWhenSomethingIsWrong:
    def test_a_file_that_is_gone_still_shows_its_text(
        self, pane: ViewerPane, rules: Path, opened: Opened, cite: Make
    ) -> None:
        rules.unlink()

        pane.open_source(cite(rules, PLACES[0][0], QUOTE, PLACES[0][1].index(QUOTE)))
        opened()

        assert "no longer where it was" in pane.remark.text
        assert pane.area.text.view.quote is not None
        assert not pane.header.open_button.isEnabled()

    def test_a_file_nobody_knows_says_what_to_do(
        self, pane: ViewerPane, tmp_path: Path, opened: Opened
    ) -> None:
        pane.open_file(str(tmp_path / "never.docx"))
        opened()

        assert pane.area.notice.isVisible() and "Refresh the library" in pane.area.notice.text

    def test_a_changed_file_says_so(self, pane: ViewerPane, rules: Path, opened: Opened) -> None:
        rules.write_bytes(b"PK longer than before, so it was changed")

        pane.open_file(str(rules))
        opened()

        assert "was changed" in pane.remark.text

    @pytest.mark.parametrize("password", ["secret", ""])
    def test_a_locked_or_broken_pdf_falls_back_to_its_text(
        self,
        pane: ViewerPane,
        tmp_path: Path,
        add_file: AddFile,
        opened: Opened,
        password: str,
        cite: Make,
        make_pdf: Make,
    ) -> None:
        path = make_pdf(tmp_path / "file.pdf", [["Hidden"]], password)
        if not password:
            path.write_bytes(path.read_bytes()[:60])
        add_file(path, [(Place("page", 1), "The text that was read once.")])

        pane.open_source(cite(path, Place("page", 1), "text that was read", 4))
        opened()
        opened()

        assert pane.area.text.view.isVisible() and pane.area.text.view.quote is not None
        assert ("password" if password else "cannot be shown") in pane.remark.text

    def test_a_file_that_broke_its_reader_is_not_drawn(
        self, pane: ViewerPane, tmp_path: Path, add_file: AddFile, opened: Opened, make_pdf: Make
    ) -> None:
        path = make_pdf(tmp_path / "bomb.pdf", [["Boom"]])
        add_file(path, [], "damaged", "The file made the reader stop.")

        pane.open_file(str(path))
        opened()

        assert pane.area.pdf is None and "made the reader stop" in pane.area.notice.text

    def test_a_program_among_the_documents_is_not_started(
        self, pane: ViewerPane, tmp_path: Path, add_file: AddFile, opened: Opened
    ) -> None:
        path = tmp_path / "setup.exe"
        path.write_bytes(b"MZ")
        add_file(path, [], "unsupported", "This is a program, which Alcove does not read.")

        pane.open_file(str(path))
        opened()

        assert not pane.header.open_button.isEnabled() and "program" in pane.area.notice.text

    def test_only_the_last_thing_asked_for_is_shown(
        self, pane: ViewerPane, rules: Path, tmp_path: Path, opened: Opened
    ) -> None:
        pane.open_file(str(tmp_path / "never.docx"))
        pane.open_file(str(rules))
        opened()

        assert pane.path == str(rules) and pane.area.text.view.isVisible()

    def test_escape_closes(self, pane: ViewerPane, qtbot: Any) -> None:
        with qtbot.waitSignal(pane.closed, timeout=1000):
            qtbot.keyClick(pane, Qt.Key.Key_Escape)


class TestExcerpt:
    def test_keeps_whole_places_around_the_quote(self) -> None:
        places = [(Place("page", number), f"Page {number}. " + "x" * 90) for number in range(1, 101)]

        found = excerpt(places, Quote(Place("page", 50), "Page 50.", 0, 8), most=1000)

        assert found.cut and found.found
        assert found.places[found.target][0].number == 50
        assert sum(len(text) for _, text in found.places) <= 1000
        assert 3 <= found.target <= 6

    def test_cuts_one_huge_place_at_a_word(self) -> None:
        text = "word " * 100_000 + QUOTE + " word" * 100_000

        found = excerpt([(Place("document", 1), text)], Quote(Place("document", 1), QUOTE, 500_000, 500_029))

        shown = found.places[0][1]
        assert found.cut and len(shown) == MOST_CHARACTERS
        assert shown[found.start : found.end] == QUOTE
        assert shown.startswith("word ")

    def test_of_no_text(self) -> None:
        assert not excerpt([], None).places
