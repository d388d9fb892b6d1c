"""One file through every kind of trouble; nothing but real connections to the fake hub."""

import hashlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.models.download.address import FileAddress
from app.models.download.pace import BandwidthLimit, Patience
from app.models.download.part_file import PartFile, bytes_left, discard
from app.models.download.remote import look_up
from app.models.download.transfer import (
    DownloadFinished,
    DownloadWaiting,
    download,
)
from tests.fixtures.hub_faults import (
    Drop,
    Silent,
    Slow,
    Stall,
)
from tests.unit.models.download.conftest import (
    DATA,
    FILE,
    QUICK,
    REPO,
    nothing_kept,
    of_kind,
    only_the_file,
    started_part,
    stop_after,
)

SHA256 = hashlib.sha256(DATA).hexdigest()


def test_a_file_arrives_whole_with_progress_and_checksum(hub, remote, target, fetch):
    events = fetch(remote)
    assert events[-1] == DownloadFinished(target, len(DATA), SHA256, len(DATA))
    progress = events[-2]
    assert (progress.bytes_done, progress.bytes_total, progress.seconds_left) == (len(DATA), len(DATA), 0)
    assert progress.bytes_per_s > 0
    assert only_the_file(target)
    assert f"/resolve/{remote.commit}/" in hub.requests[-1].path  # pinned, not the branch


def test_dropped_connections_go_on_at_the_byte_reached(hub, remote, target, fetch):
    cuts = random.Random(3).choices(range(1, 60_000), k=12)
    hub.order(*[Drop(after=each) for each in cuts])
    events = fetch(remote)
    assert only_the_file(target)
    assert len(of_kind(events, DownloadWaiting)) == min(12, len(hub.requests) - 2)
    assert "broke off" in of_kind(events, DownloadWaiting)[0].reason
    assert events[-1].bytes_received == len(DATA)
    assert hub.sent() == len(DATA)  # not one byte twice


def test_a_connection_that_never_comes_back_is_given_up_and_the_part_kept(hub, remote, target, fetch):
    hub.order(Drop(after=100_000), *[Drop(after=0)] * 9)
    with pytest.raises(AppError, match=r"failed: the connection to 127.0.0.1 broke off"):
        fetch(remote)
    assert len(hub.requests) == 1 + 1 + QUICK.tries
    assert target.with_name(FILE + ".part").stat().st_size == 100_000


def test_a_server_that_is_gone_is_an_error(remote, hub, target, fetch):
    hub.close()
    with pytest.raises(AppError, match=r"127.0.0.1 cannot be reached"):
        fetch(remote)
    assert nothing_kept(target)


@pytest.mark.parametrize("fault", [Stall(after=90_000), Slow(bytes_per_s=200, piece=10), Silent()])
def test_a_connection_that_stalls_or_trickles_is_replaced(hub, remote, target, fetch, fault):
    hub.order(fault)
    events = fetch(remote)
    assert only_the_file(target)
    assert len(of_kind(events, DownloadWaiting)) == 1
    assert events[-1].bytes_received == len(DATA)


@pytest.mark.parametrize("fault", [Stall(after=90_000), Slow(bytes_per_s=200, piece=10), Silent()])
def test_stop_is_obeyed_at_once_while_nothing_comes(hub, remote, target, fault):
    hub.order(fault)
    cancel = CancelToken()
    events = download(remote, target, cancel=cancel, patience=Patience(), margin_bytes=0)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        stop_after(events, cancel, 0.2)
    assert time.monotonic() - began < 5


def test_pausing_keeps_the_part_and_the_next_run_fetches_only_the_rest(hub, remote, target, fetch):
    hub.order(Stall(after=130_000))
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        stop_after(download(remote, target, cancel=cancel, margin_bytes=0), cancel, 0.15)
    record = json.loads(target.with_name(FILE + ".part.json").read_text())
    assert record["synced"] == 130_000
    assert record["remote"]["etag"] == remote.etag and record["url"] == remote.pinned_url
    events = fetch(remote)
    assert only_the_file(target)
    assert events[-1].bytes_received == len(DATA) - 130_000
    assert hub.requests[-1].headers["range"] == "bytes=130000-"
    assert hub.requests[-1].headers["if-range"] == f'"{SHA256}"'


def test_leaving_the_iteration_early_is_a_pause(hub, remote, target, fetch):
    hub.order(Slow(bytes_per_s=1_000_000, piece=50_000))
    events = download(remote, target, cancel=CancelToken(), margin_bytes=0)
    next(events)
    events.close()
    assert target.with_name(FILE + ".part").stat().st_size > 0
    fetch(remote)
    assert hub.sent() < len(DATA) + 150_000
    assert only_the_file(target)


