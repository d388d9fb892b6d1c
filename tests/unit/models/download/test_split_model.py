import random
from pathlib import Path

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.models.download.address import FileAddress
from app.models.download.part_file import PartFile
from app.models.download.remote import RemoteFile, look_up
from app.models.download.split_model import discard_all, download_all
from app.models.download.transfer import DownloadFinished, DownloadProgress
from app.models.installed import installed_models
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Drop, WrongBytes
from tests.unit.models.download.conftest import QUICK, REPO

NAMES = [f"Q4/big-{number:05}-of-00003.gguf" for number in (1, 2, 3)]
PARTS = {name: b"GGUF" + random.Random(name).randbytes(100_000 + 1000 * at) for at, name in enumerate(NAMES)}
WHOLE = sum(len(each) for each in PARTS.values())


@pytest.fixture
def remotes(hub: FakeHub) -> list[RemoteFile]:
    for name, data in PARTS.items():
        hub.add(REPO, name, data)
    return [look_up(FileAddress(REPO, name, hub.endpoint), cancel=CancelToken()) for name in NAMES]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def fetch(remotes: list[RemoteFile], folder: Path, **options: object) -> list:
    given = {"cancel": CancelToken(), "patience": QUICK, "margin_bytes": 0} | options
    return list(download_all(remotes, folder, **given))  # type: ignore[arg-type]


def offered(folder: Path) -> list[str]:
    return [each.name for each in installed_models(folder) if not each.starter]


def test_the_parts_arrive_together_with_common_progress(hub, remotes, folder):
    hub.order(Drop(after=30_000), skip=1)
    events = fetch(remotes, folder)
    assert events[-1] == DownloadFinished(folder / "big-00001-of-00003.gguf", WHOLE, remotes[0].sha256, WHOLE)
    progress = [each for each in events if isinstance(each, DownloadProgress) and not each.checking]
    assert {each.bytes_total for each in progress} == {WHOLE}
    done = [each.bytes_done for each in progress]
    assert done == sorted(done) and done[-1] == WHOLE
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == {
        Path(k).name: v for k, v in PARTS.items()
    }
    assert offered(folder) == ["big-00001-of-00003"]


def test_nothing_is_offered_before_the_last_part_is_right(hub, remotes, folder):
    hub.order(WrongBytes(at=5000), path="00003-of")
    with pytest.raises(AppError, match="arrived damaged"):
        fetch(remotes, folder)
    assert (
        offered(folder) == [] and [each for each in folder.iterdir() if not each.name.startswith(".")] == []
    )
    events = fetch(remotes, folder)
    assert events[-1].bytes_received == len(PARTS[NAMES[2]])  # the others had arrived
    assert offered(folder) == ["big-00001-of-00003"]


def test_a_stopped_set_goes_on_where_it_was(hub, remotes, folder):
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for event in download_all(remotes, folder, cancel=cancel, margin_bytes=0):
            if event.bytes_done > len(PARTS[NAMES[0]]):
                cancel.cancel()
    fetch(remotes, folder)
    assert hub.sent() == WHOLE
    assert offered(folder) == ["big-00001-of-00003"]


def test_a_move_that_was_cut_short_is_completed(hub, remotes, folder):
    folder.mkdir()
    (folder / "big-00003-of-00003.gguf").write_bytes(PARTS[NAMES[2]])
    assert fetch(remotes, folder)[-1].bytes_received == WHOLE - len(PARTS[NAMES[2]])
    assert fetch(remotes, folder)[-1].bytes_received == 0


def test_space_is_needed_for_all_parts(remotes, folder, hub):
    asked = len(hub.requests)
    with pytest.raises(AppError, match="The download needs"):
        fetch(remotes, folder, margin_bytes=1 << 60)
    assert len(hub.requests) == asked


def test_a_discarded_set_leaves_nothing(hub, remotes, folder):
    hub.order(WrongBytes(at=5000), path="00002-of")
    with pytest.raises(AppError):
        fetch(remotes, folder)
    arriving = folder / ".big-00001-of-00003.gguf.parts"
    with PartFile(remotes[1], arriving / remotes[1].name):
        discard_all(remotes, folder)  # another window is at it
        assert (arriving / remotes[0].name).exists()
    discard_all(remotes, folder)
    assert list(folder.iterdir()) == []
    discard_all(remotes, folder)


def test_a_single_file_needs_no_hidden_folder(hub, remotes, folder):
    hub.add(REPO, "one.gguf", b"GGUF1234")
    one = look_up(FileAddress(REPO, "one.gguf", hub.endpoint), cancel=CancelToken())
    assert fetch([one], folder)[-1].file == folder / "one.gguf"
    assert [each.name for each in folder.iterdir()] == ["one.gguf"]
