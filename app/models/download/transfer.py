"""One file from the hub to the disk, whatever the connection does.

It is written beside its place, resumed after every loss, hashed on the way and put in place when its checksum is right.
"""

import abc
import shutil
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.download.failures import ConnectionLost, ServerBusy, refusal
from app.models.download.pace import BandwidthLimit, Patience, SpeedMeter
from app.models.download.part_file import PartFile, bytes_left, in_the_way
from app.models.download.remote import (
    RemoteFile,
    content_range,
    gave_up,
    is_web_page,
    look_up,
    no_hub,
    plain_etag,
)
from app.models.gguf_header import MAGIC

if TYPE_CHECKING:
    from app.models.download.connection import Answer, Connection

MARGIN_BYTES = 512 << 20  # left free on the disk

_CHUNK_BYTES = 1 << 20
_PROGRESS_S = 0.2


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """`checking`: all is there and is being read for the checksum; otherwise bytes are arriving. `seconds_left` may be unknown."""

    bytes_done: int
    bytes_total: int
    bytes_per_s: float = 0.0
    seconds_left: float | None = None
    checking: bool = False


@dataclass(frozen=True, slots=True)
class DownloadWaiting:
    """Nothing happens for `seconds`, then the next attempt is made. `reason` is a sentence."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class DownloadRestarted:
    """What had arrived is of no use; it begins with the first byte again. `reason` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class DownloadFinished:
    """The file is in place and its checksum was right. `bytes_received` counts what came over the network.

    `was_there`: the very file (or a part of it) lay in its place before; nobody knows who put it there.
    """

    file: Path
    bytes: int
    sha256: str
    bytes_received: int
    was_there: bool = False


DownloadEvent = DownloadProgress | DownloadWaiting | DownloadRestarted | DownloadFinished


def download(
    remote: RemoteFile,
    target: Path,
    *,
    cancel: CancelToken,
    token: str | None = None,
    limit: BandwidthLimit | None = None,
    patience: Patience | None = None,
    margin_bytes: int = MARGIN_BYTES,
) -> Iterator[DownloadEvent]:
    """Bring `remote` to `target`, going on where an earlier attempt ended. Ends with `DownloadFinished`.

    `Cancelled` stops it at once and keeps what has arrived: pausing is stopping. Raises `AppError` when there is too
    little space (`margin_bytes` stay free), another file has that name, another process is downloading it, the hub
    refuses it, it arrives damaged (then it is removed), or the connection does not come back in time.
    """
    from app.models.download.connection import Connection

    patience = patience or Patience()
    if target.exists():
        yield from already_there(remote, target, cancel)
        return
    check_space(bytes_left(remote, target), target.parent, margin_bytes)
    with (
        PartFile(remote, target) as part,
        Connection(remote.endpoint, cancel, token=token, stall_s=patience.stall_s) as connection,
    ):
        yield from _HubTransfer(part, connection, cancel, token, limit or BandwidthLimit(), patience).run()


def check_space(wanted: int, folder: Path, margin_bytes: int) -> None:
    """Raises `AppError` when `wanted` bytes do not fit into `folder`, or leave less than the margin."""
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        free = shutil.disk_usage(existing).free
    except OSError:
        return  # some network drives do not tell; a full disk is met when it comes
    if wanted and free < wanted + margin_bytes:
        raise AppError(
            f"The download needs {wanted / 1e9:.1f} GB, and {existing} has {free / 1e9:.1f} GB free"
            f" ({margin_bytes / 1e9:.1f} GB are kept free).",
            "Free some space, or choose another folder.",
        )


class _FileChanged(Exception):
    """The hub now has something else under this address."""


class _StartAgain(Exception):
    """What has arrived cannot be continued. `ranges`: the server can send the rest of a file."""

    def __init__(self, reason: str, *, ranges: bool = True) -> None:
        super().__init__(reason)
        self.ranges = ranges


