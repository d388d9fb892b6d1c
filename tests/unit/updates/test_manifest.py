"""What is believed of a manifest."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.base.errors import AppError
from app.updates.manifest import is_signed, read_manifest, version_key
from tests.fixtures.release import installer, public

ADDRESS = "https://example.org/alcove/updates.json"
DEB = installer("alcove_0.2.0_amd64.deb", b"x" * 10, "https://example.org/alcove_0.2.0_amd64.deb")


def written(**changes):
    manifest = {
        "kind": "alcove-updates", "format": 1, "version": "0.2.0", "published": "2024-11-20T23:30:00-02:00",
        "news": ["It reads 7z."], "page": "https://example.org/alcove", "files": [DEB], **changes,
    }  # fmt: skip
    return json.dumps(manifest).encode()


def test_a_manifest_is_read():
    manifest = read_manifest(written(later="is ignored"), ADDRESS)
    assert (manifest.version, manifest.news, manifest.page) == (
        "0.2.0",
        ("It reads 7z.",),
        "https://example.org/alcove",
    )
    assert manifest.date == "2024-11-21"  # by UTC, as everywhere
    assert manifest.sha256 == hashlib.sha256(written(later="is ignored")).hexdigest()
    assert (manifest.files[0].file, manifest.files[0].bytes) == ("alcove_0.2.0_amd64.deb", 10)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 5000, written(kind="alcove-kit"), written(format="1"), written(format=0),
        written(format=True), written(version="newest"), written(version="1.2.3.4.5"), written(version=2), written(version=""),
        written(published="2024-11-20"), written(published="2024-11-20T10:00:00"), written(published="yesterday"),
        written(news="one line"), written(news=["a line"] * 13), written(news=["x" * 301]), written(news=["red \x1b[31m"]),
        written(news=["turned \u202e round"]), written(news=[""]), written(page="http://example.org/alcove"),
        written(page="https:///alcove"), written(page="file:///etc/passwd"), written(page="javascript:alert(1)"),
        written(page="http://127.0.0.1/alcove"), written(page="https://example.org:99999/"), written(files={}), written(files=[DEB] * 65), written(files=[{}]),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(content):
    with pytest.raises(ValueError):
        read_manifest(content, ADDRESS)


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../alcove.deb"}, {"file": "a/b.deb"}, {"file": "C:alcove.exe"}, {"file": ".hidden"}, {"file": "alcove."},
        {"file": "alcove.deb\n"}, {"url": "http://example.org/a.deb"}, {"url": "https://example.org/a b.deb"},
        {"url": "ftp://example.org/a"}, {"system": "beos"}, {"processor": "z80"}, {"edition": "De b"}, {"bytes": 0},
        {"bytes": -1}, {"bytes": True}, {"bytes": "10"}, {"bytes": 1.5}, {"bytes": 1 << 40}, {"sha256": "00"},
        {"sha256": "G" * 64},
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_is_refused(change):
    with pytest.raises(ValueError):
        read_manifest(written(files=[DEB | change]), ADDRESS)


def test_a_manifest_of_a_later_kind_says_so():
    with pytest.raises(AppError, match="written for a newer Alcove"):
        read_manifest(written(format=2), ADDRESS)


def test_the_signature_covers_every_byte():
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    content = written()
    signature = base64.b64encode(key.sign(content))
    assert is_signed(content, signature + b"\n", [public(other), public(key)])
    assert not is_signed(content, signature, [public(other)])
    assert not is_signed(content, signature, [])
    assert not is_signed(content + b"\n", signature, [public(key)])
    for place in range(0, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 1
        assert not is_signed(bytes(changed), signature, [public(key)])
    for bad in (b"", b"AAAA", b"no base64!", key.sign(content), signature[:-4], b"A" * 88):
        assert not is_signed(content, bad, [public(key)])


def test_versions_in_order():
    order = [
        "0.0.9",
        "0.1.0.dev1",
        "0.1",
        "0.1.1",
        "0.2.0.dev9",
        "0.2.0a1",
        "0.2.0b3",
        "0.2.0rc1",
        "0.2.0rc2",
        "0.2.0rc10",
        "0.2.0",
        "0.10",
        "1.0",
    ]
    assert sorted(order, key=version_key) == order
    assert version_key("0.1") == version_key("0.1.0.0")
    for bad in ("", "1.", "v1.0", "1.0-beta", "1,0", "1.0 ", "٣.1"):
        with pytest.raises(ValueError):
            version_key(bad)
