"""The same zip container with other bytes in some of its members."""

import copy
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from app.documents.containers import open_zip
from app.documents.document import ReadFailure, Verdict
from app.documents.limits import Limits

_HEADER = struct.Struct("<4s22xHH")  # a member's own header: signature, …, lengths of its name and extra
_SIGNATURE = b"PK\x03\x04"
_SIZES_FOLLOW = 0x08
_CHUNK = 1 << 20
_BIG_SIZES = 1  # id of the extra field for sizes beyond 4 GiB, which no file within the limits has


def rewritten(path: Path, out: Path, members: Mapping[str, bytes], limits: Limits) -> None:
    """Write to `out` the container at `path` with `members` (name -> new bytes) replaced.

    All other members keep their place, date, attributes and compressed bytes; replaced ones keep all but the
    bytes. Names that the container lacks are ignored. Raises `ReadFailure` as `open_zip` does, `OSError` as `open`.
    """
    with (
        open_zip(path, limits) as source,
        path.open("rb") as raw,
        zipfile.ZipFile(out, "w", strict_timestamps=False) as target,
    ):
        for info in sorted(source.infolist(), key=lambda each: each.header_offset):
            if info.filename in members:
                new = _renewed(info)
                target.writestr(new, members[info.filename])
                new.external_attr = info.external_attr  # where there are none, `writestr` invents some
            else:
                _copy(raw, info, target)
        target.comment = source.comment


def _renewed(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    new = copy.copy(info)
    new.extra = _without_sizes(info.extra)
    return new


def _copy(raw: IO[bytes], info: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
    """One member as it is compressed; `zipfile` has no call of its own for this."""
    assert target.fp is not None
    raw.seek(info.header_offset)
    header = raw.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(_SIGNATURE):
        raise ReadFailure(Verdict.damaged, "The file is damaged inside; try to get it again.")
    _, name_length, extra_length = _HEADER.unpack(header)
    new = _renewed(info)
    new.flag_bits &= ~_SIZES_FOLLOW  # they stand in the header instead
    new.header_offset = target.fp.tell()
    raw.seek(name_length + extra_length, 1)
    target.fp.write(new.FileHeader(zip64=False))
    _copy_bytes(raw, target.fp, info.compress_size)
    target.filelist.append(new)
    target.NameToInfo[new.filename] = new
    target.start_dir = target.fp.tell()


def _copy_bytes(raw: IO[bytes], target: IO[bytes], count: int) -> None:
    while count > 0:
        chunk = raw.read(min(count, _CHUNK))
        if not chunk:
            raise ReadFailure(Verdict.damaged, "The file is incomplete; try to get it again.")
        target.write(chunk)
        count -= len(chunk)


def _without_sizes(extra: bytes) -> bytes:
    kept = b""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind != _BIG_SIZES:
            kept += extra[: 4 + length]
        extra = extra[4 + length :]
    return kept
