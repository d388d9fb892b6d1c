"""The downloads panel over a real queue that fetches from a hub on loopback."""

import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox

from app.gui.jobs import Jobs
from app.gui.models.download_row import DownloadRow
from app.gui.models.downloads_panel import DownloadsPanel
from app.models.download.pace import BandwidthLimit
from app.models.download.queue import DownloadQueue, Entry, Wanted
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Status
from tests.gui.conftest import delete
from tests.unit.models.download.conftest import QUICK, REPO

SIZE = 4_000_000
SLOW = 1_000_000  # bytes a second: four seconds each


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        for name in ("otter-Q4_0", "stork-Q4_0"):
            hub.add(REPO, f"{name}.gguf", b"GGUF" + random.Random(name).randbytes(SIZE - 4))
        yield hub


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[DownloadQueue]:
    made = DownloadQueue(
        tmp_path / "downloads.json", token_for=lambda _endpoint: None, patience=QUICK, margin_bytes=0,
        limit=BandwidthLimit(SLOW), at_once=1,
    )  # fmt: skip
    yield made
    made.close()


@pytest.fixture
def panel(queue: DownloadQueue, jobs: Jobs, qtbot: Any) -> Iterator[DownloadsPanel]:
    made = DownloadsPanel(queue, jobs)
    made.resize(640, 300)
    yield made
    delete(made)


@pytest.fixture
def add(hub: FakeHub, queue: DownloadQueue, tmp_path: Path) -> Callable[[str], str]:
    return lambda name: queue.add(Wanted(REPO, (f"{name}.gguf",), tmp_path / "models", hub.endpoint))


@pytest.fixture
def row(panel: DownloadsPanel, qtbot: Any) -> Callable[[str], DownloadRow]:
    """The row of a download, once it is shown."""

    def find(id: str) -> DownloadRow:
        qtbot.waitUntil(lambda: id in panel.rows)
        return panel.rows[id]

    return find


def answer_box(panel: DownloadsPanel, text: str) -> None:
    box = panel.findChild(QMessageBox)
    assert box is not None
    next(each for each in box.buttons() if text in each.text().replace("&", "")).click()
    delete(box)


def test_a_download_is_followed_paused_resumed_and_leaves_when_it_is_done(
    panel, queue, add, row, qtbot, tmp_path
):
    assert panel.isHidden()
    done: list[Entry] = []
    panel.finished.connect(done.append)
    otter = row(add("otter-Q4_0"))
    assert panel.isVisible() and otter.name == "otter-Q4_0"
    facts = re.compile(r"[\d.]+ [kM]B of 4\.0 MB, [\d.]+ [kM]B/s, \d+ s left")
    qtbot.waitUntil(lambda: facts.fullmatch(otter.text) is not None)
    assert otter.toggle.accessibleName() == "Pause: otter-Q4_0"
    otter.toggle.click()
    qtbot.waitUntil(lambda: otter.text.startswith("Paused, "))
    qtbot.waitUntil(otter.toggle.isEnabled)
    assert otter.toggle.accessibleName() == "Resume: otter-Q4_0"
    queue.limit.bytes_per_s = None
    otter.toggle.click()
    qtbot.waitUntil(lambda: panel.isHidden() and queue.entries() == ())
    assert [(each.state, each.file) for each in done] == [("done", tmp_path / "models" / "otter-Q4_0.gguf")]
    assert done[0].file.stat().st_size == SIZE


def test_the_next_one_waits_and_rows_are_kept_not_made_anew(panel, add, row, qtbot):
    first = row(add("otter-Q4_0"))
    second = row(add("stork-Q4_0"))
    assert second.text == "Waiting for its turn"
    qtbot.waitUntil(lambda: "of 4.0 MB" in first.text)
    assert list(panel.rows.values()) == [first, second]


def test_removing_asks_first_when_something_has_arrived(panel, queue, add, row, qtbot, tmp_path):
    waiting = add("otter-Q4_0"), add("stork-Q4_0")
    row(waiting[1]).remove.click()
    qtbot.waitUntil(lambda: waiting[1] not in panel.rows)
    otter = row(waiting[0])
    qtbot.waitUntil(lambda: "of 4.0 MB" in otter.text)
    otter.remove.click()
    answer_box(panel, "Cancel")
    assert waiting[0] in panel.rows
    otter.remove.click()
    with qtbot.waitSignal(panel.ended):  # not before what has arrived is gone
        answer_box(panel, "Remove")
    assert list((tmp_path / "models").iterdir()) == []
    qtbot.waitUntil(lambda: panel.isHidden() and list((tmp_path / "models").iterdir()) == [])


def test_a_failure_says_why_in_its_row_and_can_be_tried_again(panel, hub, queue, add, row, qtbot):
    hub.order(Status(403, "GatedRepo"), method="HEAD")
    queue.limit.bytes_per_s = None
    with qtbot.waitSignal(panel.ended):
        otter = row(add("otter-Q4_0"))
    qtbot.waitUntil(lambda: "only given to those who accepted its licence" in otter.text)
    assert otter._note.wordWrap() and f"{hub.endpoint}/{REPO}" in otter.accessibleName()
    assert otter.toggle.toolTip() == "Try again"
    otter.toggle.click()
    qtbot.waitUntil(panel.isHidden)


def test_a_remark_stands_in_the_row(panel, hub, add, row, qtbot):
    hub.order(Status(429, retry_after="60"))
    otter = row(add("otter-Q4_0"))
    qtbot.waitUntil(lambda: "is busy and asked to wait." in otter.text)


def test_watching_ends_with_the_panel(queue, jobs, themed, qtbot):
    made = DownloadsPanel(queue, jobs)
    delete(made)
    began = time.monotonic()
    qtbot.waitUntil(lambda: jobs.running == 0)
    assert time.monotonic() - began < 2
