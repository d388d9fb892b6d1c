"""Choosing what the library is searched with, in the settings."""

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton

from app.base.errors import AppError
from app.gui.settings.encoder_dialog import EncoderDialog
from app.models.encoders import Encoders
from app.retrieval.protocol import Reembedded, ReembedProgress, TriedOut
from tests.unit.models.test_encoders import write_folder


class Worker:
    """Stands in for the part of the library that loads models."""

    def __init__(self):
        self.wanted = []
        self.settings = None
        self.stays = False

    def reembed(self, cancel, *, unasked=False):
        self.wanted.append(self.settings.current.embedder)
        yield ReembedProgress(0, 1200, 0.0, None)
        while self.stays and not cancel.wait(0.01):
            yield ReembedProgress(300, 1200, 50.0, 18.0)
        cancel.raise_if_cancelled()
        yield Reembedded(True)

    def try_out(self, folder, kind, cancel):
        if "broken" in Path(folder, "config.json").read_text():
            raise AppError("The model cannot be loaded.", "Choose another model.")
        return TriedOut(512, 384)


@pytest.fixture
def worker(library, backend):
    made = Worker()
    made.settings = backend.settings
    library.reembed, library.try_out = made.reembed, made.try_out
    return made


@pytest.fixture
def section(window, backend, worker, qtbot):
    encoders = Encoders(backend.paths.models)
    with encoders.staging() as aside:
        encoders.put_in_place(write_folder(aside), "many", "import")
    window.show_page("settings")
    made = window.page("settings").search
    qtbot.waitUntil(lambda: made.embedder.count() == 2)
    return made


def pick(box, name):
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())


def test_another_search_model_prepares_the_library_and_can_be_stopped(
    section, backend, worker, qtbot, window
):
    worker.stays = True
    pick(section.embedder, "many")
    assert backend.settings.current.embedder == "many"
    qtbot.waitUntil(lambda: "300" in section.preparing.line.text)
    assert (
        "Preparing the library for many" in section.preparing.line.text
        and "18 s left" in section.preparing.line.text
    )
    section.preparing.line.stop_button.click()
    qtbot.waitUntil(section.preparing.line.isHidden)
    assert section.preparing.go_on.isVisibleTo(section) and worker.wanted == ["many"]
    worker.stays = False
    with qtbot.waitSignal(window.reembedding.ended):
        section.preparing.go_on.click()
    assert (
        not section.preparing.go_on.isVisibleTo(section)
        and section.preparing.line.isHidden()
        and len(worker.wanted) == 2
    )
    worker.stays = True
    pick(section.embedder, "")
    qtbot.waitUntil(lambda: "the starter model" in section.preparing.line.text)
    worker.stays = False
    with qtbot.waitSignal(window.reembedding.ended) as ended:
        pick(section.embedder, "many")  # the run for the other one ends first
    assert ended.args == [True] and worker.wanted == ["many", "many", "", "many"]


def test_models_are_imported_listed_and_removed(
    section, backend, worker, qtbot, monkeypatch, tmp_path, window
):
    dialog_of(section, "embedding").accept()
    folder = write_folder(tmp_path / "other", **{"config.json": {"architectures": ["BertModel"]}})
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with qtbot.waitSignal(section.adding.added), qtbot.waitSignal(window.reembedding.ended):
        section._import("embedding")
    assert backend.settings.current.embedder == "other" == worker.wanted[-1]
    write_folder(folder, **{"config.json": "broken", "modules.json": [{"type": "sentence_transformers.x"}]})
    with qtbot.waitSignal(section.failed):
        section._import("embedding")
    dialog = dialog_of(section, "embedding")
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() > 10)
    rows = {dialog.list.topLevelItem(row).text(0): row for row in range(dialog.list.topLevelItemCount())}
    assert "multilingual-e5-small" in rows and "all-MiniLM-L6-v2" not in rows
    select(dialog, rows["multilingual-e5-small"])
    assert (
        dialog.download.isEnabled() and not dialog.remove.isEnabled() and "languages" in dialog.about.text()
    )
    assert dialog.list.topLevelItem(rows["other"]).text(4) == "In use"
    select(dialog, rows["other"])
    assert not dialog.remove.isEnabled()
    select(dialog, rows["many"])
    dialog.remove.click()
    (question,) = dialog.findChildren(QMessageBox)
    assert "Delete “many”" in question.text() and "downloaded or imported again" in question.informativeText()
    with qtbot.waitSignal(dialog.removed):
        next(each for each in question.buttons() if each.text() == "Delete").click()
    qtbot.waitUntil(lambda: section.embedder.findData("many") < 0)
    dialog.accept()


def test_a_reader_is_imported_and_used_at_once(section, backend, worker, qtbot, monkeypatch, tmp_path):
    marks = {"modules.json": None, "config.json": {"architectures": ["MobileBertForQuestionAnswering"]}}
    folder = write_folder(tmp_path / "marker", **marks)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with qtbot.waitSignal(section.adding.added):
        section._import("reading")
    qtbot.waitUntil(lambda: section.reader.findData("marker") >= 0)
    assert backend.settings.current.reader == "marker" == section.reader.currentData()
    dialog = dialog_of(section, "reading")
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() > 5)
    rows = {dialog.list.topLevelItem(row).text(0): row for row in range(dialog.list.topLevelItemCount())}
    assert "roberta-base-squad2" in rows and dialog.list.topLevelItem(rows["marker"]).text(4) == "In use"
    dialog.accept()
    pick(section.reader, "")
    assert backend.settings.current.reader == "" and worker.wanted == []  # no vectors change


def test_one_model_arrives_at_a_time(section, worker, qtbot, monkeypatch, tmp_path):
    going_on = threading.Event()
    tried = worker.try_out
    monkeypatch.setattr(
        section._backend.library, "try_out", lambda *arguments: (going_on.wait(5), tried(*arguments))[1]
    )
    section.adding.import_folder(write_folder(tmp_path / "other"), "embedding")
    dialog = dialog_of(section, "embedding")
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() > 10)
    select(dialog, 0)
    assert not dialog.download.isEnabled() and not dialog.folder.isEnabled()
    assert "Another model is arriving" in dialog.about.text()
    with qtbot.waitSignal(section.adding.added):
        going_on.set()
    qtbot.waitUntil(dialog.download.isEnabled)
    assert dialog.folder.isEnabled() and "Another" not in dialog.about.text()
    dialog.accept()


def test_a_change_that_fails_before_the_settings_are_seen_is_said_and_can_go_on(
    window, backend, library, worker, qtbot
):
    def fail(cancel, *, unasked=False):
        raise AppError("The model is gone.", "Choose another.")
        yield

    library.reembed = fail
    backend.settings.change(embedder="gone")
    window.reembedding.go_on()
    qtbot.waitUntil(lambda: "The model is gone." in window.messages.text)
    library.reembed = worker.reembed
    window.show_page("settings")
    search = window.page("settings").search
    assert search.preparing.go_on.isVisibleTo(search)
    with qtbot.waitSignal(window.reembedding.ended):
        search.preparing.go_on.click()
    assert not search.preparing.go_on.isVisibleTo(search) and worker.wanted == ["gone"]


def dialog_of(section, kind):
    section._open_dialog(kind)
    found = section.findChildren(EncoderDialog)[-1]
    assert all(each.text() or each.accessibleName() for each in found.findChildren(QPushButton))
    return found


def select(dialog, row):
    dialog.list.setCurrentItem(dialog.list.topLevelItem(row))
