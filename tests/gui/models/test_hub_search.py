"""The search dialog against a hub on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.backend import Backend
from app.gui.jobs import Jobs
from app.gui.models.hub_results import Column
from app.gui.models.hub_search import HubSearchDialog
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Silent
from tests.fixtures.hub_listing import About
from tests.gui.conftest import delete


@pytest.fixture
def hub(backend: Backend) -> Iterator[FakeHub]:
    with FakeHub() as running:
        for name, downloads in (("maker/otter-GGUF", 20), ("other/Otter-3B", 400)):
            running.add(name, "a.gguf", b"x", gated=downloads > 100)
            running.describe(name, About(downloads, 2, ("gguf", "license:mit")))
        backend.settings.change(mirror=running.endpoint)
        yield running


@pytest.fixture
def dialog(hub: FakeHub, backend: Backend, jobs: Jobs, qtbot: Any) -> Iterator[HubSearchDialog]:
    made = HubSearchDialog(backend, jobs)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.chosen_ones = []
    made.chosen.connect(made.chosen_ones.append)
    made.open()
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    made.close()
    jobs.stop_all(5000)
    delete(made)


def search(dialog: HubSearchDialog, qtbot: Any, text: str) -> None:
    dialog.field.clear()
    qtbot.keyClicks(dialog.field, text)
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.bar.isHidden())


def test_nothing_is_sent_while_typing(dialog, hub, qtbot):
    assert "127.0.0.1 when you press Search, not while you type" in dialog.hint.text()
    assert not dialog.search.isEnabled() and not dialog.choose.isEnabled()
    qtbot.keyClicks(dialog.field, "otter")
    qtbot.wait(100)
    assert hub.requests == []
    dialog.search.click()
    qtbot.waitUntil(dialog.results.isVisible)
    assert len(hub.requests) == 1


def test_the_found_are_listed_and_enter_chooses_one(dialog, hub, qtbot):
    search(dialog, qtbot, "otter")
    rows = [dialog.results.topLevelItem(n) for n in range(dialog.results.topLevelItemCount())]
    assert [[row.text(column) for column in Column] for row in rows] == [
        ["other/Otter-3B", "400", "mit", "needs an account", "Nov 2026"],
        ["maker/otter-GGUF", "20", "mit", "", "Nov 2026"],
    ]
    assert dialog.results.hasFocus() and dialog.choose.isEnabled()
    qtbot.keyClick(dialog.results, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.results, Qt.Key.Key_Return)
    assert dialog.chosen_ones == ["maker/otter-GGUF"] and dialog.isHidden()


def test_an_address_is_taken_without_a_search(dialog, hub, qtbot):
    dialog.field.setText(f"{hub.endpoint}/maker/otter-GGUF/tree/main")
    assert dialog.search.text() == "Open" and "maker/otter-GGUF" in dialog.hint.text()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert (dialog.chosen_ones, hub.requests) == (["maker/otter-GGUF"], [])


def test_nothing_found_and_no_network_say_what_to_do(dialog, hub, qtbot):
    search(dialog, qtbot, "heron")
    assert dialog.notice.isVisible() and "Try fewer words" in dialog.notice.text
    hub.close()
    search(dialog, qtbot, "otter")
    assert "127.0.0.1 cannot be reached. Check the connection" in dialog.notice.text
    assert not dialog.choose.isEnabled()


def test_a_search_can_be_stopped(dialog, hub, jobs, qtbot):
    hub.order(Silent(), path="/api/models", times=2)
    dialog.field.setText("otter")
    dialog.search.click()
    assert dialog.search.text() == "Stop" and dialog.bar.isVisible()
    dialog.search.click()
    qtbot.waitUntil(lambda: dialog.search.text() == "Search" and jobs.running == 0)
    dialog.search.click()
    dialog.reject()  # closing stops too
    qtbot.waitUntil(lambda: jobs.running == 0)
