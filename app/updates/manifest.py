"""The manifest: what the newest Alcove is, when it came out, what is new, and its files; signed with Ed25519.

The signature stands in a file of its own, in base64, and covers the manifest's exact bytes. It is checked before any of
them is interpreted.
"""

import base64
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from app.base.errors import AppError
from app.updates.source import may_be_asked

KIND, FORMAT = "alcove-updates", 1
MOST_BYTES = 64 << 10
MOST_SIGNATURE_BYTES = 200
SYSTEMS = ("linux", "windows", "macos")
PROCESSORS = ("x86_64", "arm64")
_MOST_NEWS, _LONGEST_NEWS = 12, 300
_MOST_FILES, _LARGEST_FILE = 64, 64 << 30
_NAME = re.compile(r"[A-Za-z0-9][\w.+~-]{0,150}", re.ASCII)
_EDITION = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"(\d{1,6}(?:\.\d{1,6}){0,3})(?:\.?(dev|a|b|rc)(\d{0,6}))?", re.ASCII)
_STAGES = ("dev", "a", "b", "rc", None)  # None: released


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One installer. `system`: one of `SYSTEMS`, `processor`: of `PROCESSORS`, `edition`: such as deb, setup or portable."""

    file: str
    url: str
    system: str
    processor: str
    edition: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`published` is when it was signed (with time zone); `page` is where a person reads about it, `news` what to expect.

    `sha256`: of all its bytes, in hex.
    """

    version: str
    published: datetime
    news: tuple[str, ...]
    page: str
    files: tuple[ReleaseFile, ...]
    sha256: str

    @property
    def date(self) -> str:
        """The day, as 2026-01-31."""
        return self.published.astimezone(UTC).date().isoformat()


def is_signed(content: bytes, signature: bytes, keys: Sequence[bytes]) -> bool:
    """Whether `signature`, the contents of its file, is one of `content` by the owner of any of `keys`."""
    from cryptography.exceptions import InvalidSignature  # not needed until somebody asks
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except ValueError:
        return False
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(raw, content)
        except InvalidSignature:
            continue
        return True
    return False


def read_manifest(content: bytes, address: str) -> Manifest:
    """What signed bytes from `address` say. Raises `ValueError` when they are no manifest, `AppError` for one of a later kind."""
    import hashlib  # loads OpenSSL, which the window does not need to start

    try:
        found = json.loads(content)
        if found["kind"] != KIND:
            raise ValueError("another kind of file")
        if type(found["format"]) is not int:
            raise ValueError("no known format")
        if found["format"] > FORMAT:
            raise AppError(
                "The list of versions is written for a newer Alcove.", "Look for it where you got this one."
            )
        if found["format"] != FORMAT:
            raise ValueError("no known format")
        return _parsed(found, address, hashlib.sha256(content).hexdigest())
    except (KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"no manifest: {error!r}") from error


def version_key(version: str) -> tuple[tuple[int, ...], int, int]:
    """Orders versions such as 0.2.0; what comes before a release (0.2.0.dev3, then 0.2.0a1, b1, rc1) is smaller. Raises `ValueError`."""
    match = _VERSION.fullmatch(version)
    if match is None:
        raise ValueError(f"{version!r} is no version")
    numbers = [int(each) for each in match[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), _STAGES.index(match[2]), int(match[3] or 0)


def _parsed(found: Any, address: str, sha256: str) -> Manifest:
    version, page = _text(found["version"], 40), _text(found["page"], 500)
    version_key(version)
    published = datetime.fromisoformat(_text(found["published"], 40))
    if published.tzinfo is None:
        raise ValueError("a time without its zone")
    news = tuple(_text(each, _LONGEST_NEWS) for each in _list(found["news"], _MOST_NEWS))
    files = tuple(_file(each, address) for each in _list(found["files"], _MOST_FILES))
    _check_url(page, address)
    return Manifest(version, published.astimezone(UTC), news, page, files, sha256)


def _file(found: Any, address: str) -> ReleaseFile:
    file = ReleaseFile(
        _text(found["file"], 160), _text(found["url"], 1000), _text(found["system"], 20),
        _text(found["processor"], 20), _text(found["edition"], 40), found["bytes"], _text(found["sha256"], 64),
    )  # fmt: skip
    _check_url(file.url, address)
    known = file.system in SYSTEMS and file.processor in PROCESSORS and _EDITION.fullmatch(file.edition)
    whole = type(file.bytes) is int and 0 < file.bytes <= _LARGEST_FILE and _SHA256.fullmatch(file.sha256)
    if not known or not whole or not _NAME.fullmatch(file.file) or file.file.endswith("."):
        raise ValueError("a file that cannot be")
    return file


def _text(value: Any, longest: int) -> str:
    """Without what could steer a terminal or turn the writing around."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise ValueError("no text, or too much of it")
    if any(unicodedata.category(each)[0] == "C" for each in value):
        raise ValueError("text with control characters")
    return value


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise ValueError("no list, or too long a one")
    return value


def _check_url(url: str, address: str) -> None:
    if not may_be_asked(url, address) or " " in url or not url.isascii():
        raise ValueError("an address that is not encrypted")
    _ = urlsplit(url).port  # raises for one that cannot be
