"""An installer from a real server, with every fault to order: whole and as signed, or not at all."""

import dataclasses
import hashlib
import os
import random
import stat

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.models.download.pace import Patience
from app.models.download.transfer import (
    DownloadFinished,
    DownloadProgress,
    DownloadRestarted,
    DownloadWaiting,
)
from app.updates.manifest import ReleaseFile
from app.updates.transfer import fetch_file
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import (
    Drop,
    IgnoreRange,
    OtherLength,
    Slow,
    Stall,
    Status,
    WebPage,
    WrongBytes,
    WrongRange,
)
from tests.fixtures.web_server import Page

NAME = "alcove_0.2.0_amd64.deb"
DATA = random.Random(3).randbytes(400_000)
QUICK = Patience(stall_s=0.3, stall_bytes=2000, retry_s=0.01, longest_retry_s=0.02, tries=4)


@pytest.fixture
def web():
    with FakeHub() as running:
        running.add("makers/alcove", NAME, DATA, lfs=False)
        yield running


@pytest.fixture
def wanted(web):
    url = f"{web.endpoint}/makers/alcove/resolve/main/{NAME}"
    return ReleaseFile(NAME, url, "linux", "x86_64", "deb", len(DATA), hashlib.sha256(DATA).hexdigest())


@pytest.fixture
def target(tmp_path):
    return tmp_path / "Downloads" / NAME


@pytest.fixture
def fetch(wanted, target):
    def run(file=wanted, **options):
        return list(fetch_file(file, target, **{"cancel": CancelToken(), "patience": QUICK, **options}))

    return run


def only_the_file(target):
    return [each.name for each in target.parent.iterdir()] == [NAME] and target.read_bytes() == DATA


def test_it_arrives_and_is_not_made_a_program(fetch, target):
    finished = fetch()[-1]
    assert finished == DownloadFinished(target, len(DATA), hashlib.sha256(DATA).hexdigest(), len(DATA))
    assert only_the_file(target) and not target.stat().st_mode & 0o111


@pytest.mark.parametrize(
    "faults",
    [
        [Drop(after=100_000)],
        [Drop(after=100_000), WrongRange()],
        [Status(503), Status(500)],
        [Stall(after=90_000)],
    ],
)
def test_it_goes_on_after_trouble(web, fetch, target, faults):
    web.order(*faults)
    events = fetch()
    assert any(isinstance(each, DownloadWaiting) for each in events)
    assert only_the_file(target)


def test_a_stop_keeps_what_has_arrived(web, wanted, fetch, target):
    web.order(Slow(bytes_per_s=400_000, piece=20_000))
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for event in fetch_file(wanted, target, cancel=cancel):
            if isinstance(event, DownloadProgress) and event.bytes_done:
                cancel.cancel()
    there = target.with_name(NAME + ".part").stat().st_size
    assert 0 < there < len(DATA) and not target.exists()
    assert fetch()[-1].bytes_received == len(DATA) - there
    assert only_the_file(target)


def test_a_server_that_cannot_resume_means_starting_again(web, fetch, target):
    web.order(Drop(after=100_000), IgnoreRange())
    assert any(isinstance(each, DownloadRestarted) for each in fetch())
    assert only_the_file(target)


def test_other_bytes_than_were_signed_are_removed(web, fetch, target):
    web.order(WrongBytes(at=200_000))
    with pytest.raises(AppError, match="arrived damaged"):
        fetch()
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("announced", [True, False])
def test_more_bytes_than_were_signed_are_not_taken(web, fetch, target, announced):
    web.order(OtherLength(by=50, announced=announced), times=9)
    with pytest.raises(AppError, match=r"another size|more than the file has"):
        fetch()
    assert not target.exists()


def test_less_than_was_signed_is_not_called_done(web, fetch, target):
    web.order(OtherLength(by=-1000), times=1)
    assert fetch()[-1].bytes == len(DATA) and only_the_file(target)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Status(404), r"does not give alcove_.*404"),
        (Status(401), "does not give"),
        (WebPage(), "web page instead"),
    ],
)
def test_refusals(web, fetch, target, fault, said):
    web.order(fault)
    with pytest.raises(AppError, match=said):
        fetch()
    assert not target.exists()


def test_it_gives_up_in_the_end_and_goes_on_next_time(web, fetch, target):
    web.order(Drop(after=50_000), *[Status(500)] * 4)
    with pytest.raises(AppError, match=r"Fetching alcove_.* failed: .*problem of its own"):
        fetch()
    assert fetch()[-1].bytes_received == len(DATA) - 50_000


def test_what_is_there_is_compared_and_never_replaced(web, fetch, target):
    fetch()
    asked = len(web.requests)
    assert fetch()[-1].was_there and len(web.requests) == asked
    target.write_bytes(b"mine")
    with pytest.raises(AppError, match="another file"):
        fetch()
    assert target.read_bytes() == b"mine"


