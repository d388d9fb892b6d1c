"""The Models page with the real backend, a hub on loopback, and llama.cpp itself."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.main_window import MainWindow
from app.gui.models.body import Body
from app.gui.models.discover_dialog import DiscoverDialog
from app.gui.models.entries import ModelEntry, of_repository
from app.gui.models.kit_dialog import KitDialog
from app.gui.models.wording import badge, facts_line
from app.hardware.fit import GIB, MIB, Speed
from app.hardware.probe import Ram
from app.models.records import Records
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Silent
from tests.fixtures.tiny_model import write_tiny_model

ID, REPOSITORY = "smollm2-360m-instruct", "bartowski/SmolLM2-360M-Instruct-GGUF"
SOON = 15_000


@pytest.fixture
def body(window: MainWindow, qtbot: Any) -> Body:
    """The page as it is with what is quick to find out."""
    window.show_page("models")
    page = window.page("models")
    qtbot.waitUntil(lambda: page.body is not None and page.body.list.current is not None, timeout=SOON)
    return page.body


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the machine have so much free memory, in bytes."""
    return lambda free: monkeypatch.setattr("app.hardware.probe.ram", lambda: Ram(16 * GIB, free))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHub]:
    with FakeHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        hub.add(REPOSITORY, "Fetched-Q8_0.gguf", write_tiny_model(tmp_path / "t.gguf").read_bytes())
        yield hub


def entries(body: Body) -> dict[str, ModelEntry]:
    return {each.name: each for each in body._entries()}


def answer(body: Body, qtbot: Any, button: str) -> None:
    """Press a button of the question that is asked."""
    qtbot.waitUntil(lambda: body.findChild(QMessageBox) is not None, timeout=SOON)
    box = body.findChild(QMessageBox)
    next(each for each in box.buttons() if each.text() == button).click()
    qtbot.waitUntil(lambda: body.findChild(QMessageBox) is None)


def test_a_dropped_file_is_tried_used_and_removed(
    body: Body, window: MainWindow, backend: Backend, qtbot: Any, tmp_path: Path
):
    file = write_tiny_model(tmp_path / "dropped.gguf")
    window.show_page("chat")
    window.take_dropped([file])
    answer(body, qtbot, "Copy")
    copied = backend.paths.models / "dropped.gguf"
    qtbot.waitUntil(lambda: body.list.current.name == "dropped", timeout=SOON)
    assert copied.is_file() and "was copied" in window.messages.text
    body.detail.use_wanted.emit(body.list.current.installed)
    qtbot.waitUntil(lambda: body.list.current.in_use, timeout=SOON)
    assert backend.settings.current.default_model == copied and "go on with it" in window.messages.text
    body.keeping.verify([body.list.current.installed])
    qtbot.waitUntil(lambda: "is intact" in window.messages.text, timeout=SOON)
    body.keeping.remove(body.list.current.installed)
    answer(body, qtbot, "Delete")
    qtbot.waitUntil(lambda: "dropped" not in entries(body), timeout=SOON)
    assert not copied.exists() and file.exists() and backend.settings.current.default_model is None
    assert "The starter is the default again" in window.messages.text


def test_a_download_arrives_is_tried_and_answers(
    body: Body, window: MainWindow, backend: Backend, qtbot: Any, hub: FakeHub, memory: Callable[[int], None]
):
    memory(256 * MIB)  # so that it must be asked whether it shall come all the same
    qtbot.waitUntil(lambda: body._picture.complete, timeout=SOON)
    window.page("models").download(ID)
    answer(body, qtbot, "Download anyway")
    memory(8 * GIB)
    qtbot.waitUntil(lambda: "has arrived" in window.messages.text, timeout=SOON)
    qtbot.waitUntil(lambda: body.list.current.name == "Fetched-Q8_0", timeout=SOON)
    entry = body.list.current
    assert entry.installed is not None and entry.installed.owned
    assert entry.catalog is not None and entry.catalog.id == ID
    window.messages._button.click()  # use now
    assert backend.settings.current.default_model == entry.installed.file
    assert body.downloads.isHidden()


def test_the_page_tells_machine_choice_and_models(body: Body, window: MainWindow, qtbot: Any):
    assert body.list.current is not None and body.list.current.in_use
    assert "free of" in body.machine.memory.value.text() and "core" in body.machine.processor.value.text()
    assert "8k context" in body.recommendation.text and "Measuring" in body.recommendation.text
    assert body.header.facts.text() == "1 model on this computer · 98.4 MB"
    qtbot.waitUntil(lambda: body._picture is not None and body._picture.complete, timeout=SOON)
    assert body.machine.graphics.value.text() != "Looking…"
    nameless = [
        each
        for kind in (QPushButton, QToolButton, QLineEdit, QComboBox, QProgressBar)
        for each in body.findChildren(kind)
        if each.isVisible()
        and not each.accessibleName()
        and not (isinstance(each, QPushButton | QToolButton) and each.text())
        and not isinstance(each.parent(), QLineEdit)
    ]
    assert nameless == []
    window.resize(853, 533)
    qtbot.wait(20)
    assert (window.width(), window.height()) == (853, 533)
    shown = [each for each in body.findChildren(QWidget) if each.parent() is body and each.isVisible()]
    assert body.list in body.findChildren(QWidget) and all(
        body.rect().contains(each.geometry()) for each in shown
    )


