"""The newest manifest that was met: an older one is a mistake, or somebody who hides a newer version."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from app.base.errors import AppError
from app.base.files import write_text
from app.updates.manifest import Manifest


class SeenManifest:
    """Kept in `file`, for one address: another address begins anew."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check(self, manifest: Manifest, address: str, host: str) -> None:
        """Raises `AppError` when a later one was seen, or another one of the same moment."""
        before = self._read(address)
        if before is None:
            return
        published, version = before
        if manifest.published < published:
            raise AppError(
                f"{host} sent an old list of versions, of {manifest.date}; one of {_day(published)} was seen before.",
                "Something on the way may hide a newer version. Try again later, or in another network.",
            )
        if manifest.published == published and manifest.version != version:
            raise AppError(
                f"{host} sent two different lists of versions of the same moment ({manifest.date}).",
                "Do not install either before you have asked where you got Alcove.",
            )

    def keep(self, manifest: Manifest, address: str) -> None:
        """Remember it, where anything can be written."""
        kept = {"address": address, "published": manifest.published.isoformat(), "version": manifest.version}
        with suppress(AppError):
            write_text(self._file, json.dumps(kept) + "\n")

    def _read(self, address: str) -> tuple[datetime, str] | None:
        try:
            kept = json.loads(self._file.read_bytes())
            published = datetime.fromisoformat(kept["published"])
            if kept["address"] != address or published.tzinfo is None:
                return None
            return published, str(kept["version"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
