"""The table's model: words for states, filters, order, and fifty thousand rows."""

import random
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from app.documents.document import Verdict
from app.gui.jobs import Jobs
from app.gui.library.file_rows import Column, FileRow, attention, rows_of
from app.gui.library.files_model import FilesModel
from app.gui.library.states import (
    ATTENTION,
    PACKED,
    PACKED_IN,
    STATES,
    Reader,
    explanation,
    state_of,
    word_for,
)
from app.storage.passages import IndexedFile

WORDS = {
    "indexed": "Ready", "partial": "Partly read", "locked": "Password needed", "empty": "No text",
    "unsupported": "Not supported", "damaged": "Damaged", "too-large": "Too large", "timed-out": "Took too long",
    "unreadable": "Cannot be opened", "changed-retrying": "Keeps changing", "archive": "Archive",
}  # fmt: skip


def file(
    path: str, state: str = "indexed", passages: int = 3, waiting: int = 0, size: int = 2048, scans: int = 0,
    container: str = "",
) -> IndexedFile:  # fmt: skip
    reason = "" if state == "indexed" else "It is broken."
    return IndexedFile(path, size, state, reason, passages, waiting, 1.0, scans, container)


def rows(*files: IndexedFile, busy: bool = False) -> list[FileRow]:
    return rows_of(files, "/home/anna", Reader(busy))


def shown(model: FilesModel, column: Column = Column.NAME) -> list[str]:
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


@pytest.fixture
def model() -> FilesModel:
    made = FilesModel()
    made.show_rows(
        rows(
            file("/home/anna/docs/Beta.pdf", size=5_000_000),
            file("/home/anna/docs/alpha.docx", "locked", 0),
            file("/srv/share/gamma.txt", "unsupported", 0, size=10),
        )
    )
    return made


class TestStates:
    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_every_verdict_has_words_for_people(self, verdict: Verdict) -> None:
        assert word_for(verdict) == WORDS[verdict]
        assert verdict in STATES

    @pytest.mark.parametrize("verdict", [each for each in Verdict if each != Verdict.indexed])
    def test_what_is_not_ready_says_why_and_what_to_do(self, verdict: Verdict) -> None:
        said = explanation(file("/a", verdict), verdict)

        assert said.startswith("It is broken. ") and len(said) > len("It is broken. ")

    def test_waiting_passages_are_being_read_or_unfinished(self) -> None:
        waiting = file("/a", waiting=2)

        assert word_for(state_of(waiting, Reader(busy=True))) == "Reading…"
        assert word_for(state_of(waiting, Reader())) == "Not finished"

    def test_scanned_pages_wait_or_are_not_to_be_read(self) -> None:
        scan = file("/a.pdf", "empty", 0, scans=12)

        waits, off = state_of(scan, Reader()), state_of(scan, Reader(recognises=False))
        assert (word_for(waits), word_for(off)) == ("Scans waiting", "Scans not read")
        assert "pictures: 12." in explanation(scan, waits) and "settings" in explanation(scan, off)
        assert attention(rows(scan)) == 0

    def test_ready_needs_no_words(self) -> None:
        assert explanation(file("/a"), "indexed") == ""


