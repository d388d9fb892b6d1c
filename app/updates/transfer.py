"""A file of a newer Alcove, to where the person wants it: resumed, and called done when size and SHA-256 are the signed ones.

It is saved and nothing else: Alcove never starts an installer.
"""

import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from app.base.errors import AppError
from app.base.files import sha256_of
from app.base.jobs import CancelToken
from app.base.paths import is_there
from app.models.disk import free_bytes, in_words
from app.models.download.failures import ConnectionLost
from app.models.download.pace import BandwidthLimit, Patience, SpeedMeter
from app.models.download.part_file import PartFile, bytes_left, in_the_way
from app.models.download.remote import RemoteFile, content_range
from app.models.download.transfer import (
    DownloadEvent,
    DownloadFinished,
    DownloadProgress,
    DownloadRestarted,
    DownloadWaiting,
)
from app.updates.manifest import ReleaseFile
from app.updates.source import may_be_asked

if TYPE_CHECKING:
    from app.models.download.connection import Answer

_MARGIN_BYTES = 64 << 20
_PROGRESS_S = 0.2
_MOST_REDIRECTS = 5


def fetch_file(
    wanted: ReleaseFile,
    target: Path,
    *,
    cancel: CancelToken,
    limit: BandwidthLimit | None = None,
    patience: Patience | None = None,
) -> Iterator[DownloadEvent]:
    """Bring `wanted` to `target`, going on where an earlier attempt ended. Ends with `DownloadFinished`.

    `Cancelled` keeps what has arrived. Raises `AppError`: too little space, another file of that name, refused, other bytes than
    were signed (they are removed), or a connection that does not come back.
    """
    known = _as_known(wanted)
    if is_there(target):
        yield _there_already(wanted, target)
        return
    _check_room(bytes_left(known, target), target.parent)
    with PartFile(known, target) as part:
        yield from _Fetching(wanted, part, cancel, limit or BandwidthLimit(), patience or Patience()).run()


def _as_known(wanted: ReleaseFile) -> RemoteFile:
    """As the record beside a part has it: the checksum alone says whether the part is of this file."""
    parts = urlsplit(wanted.url)
    endpoint = f"{parts.scheme}://{parts.netloc}"
    return RemoteFile("", wanted.file, endpoint, bytes=wanted.bytes, sha256=wanted.sha256, etag=wanted.sha256)


