"""The manifest and its signature from their address: two small files, and nothing is sent but the two requests."""

import time
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.download.failures import ConnectionLost
from app.updates.manifest import MOST_BYTES, MOST_SIGNATURE_BYTES
from app.updates.source import UpdateSource, may_be_asked

_STALL_S = 10.0
_LONGEST_S = 30.0  # somebody is looking at the screen
_MOST_REDIRECTS = 5
# none of these is a page to log in to; plain servers do not know the endings .json and .sig
_KINDS = ("", "application/json", "application/octet-stream", "application/pgp-signature", "binary/octet-stream", "text/plain")  # fmt: skip


def fetch_signed(
    source: UpdateSource, cancel: CancelToken, *, stall_s: float = _STALL_S, longest_s: float = _LONGEST_S
) -> tuple[bytes, bytes]:
    """The manifest and the signature, neither of them looked at. `longest_s`: the time for both.

    Raises `AppError` (offline, refused, too large, a web page, an address that is not encrypted) and `Cancelled`.
    """
    until = time.monotonic() + longest_s
    try:
        content = _get(source.address, MOST_BYTES, cancel, stall_s, until)
        return content, _get(source.signature_address, MOST_SIGNATURE_BYTES, cancel, stall_s, until)
    except ConnectionLost as error:
        raise AppError(
            f"The list of versions did not arrive: {error}.",
            "Check the connection to the Internet and try again.",
        ) from error


def _get(url: str, most: int, cancel: CancelToken, stall_s: float, until: float) -> bytes:
    """The body of at most `most` bytes; every address on the way is as safe as the first."""
    from app.models.download.connection import Connection

    for _ in range(_MOST_REDIRECTS):
        with (
            Connection(url, cancel, stall_s=stall_s) as connection,
            # an answer that leads to another host is not followed before it was looked at
            connection.request("GET", url, stay=True) as answer,
        ):
            if answer.status // 100 != 3 or "location" not in answer.headers:
                return _body(url, answer.status, answer.headers, answer.pieces, most, until)
            target = urljoin(url, answer.headers["location"])
        if not may_be_asked(target, url):
            raise AppError(
                f"{_host(url)} leads to an address that is not encrypted.",
                "Do not use this network for updates; try another one.",
            )
        url = target
    raise ConnectionLost(f"{_host(url)} redirects in circles")


def _body(
    url: str, status: int, headers: Mapping[str, str], pieces: Iterator[bytes], most: int, until: float
) -> bytes:
    host, kind = _host(url), headers.get("content-type", "").partition(";")[0].strip().lower()
    if status != 200:
        raise _refusal(host, status)
    if kind not in _KINDS or headers.get("content-encoding", "identity") != "identity":
        raise AppError(
            f"{host} sent something else than the list of versions ({kind or 'packed'}).",
            "You may have to log in to this network first.",
        )
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > most:
            raise AppError(
                f"{host} sent more than a list of versions has.", "Try again later, or in another network."
            )
        if time.monotonic() > until:
            raise ConnectionLost(f"{host} sends too slowly")
    return bytes(body)


def _refusal(host: str, status: int) -> Exception:
    if status in (429, 503):
        return AppError(f"{host} is busy.", "Try again in some minutes.")
    if status == 408 or status >= 500:
        return ConnectionLost(f"{host} has a problem of its own (status {status})")
    return AppError(f"{host} has no list of versions (status {status}).", "Try again later.")


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
