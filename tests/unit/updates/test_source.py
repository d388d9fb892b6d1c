"""Where is asked: only where somebody set it, and only over addresses that can be trusted."""

import base64
import json

import pytest

from app.base.errors import AppError
from app.base.paths import resource
from app.updates.source import may_be_asked, no_address, read_source

KEY = base64.b64encode(bytes(range(32))).decode()
ADDRESS = "https://example.org/alcove/updates.json"


def write(folder, **content):
    folder.mkdir(exist_ok=True)
    (folder / "updates.json").write_text(json.dumps(content))
    return folder


def test_this_copy_asks_nobody(tmp_path):
    source = read_source(tmp_path)
    shipped = json.loads(resource("updates.json").read_bytes())
    assert source.address == shipped["address"]
    if not source.address:
        error = no_address(source)
        assert "no address" in error.what and str(tmp_path / "updates.json") in error.remedy


def test_a_file_in_the_settings_folder_comes_first(tmp_path):
    source = read_source(write(tmp_path, address=ADDRESS, public_keys=[KEY]))
    assert (source.address, source.host, source.keys) == (ADDRESS, "example.org", (bytes(range(32)),))
    assert source.signature_address == f"{ADDRESS}.sig"


@pytest.mark.parametrize(
    "content",
    [
        {"address": ADDRESS, "public_keys": []}, {"address": ADDRESS}, {"public_keys": [KEY]}, {"address": None, "public_keys": []},
        {"address": "http://example.org/updates.json", "public_keys": [KEY]},
        {"address": "https://me:secret@example.org/updates.json", "public_keys": [KEY]},
        {"address": ADDRESS + "?id=1", "public_keys": [KEY]}, {"address": ADDRESS, "public_keys": [KEY[:-4]]},
        {"address": ADDRESS, "public_keys": ["not base64"]}, {"address": ADDRESS, "public_keys": [7]},
        {"address": ADDRESS, "public_keys": KEY},
    ],
)  # fmt: skip
def test_a_damaged_file_is_told_and_not_ignored(tmp_path, content):
    with pytest.raises(AppError, match="does not say where to look"):
        read_source(write(tmp_path, **content))


def test_text_that_is_no_json(tmp_path):
    (tmp_path / "updates.json").write_text("address = ")
    with pytest.raises(AppError, match="does not say where to look"):
        read_source(tmp_path)
    (tmp_path / "updates.json").write_text(" " * 70_000)
    with pytest.raises(AppError, match="does not say where to look"):
        read_source(tmp_path)


@pytest.mark.parametrize(
    ("url", "after", "allowed"),
    [
        ("https://example.org/a", "", True),
        ("https://example.org/a", "https://other.org/b", True),
        ("https://example.org/a", "http://127.0.0.1:8000/b", True),
        ("http://127.0.0.1:8000/a", "", True),
        ("http://localhost/a", "http://127.0.0.1/b", True),
        ("http://127.0.0.1/a", "https://example.org/b", False),  # nobody elsewhere leads into this machine
        ("http://example.org/a", "", False),
        ("http://example.org/a", "http://127.0.0.1/b", False),
        ("http://127.0.0.1.example.org/a", "", False),
        ("https:///a", "", False),
        ("file:///etc/passwd", "", False),
    ],
)
def test_which_addresses_may_be_asked(url, after, allowed):
    assert may_be_asked(url, after) is allowed
