"""The list of files of a repository, asked of a real HTTP server on loopback by the real hub library."""

import json
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from app.base.errors import AppError
from app.models.catalog_refresh import GgufChoice, last_known, quantisation_of, refresh, suggested
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Status, WebPage

REPO = "maker/tiny-GGUF"


@pytest.fixture
def hub():
    with FakeHub() as running:
        for name, size in (("tiny-Q8_0.gguf", 80), ("tiny-Q4_K_M.gguf", 40), ("tiny-f16.gguf", 160)):
            running.add(REPO, name, b"x" * size)
        yield running


@pytest.fixture
def lists(tmp_path):
    return tmp_path / "lists"


def test_choices_with_sizes_checksums_and_commit(hub, lists):
    sha256 = hub.add(REPO, "tiny-Q2_K.gguf", b"y" * 20)
    files = refresh(REPO, lists, endpoint=hub.endpoint)
    assert [(each.name, each.quantisation, each.bytes) for each in files.choices] == [
        ("tiny-Q2_K", "Q2_K", 20), ("tiny-Q4_K_M", "Q4_K_M", 40), ("tiny-Q8_0", "Q8_0", 80), ("tiny-f16", "F16", 160),
    ]  # fmt: skip
    file = files.choices[0].files[0]
    assert (file.repo, file.file, file.endpoint, file.sha256) == (
        REPO,
        "tiny-Q2_K.gguf",
        hub.endpoint,
        sha256,
    )
    assert file.commit == file.revision == files.commit and len(files.commit) == 40
    assert datetime.now(UTC) - files.fetched < timedelta(minutes=1)


def test_only_metadata_is_asked_for_and_nothing_is_told(hub, lists):
    refresh(REPO, lists, endpoint=hub.endpoint)
    (request,) = hub.requests
    assert request.path.startswith(f"/api/models/{REPO}?") and "authorization" not in request.headers
    agent = request.headers["user-agent"]
    assert "alcove" in agent and not any(word in agent for word in ("torch", "agent/", "session"))


def test_split_models_are_one_choice_and_other_files_are_none(hub, lists):
    for part in (1, 2, 3):
        hub.add(REPO, f"Q6_K/tiny-Q6_K-0000{part}-of-00003.gguf", b"z" * 10 * part)
    hub.add(REPO, "part-Q5_0-00002-of-00002.gguf", b"the first part is missing")
    hub.add(REPO, "half-Q5_0-00001-of-00002.gguf", b"the second part is missing")
    for name in (
        "mmproj-tiny-f16.gguf",
        "tiny-mmproj-BF16.gguf",
        "tiny.imatrix.gguf",
        "model.safetensors",
        ".gguf",
    ):
        hub.add(REPO, name, b"not a model to run")
    hub.add(REPO, "README.md", b"text", lfs=False)
    hub.add(REPO, "empty-Q4_0.gguf", b"")
    files = refresh(REPO, lists, endpoint=hub.endpoint)
    assert {each.name for each in files.choices} == {"tiny-Q8_0", "tiny-Q4_K_M", "tiny-f16", "tiny-Q6_K"}
    (split,) = (each for each in files.choices if each.quantisation == "Q6_K")
    assert split.bytes == 60
    assert [each.file for each in split.files] == [f"Q6_K/tiny-Q6_K-0000{n}-of-00003.gguf" for n in (1, 2, 3)]


def test_the_last_list_is_kept_with_its_date(hub, lists):
    assert last_known(REPO, lists) is None
    files = refresh(REPO, lists, endpoint=hub.endpoint)
    hub.close()
    with pytest.raises(AppError, match=r"127.0.0.1 cannot be reached.*connection to the Internet"):
        refresh(REPO, lists, endpoint=hub.endpoint, timeout_s=2)
    assert last_known(REPO, lists) == files
    assert last_known("maker/other", lists) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 1}', '{"version": 9}'])
def test_a_damaged_list_is_as_none(hub, lists, damage):
    refresh(REPO, lists, endpoint=hub.endpoint)
    (file,) = lists.iterdir()
    file.write_text(damage)
    assert last_known(REPO, lists) is None


def test_a_changed_list_names_no_file_outside_its_folder(hub, lists):
    refresh(REPO, lists, endpoint=hub.endpoint)
    (file,) = lists.iterdir()
    kept = json.loads(file.read_text())
    kept["files"][0]["sha256"] = "00"
    kept["files"][1]["file"] = "a/..gguf"
    file.write_text(json.dumps(kept))
    files = last_known(REPO, lists)
    assert files is not None and [each.name for each in files.choices] == ["tiny-f16"]


def test_a_gated_repository_names_the_page_with_the_licence(hub, lists):
    hub.add("maker/gated", "gated-Q8_0.gguf", b"x", gated=True)
    with pytest.raises(
        AppError, match=rf"accepted its licence.*{hub.endpoint}/maker/gated, then enter an access token"
    ):
        refresh("maker/gated", lists, endpoint=hub.endpoint)
    with pytest.raises(AppError, match="if you did, enter a new access token"):
        refresh("maker/gated", lists, endpoint=hub.endpoint, token="hf_wrong")
    assert (
        refresh("maker/gated", lists, endpoint=hub.endpoint, token=hub.token).choices[0].quantisation
        == "Q8_0"
    )


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Status(404), "of maker/tiny-GGUF was not found at 127.0.0.1"),
        (Status(404, "RepoNotFound"), "no repository maker/tiny-GGUF at 127.0.0.1, or it is private"),
        (Status(429), "is busy. Try again in some minutes"),
        (Status(500), "has a problem of its own"),
        (Status(451), "refused the list of files"),
        (WebPage(), "sent a web page instead"),
    ],
)
def test_a_refusal_is_a_sentence_and_keeps_the_last_list(hub, lists, fault, sentence):
    files = refresh(REPO, lists, endpoint=hub.endpoint)
    hub.order(fault, path="/api/models/")
    with pytest.raises(AppError, match=sentence):
        refresh(REPO, lists, endpoint=hub.endpoint)
    assert last_known(REPO, lists) == files