def _there_already(wanted: ReleaseFile, target: Path) -> DownloadFinished:
    try:
        same = target.stat().st_size == wanted.bytes and sha256_of(target) == wanted.sha256
    except OSError as error:
        raise AppError(
            f"{target} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error
    if not same:
        raise in_the_way(target)
    return DownloadFinished(target, wanted.bytes, wanted.sha256, 0, was_there=True)


def _check_room(needed: int, folder: Path) -> None:
    try:
        free = free_bytes(folder)
    except AppError:
        return  # some network drives do not tell; a full disk is met when it comes
    if needed and free < needed + _MARGIN_BYTES:
        raise AppError(
            f"There is not enough room in {folder}: {in_words(needed + _MARGIN_BYTES)} are needed, {in_words(free)} are free.",
            "Choose another folder, or free some space.",
        )


class _Fetching:
    """The attempts of one download."""

    def __init__(
        self,
        wanted: ReleaseFile,
        part: PartFile,
        cancel: CancelToken,
        limit: BandwidthLimit,
        patience: Patience,
    ) -> None:
        self._wanted, self._part, self._cancel = wanted, part, cancel
        self._limit, self._patience = limit, patience
        self._host = urlsplit(wanted.url).hostname or wanted.url
        self._speed = SpeedMeter()
        self._received = self._metered = 0
        self._ranges = True

    def run(self) -> Iterator[DownloadEvent]:
        part, furthest, failures = self._part, self._part.done, 0
        while part.done < self._wanted.bytes:
            trouble = yield from self._try_once()
            failures = 0 if part.done > furthest else failures + 1
            furthest = max(furthest, part.done)
            if failures >= self._patience.tries:
                raise AppError(
                    f"Fetching {self._wanted.file} failed: {trouble or 'the server keeps changing its answer'}.",
                    "What has arrived is kept. Check the connection to the Internet and try again.",
                )
            if trouble is not None:
                seconds = self._patience.wait(failures)
                yield DownloadWaiting(seconds, f"Trying again: {trouble}.")
                if self._cancel.wait(seconds):
                    self._cancel.raise_if_cancelled()
        for checked in part.checking(self._cancel):
            yield DownloadProgress(checked, self._wanted.bytes, checking=True)
        yield DownloadFinished(part.target, part.done, part.finish(), self._received)

    def _try_once(self) -> Generator[DownloadEvent, None, ConnectionLost | None]:
        """One request, through its redirects; returns what went wrong, if waiting may mend it."""
        from app.models.download.connection import Connection

        headers, url = {}, self._wanted.url
        if self._part.done and self._ranges:
            headers["Range"] = f"bytes={self._part.done}-"
            if self._part.validator and not self._part.validator.startswith("W/"):
                headers["If-Range"] = self._part.validator
        try:
            for _ in range(_MOST_REDIRECTS):
                with (
                    Connection(url, self._cancel, stall_s=self._patience.stall_s) as connection,
                    connection.request("GET", url, headers, stay=True) as answer,
                ):
                    if answer.status // 100 != 3 or "location" not in answer.headers:
                        yield from self._take(answer)
                        return None
                    target = urljoin(url, answer.headers["location"])
                if not may_be_asked(target, url):
                    raise AppError(
                        f"{self._host} leads to an address that is not encrypted.", "Try again later."
                    )
                url = target
            return ConnectionLost(f"{self._host} redirects in circles")
        except ConnectionLost as trouble:
            return trouble

    def _take(self, answer: "Answer") -> Iterator[DownloadEvent]:
        """What is in the answer, behind what is there already."""
        self._check(answer)
        part = self._part
        if part.done and answer.status != 206:
            self._ranges = answer.status != 416
            part.restart()
            yield DownloadRestarted("The server could only send the whole file again.")
            if answer.status == 416:
                return
        part.validator = answer.headers.get("etag", "")
        shown = since = time.monotonic()
        at_since = self._received
        for piece in answer.pieces:
            self._append(piece)
            if (delay := self._limit.delay(len(piece))) and self._cancel.wait(delay):
                self._cancel.raise_if_cancelled()
            now = time.monotonic()
            if now - shown >= _PROGRESS_S:
                shown = now
                yield self._progress()
            if now - since >= self._patience.stall_s:
                if self._received - at_since < self._patience.stall_bytes:
                    raise ConnectionLost(f"{self._host} sent next to nothing")
                since, at_since = now, self._received
        yield self._progress()
        if part.done < self._wanted.bytes:
            raise ConnectionLost(f"{self._host} ended the transfer too early")

    def _check(self, answer: "Answer") -> None:
        """That it is a file, and the part of it that was asked for. Raises `ConnectionLost` or `AppError`."""
        status, headers = answer.status, answer.headers
        if status in (408, 429) or status >= 500:
            raise ConnectionLost(f"{self._host} is busy or has a problem of its own (status {status})")
        if status not in (200, 206) and not (status == 416 and self._part.done):
            raise AppError(
                f"{self._host} does not give {self._wanted.file} (status {status}).", "Try again later."
            )
        if headers.get("content-type", "").startswith("text/html"):
            raise AppError(
                f"{self._host} sent a web page instead of {self._wanted.file}.",
                "You may have to log in to this network first.",
            )
        if headers.get("content-encoding", "identity") != "identity":
            raise ConnectionLost(f"{self._host} sent the file in a form that was not asked for")
        if status == 206:
            found = content_range(headers.get("content-range", ""))
            if found is None or found[0] != self._part.done or found[2] not in (None, self._wanted.bytes):
                self._ranges = False
                raise ConnectionLost(f"{self._host} sent another part of the file than was asked for")

    def _append(self, piece: bytes) -> None:
        part = self._part
        self._received += len(piece)
        if part.done + len(piece) > self._wanted.bytes:
            part.restart()
            raise AppError(
                f"{self._host} sent more than {self._wanted.file} has.",
                "What had arrived was removed. Try again later.",
            )
        part.append(piece)

    def _progress(self) -> DownloadProgress:
        speed = self._speed.add(self._received - self._metered)
        self._metered = self._received
        done, total = self._part.done, self._wanted.bytes
        return DownloadProgress(done, total, speed, (total - done) / speed if speed else None)