def test_a_part_of_another_version_is_given_up(web, wanted, fetch, target):
    web.order(Drop(after=100_000), *[Status(500)] * 9)
    with pytest.raises(AppError):
        fetch()
    new = random.Random(4).randbytes(300_000)
    sha256 = web.add("makers/alcove", "new.deb", new, lfs=False)
    url = wanted.url.replace(NAME, "new.deb")
    web._orders.clear()
    fetch(ReleaseFile(NAME, url, "linux", "x86_64", "deb", len(new), sha256))
    assert target.read_bytes() == new


def test_a_redirect_out_of_the_encryption_is_refused(server, wanted, fetch, target):
    server.pages["/a.deb"] = Page(status=302, headers={"Location": "http://example.org/a.deb"})
    url = f"{server.endpoint}/a.deb"
    with pytest.raises(AppError, match="not encrypted"):
        fetch(ReleaseFile(NAME, url, "linux", "x86_64", "deb", len(DATA), wanted.sha256))
    server.pages["/a.deb"] = Page(status=302, headers={"Location": wanted.url})
    fetch(ReleaseFile(NAME, url, "linux", "x86_64", "deb", len(DATA), wanted.sha256))
    assert only_the_file(target)


@pytest.mark.parametrize(
    "location", ["https://[example.org/", "https://example.org:99999/", "https:///a.deb", "https://a..b/"]
)
def test_a_redirect_to_what_is_no_address_is_an_error(server, wanted, fetch, location):
    server.pages["/a.deb"] = Page(status=302, headers={"Location": location})
    url = f"{server.endpoint}/a.deb"
    with pytest.raises(AppError, match="no web address"):
        fetch(dataclasses.replace(wanted, url=url))


def test_a_link_that_has_expired_is_asked_for_again(wanted, fetch, target):
    with FakeHub(storage=True) as hub:
        hub.add("makers/alcove", NAME, DATA, lfs=False)
        hub.storage.order(Status(403))
        url = f"{hub.endpoint}/makers/alcove/resolve/main/{NAME}"
        events = fetch(dataclasses.replace(wanted, url=url))
        assert "link" in next(each for each in events if isinstance(each, DownloadWaiting)).reason
        assert hub.storage.sent() == len(DATA)
    assert only_the_file(target)


def test_a_busy_server_is_left_alone_as_long_as_it_asks(web, fetch, target):
    web.order(Status(429, retry_after="0"), Status(503, retry_after="1"))
    waits = [each for each in fetch() if isinstance(each, DownloadWaiting)]
    assert [(each.seconds, each.reason) for each in waits] == [
        (0, "127.0.0.1 is busy and asked to wait."),
        (1, "127.0.0.1 is busy and asked to wait."),
    ]
    assert only_the_file(target)
    target.unlink()
    web.order(Status(429, retry_after="7200"))
    with pytest.raises(AppError, match="asks to wait 120 minutes"):
        fetch()


def test_what_is_there_is_compared_with_progress_and_can_be_stopped(web, wanted, target):
    data = random.Random(5).randbytes(3 << 20)
    target.parent.mkdir()
    target.write_bytes(data)
    there = dataclasses.replace(wanted, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    *progress, finished = fetch_file(there, target, cancel=CancelToken())
    assert [(each.bytes_done, each.checking) for each in progress] == [
        (1 << 20, True), (2 << 20, True), (3 << 20, True),
    ]  # fmt: skip
    assert finished.was_there and web.requests == []
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for _ in fetch_file(there, target, cancel=cancel):
            cancel.cancel()
    assert target.read_bytes() == data


def test_a_full_disk_is_said_before(web, fetch):
    with pytest.raises(AppError, match=r"The download needs .* free"):
        fetch(margin_bytes=1 << 60)
    assert web.requests == []


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no such permission")
def test_an_appimage_can_be_run_by_whoever_can_read_it(wanted, fetch, target):
    image = dataclasses.replace(wanted, file="Alcove-0.2.0-x86_64.AppImage", edition="appimage")
    place = target.with_name(image.file)
    list(fetch_file(image, place, cancel=CancelToken()))
    assert stat.S_IMODE(place.stat().st_mode) & 0o111 == (place.stat().st_mode & 0o444) >> 2 != 0
    place.chmod(0o640)
    assert list(fetch_file(image, place, cancel=CancelToken()))[-1].was_there
    assert stat.S_IMODE(place.stat().st_mode) == 0o750
    place.write_bytes(b"x" * len(DATA))  # another file, and no program of the makers
    place.chmod(0o600)
    with pytest.raises(AppError, match="another file"):
        list(fetch_file(image, place, cancel=CancelToken()))
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