class Transfer(abc.ABC):
    """The attempts of one download. What is asked, and which answers are right, its subclasses say."""

    def __init__(
        self,
        part: PartFile,
        connection: "Connection",
        cancel: CancelToken,
        limit: BandwidthLimit,
        patience: Patience,
    ) -> None:
        self._part = part
        self._connection = connection
        self._cancel = cancel
        self._limit = limit
        self._patience = patience
        self._speed = SpeedMeter()
        self._received = self._metered = 0
        self._furthest = 0
        self._ranges = True

    @property
    @abc.abstractmethod
    def url(self) -> str:
        """What is asked; it may redirect."""

    @abc.abstractmethod
    def check(self, answer: "Answer") -> None:
        """That it is (part of) the file. Raises `AppError`, or `ConnectionLost` and `ServerBusy` where waiting may help."""

    def run(self) -> Iterator[DownloadEvent]:
        """Ends with `DownloadFinished`. Raises `AppError` and `Cancelled`."""
        part = self._part
        if part.replaced:
            yield DownloadRestarted("The file has changed since; what had arrived was of the old one.")
        self._furthest, failures = part.done, 0
        while part.done < part.remote.bytes:
            trouble = yield from self._try_once()
            failures = 0 if part.done > self._furthest else failures + 1
            self._furthest = max(self._furthest, part.done)
            if failures >= self._patience.tries:
                raise gave_up(part.remote, trouble or ConnectionLost("the server keeps changing its answer"))
            if trouble is not None:
                yield from self._wait(trouble, failures)
        for checked in part.checking(self._cancel):
            yield DownloadProgress(checked, part.remote.bytes, checking=True)
        sha256 = part.finish()
        yield DownloadFinished(part.target, part.done, sha256, self._received)

    def _try_once(self) -> Generator[DownloadEvent, None, ConnectionLost | ServerBusy | None]:
        """One request; returns what went wrong, if waiting may mend it."""
        try:
            yield from self._attempt()
        except (ConnectionLost, ServerBusy) as trouble:
            return trouble
        except _StartAgain as again:
            self._ranges = again.ranges
            self._part.restart()
            yield DownloadRestarted(str(again))
        return None

    def _attempt(self) -> Iterator[DownloadEvent]:
        part = self._part
        headers = {}
        if part.done and self._ranges:
            headers["Range"] = f"bytes={part.done}-"
            if part.validator and not part.validator.startswith("W/"):
                headers["If-Range"] = part.validator
        with self._connection.request("GET", self.url, headers) as answer:
            self._check_going_on(answer)
            self.check(answer)
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise ConnectionLost(f"{part.remote.host} sent the file in a form that was not asked for")
            if answer.status == 206:
                self._check_part(answer)
            elif part.done:
                part.restart()
                yield DownloadRestarted("The server could only send the whole file again.")
            part.validator = answer.headers.get("etag", "")
            length = answer.headers.get("content-length", "")
            if length.isdecimal() and int(length) != part.remote.bytes - part.done:
                raise ConnectionLost(f"{part.remote.host} offers a file of another size")
            yield from self._receive(answer)

    def _check_going_on(self, answer: "Answer") -> None:
        """Refusals that end with another request."""
        if answer.elsewhere and answer.status in (401, 403):  # they expire; ask for a new one
            raise ConnectionLost("the storage server did not accept the link to it")
        if answer.status == 416 and self._part.done:
            raise _StartAgain("The server could not go on where the download had stopped.")

    def _check_part(self, answer: "Answer") -> None:
        """That a 206 goes on exactly where the part ends."""
        part = self._part
        found = content_range(answer.headers.get("content-range", ""))
        if found is None or found[0] != part.done or found[2] not in (None, part.remote.bytes):
            raise _StartAgain("The server sent another part of the file than was asked for.", ranges=False)
        etag = answer.headers.get("etag", "")
        if part.validator and etag and etag != part.validator:
            raise _StartAgain("The file was changed on the server.")

    def _receive(self, answer: "Answer") -> Iterator[DownloadEvent]:
        part, remote = self._part, self._part.remote
        shown = since = time.monotonic()
        at_since = self._received
        for piece in answer.pieces:
            self._received += len(piece)
            self._check_piece(piece)
            part.append(piece)
            if (delay := self._limit.delay(len(piece))) and self._cancel.wait(delay):
                self._cancel.raise_if_cancelled()
            now = time.monotonic()
            if now - shown >= _PROGRESS_S:
                shown = now
                yield self._progress()
            if now - since >= self._patience.stall_s:
                if self._received - at_since < self._patience.stall_bytes:
                    raise ConnectionLost(f"{remote.host} sent next to nothing")
                since, at_since = now, self._received
        yield self._progress()
        if part.done < remote.bytes:
            raise ConnectionLost(f"{remote.host} ended the transfer too early")

    def _check_piece(self, piece: bytes) -> None:
        part, remote = self._part, self._part.remote
        if part.done + len(piece) > remote.bytes:
            part.restart()
            raise ConnectionLost(f"{remote.host} sent more than the file has")
        if remote.file.endswith(".gguf") and not piece.startswith(MAGIC[part.done : part.done + len(piece)]):
            part.restart()
            raise AppError(
                f"{remote.host} sent something that is no GGUF file.", "Choose another file or mirror."
            )

    def _progress(self) -> DownloadProgress:
        speed = self._speed.add(self._received - self._metered)
        self._metered = self._received
        left = self._part.remote.bytes - self._part.done
        return DownloadProgress(
            self._part.done, self._part.remote.bytes, speed, left / speed if speed else None
        )

    def _wait(self, trouble: ConnectionLost | ServerBusy, failures: int) -> Iterator[DownloadEvent]:
        seconds = self._patience.wait(failures)
        if isinstance(trouble, ServerBusy):
            seconds = seconds if trouble.seconds is None else trouble.seconds
            reason = f"{self._part.remote.host} is busy and asked to wait."
        else:
            reason = f"Trying again: {trouble}."
        yield DownloadWaiting(seconds, reason)
        if self._cancel.wait(seconds):
            self._cancel.raise_if_cancelled()