def test_memory_and_speed_are_followed(
    body: Body, window: MainWindow, qtbot: Any, memory: Callable[[int], None]
):
    memory(12 * GIB)
    body.loader.load()
    qtbot.waitUntil(lambda: badge(entries(body)["Qwen3-8B"]) == "Fits", timeout=SOON)
    before = body.recommendation.name.text()
    memory(2 * GIB)
    body.loader._probe()
    qtbot.waitUntil(lambda: badge(entries(body)["Qwen3-8B"]) == "Too big", timeout=SOON)
    assert body.machine.memory.value.text() == "1.8 GB free of 16.0 GB"  # as much as a model can have
    assert "of your 1.8 GB free" in body.recommendation.why.text()
    best = body.recommendation.name.text()
    assert best != before
    (recommended,) = [each for each in body._entries() if each.catalog and each.catalog.name == best]
    assert badge(recommended) in ("Fits", "In use")
    body.machine.measure.click()
    qtbot.waitUntil(lambda: body.strip.isVisible())
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not body.strip.running, timeout=SOON)
    assert body._parts.measurements.speed is None and body.strip.isHidden()
    body._parts.measurements.keep_speed(Speed({"Q4_K": 9e9, "Q8_0": 11e9}, 1e-4))
    body.loader.load()
    qtbot.waitUntil(lambda: body.machine.speed.value.text() == "10.0 GB/s", timeout=SOON)
    assert "words a second" in body.recommendation.text


