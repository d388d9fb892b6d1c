"""Are the bytes of a model those they should be? Only a checksum tells: wrong ones load and write too."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.copying import BadSource, FileProgress, hash_files
from app.models.installed import PLACE, STARTER, InstalledModel
from app.models.naming import model_files
from app.models.records import Part, Record, Records
from app.models.tuned import Tunings

Verdict = Literal["ok", "wrong", "unknown"]
_COPY_DAMAGED = "Its copy tuned for this computer was damaged and has been deleted, so the model itself answers. Tune it again."
_SHOWN = 12  # hexadecimal digits of a checksum, enough to compare by eye


@dataclass(frozen=True, slots=True)
class Verified:
    """`unknown`: there was nothing to compare with; what it is today is kept for the next time. `copy`: this is about the
    copy tuned for this computer.
    """

    model: InstalledModel
    verdict: Verdict
    detail: str
    copy: bool = False


def verify(
    models: Sequence[InstalledModel], records: Records, cancel: CancelToken
) -> Iterator[FileProgress | Verified]:
    """`FileProgress`… and a `Verified` for each model, and for each tuned copy that is damaged: it is deleted, since it can be
    made again. Raises `AppError` when a checksum cannot be kept.
    """
    tunings = Tunings(records.folder)
    for model in models:
        try:
            verdict = yield from _verify(model, records, cancel)
        except _Unreadable as problem:
            verdict = Verified(model, "wrong", problem.args[0])
        yield verdict
        if model.missing or not (yield from drop_damaged_copy(model.file, tunings, cancel)):
            continue
        yield Verified(model, "wrong", _COPY_DAMAGED, copy=True)


def drop_damaged_copy(
    original: Path, tunings: Tunings, cancel: CancelToken
) -> Generator[FileProgress, None, bool]:
    """Whether the tuned copy in use instead of `original` had other bytes than those that were written; it is deleted then."""
    known, copy = tunings.find(original), tunings.file(original)
    if known is None or copy is None:
        return False
    try:
        (sha256,) = yield from hash_files([copy], cancel)
    except BadSource:
        sha256 = ""  # an answer would fail over it as well
    if sha256 == known.copy_sha256:
        return False
    with suppress(OSError):  # a system may keep a file that is in use; without its record nobody uses it
        tunings.drop(original)
    return True


class _Unreadable(Exception):
    """A file of the model cannot be read; the text says why."""


def _verify(
    model: InstalledModel, records: Records, cancel: CancelToken
) -> Generator[FileProgress, None, Verified]:
    if model.missing:
        raise _Unreadable(model.missing)
    record = records.find(model.file)
    files = model_files(model.file) if record is None else tuple(records.path(each) for each in record.parts)
    try:
        digests = yield from hash_files(files, cancel)
        now = records.describe(
            files,
            name=model.name if record is None else record.name,
            source=(STARTER if model.starter else "found") if record is None else record.source,
            owned=record is not None and record.owned,
            sha256=digests,
            loads=record is None or record.loads,
        )
    except AppError as error:
        raise _Unreadable(str(error)) from error
    except OSError as error:
        raise _Unreadable(f"{model.file} cannot be read ({error.strerror or error}).") from error
    return _judged(model, record, now, records)


def _judged(model: InstalledModel, record: Record | None, now: Record, records: Records) -> Verified:
    if record is not None and not (model.starter and _written_since(record, now)):
        for before, part in zip(record.parts, now.parts, strict=True):
            if before.sha256 not in ("", part.sha256):
                return Verified(model, "wrong", _difference(before, part, model))
        if all(part.sha256 for part in record.parts):
            return Verified(model, "ok", f"sha256 {now.parts[0].sha256[:_SHOWN]}… as recorded")
        now = replace(now, added=record.added)
    # without a record, or for a starter that came anew with another version of Alcove
    records.put(now)
    digest = now.parts[0].sha256[:_SHOWN]
    return Verified(
        model, "unknown", f"There was no checksum to compare with; sha256 {digest}… is kept from now on."
    )


def _difference(expected: Part, found: Part, model: InstalledModel) -> str:
    text = f"Its sha256 is {found.sha256[:_SHOWN]}…, but {expected.sha256[:_SHOWN]}… was recorded."
    if model.starter:
        return f"{text} Install Alcove again."
    if model.source.startswith(PLACE):
        app = model.source.removeprefix(PLACE)
        return f"{text} If {app} updated it, remove it here and add it again; if not, let {app} get it again."
    return f"{text} Remove it and get it again."


def _written_since(record: Record, now: Record) -> bool:
    """Whether a file was replaced: its size or its time changed, which rotting bytes do not do."""
    return any(
        (before.bytes, before.modified) != (part.bytes, part.modified)
        for before, part in zip(record.parts, now.parts, strict=True)
    )
