"""Servers that refuse, lie, change their mind or are busy."""

import email.utils
import hashlib
import random
import time

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.models.download.address import FileAddress
from app.models.download.failures import refusal
from app.models.download.remote import RemoteFile, look_up
from app.models.download.transfer import (
    DownloadRestarted,
    DownloadWaiting,
    download,
)
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import (
    Drop,
    IgnoreRange,
    OtherLength,
    Status,
    WebPage,
    WrongBytes,
    WrongRange,
)
from tests.fixtures.web_server import Page, WebServer
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


def test_wrong_bytes_are_removed_and_the_next_attempt_starts_afresh(hub, remote, target, fetch):
    hub.order(WrongBytes(at=200_000))
    with pytest.raises(AppError, match=r"arrived damaged: its checksum is not the one 127.0.0.1 promises"):
        fetch(remote)
    assert nothing_kept(target)
    assert fetch(remote)[-1].bytes_received == len(DATA)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (IgnoreRange(), "only send the whole file"),
        (WrongRange(), "another part of the file"),
        (Status(416), "could not go on"),
    ],
)
def test_a_server_that_cannot_resume_means_starting_again(hub, remote, target, fetch, fault, reason):
    started_part(remote, target)
    hub.order(fault)
    events = fetch(remote)
    (restarted,) = of_kind(events, DownloadRestarted)
    assert reason in restarted.reason
    assert only_the_file(target)


def test_a_server_that_always_names_wrong_ranges_still_delivers(hub, remote, target, fetch):
    hub.order(Drop(after=50_000))
    hub.order(WrongRange(), skip=0)
    fetch(remote)
    assert only_the_file(target)
    assert "range" not in hub.requests[-1].headers


def test_a_new_version_at_the_hub_replaces_an_old_part(hub, remote, target, fetch):
    started_part(remote, target)
    newer = b"GGUF" + random.Random(2).randbytes(300_000)
    hub.add(REPO, FILE, newer)
    now = look_up(FileAddress(REPO, FILE, hub.endpoint), cancel=CancelToken())
    events = fetch(now)
    assert "has changed since" in of_kind(events, DownloadRestarted)[0].reason
    assert target.read_bytes() == newer
    assert events[-1].bytes_received == len(newer)


def test_a_file_that_changes_in_the_middle_is_downloaded_afresh(hub, remote, target, fetch):
    newer = b"GGUF" + random.Random(2).randbytes(500_000)
    hub.order(Drop(after=100_000))
    events = []
    for event in download(remote, target, cancel=CancelToken(), patience=QUICK, margin_bytes=0):
        events.append(event)
        if isinstance(event, DownloadWaiting):
            hub.add(REPO, FILE, newer)
    assert "the new one is downloaded" in of_kind(events, DownloadRestarted)[0].reason
    assert target.read_bytes() == newer
    assert events[-1].sha256 == hashlib.sha256(newer).hexdigest()


@pytest.mark.parametrize("by", [-5000, 5000])
def test_an_announced_wrong_length_is_not_taken(hub, remote, target, fetch, by):
    hub.order(OtherLength(by))
    events = fetch(remote)
    assert "another size" in of_kind(events, DownloadWaiting)[0].reason
    assert only_the_file(target)
    assert events[-1].bytes_received == len(DATA)


def test_a_body_that_ends_early_is_completed(hub, remote, target, fetch):
    hub.order(OtherLength(-5000, announced=False))
    events = fetch(remote)
    assert "too early" in of_kind(events, DownloadWaiting)[0].reason
    assert events[-1].bytes_received == len(DATA)
    assert only_the_file(target)


def test_a_body_that_is_too_long_is_given_up(hub, remote, target, fetch):
    hub.order(OtherLength(5000, announced=False))
    events = fetch(remote)
    assert "more than the file has" in of_kind(events, DownloadWaiting)[0].reason
    assert only_the_file(target)
    hub.order(OtherLength(5000, announced=False), times=9)
    target.unlink()
    with pytest.raises(AppError, match="more than the file has"):
        fetch(remote)
    assert nothing_kept(target)


@pytest.mark.parametrize(("status", "seconds"), [(429, 1), (503, 0)])
def test_a_busy_server_is_left_alone_as_long_as_it_asks(hub, remote, target, fetch, status, seconds):
    hub.order(Status(status, retry_after=str(seconds)))
    began = time.monotonic()
    events = fetch(remote)
    (waiting,) = of_kind(events, DownloadWaiting)
    assert (waiting.seconds, waiting.reason) == (seconds, "127.0.0.1 is busy and asked to wait.")
    assert seconds <= time.monotonic() - began < seconds + 2
    assert only_the_file(target)


def test_waiting_for_a_busy_server_can_be_stopped(hub, remote, target):
    hub.order(Status(429, retry_after="60"))
    cancel = CancelToken()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        stop_after(download(remote, target, cancel=cancel, margin_bytes=0), cancel, 0.1)
    assert time.monotonic() - began < 2


