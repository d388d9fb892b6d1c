"""Whether there is a newer version, asked of a real server with real keys."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.assistants.check_update import AskingForVersions, NewerVersion, UpToDate, check_update
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.updates.seen import SeenManifest
from app.updates.source import UpdateSource
from tests.fixtures.release import COPY, LIST, Publisher, installer, public
from tests.fixtures.web_server import Page, WebServer


@pytest.fixture
def server():
    with WebServer() as running:
        yield running


@pytest.fixture
def publisher(server):
    return Publisher(server)


@pytest.fixture
def seen(tmp_path):
    return SeenManifest(tmp_path / "seen.json")


@pytest.fixture
def check(publisher, seen, tmp_path):
    def ask(source=None, store=seen):
        events = list(check_update(source or publisher.source(tmp_path), store, COPY, CancelToken()))
        assert events[0] == AskingForVersions("127.0.0.1") and len(events) == 2
        return events[1]

    return ask


def test_a_newer_version_with_the_files_that_run_here(publisher, check):
    url = "http://127.0.0.1:9/"
    files = [
        installer("alcove-0.2.0-x86_64.run", b"run", url, edition="run"),
        installer("alcove_0.2.0_amd64.deb", b"deb", url),
        installer("Alcove-0.2.0-x64-setup.exe", b"exe", url, system="windows", edition="setup"),
    ]
    publisher.publish(files=files)
    found = check()
    assert isinstance(found, NewerVersion)
    assert (found.version, found.manifest.version, found.manifest.date) == ("0.1.0", "0.2.0", "2024-11-20")
    assert [each.edition for each in found.files] == ["deb", "run"] and found.manifest.news[0] == "Reads 7z."


def test_up_to_date_and_ahead_of_the_list(publisher, check):
    publisher.publish(version="0.1.0")
    found = check()
    assert isinstance(found, UpToDate) and not found.ahead
    publisher.publish(version="0.0.9", published="2024-11-21T00:00:00+00:00")
    found = check()
    assert isinstance(found, UpToDate) and found.ahead and found.manifest.date == "2024-11-21"


def test_another_signature_is_refused_before_anything_is_read(publisher, check, tmp_path):
    content = publisher.publish()
    publisher.serve(content, Ed25519PrivateKey.generate().sign(content))
    with pytest.raises(AppError, match=r"not signed by the makers of Alcove.*Nothing of it was used"):
        check()
    publisher.serve(content.replace(b"0.2.0", b"0.3.0"), publisher.key.sign(content))
    with pytest.raises(AppError, match="not signed"):
        check()
    publisher.serve(b"{ no json at all", b"x" * 64)  # said of the signature, not of the contents
    with pytest.raises(AppError, match="not signed"):
        check()
    assert not (tmp_path / "seen.json").exists()


def test_the_second_key_counts_too(publisher, check, tmp_path):
    publisher.publish()
    old = public(Ed25519PrivateKey.generate())
    assert isinstance(
        check(UpdateSource(publisher.address, (old, public(publisher.key)), tmp_path)), NewerVersion
    )


def test_what_is_signed_but_no_manifest(publisher, check):
    publisher.serve(b"{}", publisher.key.sign(b"{}"))
    with pytest.raises(AppError, match="signed, but it is damaged"):
        check()


def test_an_old_list_cannot_hide_a_newer_one(publisher, check):
    old = publisher.publish(version="0.1.0", published="2024-06-01T00:00:00+00:00")
    old_signature = publisher.key.sign(old)
    assert isinstance(check(), UpToDate)
    publisher.publish()
    assert isinstance(check(), NewerVersion)
    assert isinstance(check(), NewerVersion)  # the same again is fine
    publisher.serve(old, old_signature)
    with pytest.raises(AppError, match=r"old list of versions, of 2024-06-01; one of 2024-11-20 was seen"):
        check()
    for other in ({"version": "0.1.5"}, {"news": ["It reads 7z and rar."]}):
        publisher.publish(**other)
        with pytest.raises(AppError, match="two different lists of versions of the same moment"):
            check()
    publisher.publish(version="0.1.5", published="2024-11-20T12:00:01+00:00")  # a version was taken back
    assert check().manifest.version == "0.1.5"


def test_what_was_seen_at_another_address_or_is_damaged_does_not_count(publisher, check, seen, tmp_path):
    content = publisher.publish()
    check()
    file = tmp_path / "seen.json"
    kept = json.loads(file.read_text())
    assert kept == {
        "address": publisher.address,
        "published": "2024-11-20T12:00:00+00:00",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    publisher.publish(published="2024-01-01T00:00:00+00:00")
    for content in (json.dumps({**kept, "address": "https://example.org/"}), "", "[]", '{"address": 1}'):
        file.write_text(content)
        assert check().manifest.date == "2024-01-01"


def test_a_folder_that_cannot_be_written_does_not_stop_the_answer(publisher, check, tmp_path):
    publisher.publish()
    (tmp_path / "file").write_text("no folder")
    assert isinstance(check(store=SeenManifest(tmp_path / "file" / "seen.json")), NewerVersion)
    assert isinstance(check(store=SeenManifest(tmp_path / "new" / "seen.json")), NewerVersion)
    assert (tmp_path / "new" / "seen.json").exists()


def from_now(**time):
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


def test_a_list_of_the_future_is_refused_and_does_not_stand_in_the_way(publisher, check, tmp_path):
    today = datetime.now(UTC).date().isoformat()
    publisher.publish(published=from_now(days=400), version="0.3.0")
    with pytest.raises(AppError, match=rf"of 20\d\d-.* it is {today}\. Check this computer's date"):
        check()
    assert not (tmp_path / "seen.json").exists()
    publisher.publish(published=from_now(hours=20))  # a clock or a time zone that is a little wrong
    assert check().manifest.version == "0.2.0"
    publisher.publish(published=from_now(days=2))
    with pytest.raises(AppError, match="Check this computer's date"):
        check()


def test_what_was_remembered_by_a_wrong_clock_can_be_put_right(publisher, check, tmp_path):
    """Seen while the clock was ahead, or the clock is behind now: which of both, only the person can tell."""
    publisher.publish()
    check()
    file = tmp_path / "seen.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "published": from_now(days=900)}))
    with pytest.raises(
        AppError, match=r"in the future by this computer's clock.*Check this computer's date"
    ) as told:
        check()
    assert f"delete {file} and check again" in told.value.remedy
    file.unlink()
    assert isinstance(check(), NewerVersion)


def test_a_copy_without_an_address_asks_nobody(tmp_path, seen):
    source = UpdateSource("", (), tmp_path / "updates.json")
    with pytest.raises(AppError, match=r"no address to ask.*updates.json"):
        list(check_update(source, seen, COPY, CancelToken()))


def test_a_stop_comes_through_at_once(publisher, server, seen, tmp_path):
    server.pages[LIST] = Page(silent=True)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for _ in check_update(publisher.source(tmp_path), seen, COPY, cancel):
            cancel.cancel()


def test_a_signature_written_by_hand(publisher, server, check):
    content = publisher.publish()
    signature = base64.b64encode(publisher.key.sign(content))
    server.pages[f"{LIST}.sig"] = Page(b"  " + signature + b"\r\n", headers={"Content-Type": "text/plain"})
    assert isinstance(check(), NewerVersion)
