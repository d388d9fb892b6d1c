"""From a maintainer's folder of installers to a checked copy on a person's disk, with the real commands over TLS."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from app import __version__
from app.base.paths import find_paths
from app.updates.this_copy import this_copy
from tests.end2end.conftest import ROOT
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Slow
from tests.fixtures.release import Publisher, certified, installer
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


@pytest.mark.skipif(os.name != "posix", reason="uses signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_keeps_what_has_arrived(alcove, tmp_path, number):
    data, name = random.Random(8).randbytes(2_000_000), "alcove-9.1.0-x86_64.run"
    with WebServer() as server, FakeHub() as files:
        files.add("makers/alcove", name, data, lfs=False)
        files.order(Slow(bytes_per_s=200_000, piece=20_000))
        publisher = Publisher(server)
        publisher.set_in(alcove.home)
        url = f"{files.endpoint}/makers/alcove/resolve/main/{name}"
        here = {"system": this_copy(find_paths()).system, "processor": this_copy(find_paths()).processor}
        publisher.publish(version="9.1.0", files=[installer(name, data, url, edition="run", **here)])
        process = alcove.popen("update", "download", str(tmp_path), "--edition", "run")
        part = tmp_path / f"{name}.part"
        while not (part.exists() and part.stat().st_size) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (130, "")
        assert err.split("\n")[-3:] == ["Stopping…", "alcove: stopped", ""]
        assert 0 < part.stat().st_size < len(data)
        saved = alcove("update", "download", str(tmp_path), "--edition", "run", "--json")
        assert saved.code == 0, saved.err
        assert 0 < saved.json["bytes_received"] < len(data) and (tmp_path / name).read_bytes() == data