def test_a_server_that_stays_busy_is_an_error(hub, remote, fetch):
    hub.order(Status(503), times=QUICK.tries)
    with pytest.raises(AppError, match=r"127.0.0.1 is busy"):
        fetch(remote)
    hub.order(Status(429, retry_after="7200"))
    with pytest.raises(AppError, match="wait 120 minutes"):
        fetch(remote)


def test_a_server_with_a_passing_problem_is_tried_again(hub, remote, target, fetch):
    hub.order(Status(500), Status(502))
    assert len(of_kind(fetch(remote), DownloadWaiting)) == 2
    assert only_the_file(target)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Status(401, "GatedRepo"), r"only given to those who accepted its licence.*http://127.0.0.1:\d+/org/tiny"),
        (Status(403, "GatedRepo"), r"only given to those who accepted its licence.*http://127.0.0.1:\d+/org/tiny"),
        (Status(403), "accepted its licence"),
        (Status(401, "RepoNotFound"), "no repository org/tiny"),
        (Status(404, "EntryNotFound"), f"no file {FILE} in org/tiny"),
        (Status(404, "RevisionNotFound"), "no version “main”"),
        (Status(404), "was not found at 127.0.0.1"),
        (Status(400), "status 400"),
        (WebPage(), "web page instead of"),
    ],
)  # fmt: skip
def test_refusals_are_told_and_nothing_is_kept(hub, remote, target, fetch, fault, sentence):
    hub.order(fault)
    with pytest.raises(AppError, match=sentence):
        fetch(remote)
    assert nothing_kept(target)


def test_a_web_page_in_the_middle_does_not_cost_what_has_arrived(hub, remote, target, fetch):
    part = started_part(remote, target)
    hub.order(WebPage())
    with pytest.raises(AppError, match="log in to this network"):
        fetch(remote)
    assert part.stat().st_size == 150_000


def test_something_that_is_no_gguf_file_is_refused_at_its_first_bytes(hub, target, fetch):
    hub.add(REPO, "wrong.gguf", b"<!DOCTYPE html>" + bytes(200_000))
    wrong = look_up(FileAddress(REPO, "wrong.gguf", hub.endpoint), cancel=CancelToken())
    with pytest.raises(AppError, match="no GGUF file"):
        fetch(wrong)
    assert nothing_kept(target)


def test_a_storage_server_sends_the_file_and_never_sees_the_token(target, fetch):
    with FakeHub(storage=True) as hub:
        hub.add("org/gated", FILE, DATA, gated=True)
        with pytest.raises(AppError, match="licence"):
            look_up(FileAddress("org/gated", FILE, hub.endpoint), cancel=CancelToken(), token="hf_wrong")
        remote = look_up(FileAddress("org/gated", FILE, hub.endpoint), cancel=CancelToken(), token=hub.token)
        hub.storage.order(Drop(after=100_000))
        events = fetch(remote, token=hub.token)
        assert events[-1].bytes_received == len(DATA)
        assert hub.storage.sent() == len(DATA)
        assert all("authorization" not in each.headers for each in hub.storage.requests)
        assert hub.requests[-1].headers["authorization"] == f"Bearer {hub.token}"
    assert only_the_file(target)


def test_an_expired_link_to_the_storage_server_is_asked_for_again(target, fetch):
    with FakeHub(storage=True) as hub:
        hub.add(REPO, FILE, DATA)
        remote = look_up(FileAddress(REPO, FILE, hub.endpoint), cancel=CancelToken())
        hub.storage.order(Status(403))
        events = fetch(remote)
        assert "link" in of_kind(events, DownloadWaiting)[0].reason
    assert only_the_file(target)


def test_redirects_in_circles_end(hub, fetch):
    hub.add("org/other", FILE, DATA)
    hub.rename(REPO, "org/other")
    hub.rename("org/other", REPO)
    with pytest.raises(AppError, match="redirects in circles"):
        fetch(RemoteFile(REPO, FILE, hub.endpoint, bytes=len(DATA), commit="main", etag="x"))


@pytest.mark.parametrize(
    "location",
    [
        "https://[example.org/", "http://example.org:99999/", "https:///nowhere", "http://ex\xe4mple.org/", "mailto:a@example.org",
        "http://example..org/",
    ],
)  # fmt: skip
def test_a_redirect_to_what_is_no_address_is_an_error(fetch, target, location):
    with WebServer() as server:
        server.pages[f"/{REPO}/resolve/main/{FILE}"] = Page(status=302, headers={"Location": location})
        with pytest.raises(AppError, match="no web address"):
            fetch(RemoteFile(REPO, FILE, server.endpoint, bytes=len(DATA), commit="main", etag="x"))
    assert nothing_kept(target)


def test_a_date_to_come_back_at_is_understood():
    def wait(retry_after: str) -> Exception:
        headers = {"retry-after": retry_after}
        return refusal(FileAddress(REPO, FILE), 503, headers, token=False)

    assert 50 < wait(email.utils.formatdate(time.time() + 60)).seconds <= 60
    assert wait(email.utils.formatdate(time.time() - 60)).seconds == 0
    assert wait("").seconds is None and wait("soon").seconds is None
    assert "wait 60 minutes" in str(wait(email.utils.formatdate(time.time() + 3600)))
