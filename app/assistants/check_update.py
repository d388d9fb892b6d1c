"""Use case: ask, because the person wants to know, whether there is a newer Alcove. Never called by anything else."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.updates.fetching import fetch_signed
from app.updates.manifest import Manifest, ReleaseFile, is_signed, read_manifest, version_key
from app.updates.seen import SeenManifest
from app.updates.source import UpdateSource, no_address
from app.updates.this_copy import ThisCopy, files_for


@dataclass(frozen=True, slots=True)
class AskingForVersions:
    """The list of versions is on its way from `host`."""

    host: str


@dataclass(frozen=True, slots=True)
class UpToDate:
    """The end: nothing newer than `version`, which runs here, is in the manifest. `ahead`: it names only older ones."""

    version: str
    manifest: Manifest
    ahead: bool


@dataclass(frozen=True, slots=True)
class NewerVersion:
    """The end: the manifest has a newer one than `version`. `files`: those that run here, the same edition first."""

    version: str
    manifest: Manifest
    files: tuple[ReleaseFile, ...]


UpdateEvent = AskingForVersions | UpToDate | NewerVersion


def check_update(
    source: UpdateSource, seen: SeenManifest, copy: ThisCopy, cancel: CancelToken
) -> Iterator[UpdateEvent]:
    """Two requests, of which nothing is told but that they were made; then one of the two ends.

    Raises `AppError` (no address, offline, wrong signature, damaged, of the future, older than one that was seen) and `Cancelled`.
    """
    if not source.address:
        raise no_address(source)
    yield AskingForVersions(source.host)
    content, signature = fetch_signed(source, cancel)
    if not is_signed(content, signature, source.keys):
        raise AppError(
            f"The list of versions from {source.host} is not signed by the makers of Alcove.",
            "Nothing of it was used. Try again in some minutes; if it stays so, ask where you got Alcove.",
        )
    try:
        manifest = read_manifest(content, source.address)
    except ValueError as error:
        raise AppError(
            f"The list of versions from {source.host} is signed, but it is damaged.", "Try again later."
        ) from error
    seen.check(manifest, source.address, source.host)
    seen.keep(manifest, source.address)
    listed, here = version_key(manifest.version), version_key(copy.version)
    if listed > here:
        yield NewerVersion(copy.version, manifest, files_for(copy, manifest.files))
    else:
        yield UpToDate(copy.version, manifest, ahead=listed < here)
