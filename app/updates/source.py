"""Which address is asked for a newer Alcove, and whose signature counts: set when Alcove is built.

Both stand in `resources/updates.json`. A file `updates.json` in the folder of the settings comes first, for those who hand
out copies of their own and keep no other address than one inside their network.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.base.errors import AppError
from app.base.paths import is_there, resource
from app.base.web_address import is_web_address

FILE = "updates.json"
KEY_BYTES = 32
_MOST_BYTES = 64 << 10
_HERE = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class UpdateSource:
    """`address`: of the manifest, "" where none is set. `keys`: public Ed25519 keys; one of them must have signed it.

    `own`: where the person's own file would lie, or lies.
    """

    address: str
    keys: tuple[bytes, ...]
    own: Path

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def signature_address(self) -> str:
        return f"{self.address}.sig"


def read_source(config: Path) -> UpdateSource:
    """The source that `config`, the folder of the settings, or else this copy names. Raises `AppError` when it is damaged."""
    own = config / FILE
    file = own if is_there(own) else resource(FILE)
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ValueError("too large")
        content = json.loads(file.read_bytes())
        address, keys = content["address"], tuple(map(_key, content["public_keys"]))
        if address != "" and not (is_web_address(address) and may_be_asked(address) and keys):
            raise ValueError("an address that cannot be used, or no key")
    except OSError as error:
        raise AppError(
            f"{file} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        remedy = "It needs an address with https:// and public keys."
        raise AppError(f"{file} does not say where to look for a newer Alcove.", remedy) from error
    return UpdateSource(address, keys, own)


def may_be_asked(url: str, after: str = "") -> bool:
    """Whether `url` is encrypted, or on this very machine and not where `after`, an address elsewhere, leads."""
    parts, before = urlsplit(url), urlsplit(after)
    if parts.scheme == "https":
        return bool(parts.hostname)
    within = not after or (before.scheme == "http" and before.hostname in _HERE)
    return parts.scheme == "http" and parts.hostname in _HERE and within


def check_redirect(target: str, url: str) -> None:
    """Raises `AppError` when `url` leads to where must not be asked."""
    if not may_be_asked(target, url):
        raise AppError(
            f"{urlsplit(url).hostname} leads to an address that is not encrypted.",
            "Do not use this network for updates; try another one.",
        )


def no_address(source: UpdateSource) -> AppError:
    """What to say of a copy without an address."""
    return AppError(
        "This copy of Alcove has no address to ask for a newer version.",
        f"Get a newer one where you got this one. An address and a public key can also be set in {source.own}.",
    )


def _key(text: object) -> bytes:
    """Raises `ValueError` for what is no key."""
    if not isinstance(text, str):
        raise ValueError("no key")
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("no key")
    return key
