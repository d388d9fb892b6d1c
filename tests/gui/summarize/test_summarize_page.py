"""The page Summarise in use: choosing, progress, stopping, reading, and what goes wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from app.assistants.events import Source
from app.assistants.summarize.events import Point, SummaryWritten
from app.backend import Backend, close_backend, open_backend
from app.base.errors import AppError
from app.base.paths import find_paths, resource
from app.gui.summarize.page import SummarizePage
from app.gui.summarize.paste_dialog import PasteDialog
from app.gui.summarize.point_row import PointRow
from tests.gui.summarize.conftest import JOINT, LEASE, MINUTES, Script, source

Summarize = Callable[..., None]


def rows(page: SummarizePage) -> list[PointRow]:
    return [row for card in page.area.result.cards for row in card.rows]


def texts(card: Any) -> list[str]:
    return [each.text() for each in card.findChildren(QLabel) if each.text()]


@pytest.fixture
def opened(page: SummarizePage) -> list[Source]:
    """What the viewer was asked to open."""
    asked: list[Source] = []
    page.source_opened.connect(asked.append)
    return asked


class TestChoosing:
    def test_an_empty_page_offers_files_and_text_and_collections_once_there_are(
        self, page: SummarizePage, backend: Backend, tmp_path: Path
    ) -> None:
        choose = page.empty.choose
        assert choose.files.isVisible() and choose.paste.isVisible() and choose.collection.isHidden()
        backend.collections.add("Thesis", [tmp_path])
        page.refresh()
        assert choose.collection.isVisible()
        choose.collection.menu().actions()[0].trigger()
        assert [row.text for row in page.area.setup.inputs.rows] == ["Thesis Collection"]

    def test_files_are_taken_once_and_can_be_removed(
        self, page: SummarizePage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chosen = ["/docs/a.pdf", "/docs/b.pdf"]
        monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (chosen, ""))
        page.empty.choose.files.click()
        page.take_files([Path("/docs/b.pdf")])
        assert [each.value for each in page.area.setup.inputs.entries] == chosen
        for row in page.area.setup.inputs.rows:
            row.remove.click()
        assert page.empty.isVisible()

    def test_the_wish_is_what_was_chosen_and_says_what_own_sentences_cannot_give(
        self, page: SummarizePage, summarize: Summarize, script: Script
    ) -> None:
        options = page.area.setup.options
        options.language.choose("de")
        options.style_switch.choose("plain")
        options.length.setCurrentIndex(options.length.findData(5))
        options.instruction.setText("only the rent")
        assert "will not follow" not in options.hint
        options.way.setCurrentIndex(options.way.findData("extractive"))
        assert "plainer words, another language, your instruction" in options.hint
        summarize("lease.pdf")
        wish = script.requests[0].wish
        assert (wish.style, wish.sentences, wish.language, wish.instruction, wish.way) == (
            "plain", 5, "de", "only the rent", "extractive",
        )  # fmt: skip

    def test_files_that_come_after_a_summary_begin_a_new_choice(
        self, page: SummarizePage, summarize: Summarize
    ) -> None:
        summarize("lease.pdf")
        page.take_files([Path("/docs/board.pdf")])
        assert [each.name for each in page.area.setup.inputs.entries] == ["board.pdf"]
        assert not page.area.setup.is_folded and page.area.result.summaries == (LEASE,)


class TestRunning:
    def test_shows_progress_and_each_document_as_it_is_finished(
        self, page: SummarizePage, script: Script, qtbot: Any
    ) -> None:
        script.several()
        script.go_on.clear()
        page.take_files([Path("/docs/lease.pdf"), Path("/docs/contract.pdf"), Path("/docs/board.pdf")])
        qtbot.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: "20 of 24 steps" in page.area.work.text)
        assert "Summarising Board meeting (3 of 3)" in page.area.work.text
        assert page.area.result.summaries == (LEASE,) and page.area.setup.is_folded
        script.go_on.set()
        qtbot.waitUntil(lambda: not page.run.running)
        assert page.area.result.summaries == (JOINT, LEASE, MINUTES)
        assert page.area.work.isHidden() and page.area.export.isVisible()
        failed = page.area.setup.inputs.rows[1]
        assert "protected by a password" in failed.text
        assert "contract.pdf" in page.area.result.notes[0]

    def test_stop_keeps_what_is_there(self, page: SummarizePage, script: Script, qtbot: Any) -> None:
        script.several()
        script.go_on.clear()
        page.take_files([Path("/docs/lease.pdf"), Path("/docs/board.pdf")])
        page.summarize()
        qtbot.waitUntil(lambda: bool(page.area.result.cards))
        qtbot.keyClick(page, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not page.run.running)
        assert page.area.result.summaries == (LEASE,) and page.area.export.isVisible()
        assert not page.stop()
        assert "Stopped" in page.messages.text
        page.messages._act()
        script.go_on.set()
        qtbot.waitUntil(lambda: not page.run.running)
        assert page.area.result.summaries == (JOINT, LEASE, MINUTES)

    def test_an_error_is_told_and_the_choice_opens_again(
        self, page: SummarizePage, script: Script, summarize: Summarize
    ) -> None:
        script.error = AppError("“lease.pdf” holds no text.", "It may be scanned.")
        summarize("lease.pdf")
        assert page.messages.text == "“lease.pdf” holds no text. It may be scanned."
        assert "holds no text" in page.area.setup.inputs.rows[0].text
        assert not page.area.setup.is_folded and page.area.export.isHidden()


class TestReading:
    def test_says_how_much_was_read_and_who_wrote_it(self, page: SummarizePage, summarize: Summarize) -> None:
        summarize("lease.pdf")
        assert any(
            "Read 14 of 14 pages with text · Written by Tiny" in each
            for each in texts(page.area.result.cards[0])
        )

    def test_a_click_opens_the_first_source_and_a_mark_its_own(
        self, page: SummarizePage, summarize: Summarize, opened: list[Source], qtbot: Any
    ) -> None:
        summarize("lease.pdf")
        label = rows(page)[1].text
        middle = label.height() // 2
        qtbot.mouseMove(label, QPoint(20, middle))
        qtbot.mouseClick(label, Qt.MouseButton.LeftButton, pos=QPoint(20, middle))
        for x in range(20, label.width(), 4):  # along the line to the second mark
            qtbot.mouseMove(label, QPoint(x, middle))
            if label._link == "source:1":
                qtbot.mouseClick(label, Qt.MouseButton.LeftButton, pos=QPoint(x, middle))
                break
        assert [each.page for each in opened] == [7, 12]

    def test_the_keyboard_goes_through_points_and_marks(
        self, page: SummarizePage, summarize: Summarize, opened: list[Source], qtbot: Any
    ) -> None:
        with qtbot.waitActive(page):
            page.activateWindow()
        summarize("lease.pdf")
        first, second = rows(page)[:2]
        assert first.hasFocus()
        qtbot.keyClick(first, Qt.Key.Key_Down)
        assert second.hasFocus()
        qtbot.keyClick(second, Qt.Key.Key_Return)
        qtbot.keyClick(second, Qt.Key.Key_Right)
        qtbot.keyClick(second, Qt.Key.Key_Return)
        assert [each.page for each in opened] == [7, 12]
        assert "p. 12" in second.accessibleDescription()

    def test_decisions_and_actions_stand_apart(
        self, page: SummarizePage, script: Script, summarize: Summarize
    ) -> None:
        script.after = [SummaryWritten(MINUTES)]
        summarize("board.pdf")
        assert [row.point.kind for row in rows(page)] == ["decision", "action"]
        said = texts(page.area.result.cards[0])
        assert said.index("Decisions") < said.index("Actions")

    def test_pasted_text_shows_the_quote_in_place(
        self, page: SummarizePage, script: Script, summarize: Summarize, opened: list[Source]
    ) -> None:
        script.after = [
            SummaryWritten(
                MINUTES.__class__(
                    "", "", "x", (Point("The van is paid for.", (source(1, "We paid for the van.", ""),)),),
                    LEASE.coverage, True, "", "brief", "complete",
                )
            )
        ]  # fmt: skip
        page.empty.choose.paste.click()
        dialog = page.findChild(PasteDialog)
        assert dialog is not None
        dialog.field.setPlainText("We paid for the van. It is blue.")
        dialog.accept()
        assert page.area.setup.inputs.entries[0].kind == "text"
        summarize()
        (row,) = rows(page)
        row.text.clicked.emit("source:0")
        assert "We paid for the van." in texts(row) and not opened


def test_a_sample_is_summarised_in_its_own_sentences(
    build_page: Callable[..., SummarizePage], qtbot: Any, tmp_path: Path
) -> None:
    """The real summariser, index and reader; a document that is chosen with its folder as well comes once."""
    lease = tmp_path / "documents" / "flat-lease.pdf"
    lease.parent.mkdir()
    shutil.copy(resource("samples") / lease.name, lease)
    over = open_backend(find_paths(tmp_path / "real"))
    try:
        page = build_page(over)
        page.area.setup.options.way.setCurrentIndex(page.area.setup.options.way.findData("extractive"))
        page.take_files([lease.parent, lease])
        page.summarize()
        qtbot.waitUntil(lambda: not page.run.running, timeout=120_000)
        (summary,) = page.area.result.summaries
        assert summary.extractive and summary.points
        assert summary.coverage.pages_read == summary.coverage.pages_total == 4
        with qtbot.waitSignal(page.source_opened) as asked:
            rows(page)[0].text.clicked.emit("")
        (found,) = asked.args
        assert found.quote.split()[0] in rows(page)[0].point.text
        assert found.file.endswith("flat-lease.pdf")
    finally:
        close_backend(over)
