"""Searching a real HTTP server on loopback that follows the hub's protocol."""

import threading
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.models.hub_search import HubRepository, repository_in, search_hub
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Silent, Status, WebPage
from tests.fixtures.hub_listing import About


@pytest.fixture
def hub():
    with FakeHub() as running:
        for name, about in {
            "maker/Otter-1B-GGUF": About(10, 3, ("gguf", "license:apache-2.0")),
            "other/otter-3b-gguf": About(5000, 70, ("text-generation", "gguf", "license:other")),
            "maker/otter-weights": About(9000, 9, ("safetensors",)),
            "maker/Stork-GGUF": About(80, 8, ("gguf", "license:<b>x</b>"), "yesterday"),
        }.items():
            running.add(name, "a.gguf", b"x", gated=name.startswith("other"))
            running.describe(name, about)
        yield running


def search(hub, text, **options):
    return search_hub(text, endpoint=hub.endpoint, cancel=CancelToken(), **options)


def test_gguf_repositories_the_most_downloaded_first(hub):
    moment = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert search(hub, "OTTER") == (
        HubRepository("other/otter-3b-gguf", 5000, 70, "other", True, moment),
        HubRepository("maker/Otter-1B-GGUF", 10, 3, "apache-2.0", False, moment),
    )
    assert len(search(hub, "otter", limit=1)) == 1
    assert search(hub, "heron") == ()


def test_the_hub_library_finds_the_same_there(hub):
    from huggingface_hub import HfApi

    theirs = HfApi(hub.endpoint, token=False).list_models(
        search="otter", filter="gguf", sort="downloads", limit=30
    )
    assert [each.id for each in theirs] == [each.repository for each in search(hub, "otter")]


def test_only_the_words_are_sent(hub):
    search(hub, "  otter &token=1  3b ")
    (seen,) = hub.requests
    assert parse_qs(urlsplit(seen.path).query)["search"] == ["otter &token=1 3b"]
    assert "authorization" not in seen.headers and seen.headers["user-agent"] == "alcove"


def test_what_a_stranger_tells_is_doubted(hub):
    (stork,) = search(hub, "stork")
    assert (stork.licence, stork.updated) == ("", None)


@pytest.mark.parametrize("body", ["{}", "1", "nothing"])
def test_an_answer_that_is_no_list_is_no_hub(hub, monkeypatch, body):
    monkeypatch.setattr("tests.fixtures.fake_hub.json.dumps", lambda _found: body)
    with pytest.raises(AppError, match="did not answer as a hub does"):
        search(hub, "otter")


def test_what_is_no_repository_is_left_out(hub, monkeypatch):
    found = '[1, {}, {"id": "../etc"}, {"id": "a/b", "downloads": -3, "tags": null, "lastModified": "2026-01-01"}]'
    monkeypatch.setattr("tests.fixtures.fake_hub.json.dumps", lambda _found: found)
    assert search(hub, "otter") == (HubRepository("a/b", 0, 0, "", False, None),)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Status(429), r"127\.0\.0\.1 is busy\. Try again in some minutes"),
        (Status(500), r"Searching failed: 127\.0\.0\.1 has a problem of its own \(status 500\)"),
        (Status(401), r"cannot be searched without an account.*owner/name"),
        (Status(451), r"refused the search \(status 451\)"),
        (WebPage(), r"did not answer as a hub does.*log in to this network"),
    ],
)
def test_a_refusal_is_a_sentence(hub, fault, sentence):
    hub.order(fault, path="/api/models")
    with pytest.raises(AppError, match=sentence):
        search(hub, "otter")


def test_offline_is_told_at_once(hub):
    hub.close()
    began = time.monotonic()
    with pytest.raises(AppError, match=r"127\.0\.0\.1 cannot be reached.*connection to the Internet"):
        search(hub, "otter")
    assert time.monotonic() - began < 2


def test_a_silent_server_is_given_up_and_a_stop_is_heard_at_once(hub):
    hub.order(Silent(), path="/api/models", times=2)
    with pytest.raises(AppError, match="stopped answering"):
        search(hub, "otter", timeout_s=0.3)
    cancel = CancelToken()
    stop = threading.Timer(0.2, cancel.cancel)
    stop.start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        search_hub("otter", endpoint=hub.endpoint, cancel=cancel)
    assert time.monotonic() - began < 2
    stop.join()


@pytest.mark.parametrize(("text", "endpoint"), [(" ", "http://127.0.0.1"), ("otter", "ftp://127.0.0.1")])
def test_what_cannot_be_searched_is_not_sent(text, endpoint):
    with pytest.raises(AppError, match=r"nothing to search for|is no web address"):
        search_hub(text, endpoint=endpoint, cancel=CancelToken())


@pytest.mark.parametrize(
    ("text", "repository"),
    [
        (" maker/otter.v2-GGUF ", "maker/otter.v2-GGUF"),
        ("https://huggingface.co/maker/otter", "maker/otter"),
        ("huggingface.co/maker/otter/tree/main?x=1", "maker/otter"),
        ("https://hf.co/maker/otter#files", "maker/otter"),
        ("https://mirror.example:8080/hub/maker/otter/blob/main/a.gguf", "maker/otter"),
        ("https://huggingface.co/datasets/maker/otter", None),
        ("https://huggingface.co/maker", None),
        ("https://elsewhere.example/maker/otter", None),
        ("https://[/maker/otter", None),
        ("otter 3b", None),
        ("../otter", None),
        ("", None),
    ],
)
def test_a_pasted_address_names_its_repository(text, repository):
    assert repository_in(text, "https://mirror.example:8080/hub") == repository
