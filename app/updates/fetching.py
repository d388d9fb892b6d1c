"""The manifest and its signature from their address: two small files, and nothing is sent but the two requests."""

import time
from typing import TYPE_CHECKING

from app.base.errors import AppError
from app.base.jobs import CancelToken, stoppable
from app.models.download.failures import ConnectionLost
from app.updates.manifest import MOST_BYTES, MOST_SIGNATURE_BYTES
from app.updates.source import UpdateSource, check_redirect

if TYPE_CHECKING:
    from app.models.download.connection import Answer, Connection

_STALL_S = 10.0
_LONGEST_S = 30.0  # somebody is looking at the screen
# none of these is a page to log in to; plain servers do not know the endings .json and .sig
_KINDS = ("", "application/json", "application/octet-stream", "application/pgp-signature", "binary/octet-stream", "text/plain")  # fmt: skip


def fetch_signed(
    source: UpdateSource, cancel: CancelToken, *, stall_s: float = _STALL_S, longest_s: float = _LONGEST_S
) -> tuple[bytes, bytes]:
    """The manifest and the signature, neither of them looked at. `longest_s`: the time for both, whatever hangs.

    Raises `AppError` (offline, refused, too large, a web page, an address that is not encrypted) and `Cancelled`.
    """
    until = _Deadline(cancel, longest_s, source.host)
    try:
        # looking up a name cannot be interrupted: it is left to end by itself
        return stoppable(lambda: _both(source, until, stall_s), until)
    except ConnectionLost as error:
        raise AppError(
            f"The list of versions did not arrive: {error}.",
            "Check the connection to the Internet and try again.",
        ) from error


class _Deadline(CancelToken):
    """Set when `outer` is; when the time is up, looking at it raises `ConnectionLost`."""

    def __init__(self, outer: CancelToken, seconds: float, host: str) -> None:
        super().__init__()
        self._outer = outer
        self._until = time.monotonic() + seconds
        self._host = host

    @property
    def cancelled(self) -> bool:
        return self._outer.cancelled or time.monotonic() >= self._until

    def raise_if_cancelled(self) -> None:
        self._outer.raise_if_cancelled()
        if time.monotonic() >= self._until:
            raise ConnectionLost(f"{self._host} took too long")

    def wait(self, seconds: float) -> bool:
        self._outer.wait(max(0.0, min(seconds, self._until - time.monotonic())))
        return self.cancelled


def _both(source: UpdateSource, until: CancelToken, stall_s: float) -> tuple[bytes, bytes]:
    from app.models.download.connection import Connection

    with Connection(source.address, until, stall_s=stall_s, check_redirect=check_redirect) as connection:
        content = _get(connection, source.address, source.host, MOST_BYTES, until)
        signature = _get(connection, source.signature_address, source.host, MOST_SIGNATURE_BYTES, until)
    return content, signature


def _get(connection: "Connection", url: str, host: str, most: int, until: CancelToken) -> bytes:
    """The body of at most `most` bytes."""
    with connection.request("GET", url) as answer:
        _check(answer, host)
        body = bytearray()
        for piece in answer.pieces:
            until.raise_if_cancelled()
            body += piece
            if len(body) > most:
                raise AppError(
                    f"{host} sent more than a list of versions has.",
                    "Try again later, or in another network.",
                )
    return bytes(body)


def _check(answer: "Answer", host: str) -> None:
    status, headers = answer.status, answer.headers
    if status in (429, 503):
        raise AppError(f"{host} is busy.", "Try again in some minutes.")
    if status == 408 or status >= 500:
        raise ConnectionLost(f"{host} has a problem of its own (status {status})")
    if status != 200:
        raise AppError(f"{host} has no list of versions (status {status}).", "Try again later.")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS or headers.get("content-encoding", "identity") != "identity":
        raise AppError(
            f"{host} sent something else than the list of versions ({kind or 'packed'}).",
            "You may have to log in to this network first.",
        )