class _HubTransfer(Transfer):
    """From a hub, which may have a newer file by now."""

    def __init__(
        self,
        part: PartFile,
        connection: "Connection",
        cancel: CancelToken,
        token: str | None,
        limit: BandwidthLimit,
        patience: Patience,
    ) -> None:
        super().__init__(part, connection, cancel, limit, patience)
        self._token = token

    @property
    def url(self) -> str:
        return self._part.remote.pinned_url

    def check(self, answer: "Answer") -> None:
        """Raises `_FileChanged`, too, when it is not the file that was looked up."""
        remote, headers = self._part.remote, answer.headers
        if answer.status not in (200, 206):
            raise refusal(remote, answer.status, headers, token=self._token is not None)
        if is_web_page(remote, headers.get("content-type", "")):
            raise no_hub(remote)
        etag = answer.hub.get("x-linked-etag") or ("" if answer.elsewhere else headers.get("etag", ""))
        if etag and plain_etag(etag) != remote.etag:
            raise _FileChanged

    def _try_once(self) -> Generator[DownloadEvent, None, ConnectionLost | ServerBusy | None]:
        try:
            return (yield from super()._try_once())
        except _FileChanged:
            found = look_up(self._part.remote, cancel=self._cancel, token=self._token)
            if found.etag == self._part.remote.etag:
                return ConnectionLost(f"{found.host} sent another file")
            self._part.restart(found)
            self._furthest = 0
            yield DownloadRestarted(
                "The file was changed at the hub; the new one is downloaded from its start."
            )
            return None


def already_there(remote: RemoteFile, target: Path, cancel: CancelToken) -> Iterator[DownloadEvent]:
    """A file of that name is fine when it is the one that is wanted. Ends with `DownloadFinished`; raises `AppError` and `Cancelled`."""
    import hashlib  # loads OpenSSL, which the window does not need to start

    digest, done = hashlib.sha256(), 0
    try:
        if target.stat().st_size != remote.bytes:
            raise in_the_way(target)
        with target.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                cancel.raise_if_cancelled()
                digest.update(chunk)
                done += len(chunk)
                yield DownloadProgress(done, remote.bytes, checking=True)
    except OSError as error:
        raise AppError(
            f"{target} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error
    if remote.sha256 not in ("", digest.hexdigest()):
        raise in_the_way(target)
    yield DownloadFinished(target, done, digest.hexdigest(), 0, was_there=True)