KILLED = """
import sys
from pathlib import Path
from app.base.jobs import CancelToken
from app.models.download import part_file
from app.models.download.address import FileAddress
from app.models.download.remote import look_up
from app.models.download.transfer import download
part_file._SYNC_S = 0.0
endpoint, repo, file, target = sys.argv[1:]
remote = look_up(FileAddress(repo, file, endpoint), cancel=CancelToken())
print("started", flush=True)
for event in download(remote, Path(target), cancel=CancelToken(), margin_bytes=0):
    print(event.bytes_done, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="uses SIGKILL")
def test_a_killed_process_leaves_a_part_that_is_resumed_and_another_process_is_kept_away(
    hub, remote, target, fetch
):
    hub.order(Slow(bytes_per_s=300_000, piece=10_000))
    command = [sys.executable, "-c", KILLED, hub.endpoint, REPO, FILE, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "started\n"
        child.stdout.readline()
        with pytest.raises(AppError, match=r"already being downloaded by another window"):
            fetch(remote)
        child.send_signal(signal.SIGKILL)
    assert target.with_name(FILE + ".part").exists()
    events = fetch(remote)
    assert only_the_file(target)
    assert events[-1].bytes_received < len(DATA)


def test_bytes_behind_the_last_sync_are_not_trusted(remote, target, fetch):
    part = started_part(remote, target)
    with part.open("ab") as stream:
        stream.write(b"\0" * 50_000)  # what a power cut may leave
    events = fetch(remote)
    assert only_the_file(target)
    assert events[-1].bytes_received == len(DATA) - 150_000


def test_a_complete_part_needs_no_connection(hub, remote, target, fetch):
    started_part(remote, target, len(DATA))
    hub.close()
    assert fetch(remote)[-1].bytes_received == 0
    assert only_the_file(target)


def test_a_part_rotten_on_the_disk_is_found_by_the_checksum(remote, target, fetch):
    part = started_part(remote, target)
    with part.open("r+b") as stream:
        stream.seek(70_000)
        stream.write(b"rot")
    with pytest.raises(AppError, match="arrived damaged"):
        fetch(remote)
    assert nothing_kept(target)
    fetch(remote)
    assert only_the_file(target)


def test_too_little_space_is_told_before_anything_is_fetched(hub, remote, target, fetch):
    asked = len(hub.requests)
    with pytest.raises(AppError, match=r"The download needs .* free"):
        fetch(remote, margin_bytes=1 << 60)
    assert len(hub.requests) == asked and nothing_kept(target)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_is_told_and_the_part_kept(remote, target, fetch, monkeypatch):
    part = started_part(remote, target)
    append, left = PartFile.append, itertools.count()

    def filling(self: PartFile, data: bytes) -> None:
        if next(left) == 2:  # from now on the disk is full
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, self._stream.fileno())
            os.close(full)
        append(self, data)

    monkeypatch.setattr(PartFile, "append", filling)
    with pytest.raises(AppError, match="disk is full"):
        fetch(remote)
    monkeypatch.undo()
    assert part.stat().st_size > 150_000
    fetch(remote)
    assert only_the_file(target)


def test_the_right_file_that_is_already_there_is_not_fetched_again(hub, remote, target, fetch):
    fetch(remote)
    asked = len(hub.requests)
    assert fetch(remote)[-1] == DownloadFinished(target, len(DATA), SHA256, 0, was_there=True)
    assert len(hub.requests) == asked


@pytest.mark.parametrize("there", [b"mine", b"x" * len(DATA)])
def test_a_file_of_the_person_is_never_replaced(remote, target, fetch, there):
    target.parent.mkdir()
    target.write_bytes(there)
    with pytest.raises(AppError, match="another file"):
        fetch(remote)
    assert target.read_bytes() == there


def test_a_part_that_is_not_ours_is_left_alone(remote, target, fetch):
    foreign = target.with_name(FILE + ".part")
    foreign.parent.mkdir()
    foreign.write_bytes(b"of a browser")
    with pytest.raises(AppError, match="another file"):
        fetch(remote)
    discard(target)
    assert foreign.read_bytes() == b"of a browser"


def test_a_discarded_download_leaves_nothing(remote, target):
    started_part(remote, target)
    assert discard(target)
    assert nothing_kept(target)


def test_what_is_still_arriving_is_not_discarded(remote, target):
    with PartFile(remote, target) as part:
        part.append(DATA[:150_000])
        assert not discard(target)
    assert bytes_left(remote, target) == len(DATA) - 150_000


def test_a_folder_that_cannot_be_written_is_an_error(remote, tmp_path, fetch):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(AppError, match="could not be written"):
        fetch(remote, blocked / FILE)


def test_the_limit_is_kept(remote, fetch):
    began = time.monotonic()
    fetch(remote, limit=BandwidthLimit(1_600_000))
    assert time.monotonic() - began > len(DATA) / 1_600_000


def test_a_limit_is_shared_and_can_be_lifted():
    limit = BandwidthLimit(1000)
    assert 0.4 < limit.delay(500) <= 0.5 < limit.delay(500) <= 1
    limit.bytes_per_s = None
    assert limit.delay(1_000_000) == 0


def test_a_waiting_limit_can_be_stopped(remote, target):
    cancel = CancelToken()
    slow = BandwidthLimit(10)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        stop_after(download(remote, target, cancel=cancel, limit=slow, margin_bytes=0), cancel, 0.1)
    assert time.monotonic() - began < 5


def test_a_small_file_without_checksum_arrives(hub, target, fetch):
    hub.add(REPO, "config.json", b"{}" * 300, lfs=False)
    remote = look_up(FileAddress(REPO, "config.json", hub.endpoint), cancel=CancelToken())
    assert (remote.sha256, remote.bytes) == ("", 600)
    fetch(remote)
    assert target.read_bytes() == b"{}" * 300


def test_an_empty_file_arrives(hub, target, fetch):
    hub.add(REPO, "empty.txt", b"")
    fetch(look_up(FileAddress(REPO, "empty.txt", hub.endpoint), cancel=CancelToken()))
    assert target.read_bytes() == b""
