"""A file of a newer Alcove, to where the person wants it: resumed, and called done when size and SHA-256 are the signed ones.

It is saved and nothing else: Alcove never starts an installer.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import is_there
from app.models.download.failures import refusal
from app.models.download.pace import BandwidthLimit, Patience
from app.models.download.part_file import PartFile, bytes_left
from app.models.download.remote import RemoteFile, is_web_page
from app.models.download.transfer import (
    DownloadEvent,
    DownloadFinished,
    Transfer,
    already_there,
    check_space,
)
from app.updates.manifest import ReleaseFile
from app.updates.source import check_redirect

if TYPE_CHECKING:
    from app.models.download.connection import Answer, Connection

_MARGIN_BYTES = 64 << 20
_PROGRAM = ".AppImage"  # started as it is; the others are opened by something else


def fetch_file(
    wanted: ReleaseFile,
    target: Path,
    *,
    cancel: CancelToken,
    limit: BandwidthLimit | None = None,
    patience: Patience | None = None,
    margin_bytes: int = _MARGIN_BYTES,
) -> Iterator[DownloadEvent]:
    """Bring `wanted` to `target`, going on where an earlier attempt ended. Ends with `DownloadFinished`.

    `Cancelled` keeps what has arrived. Raises `AppError`: too little space (`margin_bytes` stay free), another file of that name,
    refused, other bytes than were signed (they are removed), or a connection that does not come back.
    """
    for event in _events(
        wanted, target, cancel, limit or BandwidthLimit(), patience or Patience(), margin_bytes
    ):
        if isinstance(event, DownloadFinished) and wanted.file.endswith(_PROGRAM):
            _let_run(event.file)
        yield event


def _events(
    wanted: ReleaseFile,
    target: Path,
    cancel: CancelToken,
    limit: BandwidthLimit,
    patience: Patience,
    margin_bytes: int,
) -> Iterator[DownloadEvent]:
    from app.models.download.connection import Connection

    known = _as_known(wanted)
    if is_there(target):
        yield from already_there(known, target, cancel)
        return
    check_space(bytes_left(known, target), target.parent, margin_bytes)
    with (
        PartFile(known, target) as part,
        Connection(wanted.url, cancel, stall_s=patience.stall_s, check_redirect=check_redirect) as connection,
    ):
        yield from _Fetching(wanted.url, part, connection, cancel, limit, patience).run()


def _as_known(wanted: ReleaseFile) -> RemoteFile:
    """As the record beside a part has it: the checksum alone says whether the part is of this file."""
    parts = urlsplit(wanted.url)
    endpoint = f"{parts.scheme}://{parts.netloc}"
    return RemoteFile("", wanted.file, endpoint, bytes=wanted.bytes, sha256=wanted.sha256, etag=wanted.sha256)


def _let_run(file: Path) -> None:
    """Whoever may read it may run it; some disks know no such permission."""
    with suppress(OSError):
        mode = file.stat().st_mode
        file.chmod(mode | (mode & 0o444) >> 2)


class _Fetching(Transfer):
    """From any server: what is right was signed."""

    def __init__(
        self,
        url: str,
        part: PartFile,
        connection: "Connection",
        cancel: CancelToken,
        limit: BandwidthLimit,
        patience: Patience,
    ) -> None:
        super().__init__(part, connection, cancel, limit, patience)
        self._url = url

    @property
    def url(self) -> str:
        return self._url

    def check(self, answer: "Answer") -> None:
        known, status, headers = self._part.remote, answer.status, answer.headers
        if status in (408, 429) or status >= 500:
            raise refusal(known, status, headers, token=False)
        if status not in (200, 206):
            raise AppError(f"{known.host} does not give {known.file} (status {status}).", "Try again later.")
        if is_web_page(known, headers.get("content-type", "")):
            raise AppError(
                f"{known.host} sent a web page instead of {known.file}.",
                "You may have to log in to this network first.",
            )
