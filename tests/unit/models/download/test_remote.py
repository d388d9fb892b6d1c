"""What a hub says about a file; its first bytes; proxies."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.models.download import remote as remote_module
from app.models.download.address import FileAddress
from app.models.download.remote import look_up, read_start
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Drop, IgnoreRange, Silent, Status, WebPage, WrongRange
from tests.unit.models.download.conftest import DATA, FILE, REPO


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(remote_module, "_RETRY_S", 0.01)


def found(hub: FakeHub, file: str = FILE, repo: str = REPO, revision: str = "main", token: str | None = None):
    return look_up(FileAddress(repo, file, hub.endpoint, revision), cancel=CancelToken(), token=token)


def test_looking_up_tells_size_checksum_and_commit_without_fetching(hub):
    sha256 = hub.add(REPO, FILE, DATA)
    remote = found(hub)
    assert (remote.bytes, remote.sha256, remote.etag) == (len(DATA), sha256, sha256)
    assert len(remote.commit) == 40
    assert hub.requests[-1].method == "HEAD" and hub.sent() == 0
    assert found(hub, revision=remote.commit).commit == remote.commit


def test_the_hub_library_agrees(hub):
    import huggingface_hub

    hub.add(REPO, "sub/README.md", b"hello", lfs=False)
    info = huggingface_hub.HfApi(endpoint=hub.endpoint).model_info(REPO, files_metadata=True)
    sizes = {each.rfilename: (each.size, each.lfs and each.lfs.sha256) for each in info.siblings}
    remote = found(hub)
    assert sizes == {FILE: (remote.bytes, remote.sha256), "sub/README.md": (5, None)}
    assert info.sha == remote.commit
    about = huggingface_hub.get_hf_file_metadata(
        huggingface_hub.hf_hub_url(REPO, FILE, endpoint=hub.endpoint), endpoint=hub.endpoint
    )
    assert (about.etag, about.size, about.commit_hash) == (remote.etag, remote.bytes, remote.commit)


@pytest.mark.parametrize(
    ("repo", "revision", "error"),
    [("org/none", "main", "RepositoryNotFoundError"), (REPO, "v9", "RevisionNotFoundError"), ("org/gated", "main", "GatedRepoError")],
)  # fmt: skip
def test_the_fake_hub_refuses_as_the_hub_library_expects(hub, repo, revision, error):
    import huggingface_hub
    from huggingface_hub import errors

    hub.add("org/gated", FILE, DATA, gated=True)
    api = huggingface_hub.HfApi(endpoint=hub.endpoint, token=False)
    with pytest.raises(getattr(errors, error)) as caught:
        api.model_info(repo, revision=revision, files_metadata=True)
    assert type(caught.value).__name__ == error


@pytest.mark.parametrize(
    ("repo", "file", "revision", "sentence"),
    [
        (REPO, "none.gguf", "main", r"no file none.gguf in org/tiny"),
        ("org/none", FILE, "main", r"no repository org/none at 127.0.0.1, or it is private"),
        (REPO, FILE, "v9", r"org/tiny has no version “v9”"),
        (
            "org/gated",
            FILE,
            "main",
            r"licence\. Accept its licence on http://127.0.0.1:\d+/org/gated, then enter",
        ),
    ],
)
def test_what_cannot_be_had_is_told(hub, repo, file, revision, sentence):
    hub.add("org/gated", FILE, DATA, gated=True)
    with pytest.raises(AppError, match=sentence):
        found(hub, file, repo, revision)


def test_a_gated_file_is_found_with_the_token(hub):
    hub.add("org/gated", FILE, DATA, gated=True)
    assert found(hub, repo="org/gated", token=hub.token).bytes == len(DATA)
    with pytest.raises(AppError, match="if you did, enter a new access token"):
        found(hub, repo="org/gated", token="hf_wrong")


def test_a_renamed_repository_is_followed(hub):
    hub.rename("old/name", REPO)
    assert found(hub, repo="old/name").bytes == len(DATA)


def test_facts_come_from_the_hub_and_not_from_where_it_redirects():
    with FakeHub(storage=True) as hub:
        sha256 = hub.add(REPO, FILE, DATA)
        assert found(hub).sha256 == sha256
        assert hub.storage.requests == []


def test_a_web_page_is_no_hub(hub):
    hub.order(WebPage(), method="HEAD")
    with pytest.raises(AppError, match="sent a web page instead of"):
        found(hub)


def test_passing_trouble_is_tried_again_and_lasting_trouble_told(hub):
    hub.order(Status(500), method="HEAD")
    assert found(hub).bytes == len(DATA)
    hub.order(Status(503, retry_after="0"), method="HEAD", times=3)
    with pytest.raises(AppError, match="is busy"):
        found(hub)


def test_looking_up_can_be_stopped(hub):
    hub.order(Silent(), method="HEAD")
    cancel = CancelToken()
    timer = threading.Timer(0.1, cancel.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        look_up(FileAddress(REPO, FILE, hub.endpoint), cancel=cancel)
    timer.join()


def test_an_address_that_is_none_is_told():
    with pytest.raises(AppError, match="no web address"):
        look_up(FileAddress(REPO, FILE, "ftp://127.0.0.1"), cancel=CancelToken())


@pytest.mark.parametrize("file", ["", "a/..", "con:x.gguf", "a\\b.gguf", "tab\t.gguf", " . "])
def test_names_that_are_no_file_names_are_refused(file):
    with pytest.raises(AppError, match="no name for a file"):
        _ = FileAddress(REPO, file).name


def test_the_start_of_a_file_grows_without_fetching_anything_twice(hub):
    remote = found(hub)
    start = b""
    for count in (1000, 50_000, 120_000):
        start = read_start(remote, count, start, cancel=CancelToken())
        assert start == DATA[:count]
    assert hub.sent() == 120_000
    assert read_start(remote, 1 << 30, DATA[:-10], cancel=CancelToken()) == DATA
    assert hub.sent() == 120_010
    assert read_start(remote, 10, start, cancel=CancelToken()) == DATA[:10]
    assert hub.sent() == 120_010


def test_the_start_survives_drops_and_servers_without_ranges(hub):
    remote = found(hub)
    hub.order(Drop(after=300))
    assert read_start(remote, 1000, cancel=CancelToken()) == DATA[:1000]
    hub.order(IgnoreRange())
    assert read_start(remote, 1000, DATA[:500], cancel=CancelToken()) == DATA[:1000]
    hub.order(WrongRange())
    assert read_start(remote, 1000, DATA[:500], cancel=CancelToken()) == DATA[:1000]
    hub.order(WebPage())
    with pytest.raises(AppError, match="web page"):
        read_start(remote, 1000, cancel=CancelToken())


def test_the_systems_proxy_is_used_but_not_for_this_machine(hub, monkeypatch):
    asked: list[tuple[str, str | None]] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_HEAD(self):
            asked.append((self.path, self.headers.get("Proxy-Authorization")))
            self.send_response(200)
            self.send_header("ETag", '"abc"')
            self.send_header("Content-Length", "7")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{server.server_address[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        remote = look_up(FileAddress(REPO, "a.txt", "http://hub.example"), cancel=CancelToken())
        assert found(hub).bytes == len(DATA)
        server.shutdown()
        thread.join()
    assert (remote.bytes, remote.etag, remote.sha256, remote.commit) == (7, "abc", "", "main")
    assert asked == [("http://hub.example/org/tiny/resolve/main/a.txt", "Basic bWU6c2VjcmV0")]
