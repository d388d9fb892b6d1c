"""Making keys, and signing what lies in a folder: read back as a copy of Alcove reads it."""

import base64
import json
import os
import stat
import subprocess
import sys

import pytest

from app.base.errors import AppError
from app.updates.manifest import is_signed, read_manifest
from tests.unit.packaging.conftest import PACKAGING

FILES = {
    "alcove_0.2.0_amd64.deb": ("linux", "x86_64", "deb"),
    "alcove-0.2.0-x86_64.run": ("linux", "x86_64", "run"),
    "Alcove-0.2.0-x86_64.AppImage": ("linux", "x86_64", "appimage"),
    "Alcove-0.2.0-x64-setup.exe": ("windows", "x86_64", "setup"),
    "Alcove-0.2.0-x64-portable.zip": ("windows", "x86_64", "portable"),
    "Alcove-0.2.0-arm64.dmg": ("macos", "arm64", "dmg"),
    "Alcove-0.2.0-arm64-metal.dmg": ("macos", "arm64", "dmg-metal"),
    "alcove-light_0.2.0_amd64.deb": ("linux", "x86_64", "deb-light"),
    "Alcove-0.2.0-x64-light-setup.exe": ("windows", "x86_64", "setup-light"),
}


@pytest.fixture
def dist(tmp_path):
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_bytes(name.encode())
    (folder / "SHA256SUMS").write_text("not an installer")
    (tmp_path / "news.txt").write_text("It reads 7z.\n\n  It is quicker.  \n", "utf-8")
    return folder


def call(*arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALCOVE_SIGNING")}
    command = [sys.executable, str(PACKAGING / "sign_manifest.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**kept, **environment})


def sign(dist, *more, **environment):
    where = ["--dist", dist, "--version", "0.2.0", "--news", dist.parent / "news.txt"]
    addresses = ["--url", "https://example.org/files/", "--page", "https://example.org/alcove"]
    return call("sign", *where, *addresses, *more, **environment)


def test_from_keys_to_a_manifest_that_is_believed(dist, tmp_path):
    made = call("keys", tmp_path / "signing.pem")
    assert made.returncode == 0, made.stderr
    key = base64.b64decode(made.stdout.split()[-1])
    assert stat.S_IMODE((tmp_path / "signing.pem").stat().st_mode) == 0o600
    signed = sign(dist, "--key", tmp_path / "signing.pem")
    assert signed.returncode == 0, signed.stderr
    assert "not in resources/updates.json" in signed.stderr
    content = (dist / "updates.json").read_bytes()
    assert is_signed(content, (dist / "updates.json.sig").read_bytes(), [key])
    manifest = read_manifest(content, "https://example.org/updates.json")
    assert (manifest.version, manifest.news) == ("0.2.0", ("It reads 7z.", "It is quicker."))
    assert {each.file: (each.system, each.processor, each.edition) for each in manifest.files} == FILES
    assert manifest.files[0].url == f"https://example.org/files/{manifest.files[0].file}"
    again = sign(dist, ALCOVE_SIGNING_KEY=(tmp_path / "signing.pem").read_text())
    assert again.returncode == 0 and is_signed(
        (dist / "updates.json").read_bytes(), (dist / "updates.json.sig").read_bytes(), [key]
    )


def test_a_key_with_a_password(dist, tmp_path):
    file = tmp_path / "signing.pem"
    assert call("keys", file, ALCOVE_SIGNING_PASSWORD="long").returncode == 0
    assert b"ENCRYPTED" in file.read_bytes()
    assert sign(dist, "--key", file, ALCOVE_SIGNING_PASSWORD="long").returncode == 0
    for given in ({}, {"ALCOVE_SIGNING_PASSWORD": "wrong"}):
        refused = sign(dist, "--key", file, **given)
        assert refused.returncode == 1 and "cannot be read" in refused.stderr


def test_a_key_is_neither_replaced_nor_put_into_the_project(script, tmp_path):
    module = script("sign_manifest.py")
    file = tmp_path / "signing.pem"
    file.write_text("mine")
    with pytest.raises(AppError, match="could not be made"):
        module.make_keys(file)
    assert file.read_text() == "mine"
    with pytest.raises(AppError, match="does not belong into the project"):
        module.make_keys(PACKAGING / "signing.pem")


def test_without_a_key_or_with_another_kind(dist, tmp_path):
    refused = sign(dist)
    assert refused.returncode == 1 and "no key to sign with" in refused.stderr
    refused = sign(dist, ALCOVE_SIGNING_KEY="-----BEGIN PRIVATE KEY-----")
    assert refused.returncode == 1 and "cannot be read" in refused.stderr
    assert not (dist / "updates.json").exists()


def test_what_does_not_belong_is_not_left_out_silently(dist, tmp_path):
    call("keys", tmp_path / "signing.pem")
    (dist / "alcove_0.1.0_amd64.deb").write_bytes(b"old")
    refused = sign(dist, "--key", tmp_path / "signing.pem")
    assert refused.returncode == 1 and "no installer of version 0.2.0" in refused.stderr
    assert not (dist / "updates.json").exists()


def test_news_in_another_encoding_is_told_plainly(dist, tmp_path):
    call("keys", tmp_path / "signing.pem")
    news = tmp_path / "news.txt"
    news.write_bytes("Es liest K\xfcrzel.\n".encode("latin-1"))
    refused = sign(dist, "--key", tmp_path / "signing.pem")
    assert (refused.returncode, refused.stderr) == (1, f"{news} is not written in UTF-8. Save it as UTF-8.\n")
    assert not (dist / "updates.json").exists()
    news.write_text("Es liest K\xfcrzel.\n", "utf-8-sig")  # as Notepad does
    assert sign(dist, "--key", tmp_path / "signing.pem").returncode == 0
    assert json.loads((dist / "updates.json").read_bytes())["news"] == ["Es liest K\xfcrzel."]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["--page", "http://example.org/"], "refuse this manifest"),
        (["--url", "http://example.org/"], "refuse this manifest"),
    ],
)
def test_what_copies_would_refuse_is_not_signed(dist, tmp_path, changed, said):
    call("keys", tmp_path / "signing.pem")
    refused = sign(dist, "--key", tmp_path / "signing.pem", *changed)
    assert refused.returncode == 1 and said in refused.stderr
    assert not (dist / "updates.json.sig").exists()