def test_what_cannot_come_in_is_said(
    body: Body, window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    file = tmp_path / "page.gguf"
    file.write_text("<!DOCTYPE html>")
    window.take_dropped([file])
    answer(body, qtbot, "Use in place")
    qtbot.waitUntil(lambda: "page.gguf" in window.messages.text, timeout=SOON)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    body.fetching.download(entries(body)["Qwen3-1.7B"], "", "")
    qtbot.waitUntil(lambda: "127.0.0.1" in window.messages.text, timeout=SOON)
    assert body.strip.isHidden() and not body._parts.downloads.entries()
    assert len([each for each in body._entries() if each.installed]) == 1


def test_models_of_other_apps_are_used_in_place_and_never_deleted(
    body: Body,
    window: MainWindow,
    backend: Backend,
    qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    folder = tmp_path / "person" / ".lmstudio" / "models" / "someone" / "Their-Model"
    folder.mkdir(parents=True)
    file = write_tiny_model(folder / "Their-Model-F32.gguf")
    (folder / "Broken-F32.gguf").write_bytes(b"GGUF")
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    body.header.discover_wanted.emit()
    dialog = body.findChild(DiscoverDialog)
    qtbot.waitUntil(lambda: dialog.text == "Tick the models to use.", timeout=SOON)
    assert not dialog.use.isEnabled()
    items = [dialog.tree.topLevelItem(0).child(row) for row in range(2)]
    usable = next(item for item in items if item.flags() & Qt.ItemFlag.ItemIsUserCheckable)
    refused = next(item for item in items if item is not usable)
    assert "Broken" in refused.text(0) and "incomplete" in refused.text(0)
    usable.setCheckState(0, Qt.CheckState.Checked)
    dialog.use.click()
    qtbot.waitUntil(lambda: "Their-Model-F32" in entries(body), timeout=SOON)
    assert "used from LM Studio" in facts_line(entries(body)["Their-Model-F32"])
    body.keeping.remove(entries(body)["Their-Model-F32"].installed)
    answer(body, qtbot, "Stop using it")
    qtbot.waitUntil(lambda: "Their-Model-F32" not in entries(body), timeout=SOON)
    assert file.exists() and "stays with LM Studio" in window.messages.text


def test_a_kit_is_written_and_read(
    body: Body,
    window: MainWindow,
    backend: Backend,
    qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    write_tiny_model(backend.paths.models / "packed.gguf")
    body.loader.load()
    qtbot.waitUntil(lambda: "packed" in entries(body), timeout=SOON)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "stick"))
    body.header.kit_export_wanted.emit()
    dialog = body.findChild(KitDialog)
    assert not dialog.go_on.isEnabled()
    dialog.list.findItems("packed", Qt.MatchFlag.MatchStartsWith)[0].setCheckState(Qt.CheckState.Checked)
    dialog.go_on.click()
    qtbot.waitUntil(lambda: "The kit is in" in window.messages.text, timeout=SOON)
    assert (tmp_path / "stick" / "packed.gguf").is_file() and (tmp_path / "stick" / "SHA256SUMS").is_file()
    body.header.kit_import_wanted.emit()
    qtbot.waitUntil(lambda: "has “packed” already" in window.messages.text, timeout=SOON)
    for _ in range(2):
        body._show_repository("someone/Some-Model-GGUF")
        assert body.list.current.key == "hub:someone/Some-Model-GGUF"
    assert len(body._from_hub) == 1
    known = entries(body)["Qwen3-8B"]
    body._show_repository(known.repository.upper())
    assert body.list.current.key == known.key


def test_a_download_is_used_from_where_it_went(
    body: Body, window: MainWindow, backend: Backend, qtbot: Any, hub: FakeHub, tmp_path: Path
):
    tiny = (write_tiny_model(tmp_path / "found.gguf")).read_bytes()
    hub.add("someone/Found-GGUF", "Found-F32.gguf", tiny)
    body._show_repository("someone/Found-GGUF")
    qtbot.waitUntil(body.detail.buttons.download.isVisible, timeout=SOON)
    body.detail.buttons.download.click()
    qtbot.waitUntil(lambda: bool(body._parts.downloads.entries()), timeout=SOON)
    backend.settings.change(models_folder=tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: "has arrived in" in window.messages.text, timeout=SOON)
    window.messages._button.click()  # use now
    file = backend.paths.models / "Found-F32.gguf"
    assert backend.settings.current.default_model == file
    qtbot.waitUntil(lambda: body.list.current.key == f"installed:{file}", timeout=SOON)
    backend.settings.change(models_folder=None)
    body.loader.load()
    qtbot.waitUntil(lambda: entries(body)["Found-F32"].repository != "", timeout=SOON)
    assert body.list.rows.row_of("hub:someone/Found-GGUF") == -1  # listed once, where it is
    body._show_repository("someone/found-gguf")
    assert body.list.current.key == f"installed:{file}" and body.detail.others.isVisible()


def test_what_is_tried_can_be_used_then(
    body: Body, window: MainWindow, backend: Backend, qtbot: Any, tmp_path: Path
):
    file = write_tiny_model(backend.paths.models / "later.gguf")
    records = Records(backend.paths.models)
    records.put(records.describe([file], name="later", source="import", owned=False, loads=False))
    body._changed(f"installed:{file}")
    qtbot.waitUntil(lambda: body.list.current.name == "later", timeout=SOON)
    assert badge(body.list.current) == "Not tried yet"
    body._use(body.list.current.installed)
    assert "Try it" in window.messages.text and backend.settings.current.default_model is None
    body.detail.buttons.try_out.click()
    qtbot.waitUntil(lambda: "has loaded" in window.messages.text, timeout=SOON)
    window.messages._button.click()  # use now
    assert backend.settings.current.default_model == file
    qtbot.waitUntil(lambda: badge(body.list.current) == "In use", timeout=SOON)
    # it is not Alcove's to delete: then the engine that has it open is left alone
    qtbot.waitUntil(lambda: backend.engine.worker_pid is not None, timeout=SOON)
    pid = backend.engine.worker_pid
    body.keeping._remove(body.list.current.installed)
    qtbot.waitUntil(lambda: "“later”" in window.messages.text and body.strip.isHidden(), timeout=SOON)
    assert file.exists() and backend.engine.worker_pid == pid


def test_what_came_before_an_error_is_listed(body: Body, window: MainWindow, backend: Backend, qtbot: Any):
    def work(_cancel: CancelToken) -> Iterator[None]:
        write_tiny_model(backend.paths.models / "first.gguf")
        yield
        raise AppError("The second one is broken.", "Get it again.")

    body.strip.run("Adding", work)
    qtbot.waitUntil(lambda: "first" in entries(body), timeout=SOON)
    assert "second one is broken" in window.messages.text


def test_a_download_is_judged_with_what_the_model_in_use_gives_back(
    body: Body, qtbot: Any, hub: FakeHub, memory: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
):
    memory(256 * MIB)
    monkeypatch.setattr("app.gui.models.fetching.free_for_models", lambda _backend: Ram(16 * GIB, 8 * GIB))
    body.download(ID)
    qtbot.waitUntil(lambda: bool(body._parts.downloads.entries()), timeout=SOON)
    assert body.findChild(QMessageBox) is None


def test_two_downloads_of_one_name_are_refused_after_asking_too(
    body: Body, window: MainWindow, qtbot: Any, hub: FakeHub, memory: Callable[[int], None], tmp_path: Path
):
    hub.add("someone/Other-GGUF", "Fetched-Q8_0.gguf", write_tiny_model(tmp_path / "o.gguf").read_bytes())
    hub.order(Silent(), method="HEAD")
    body.download(ID)
    qtbot.waitUntil(lambda: bool(body._parts.downloads.entries()), timeout=SOON)
    qtbot.waitUntil(lambda: body._picture is not None and body._picture.complete, timeout=SOON)
    memory(MIB)
    body.fetching.download(of_repository("someone/Other-GGUF"), "", "")
    answer(body, qtbot, "Download anyway")
    assert "Fetched-Q8_0" in window.messages.text and len(body._parts.downloads.entries()) == 1
