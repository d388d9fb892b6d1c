"""What a hub knows about a file before it is downloaded: its size, checksum and commit, and its first bytes.

The protocol is the Hugging Face hub's: /{repo}/resolve/{revision}/{file} answers with ETag, X-Repo-Commit and, for
large files, X-Linked-Etag (their SHA-256) and X-Linked-Size, and may redirect to a storage server.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.download.address import FileAddress
from app.models.download.failures import ConnectionLost, ServerBusy, refusal

_SHA256 = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_Found = TypeVar("_Found")
_TRIES = 3
_RETRY_S = 0.5
_LONGEST_WAIT_S = 30.0  # somebody is looking at the screen


@dataclass(frozen=True, slots=True)
class RemoteFile(FileAddress):
    """A file as `look_up` found it. `bytes`: its size; `sha256` in hex, empty where the hub knows none;
    `commit` is what `revision` was then, and what is downloaded; `etag` identifies these very contents.
    """

    bytes: int = 0
    sha256: str = ""
    commit: str = ""
    etag: str = ""

    @property
    def pinned_url(self) -> str:
        return self.url(self.commit)


def look_up(address: FileAddress, *, cancel: CancelToken, token: str | None = None) -> RemoteFile:
    """Ask the hub about a file, without fetching any of it.

    Raises `AppError` (not found, gated, unreachable, no hub) and `Cancelled`.
    """
    return _trying(address, cancel, lambda: _head(address, cancel, token))


def read_start(
    remote: RemoteFile, count: int, held: bytes = b"", *, cancel: CancelToken, token: str | None = None
) -> bytes:
    """The first `count` bytes of the file (fewer when it is shorter). `held`, the start that is already there, is
    not fetched again. Raises `AppError` and `Cancelled`.
    """
    count = min(count, remote.bytes)
    start = bytearray(held[:count])
    if len(start) < count:
        _trying(remote, cancel, lambda: _fetch(remote, start, count, cancel, token))
    return bytes(start)


def content_range(header: str) -> tuple[int, int, int | None] | None:
    """First byte, last byte and size (None: not told) of a Content-Range header; None when it is not one."""
    found = _RANGE.fullmatch(header.strip())
    if found is None:
        return None
    return int(found[1]), int(found[2]), None if found[3] == "*" else int(found[3])


def plain_etag(header: str) -> str:
    """The value without quotes and weakness mark."""
    return header.strip().removeprefix("W/").strip('"')


def _head(address: FileAddress, cancel: CancelToken, token: str | None) -> RemoteFile:
    from app.models.download.connection import Connection

    with (
        Connection(address.endpoint, cancel, token=token) as connection,
        connection.request("HEAD", address.url(address.revision), stay=True) as answer,
    ):
        headers = answer.headers
        moved = answer.status // 100 == 3
        if answer.status != 200 and not moved:
            raise refusal(address, answer.status, headers, token=token is not None)
    etag = plain_etag(headers.get("x-linked-etag") or headers.get("etag", ""))
    size = headers.get("x-linked-size") or ("" if moved else headers.get("content-length", ""))
    if not etag or not size.isdecimal() or is_web_page(address, headers.get("content-type", "")):
        raise no_hub(address)
    commit = headers.get("x-repo-commit") or address.revision
    return RemoteFile(
        address.repo, address.file, address.endpoint, address.revision,
        bytes=int(size), sha256=etag if _SHA256.fullmatch(etag) else "", commit=commit, etag=etag,
    )  # fmt: skip


def is_web_page(address: FileAddress, content_type: str) -> bool:
    """Whether a page came instead of the file, as from the log-in of a hotel or a proxy."""
    return content_type.startswith("text/html") and not address.file.endswith((".html", ".htm"))


def no_hub(address: FileAddress) -> AppError:
    return AppError(
        f"{address.host} sent a web page instead of {address.file}.",
        "You may have to log in to this network first; check also the address of the mirror.",
    )


def _fetch(remote: RemoteFile, start: bytearray, count: int, cancel: CancelToken, token: str | None) -> None:
    """Append to `start` until it has `count` bytes."""
    from app.models.download.connection import Connection

    headers = {"Range": f"bytes={len(start)}-{count - 1}"}
    with (
        Connection(remote.endpoint, cancel, token=token) as connection,
        connection.request("GET", remote.pinned_url, headers) as answer,
    ):
        if answer.status not in (200, 206):
            raise refusal(remote, answer.status, answer.headers, token=token is not None)
        if is_web_page(remote, answer.headers.get("content-type", "")):
            raise no_hub(remote)
        part = content_range(answer.headers.get("content-range", ""))
        if answer.status == 206 and (part is None or part[0] != len(start)):
            raise ConnectionLost(f"{remote.host} sent another part of the file")
        if answer.status == 200:
            start.clear()
        for piece in answer.pieces:
            start += piece[: count - len(start)]
            if len(start) == count:
                return
    raise ConnectionLost(f"{remote.host} sent too little")


def _trying(address: FileAddress, cancel: CancelToken, ask: Callable[[], _Found]) -> _Found:
    """A few times; what is asked here is small, and somebody is waiting for it."""
    for attempt in range(1, _TRIES + 1):
        try:
            return ask()
        except (ConnectionLost, ServerBusy) as error:
            seconds = error.seconds if isinstance(error, ServerBusy) else None
            if attempt == _TRIES or (seconds is not None and seconds > _LONGEST_WAIT_S):
                raise gave_up(address, error) from error
            if cancel.wait(_RETRY_S * attempt if seconds is None else seconds):
                cancel.raise_if_cancelled()
    raise AssertionError("unreachable")


def gave_up(address: FileAddress, error: ConnectionLost | ServerBusy) -> AppError:
    """The sentence for when trying again did not help either."""
    if isinstance(error, ServerBusy):
        return AppError(f"{address.host} is busy.", "Try again in some minutes.")
    return AppError(
        f"Fetching {address.file} failed: {error}.",
        "Check the connection to the Internet and try again.",
    )
