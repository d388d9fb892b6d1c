"""The newest manifest that was met: an older one is a mistake, or somebody who hides a newer version.

A manifest dated ahead of this computer's clock is neither used nor remembered: by mistake it would stand in the way of all
that come before its date.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.base.errors import AppError
from app.base.files import write_text
from app.updates.manifest import Manifest

_AHEAD = timedelta(days=1)  # by which a clock or a time zone may be wrong


class SeenManifest:
    """Kept in `file`, for one address: another address begins anew."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check(self, manifest: Manifest, address: str, host: str) -> None:
        """Raises `AppError` for one of the future, when a later one was seen, or another one of the same moment."""
        now = datetime.now(UTC)
        if manifest.published > now + _AHEAD:
            raise AppError(
                f"{host} sent a list of versions of {manifest.date}; by this computer's clock it is {_day(now)}.",
                "Check this computer's date. If it is right, the list is dated wrongly: try again later.",
            )
        before = self._read(address)
        if before is None:
            return
        published, sha256 = before
        if manifest.published < published:
            raise self._older(manifest, published, now, host)
        if manifest.published == published and manifest.sha256 != sha256:
            raise AppError(
                f"{host} sent two different lists of versions of the same moment ({manifest.date}).",
                "Do not install either before you have asked where you got Alcove.",
            )

    def keep(self, manifest: Manifest, address: str) -> None:
        """Remember it, where anything can be written."""
        kept = {
            "address": address,
            "published": manifest.published.isoformat(),
            "sha256": manifest.sha256,
        }
        with suppress(AppError, OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._file, json.dumps(kept) + "\n")

    def _older(self, manifest: Manifest, published: datetime, now: datetime, host: str) -> AppError:
        """Than the one `published`. Which of two dates is wrong nobody can tell here, so the person decides."""
        what = f"{host} sent an old list of versions, of {manifest.date}; one of {_day(published)} was seen before."
        if published > now + _AHEAD:
            return AppError(
                f"{what} That is in the future by this computer's clock.",
                f"Check this computer's date. If it is right, delete {self._file} and check again.",
            )
        return AppError(
            what, "Something on the way may hide a newer version. Try again later, or in another network."
        )

    def _read(self, address: str) -> tuple[datetime, str] | None:
        """When it was published, and its SHA-256."""
        try:
            kept = json.loads(self._file.read_bytes())
            published = datetime.fromisoformat(kept["published"])
            if kept["address"] != address or published.tzinfo is None:
                return None
            return published, str(kept["sha256"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
