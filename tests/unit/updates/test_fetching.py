"""The two files from a real server: what is sent, what is taken, and what is refused."""

import contextlib
import socket
import sys
import threading
import time

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.updates.fetching import fetch_signed
from app.updates.source import UpdateSource
from tests.fixtures.release import LIST, Publisher, certified
from tests.fixtures.web_server import Page, WebServer


@pytest.fixture
def fetch(publisher, tmp_path):
    return lambda **options: fetch_signed(publisher.source(tmp_path), CancelToken(), **options)


def test_two_requests_that_tell_nothing(publisher, server, fetch):
    content = publisher.publish()
    found, signature = fetch()
    assert found == content and len(signature.strip()) == 88
    assert [(each.method, each.path) for each in server.requests] == [("GET", LIST), ("GET", f"{LIST}.sig")]
    for each in server.requests:
        assert set(each.headers) == {"host", "user-agent", "accept", "accept-encoding"}
        assert each.headers["user-agent"] == "alcove"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(status=404), r"has no list of versions \(status 404\)"),
        (Page(status=403), r"has no list of versions \(status 403\)"),
        (Page(status=429), "is busy"),
        (Page(status=503), "is busy"),
        (Page(status=500), "problem of its own"),
        (Page(b"<html>", headers={"Content-Type": "text/html; charset=utf-8"}), "log in to this network"),
        (Page(b"GIF89a", headers={"Content-Type": "image/gif"}), "something else"),
        (Page(b"{}", headers={"Content-Encoding": "gzip"}), "something else"),
        (Page(b" " * 70_000), "more than a list"),
        (Page(b" " * 70_000, chunked=True), "more than a list"),
        (Page(status=302, headers={"Location": "http://example.org/updates.json"}), "not encrypted"),
        (Page(status=302, headers={"Location": "ftp://example.org/updates.json"}), "not encrypted"),
        (Page(status=302, headers={"Location": LIST}), "redirects in circles"),
        (Page(status=302, headers={"Location": "https://[example.org/"}), "no web address"),
        (Page(status=302, headers={"Location": "https://example.org:99999/"}), "no web address"),
        (Page(status=302, headers={"Location": "https://ex\xe4mple.org/"}), "no web address"),
        (Page(status=302, headers={"Location": "https:///updates.json"}), "no web address"),
        (Page(status=302, headers={"Location": "https://example..org/"}), "no web address"),
    ],
)
def test_what_is_no_list_is_refused(publisher, server, fetch, page, said):
    publisher.publish()
    server.pages[LIST] = page
    with pytest.raises(AppError, match=said):
        fetch()


def test_a_signature_that_is_too_long(publisher, server, fetch):
    publisher.publish()
    server.pages[f"{LIST}.sig"] = Page(b"A" * 300)
    with pytest.raises(AppError, match="more than a list"):
        fetch()


def test_a_redirect_to_another_server_is_followed(publisher, server, fetch):
    with WebServer() as other:
        content = publisher.publish()
        other.pages["/moved"] = Page(content)
        server.pages[LIST] = Page(status=307, headers={"Location": f"{other.endpoint}/moved"})
        assert fetch()[0] == content
        server.pages["/here"] = Page(content)
        server.pages[LIST] = Page(status=302, headers={"Location": "/here"})
        assert fetch()[0] == content


def test_over_tls_and_never_out_of_it(tmp_path, monkeypatch):
    tls, authority = certified(tmp_path / "tls")
    with WebServer(tls) as server, WebServer() as open_line:
        publisher = Publisher(server)
        content = publisher.publish()
        source = publisher.source(tmp_path)
        with pytest.raises(AppError, match="could not prove who it is"):
            fetch_signed(source, CancelToken())
        assert server.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # as for models: what this system trusts
        assert fetch_signed(source, CancelToken())[0] == content
        open_line.pages["/updates.json"] = Page(content)
        server.pages[LIST] = Page(status=302, headers={"Location": f"{open_line.endpoint}/updates.json"})
        with pytest.raises(AppError, match="not encrypted"):
            fetch_signed(source, CancelToken())
        assert open_line.requests == []


def test_nobody_there(publisher, server, fetch):
    server.close()
    with pytest.raises(AppError, match=r"127.0.0.1 cannot be reached.*connection to the Internet"):
        fetch()


def test_a_server_that_says_nothing(publisher, server, fetch):
    publisher.publish()
    server.pages[LIST] = Page(silent=True)
    with pytest.raises(AppError, match="stopped answering"):
        fetch(stall_s=0.3)
    server.pages[LIST] = Page(b"{}")
    with pytest.raises(AppError, match="took too long"):
        fetch(longest_s=-1)


@pytest.fixture
def no_names(monkeypatch):
    """A name server that does not answer, as in a café: set when a name was asked for."""
    asked, enough = threading.Event(), threading.Event()

    def hang(*arguments, **options):
        asked.set()
        enough.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield asked
    enough.set()


def elsewhere(address, folder):
    return UpdateSource(address, (bytes(32),), folder / "updates.json")


def test_the_time_is_kept_while_a_name_is_looked_up(no_names, tmp_path):
    with pytest.raises(AppError, match=r"updates.example took too long.*connection to the Internet"):
        fetch_signed(elsewhere("https://updates.example/", tmp_path), CancelToken(), longest_s=0.3)
    assert no_names.is_set()


def test_a_stop_does_not_wait_for_a_name(no_names, tmp_path):
    cancel = CancelToken()

    def stop():
        no_names.wait(10)
        cancel.cancel()

    stopping = threading.Thread(target=stop)
    stopping.start()
    with pytest.raises(Cancelled):
        fetch_signed(elsewhere("https://updates.example/", tmp_path), cancel, longest_s=15)
    stopping.join()


def test_the_time_is_kept_while_a_connection_is_made(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and never says who it is
        address = f"https://127.0.0.1:{silent.getsockname()[1]}/updates.json"
        with pytest.raises(AppError, match="took too long"):
            fetch_signed(elsewhere(address, tmp_path), CancelToken(), longest_s=0.3)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
def test_the_time_is_kept_while_nobody_takes_the_connection(tmp_path):
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        address = f"http://127.0.0.1:{full.getsockname()[1]}/updates.json"
        with pytest.raises(AppError, match="took too long"):
            fetch_signed(elsewhere(address, tmp_path), CancelToken(), longest_s=0.3)


def test_a_stop_does_not_wait_for_the_server(publisher, server, tmp_path):
    server.pages[LIST] = Page(silent=True)
    cancel = CancelToken()

    def stop():
        while not server.requests:
            time.sleep(0.01)
        cancel.cancel()

    stopping = threading.Thread(target=stop)
    stopping.start()
    with pytest.raises(Cancelled):
        fetch_signed(publisher.source(tmp_path), cancel)
    stopping.join()
