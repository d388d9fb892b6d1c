"""A model in several files (`NAME-00001-of-00003.gguf` …) as one download.

The parts arrive in a hidden folder beside their place and move out together when all are there and right, the first one
last: it is the one by which a model is found, so a model is never offered before it is whole.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from app.base.errors import AppError
from app.base.files import write_error
from app.base.jobs import CancelToken
from app.models.download.address import FileAddress
from app.models.download.pace import BandwidthLimit, Patience
from app.models.download.part_file import bytes_left, discard, in_the_way
from app.models.download.remote import RemoteFile
from app.models.download.transfer import (
    MARGIN_BYTES,
    DownloadEvent,
    DownloadFinished,
    DownloadProgress,
    check_space,
    download,
)


def download_all(
    remotes: Sequence[RemoteFile],
    folder: Path,
    *,
    cancel: CancelToken,
    token: str | None = None,
    limit: BandwidthLimit | None = None,
    patience: Patience | None = None,
    margin_bytes: int = MARGIN_BYTES,
) -> Iterator[DownloadEvent]:
    """Bring the files of one model into `folder`, one after the other, with common progress.

    Ends with one `DownloadFinished` that names the first file (`sha256` is the first file's). Raises and stops as
    `download` does; what has arrived is kept for the next time.
    """
    places = [_arrives_at(each, remotes, folder) for each in remotes]
    wanted = sum(bytes_left(*each) for each in zip(remotes, places, strict=True) if not each[1].exists())
    check_space(wanted, folder, margin_bytes)
    total = sum(each.bytes for each in remotes)
    before, finished = 0, []
    was_there = any((folder / each.name).exists() for each in remotes)
    for remote, place in zip(remotes, places, strict=True):
        events = download(
            remote,
            place,
            cancel=cancel,
            token=token,
            limit=limit,
            patience=patience,
            margin_bytes=margin_bytes,
        )
        for event in events:
            if isinstance(event, DownloadProgress):
                done, speed = before + event.bytes_done, event.bytes_per_s
                left = (total - done) / speed if speed else None
                yield replace(event, bytes_done=done, bytes_total=total, seconds_left=left)
            elif isinstance(event, DownloadFinished):
                finished.append(event)
            else:
                yield event
        before += finished[-1].bytes
    _move_out(places, folder)
    received = sum(each.bytes_received for each in finished)
    yield DownloadFinished(folder / remotes[0].name, before, finished[0].sha256, received, was_there)


def discard_all(files: Sequence[FileAddress], folder: Path) -> None:
    """Remove what was left of a download that is not wanted any more; nothing while it goes on in another window.

    Raises `AppError` when that fails.
    """
    if len(files) == 1:
        discard(folder / files[0].name)
        return
    staging = _staging(files, folder)
    unused = all(discard(staging / each.name) for each in files)
    try:
        if unused and staging.is_dir():
            shutil.rmtree(staging)
    except OSError as error:
        raise _not_removed(staging, error) from error


def _arrives_at(file: RemoteFile, all_files: Sequence[RemoteFile], folder: Path) -> Path:
    final = folder / file.name
    return final if len(all_files) == 1 or final.exists() else _staging(all_files, folder) / file.name


def _staging(files: Sequence[FileAddress], folder: Path) -> Path:
    return folder / f".{files[0].name}.parts"


def _move_out(places: Sequence[Path], folder: Path) -> None:
    for place in reversed(places):
        final = folder / place.name
        if final == place:
            continue
        if final.exists():
            raise in_the_way(final)
        try:
            place.replace(final)
        except OSError as error:
            raise write_error(final, error) from error
    for staging in {place.parent for place in places} - {folder}:
        try:
            staging.rmdir()
        except OSError as error:
            raise _not_removed(staging, error) from error


def _not_removed(folder: Path, error: OSError) -> AppError:
    return AppError(f"{folder} could not be removed ({error.strerror or error}).", "Remove it by hand.")
