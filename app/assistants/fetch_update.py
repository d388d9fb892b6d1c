"""Use case: save a file of a newer version where the person wants it. It is checked, and never started."""

from collections.abc import Iterator
from pathlib import Path

from app.base.jobs import CancelToken
from app.base.paths import check_free
from app.models.download.pace import BandwidthLimit
from app.models.download.transfer import DownloadEvent
from app.updates.manifest import ReleaseFile
from app.updates.transfer import fetch_file

_MIB = 1 << 20


def fetch_update(
    wanted: ReleaseFile, target: Path, cancel: CancelToken, *, mib_per_s: float | None = None
) -> Iterator[DownloadEvent]:
    """Ends with `DownloadFinished` once `target` is there with the size and the SHA-256 that were signed.

    Stopped or cut off, it goes on where it was at the next call. Raises `AppError` (no folder, no space, another file of that
    name, offline, other bytes than were signed) and `Cancelled`.
    """
    check_free(target, overwrite=True)  # a file that is there is compared, not replaced
    limit = None if mib_per_s is None else BandwidthLimit(mib_per_s * _MIB)
    yield from fetch_file(wanted, target, cancel=cancel, limit=limit)
