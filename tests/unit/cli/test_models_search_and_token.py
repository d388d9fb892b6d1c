"""`alcove models search` against a hub on loopback, and `alcove models token` with a keyring in memory."""

import io
import json

import keyring
import pytest

from app.base.settings import SettingsStore
from app.cli.main import run
from app.models.download.access_token import read_token
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_listing import About
from tests.unit.models.download.test_access_token import InMemory

HOST = "127.0.0.1"


@pytest.fixture
def models(capsys):
    """Runs `alcove models …`; returns the exit code, what stands on stdout (from JSON) and on stderr."""

    def call(*arguments):
        code = run(["models", *arguments], open_window=lambda paths: 0)
        shown = capsys.readouterr()
        out = json.loads(shown.out) if "--json" in arguments and shown.out else shown.out
        return code, out, shown.err

    return call


@pytest.fixture
def hub(paths):
    """The mirror of the settings."""
    with FakeHub() as running:
        for name, downloads in (("maker/otter-GGUF", 20), ("other/Otter-3B", 4000)):
            running.add(name, "a.gguf", b"x", gated=downloads > 1000)
            running.describe(name, About(downloads, 2, ("gguf", "license:mit")))
        SettingsStore(paths.settings_file).change(mirror=running.endpoint)
        yield running


@pytest.fixture
def ring():
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield
    keyring.set_keyring(before)


def test_search_tells_what_the_hub_has(models, hub):
    code, out, _ = models("search", "otter")
    assert code == 0
    assert out.splitlines() == [
        "other/Otter-3B    4,000 downloads a month, mit, updated 2026-11-02, needs an account",
        "maker/otter-GGUF  20 downloads a month, mit, updated 2026-11-02",
    ]
    code, out, _ = models("search", "otter", "--limit", "1", "--json")
    assert (code, out["endpoint"]) == (0, hub.endpoint)
    (found,) = out["repositories"]
    assert (found["repository"], found["gated"], found["licence"]) == ("other/Otter-3B", True, "mit")
    assert models("search", "heron")[:2] == (
        0,
        f"{HOST} has no GGUF repository with these words in its name.\n",
    )


def test_search_without_a_network_is_a_sentence(models, hub):
    hub.close()
    code, out, err = models("search", "otter")
    assert (code, out) == (1, "") and f"{HOST} cannot be reached" in err


def test_a_token_is_kept_told_of_and_removed_but_never_shown(models, hub, ring, monkeypatch):
    shown = []
    assert models("token")[:2] == (0, f"No access token for {HOST} is kept in the keyring.\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("hf_secret\n"))
    shown.append(models("token", "--set"))
    assert read_token(hub.endpoint) == "hf_secret"
    shown.append(models("token", "--json"))
    assert shown[-1][1] == {"host": HOST, "stored": True}
    shown.append(models("token", "--remove"))
    assert read_token(hub.endpoint) is None
    assert [code for code, _, _ in shown] == [0, 0, 0] and "hf_secret" not in str(shown)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--set", "--remove"), 2, "exclude each other"),
        (("--endpoint", "nonsense"), 1, "is no web address"),
        (
            ("--set", "--endpoint", "http://mirror.example"),
            1,
            "could read a token. Use an address with https://",
        ),
        (("--set",), 1, "no access token"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(models, hub, ring, monkeypatch, arguments, code, sentence):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    found, _, err = models("token", *arguments)
    assert found == code and sentence in err


def test_without_a_keyring_nothing_is_kept(models, hub, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("hf_secret\n"))
    code, out, err = models("token", "--set")
    assert (code, out) == (1, "") and "has no keyring" in err and "hf_secret" not in err