def test_a_repository_that_is_not_there(hub, lists):
    with pytest.raises(AppError, match=r"There is no repository maker/none at 127\.0\.0\.1"):
        refresh("maker/none", lists, endpoint=hub.endpoint)


@pytest.mark.parametrize("name", ["", "tiny", "a/b/c", "../x", "a/b?c", "https://a/b"])
def test_what_is_no_repository_is_not_asked_for(hub, lists, name):
    with pytest.raises(AppError, match="names no repository"):
        refresh(name, lists, endpoint=hub.endpoint)
    assert not hub.requests


@pytest.mark.parametrize("endpoint", ["ftp://127.0.0.1", "nonsense", "http://[", "http://a b", ""])
def test_an_endpoint_that_is_no_web_address(lists, endpoint):
    with pytest.raises(AppError, match="is no web address"):
        refresh(REPO, lists, endpoint=endpoint)


def test_a_silent_server_is_given_up(lists):
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(AppError, match="did not answer in time"),
    ):
        refresh(REPO, lists, endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.3)


@pytest.mark.parametrize(
    "answer", ["[]", "{}", '{"id": "a/b", "sha": "main", "siblings": []}', '{"siblings": [1]}']
)
def test_an_answer_that_is_not_the_hub_s(lists, answer):
    with _Answering(200, {}, answer) as server, pytest.raises(AppError, match="instead of the list of files"):
        refresh(REPO, lists, endpoint=server.endpoint)
    assert last_known(REPO, lists) is None


def test_the_token_stays_with_the_host_it_was_given_for(hub, lists):
    moved = {"Location": f"{hub.endpoint}/api/models/{REPO}?blobs=True"}
    with _Answering(307, moved, "") as server:
        assert refresh(REPO, lists, endpoint=server.endpoint, token="hf_secret").choices
    assert server.authorization == "Bearer hf_secret"
    assert [each.headers.get("authorization") for each in hub.requests] == [None]


def test_a_folder_that_cannot_be_written(hub, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AppError, match="could not be written"):
        refresh(REPO, tmp_path / "file" / "lists", endpoint=hub.endpoint)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [(["Q4_K_M", "Q8_0"], "tiny-Q4_K_M"), (["Q5_0", "Q8_0"], "tiny-Q8_0"), (["Q4_0"], "tiny-Q4_K_M"), (["Q3_K_M"], None),
     ([], None)],
)  # fmt: skip
def test_the_file_to_offer_first(hub, lists, wanted, chosen):
    choice = suggested(refresh(REPO, lists, endpoint=hub.endpoint), wanted)
    assert (choice and choice.name) == chosen


def test_of_as_many_bits_what_this_processor_computes_fast_is_offered_first(hub, lists):
    listed = refresh(REPO, lists, endpoint=hub.endpoint)
    kinds = [GgufChoice(kind, kind, listed.choices[0].files) for kind in ("Q4_1", "Q4_K_M", "Q4_0")]
    files = replace(listed, choices=tuple(kinds))
    assert suggested(files, ["Q4"]).quantisation == "Q4_K_M"
    assert suggested(files, ["Q4_1"]).quantisation == "Q4_1"  # what is asked for by name


@pytest.mark.parametrize(
    ("name", "quantisation"),
    [
        ("Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf", "Q4_K_M"),
        ("qwen2-7b-instruct-q4_0-00001-of-00002.gguf", "Q4_0"),
        ("Phi-3-mini-4k-instruct-q4.gguf", "Q4"),
        ("Phi-3-mini-4k-instruct-fp16.gguf", "F16"),
        ("all-MiniLM-L6-v2.F16.gguf", "F16"),
        ("OpenELM-1_1B-Instruct.Q3_K_S.gguf", "Q3_K_S"),
        ("gemma-3-4b-it-qat-Q4_0.gguf", "Q4_0"),
        ("Llama-3.2-3B-Instruct-IQ3_XXS.gguf", "IQ3_XXS"),
        ("Llama-3.2-3B-Instruct-Q4_0_4_4.gguf", "Q4_0_4_4"),
        ("gemma-4-E4B-it-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("bitnet-TQ2_0.gguf", "TQ2_0"),
        ("model-BF16.gguf", "BF16"),
        ("Qwen3-8B.gguf", ""),
    ],
)
def test_quantisation_by_file_name(name, quantisation):
    assert quantisation_of(name) == quantisation


class _Answering:
    """A server that gives one and the same answer to everything."""

    def __init__(self, status: int, headers: dict[str, str], body: str) -> None:
        self.authorization: str | None = None
        answering = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answering.authorization = self.headers.get("Authorization")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "_Answering":
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
