"""Names of files and words of people are shown letter by letter in tooltips, though Qt would take them for HTML."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.assistants.translate.events import Finding, TranslatedSegment
from app.gui.library.collections_panel import Choice, CollectionsPanel
from app.gui.library.file_rows import Reader, rows_of
from app.gui.library.files_model import FilesModel
from app.gui.library.page_header import PageHeader
from app.gui.models.discover_dialog import DiscoverDialog
from app.gui.models.download_row import DownloadRow
from app.gui.models.hub_results import Column, HubResults
from app.gui.models.machine_card import MachineCard
from app.gui.models.model_rows import ModelRows
from app.gui.translate.engine_line import EngineLine
from app.gui.translate.glossary_list import GlossaryList
from app.gui.translate.jobs_list import JobsList
from app.gui.translate.review_model import ReviewModel
from app.gui.translate.terms_model import TermColumn, TermsModel
from app.gui.translate.wishes import EngineFacts
from app.models.discover import Discovered
from app.models.download.queue import Entry, Wanted
from app.models.hub_search import HubRepository
from app.models.installed import InstalledModel
from app.storage.collections import Collection
from app.storage.glossaries import Glossary, Term
from app.storage.passages import IndexedFile
from app.storage.translation_jobs import Job

NAME = "<b>x</b>"
FILE = f"/docs/{NAME}.txt"
_TIP = Qt.ItemDataRole.ToolTipRole


@pytest.fixture
def made(themed, qtbot):
    """Takes care of a widget."""

    def keep(widget):
        qtbot.addWidget(widget)
        return widget

    return keep


def _file(made):
    model = FilesModel()
    model.show_rows(rows_of([IndexedFile(FILE, 9, "indexed", "", 1, 0, 1.0)], "/home", Reader(False)))
    return model.index(0, 0).data(_TIP)


def _title(made):
    header = made(PageHeader())
    header.show_title(NAME, FILE)
    return header.title.toolTip()


def _collection(made):
    return _top(made).toolTip(0)


def _folder(made):
    return _top(made).child(0).toolTip(0)


def _top(made):
    panel = made(CollectionsPanel())
    panel.show_collections([Collection(NAME, (f"/docs/{NAME}",))], Choice())
    return next(item for item in panel._items() if item.childCount())


def _glossary(made):
    panel = made(GlossaryList())
    panel.show_glossaries([Glossary(1, NAME, "en", "de", "", 3)])
    return panel.list.item(0).toolTip()


def _term(made):
    model = TermsModel()
    model.show_terms([Term(NAME, "y")])
    return model.index(0, TermColumn.SOURCE).data(_TIP)


def _finding(made):
    model = ReviewModel()
    found = (Finding("number", f"“{NAME}” is missing."),)
    model.show_segments([TranslatedSegment("1", "", "text", "a", "b", "engine", found)])
    return model.index(0, 2).data(_TIP)


def _translation(made):
    panel = made(JobsList())
    panel.show_jobs([Job(1, FILE, "", "en", "de", "", "", "complete", 1.0, 1.0, "", 3)])
    return panel.tree.topLevelItem(0).toolTip(0)


def _repository(made):
    tree = made(HubResults())
    tree.show_found([HubRepository(NAME, 1, 1, "mit", False, None)])
    return tree.topLevelItem(0).toolTip(Column.NAME)


def _licence(made):
    tree = made(HubResults())
    tree.show_found([HubRepository("a/b", 1, 1, NAME, False, None)])
    return tree.topLevelItem(0).toolTip(Column.LICENCE)


def _download(made):
    wanted = Wanted(NAME, ("a.gguf",), Path("/models"))
    return made(DownloadRow(Entry("1", wanted, "waiting")))._title.toolTip()


def _machine(made):
    card = made(MachineCard())
    card.processor.show_value(NAME)
    return card.processor.toolTip() + card.processor.value.toolTip()


@pytest.mark.parametrize(
    "tip_of",
    [_file, _title, _collection, _folder, _glossary, _term, _finding, _translation, _repository, _licence, _download,
     _machine],
)  # fmt: skip
def test_a_tip_shows_markup_as_it_is(made, tip_of: Callable):
    _is_plain(tip_of(made))


def test_models_of_other_apps(made, jobs, qtbot, monkeypatch):
    monkeypatch.setattr("app.gui.models.discover_dialog._look", lambda _cancel: [])
    dialog = DiscoverDialog(jobs)
    for usable in (True, False):
        dialog._add(Discovered("App", "a model", Path(FILE), 9, "", usable, "Not that one."))
    group = dialog.tree.topLevelItem(0)
    for row in range(2):
        _is_plain(group.child(row).toolTip(0))
    qtbot.waitUntil(lambda: jobs.running == 0)
    made(dialog)


def test_models_in_the_list(themed):
    from app.gui.models.entries import Shelf, entries_of
    from app.models.catalog import load_catalog

    installed = InstalledModel(NAME, Path(FILE), 9, starter=False, source="added")
    model = ModelRows()
    model.show_entries(entries_of(Shelf(load_catalog(), (installed,), {}, {}, None), None, None))
    _is_plain(model.index(1).data(_TIP))


def test_the_engine_that_translates(made, jobs, qtbot):
    class Named:
        def engine(self, *_wanted):
            yield EngineFacts(NAME, ("de",), why="Chosen.")

    line = made(EngineLine(Named(), jobs))
    line.look("en", "de")
    qtbot.waitUntil(lambda: NAME in line.text)
    _is_plain(line._text.toolTip())


def test_chats(window, backend):
    backend.conversations.start(NAME)
    window.chat.open_conversation(None)
    _is_plain(window.chat.conversations.list.item(0).toolTip())


def _is_plain(tip):
    assert escape(NAME) in tip and NAME not in tip
