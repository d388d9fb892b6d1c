"""The library page in use: adding, reading, stopping, filtering, removing and undoing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit

from app.backend import Backend
from app.base.errors import AppError
from app.gui.errors import MessageBar
from app.gui.library import removals
from app.gui.library.collections_panel import Choice
from app.gui.library.page import LibraryPage
from app.gui.library.states import ATTENTION
from app.retrieval.protocol import FileFailure
from app.storage.collections import DEFAULT_COLLECTION
from app.storage.database import Database

Build = Callable[[], LibraryPage]
AddFiles = Callable[..., None]
Settled = Callable[[], None]


def names(page: LibraryPage) -> list[str]:
    model = page.files.model
    return [model.row_at(row).name for row in range(model.rowCount())]


def tree_texts(page: LibraryPage) -> list[str]:
    return [item.text(0) for item in page.panel._items()]


def undo(messages: MessageBar) -> None:
    messages._act()


@pytest.fixture
def filled(backend: Backend, docs: Path, add_files: AddFiles) -> Path:
    backend.collections.add(DEFAULT_COLLECTION, [docs])
    add_files(
        (docs / "lease.pdf", "indexed", "", 4, 0, 5000),
        (docs / "contract.pdf", "locked", "It is protected by a password.", 0, 0, 3000),
        (docs / "notes.txt", "indexed", "", 2, 1, 100),
    )
    return docs


@pytest.fixture
def in_archive(filled: Path, index_db: Database, add_files: AddFiles) -> Callable[[str], None]:
    """Adds an archive of this name with one document."""

    def add(name: str) -> None:
        path = filled / name
        add_files((path, "archive", "", 0, 0, 900), (path / "in.txt", "indexed", "", 1, 0, 100))
        with index_db.transaction() as db:
            db.execute("UPDATE files SET container = ? WHERE path = ?", (str(path), str(path / "in.txt")))

    return add


class TestAdding:
    def test_an_empty_library_says_what_to_do(self, build_page: Build) -> None:
        page = build_page()

        assert page.empty.isVisible() and "Drop a folder" in page.empty.text
        assert tree_texts(page) == [DEFAULT_COLLECTION, "Everything indexed"]

    def test_a_dropped_folder_is_read_into_the_default_collection(
        self, build_page: Build, backend: Backend, docs: Path, scripted: Any, settled: Settled, qtbot: Any
    ) -> None:
        page = build_page()

        with qtbot.waitSignal(page.collections_changed):
            page.add_folders([docs])
        settled()

        found = backend.collections.get(DEFAULT_COLLECTION)
        assert found is not None and found.folders == (str(docs),)
        assert scripted.asked == [((str(docs),), False)]
        assert "340 files read." in page.strip.text

    def test_goes_into_the_collection_that_is_chosen(
        self, build_page: Build, backend: Backend, docs: Path, settled: Settled
    ) -> None:
        backend.collections.add("Thesis", [])
        page = build_page()
        page.panel.tree.setCurrentItem(page.panel._find(Choice("Thesis")))

        page.add_folders([docs])
        settled()

        found = backend.collections.get("Thesis")
        assert found is not None and found.folders == (str(docs),)
        assert page.panel.choice == Choice("Thesis")

    def test_a_folder_dropped_while_reading_waits_its_turn(
        self, build_page: Build, docs: Path, tmp_path: Path, scripted: Any, settled: Settled, qtbot: Any
    ) -> None:
        page = build_page()
        scripted.go_on.clear()
        page.add_folders([docs])
        qtbot.waitUntil(lambda: "Reading 12 of 340" in page.strip.text)

        page.add_folders([tmp_path])
        assert len(scripted.asked) == 1
        scripted.go_on.set()
        settled()

        assert [folders for folders, _ in scripted.asked] == [(str(docs),), (str(tmp_path),)]

    def test_buttons_open_the_dialogs_of_the_system(
        self, build_page: Build, docs: Path, scripted: Any, settled: Settled, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = build_page()
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(docs))
        monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(docs / "a.txt")], ""))

        page.empty.add.folder.click()
        settled()
        page.header.add.files.click()
        settled()

        assert [folders for folders, _ in scripted.asked] == [(str(docs),), (str(docs / "a.txt"),)]


class TestReading:
    def test_shows_how_far_it_is(self, build_page: Build, docs: Path, scripted: Any, qtbot: Any) -> None:
        page = build_page()
        scripted.go_on.clear()

        page.add_folders([docs])

        qtbot.waitUntil(
            lambda: page.strip.text == "Reading 12 of 340 · report.pdf 48 passages/s · 3 min left",
            timeout=5000,
        )
        assert page.strip.stop_button.isVisible() and page.files.isVisible()

    @pytest.mark.parametrize("way", ["button", "escape", "window"])
    def test_stops_at_once_and_keeps_what_was_read(
        self, build_page: Build, filled: Path, scripted: Any, settled: Settled, qtbot: Any, way: str
    ) -> None:
        page = build_page()
        scripted.go_on.clear()
        page.refresh()
        qtbot.waitUntil(lambda: "Reading 12" in page.strip.text)
        page.indexing.add([str(filled / "more")])

        if way == "button":
            page.strip.stop_button.click()
        elif way == "escape":
            qtbot.keyClick(page, Qt.Key.Key_Escape)
        else:
            assert page.stop()

        assert "Stopped" in page.strip.text and not page.indexing.running
        assert not page.stop()
        settled()
        assert len(scripted.asked) == 1
        assert "lease.pdf" in names(page)

    def test_can_be_refreshed_right_after_a_stop(
        self, build_page: Build, filled: Path, scripted: Any, settled: Settled, qtbot: Any
    ) -> None:
        page = build_page()
        scripted.go_on.clear()
        page.refresh()
        qtbot.waitUntil(lambda: "Reading 12" in page.strip.text)

        page.stop()
        scripted.go_on.set()
        page.refresh()
        settled()

        assert len(scripted.asked) == 2 and "340 files read." in page.strip.text

    def test_an_error_reaches_the_message_bar(
        self, build_page: Build, filled: Path, scripted: Any, settled: Settled, messages: MessageBar
    ) -> None:
        page = build_page()
        scripted.error = AppError("The disk is full.", "Free some space.")

        page.refresh()
        settled()

        assert messages.text == "The disk is full. Free some space."
        assert page.strip.isHidden()

    def test_offers_the_files_that_need_attention(
        self, build_page: Build, filled: Path, scripted: Any, settled: Settled
    ) -> None:
        page = build_page()
        scripted.failures = (
            FileFailure(str(filled / "contract.pdf"), "locked", "It is protected by a password."),
            FileFailure(str(filled / "photo.jpg"), "empty", "No text."),
        )
        page.refresh()
        settled()

        assert page.strip.text == "338 files read. 1 needs attention."
        page.strip.failures_button.click()
        assert page.files.states.currentData() == ATTENTION
        assert names(page) == ["contract.pdf", "notes.txt"]

    def test_everything_refreshes_every_collection(
        self,
        build_page: Build,
        backend: Backend,
        filled: Path,
        tmp_path: Path,
        scripted: Any,
        settled: Settled,
    ) -> None:
        backend.collections.add("Other", [tmp_path / "other"])
        page = build_page()
        page.panel.tree.setCurrentItem(page.panel._find(Choice()))

        page.header.refresh.click()
        settled()

        assert scripted.asked == [((str(filled), str(tmp_path / "other")), False)]


class TestFiles:
    def test_lists_files_with_their_states(self, build_page: Build, filled: Path) -> None:
        page = build_page()

        assert names(page) == ["contract.pdf", "lease.pdf", "notes.txt"]
        assert page.header.facts.text() == "1 folder · 3 files · 6 passages · 2 need attention"

    def test_says_why_the_chosen_file_is_not_ready(
        self, build_page: Build, filled: Path, scripted: Any, settled: Settled
    ) -> None:
        page = build_page()

        page.files.table.select([str(filled / "contract.pdf")])
        assert page.files.why.isVisible() and "protected by a password" in page.files.why.text
        page.files.why.retry.click()
        settled()
        assert scripted.asked == [((str(filled / "contract.pdf"),), True)]
        page.files.table.select([str(filled / "lease.pdf")])
        assert page.files.why.isHidden()

    def test_opens_the_chosen_file(self, build_page: Build, filled: Path, qtbot: Any) -> None:
        page = build_page()
        page.files.table.select([str(filled / "lease.pdf")])

        with qtbot.waitSignal(page.document_opened) as opened:
            qtbot.keyClick(page.files.table, Qt.Key.Key_Return)

        assert opened.args == [str(filled / "lease.pdf")]

    def test_filters_as_one_types_and_shows_all_again(
        self, build_page: Build, filled: Path, qtbot: Any
    ) -> None:
        page = build_page()

        qtbot.keyClicks(page.files.field, "lease")
        qtbot.waitUntil(lambda: names(page) == ["lease.pdf"])
        qtbot.keyClicks(page.files.field, "xyz")
        qtbot.waitUntil(lambda: names(page) == [])
        assert page.files._nothing.isVisible()
        page.files.clear_filters()
        assert len(names(page)) == 3

    def test_an_archive_shows_only_its_own_documents(
        self, build_page: Build, filled: Path, in_archive: Callable[[str], None]
    ) -> None:
        in_archive("1.zip")
        in_archive("Scan 1.zip")
        page = build_page()
        shown = page.files.model
        for name in ("1.zip", "Scan 1.zip"):
            page.files.show_archive(str(filled / name))
            assert names(page) == ["in.txt"] and shown.row_at(0).on_disk == str(filled / name)
            assert page.files.states.currentText() == f"In {name}"
        page.files.clear_filters()
        assert len(names(page)) == 7

    def test_changed_settings_change_what_rows_say(
        self, build_page: Build, filled: Path, index_db: Database, backend: Backend, settled: Settled
    ) -> None:
        with index_db.transaction() as db:
            db.execute("UPDATE files SET scans = 2 WHERE path = ?", (str(filled / "lease.pdf"),))
        page = build_page()
        page.files.table.select([str(filled / "lease.pdf")])
        assert "Scans waiting" in page.files.why.text
        backend.settings.change(recognise_text=False)
        page.indexing.follow_settings()
        settled()
        assert "Scans not read" in page.files.why.text

    def test_choice_and_filters_outlive_new_rows(
        self, build_page: Build, filled: Path, add_files: AddFiles, scripted: Any, settled: Settled
    ) -> None:
        page = build_page()
        page.files.table.select([str(filled / "lease.pdf")])

        add_files((filled / "annex.pdf", "indexed", "", 1, 0, 10))
        page.refresh()
        settled()

        assert names(page) == ["annex.pdf", "contract.pdf", "lease.pdf", "notes.txt"]
        assert [row.name for row in page.files.table.selected()] == ["lease.pdf"]

    def test_menu_offers_what_can_be_done(self, build_page: Build, filled: Path) -> None:
        page = build_page()
        page.files.table.select([str(filled / "lease.pdf")])

        menu = page.files.table.build_menu(page.files.table.selected())

        said = [action.text().split("\t")[0] for action in menu.actions() if action.text()]
        assert said == ["Open", "Show in folder", "Read again", "Remove from the index"]
        assert [action.isEnabled() for action in menu.actions() if action.text() == "Read again"] == [False]

    def test_a_narrow_page_keeps_names_and_states(self, build_page: Build, filled: Path, qtbot: Any) -> None:
        page = build_page()

        page.resize(640, 600)
        qtbot.waitUntil(lambda: page.files.table.isColumnHidden(1))

        assert not page.files.table.isColumnHidden(2)

    def test_all_rows_can_be_chosen_at_once(self, build_page: Build, filled: Path) -> None:
        page = build_page()

        page.files.table.selectAll()

        assert len(page.files.table.selected()) == 3 and page.files.why.isHidden()


class TestRemoving:
    def test_a_file_goes_and_comes_back(
        self,
        build_page: Build,
        filled: Path,
        scripted: Any,
        settled: Settled,
        messages: MessageBar,
        qtbot: Any,
    ) -> None:
        page = build_page()
        page.files.table.select([str(filled / "lease.pdf")])

        qtbot.keyClick(page.files.table, Qt.Key.Key_Delete)
        settled()
        assert "lease.pdf" not in names(page) and "was removed from the index" in messages.text
        undo(messages)
        settled()

        assert "lease.pdf" in names(page) and scripted.forgotten == []

    def test_the_index_forgets_when_the_offer_has_gone(
        self,
        build_page: Build,
        filled: Path,
        scripted: Any,
        settled: Settled,
        messages: MessageBar,
        qtbot: Any,
    ) -> None:
        page = build_page()
        page.files.table.select([str(filled / "lease.pdf")])

        qtbot.keyClick(page.files.table, Qt.Key.Key_Delete)
        messages.dismiss()
        settled()

        assert scripted.forgotten == [(str(filled / "lease.pdf"),)]

    def test_the_index_forgets_soon_and_undo_reads_it_again(
        self,
        build_page: Build,
        backend: Backend,
        filled: Path,
        scripted: Any,
        settled: Settled,
        messages: MessageBar,
        monkeypatch: pytest.MonkeyPatch,
        qtbot: Any,
    ) -> None:
        monkeypatch.setattr(removals, "_FORGET_MS", 20)
        page = build_page()

        page.removals.remove_collection(backend.collections.get(DEFAULT_COLLECTION))
        qtbot.waitUntil(lambda: scripted.forgotten == [(str(filled),)])
        settled()
        asked = len(scripted.asked)
        assert "was removed" in messages.text  # the offer stays
        undo(messages)
        settled()

        assert backend.collections.get(DEFAULT_COLLECTION).folders == (str(filled),)
        assert scripted.asked[asked:] == [((str(filled),), False)]

    def test_a_document_in_an_archive_is_read_again_with_it(
        self, build_page: Build, filled: Path, scripted: Any, settled: Settled, messages: MessageBar,
        monkeypatch: pytest.MonkeyPatch, qtbot: Any,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(removals, "_FORGET_MS", 20)
        page = build_page()
        inside = [str(filled / "a.zip" / name) for name in ("in.txt", "out.txt")]

        page.removals.remove_files(inside, None)
        qtbot.waitUntil(lambda: scripted.forgotten == [tuple(inside)])
        settled()
        asked = len(scripted.asked)
        undo(messages)
        settled()

        assert scripted.asked[asked:] == [((str(filled / "a.zip"),), False)]

    def test_an_archive_goes_with_its_documents(
        self,
        build_page: Build,
        filled: Path,
        in_archive: Callable[[str], None],
        settled: Settled,
        messages: MessageBar,
    ) -> None:
        in_archive("a.zip")
        page = build_page()
        page.removals.remove_files([str(filled / "a.zip")], None)
        settled()
        assert set(names(page)) == {"lease.pdf", "contract.pdf", "notes.txt"}
        assert "The next look into the folder adds it again" in messages.text
        undo(messages)
        settled()
        assert {"a.zip", "in.txt"} <= set(names(page))

    def test_a_file_added_alone_leaves_its_collection(
        self, build_page: Build, backend: Backend, filled: Path, settled: Settled, messages: MessageBar
    ) -> None:
        alone = filled / "notes.txt"
        backend.collections.remove_folder(DEFAULT_COLLECTION, str(filled))
        backend.collections.add(DEFAULT_COLLECTION, [alone])
        page = build_page()

        page.files.table.forget_wanted.emit([str(alone)])
        found = backend.collections.get(DEFAULT_COLLECTION)
        assert found is not None and found.folders == ()
        undo(messages)
        settled()

        found = backend.collections.get(DEFAULT_COLLECTION)
        assert found is not None and found.folders == (str(alone),)

    def test_a_folder_goes_and_comes_back(
        self, build_page: Build, backend: Backend, filled: Path, scripted: Any, settled: Settled,
        messages: MessageBar, qtbot: Any,
    ) -> None:  # fmt: skip
        page = build_page()
        page.panel.tree.setCurrentItem(page.panel._find(Choice(DEFAULT_COLLECTION, str(filled))))

        qtbot.keyClick(page.panel.tree, Qt.Key.Key_Delete)
        settled()
        assert backend.collections.folders() == () and page.empty.isVisible()
        undo(messages)
        settled()

        assert backend.collections.folders() == (str(filled),) and len(names(page)) == 3
        assert scripted.forgotten == []

    def test_a_folder_that_another_collection_holds_is_not_forgotten(
        self,
        build_page: Build,
        backend: Backend,
        filled: Path,
        scripted: Any,
        settled: Settled,
        messages: MessageBar,
    ) -> None:
        backend.collections.add("Other", [filled.parent])
        page = build_page()

        page.panel.remove_wanted.emit(Choice(DEFAULT_COLLECTION, str(filled)))
        messages.dismiss()
        settled()

        assert scripted.forgotten == []

    def test_what_lay_below_and_stays_is_read_again(
        self,
        build_page: Build,
        backend: Backend,
        filled: Path,
        scripted: Any,
        settled: Settled,
        messages: MessageBar,
    ) -> None:
        backend.collections.add("Other", [filled / "sub"])
        page = build_page()

        page.panel.remove_wanted.emit(Choice(DEFAULT_COLLECTION))
        messages.dismiss()
        settled()

        assert scripted.forgotten == [(str(filled),)]
        assert scripted.asked == [((str(filled / "sub"),), False)]
        assert tree_texts(page) == ["Other", "sub", "Everything indexed"]


class TestCollections:
    def test_a_new_one_can_be_named_at_once(
        self, build_page: Build, backend: Backend, settled: Settled, qtbot: Any
    ) -> None:
        page = build_page()

        page.panel.create_wanted.emit()
        (field,) = page.panel.tree.findChildren(QLineEdit)
        qtbot.keyClicks(field, "Thesis")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: page.panel.choice == Choice("Thesis"))
        settled()

        assert [each.name for each in backend.collections.all()] == [DEFAULT_COLLECTION, "Thesis"]

    def test_escape_instead_of_a_name_undoes_a_new_one(
        self, build_page: Build, backend: Backend, settled: Settled, qtbot: Any
    ) -> None:
        backend.collections.add("Other", [])
        page = build_page()
        page.panel.tree.setCurrentItem(page.panel._find(Choice("Other")))

        page.panel.create_wanted.emit()
        (field,) = page.panel.tree.findChildren(QLineEdit)
        qtbot.keyClicks(field, "The")
        qtbot.keyClick(field, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: page.panel.choice == Choice("Other"))
        settled()

        assert [each.name for each in backend.collections.all()] == ["Other"]

        page.panel.tree.editItem(page.panel.tree.currentItem())  # an old one stays
        (field,) = page.panel.tree.findChildren(QLineEdit)
        qtbot.keyClick(field, Qt.Key.Key_Escape)
        settled()
        assert [each.name for each in backend.collections.all()] == ["Other"]

    def test_what_was_read_is_told_of_its_collection(
        self, build_page: Build, backend: Backend, settled: Settled, tmp_path: Path, qtbot: Any
    ) -> None:
        page = build_page()
        for name in ("Mine", "Samples"):
            (tmp_path / name).mkdir()
            backend.collections.add(name, [tmp_path / name])
        page._show_collections(Choice("Mine"))
        page.indexing.add([str(tmp_path / "Samples")])
        settled()
        assert page.strip.text == "Samples: 340 files read."
        page.indexing.add([str(tmp_path / "Mine"), str(tmp_path / "Samples")])
        settled()
        assert page.strip.text == "340 files read."

    def test_a_taken_name_is_refused_with_words(
        self, build_page: Build, backend: Backend, settled: Settled, messages: MessageBar, qtbot: Any
    ) -> None:
        backend.collections.add(DEFAULT_COLLECTION, [])
        backend.collections.add("Thesis", [])
        page = build_page()

        item = page.panel._find(Choice("Thesis"))
        assert item is not None
        item.setText(0, DEFAULT_COLLECTION)
        qtbot.waitUntil(lambda: "There is a collection" in messages.text)
        settled()

        assert tree_texts(page) == [DEFAULT_COLLECTION, "Thesis", "Everything indexed"]

    def test_folders_that_cannot_be_found_say_so(
        self, build_page: Build, backend: Backend, tmp_path: Path, settled: Settled
    ) -> None:
        backend.collections.add(DEFAULT_COLLECTION, [tmp_path / "unplugged"])
        page = build_page()
        settled()

        item = page.panel._find(Choice(DEFAULT_COLLECTION, str(tmp_path / "unplugged")))
        assert item is not None and "cannot be found" in item.toolTip(0)

    def test_choosing_one_lists_its_files_only(
        self,
        build_page: Build,
        backend: Backend,
        filled: Path,
        add_files: AddFiles,
        tmp_path: Path,
        settled: Settled,
    ) -> None:
        other = tmp_path / "other"
        backend.collections.add("Other", [other])
        add_files(
            (other / "else.pdf", "indexed", "", 1, 0, 10), ("/elsewhere/cli.pdf", "indexed", "", 1, 0, 10)
        )
        page = build_page()

        page.panel.tree.setCurrentItem(page.panel._find(Choice("Other")))
        settled()
        assert names(page) == ["else.pdf"]
        page.panel.tree.setCurrentItem(page.panel._find(Choice()))
        settled()
        assert len(names(page)) == 5 and page.header.title.text() == "Everything indexed"

    def test_controls_have_names(self, build_page: Build, filled: Path) -> None:
        page = build_page()

        for control in (
            page.panel.tree, page.files.table, page.files.field, page.files.states, page.header.refresh,
        ):  # fmt: skip
            assert control.accessibleName()


def test_the_chosen_row_stays_after_sorting(build_page: Build, filled: Path) -> None:
    page = build_page()
    table = page.files.table
    table.selectionModel().setCurrentIndex(
        page.files.model.index(0, 0),
        QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
    )

    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)

    assert [row.name for row in table.selected()] == ["contract.pdf"]
    assert names(page) == ["notes.txt", "lease.pdf", "contract.pdf"]
