"""From a maintainer's folder of installers to a checked copy on a person's disk, with the real commands over TLS."""

import json
import random
import subprocess
import sys

from app import __version__
from tests.end2end.conftest import ROOT
from tests.fixtures.release import certified
from tests.fixtures.web_server import Page, WebServer


def maintain(*arguments):
    command = [sys.executable, str(ROOT / "packaging" / "sign_manifest.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_version_is_signed_found_and_fetched(alcove, tmp_path, monkeypatch):
    tls, authority = certified(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    dist = tmp_path / "dist"
    dist.mkdir()
    data = random.Random(7).randbytes(300_000)
    names = ["alcove_9.1.0_amd64.deb", "Alcove-9.1.0-x64-setup.exe", "Alcove-9.1.0-arm64.dmg"]
    for name in names:
        (dist / name).write_bytes(data)
    (tmp_path / "news.txt").write_text("It knows more.\n")
    key = maintain("keys", tmp_path / "signing.pem").split()[-1]
    with WebServer(tls) as server:
        address = f"{server.endpoint}/updates.json"
        maintain(
            "sign", "--dist", dist, "--version", "9.1.0", "--news", tmp_path / "news.txt", "--key", tmp_path / "signing.pem",
            "--url", server.endpoint, "--page", f"{server.endpoint}/alcove",
        )  # fmt: skip
        server.pages = {f"/{each.name}": Page(each.read_bytes()) for each in dist.iterdir()}
        asked_nobody = alcove("update", "check")
        assert asked_nobody.code == 1 and "no address" in asked_nobody.err and server.requests == []
        (alcove.home / "updates.json").write_text(json.dumps({"address": address, "public_keys": [key]}))
        found = alcove("update", "check", "--json")
        assert found.code == 0, found.err
        assert (found.json["version"], found.json["newest"], found.json["newer"]) == (
            __version__,
            "9.1.0",
            True,
        )
        assert len(found.json["files"]) == 1
        saved = alcove("update", "download", str(tmp_path / "saved"))
        assert saved.code == 1 and "does not exist" in saved.err
        (tmp_path / "saved").mkdir()
        saved = alcove("update", "download", str(tmp_path / "saved"), "--json")
        assert saved.code == 0, saved.err
        (file,) = (tmp_path / "saved").iterdir()
        assert file.read_bytes() == data and str(file) == saved.json["file"]
        server.pages["/updates.json"].body += b" "
        changed = alcove("update", "check")
        assert changed.code == 1 and "not signed by the makers" in changed.err
