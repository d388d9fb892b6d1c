"""A hub with one small model, and impatience."""

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.base.jobs import CancelToken
from app.models.download.address import FileAddress
from app.models.download.pace import Patience
from app.models.download.part_file import PartFile
from app.models.download.remote import RemoteFile, look_up
from app.models.download.transfer import DownloadEvent, download
from tests.fixtures.fake_hub import FakeHub

REPO, FILE = "org/tiny", "tiny-Q4_0.gguf"
DATA = b"GGUF" + random.Random(1).randbytes(400_000)
QUICK = Patience(stall_s=0.3, stall_bytes=2000, retry_s=0.01, longest_retry_s=0.02, tries=4)

Fetch = Callable[..., list[DownloadEvent]]


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        hub.add(REPO, FILE, DATA)
        yield hub


@pytest.fixture
def remote(hub: FakeHub) -> RemoteFile:
    return look_up(FileAddress(REPO, FILE, hub.endpoint), cancel=CancelToken())


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / FILE


@pytest.fixture
def fetch(target: Path) -> Fetch:
    """All events of a download, with short time-outs."""

    def run(remote: RemoteFile, place: Path = target, **options: object) -> list[DownloadEvent]:
        given = {"cancel": CancelToken(), "patience": QUICK, "margin_bytes": 0} | options
        return list(download(remote, place, **given))  # type: ignore[arg-type]

    return run


def only_the_file(target: Path) -> bool:
    """The right file, and nothing beside it."""
    return list(target.parent.iterdir()) == [target] and target.read_bytes() == DATA


def nothing_kept(target: Path) -> bool:
    return not target.parent.exists() or list(target.parent.iterdir()) == []


def of_kind(events: list[object], kind: type) -> list:
    return [each for each in events if isinstance(each, kind)]


def started_part(remote: RemoteFile, target: Path, count: int = 150_000) -> Path:
    """What an interrupted download leaves."""
    with PartFile(remote, target) as part:
        part.append(DATA[:count])
    return target.with_name(target.name + ".part")


def stop_after(events: Iterator[object], cancel: CancelToken, seconds: float) -> None:
    timer = threading.Timer(seconds, cancel.cancel)
    timer.start()
    try:
        for _ in events:
            pass
    finally:
        timer.join()