class TestFilesModel:
    def test_keeps_the_rules_of_item_models(self, model: FilesModel) -> None:
        tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)

        model.sort(Column.SIZE, Qt.SortOrder.DescendingOrder)
        model.show_only("docs", "")
        model.show_rows([])

        tester.deleteLater()

    def test_shows_names_folders_sizes(self, model: FilesModel) -> None:
        assert shown(model) == ["alpha.docx", "Beta.pdf", "gamma.txt"]
        assert shown(model, Column.FOLDER) == ["~/docs", "~/docs", "/srv/share"]
        assert shown(model, Column.STATE) == ["Password needed", "Ready", "Not supported"]
        assert shown(model, Column.PASSAGES) == ["–", "3", "–"]

    def test_windows_paths_have_names_too(self) -> None:
        archive = "C:\\Users\\Anna\\docs\\a.zip"
        found = rows_of([file(f"{archive}/in/b.txt"), file(archive)], "C:\\Users\\Anna", Reader())

        assert [(row.name, row.folder) for row in found] == [
            ("a.zip", "~\\docs"),
            ("b.txt", "~\\docs\\a.zip\\in"),
        ]

    def test_what_lies_in_an_archive_names_it(self) -> None:
        archive = "/home/anna/docs/letters.zip"
        model = FilesModel()
        model.show_rows(
            rows(
                file(archive, "archive", 0),
                file(f"{archive}/old/bank.txt", container=archive),
                file("/x/zip.txt"),
            )
        )

        assert shown(model, Column.FOLDER) == ["letters.zip/old", "~/docs", "/x"]
        model.show_only("", PACKED)
        assert shown(model) == ["bank.txt"] and model.row_at(0).on_disk == archive
        model.show_only("", f"{PACKED_IN}/x/letters.zip")
        assert shown(model) == []

    @pytest.mark.parametrize(
        ("words", "state", "names"),
        [
            ("ALPHA", "", ["alpha.docx"]),
            ("docs pdf", "", ["Beta.pdf"]),
            ("share", "", ["gamma.txt"]),
            ("", "locked", ["alpha.docx"]),
            ("", ATTENTION, ["alpha.docx"]),
            ("beta", ATTENTION, []),
        ],
    )
    def test_filters(self, model: FilesModel, words: str, state: str, names: list[str]) -> None:
        model.show_only(words, state)

        assert shown(model) == names and model.total == 3

    def test_sorts_by_what_is_shown(self, model: FilesModel) -> None:
        model.sort(Column.SIZE, Qt.SortOrder.DescendingOrder)
        assert shown(model) == ["Beta.pdf", "alpha.docx", "gamma.txt"]
        model.sort(Column.STATE)
        assert shown(model) == ["alpha.docx", "gamma.txt", "Beta.pdf"]

    def test_changed_facts_do_not_reset_the_table(self, model: FilesModel) -> None:
        resets, changes = QSignalSpy(model.modelReset), QSignalSpy(model.dataChanged)

        model.show_rows(
            rows(
                file("/home/anna/docs/Beta.pdf", size=5_000_000, passages=9),
                file("/home/anna/docs/alpha.docx", "locked", 0),
                file("/srv/share/gamma.txt", "unsupported", 0, size=10),
            )
        )

        assert (resets.count(), changes.count()) == (0, 1)
        assert [changes.at(0)[each].row() for each in (0, 1)] == [1, 1]  # only what changed is painted anew
        assert shown(model, Column.PASSAGES) == ["–", "9", "–"]

    def test_rows_that_are_still_right_are_taken_over(self) -> None:
        before = rows(file("/a"), file("/b", waiting=1))

        after = rows_of(
            [file("/a"), file("/b", waiting=1)], "", Reader(busy=True), {row.file.path: row for row in before}
        )

        assert after[0] is before[0] and after[1].state == "reading"

    def test_fifty_thousand_files_are_arranged_beside_the_window(self, jobs: Jobs, qtbot: Any) -> None:
        order = random.Random(7)
        files = [
            file(f"/docs/{number % 40}/file {number}.pdf", size=order.randrange(10**8))
            for number in range(50_000)
        ]
        model = FilesModel(jobs)
        wished = rows(*files)
        with qtbot.waitSignal(model.arranged):
            model.show_rows(wished)
        assert model.rowCount() == 50_000

        with qtbot.waitSignal(model.arranged):
            model.show_only("49", "")
            model.show_only("4999", "")  # the newest wish counts
            model.sort(Column.SIZE)
        sizes = [model.row_at(row).file.size for row in range(model.rowCount())]
        assert sizes == sorted(each.size for each in files if "4999" in each.path)
        assert jobs.running == 0
