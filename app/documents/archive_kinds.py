"""Archives one by one: zip, tar (packed or not) and Unix mailboxes, each listed and unpacked within a budget."""

import bz2
import calendar
import gzip
import lzma
import re
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from app.documents import filetype
from app.documents.containers import is_of_system, zip_contents
from app.documents.document import ReadFailure, Verdict
from app.documents.limits import MIB, Limits
from app.documents.mail import MailboxMessage, newest_messages

_PIECE = MIB
_SMALL = 8 * MIB  # below this even an extreme ratio costs nothing
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_LONGEST_SUBJECT = 80
_UNFIT_FOR_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|', " "))
_PACKED: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
_TAR_MAGIC = slice(257, 262)
_YEAR_2242 = 2**33  # seconds; later times are mistakes, and too large for the database
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, OSError, EOFError, ValueError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive. `key` is how the archive itself finds it; for the rest see `Member`."""

    name: str
    size: int
    mtime_ns: int
    check: str
    locked: bool
    key: zipfile.ZipInfo | tarfile.TarInfo | MailboxMessage


class Workspace:
    """A private temporary folder, how much may still be listed and unpacked into it, and what is closed with it.

    What the system refuses (no space left, no permission) comes out of all of this module as `OSError`.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.closing = ExitStack()
        folder = tempfile.TemporaryDirectory(prefix="archive-", ignore_cleanup_errors=True)
        self._folder = Path(self.closing.enter_context(folder))
        self._files = self._members = self._listed = self._unpacked = 0

    @property
    def room(self) -> int:
        """How many files may still be listed."""
        return self.limits.members - self._members

    @contextmanager
    def listing(self) -> Iterator[None]:
        """What was counted meanwhile counts no more when this ends with a `ReadFailure`."""
        before = self._members, self._listed
        try:
            yield
        except ReadFailure:
            self._members, self._listed = before
            raise

    def new_path(self, suffix: str = "") -> Path:
        self._files += 1
        return self._folder / f"{self._files}{suffix}"

    def list_one(self, size: int) -> None:
        """Count a file that takes `size` bytes when it is unpacked. Raises `ReadFailure` when that is too much in all."""
        self._members += 1
        self._listed += size
        if self._members > self.limits.members:
            raise too_large(
                f"It holds more than {self.limits.members:,} files; unpack it and add what is inside."
            )
        if self._listed > self.limits.expanded_bytes:
            most = self.limits.expanded_bytes // MIB
            raise too_large(f"Unpacked, it would be larger than {most} MB; unpack it and add what is inside.")

    def unpack(self, opened: Callable[[], IO[bytes] | None], packed: int, suffix: str = "") -> Path:
        """A new file with what `opened` gives, whatever size the archive claims. `packed`: its size in bytes before.

        Raises `ReadFailure`: damaged, unsupported or too-large.
        """
        most = max(_SMALL, self.limits.expansion_ratio * packed)
        target = self.new_path(suffix)
        written = 0
        try:
            source = opened()
            if source is None:
                raise _damaged()
            with source, target.open("wb") as file:
                while piece := source.read(_PIECE):
                    written += len(piece)
                    self._unpacked += len(piece)
                    if written > most or self._unpacked > self.limits.expanded_bytes:
                        raise too_large(
                            "Unpacked, it would be far larger than it looks, so it was not opened."
                        )
                    file.write(piece)
        except NotImplementedError as error:
            raise ReadFailure(
                Verdict.unsupported,
                "It is packed in a way that Alcove does not know; unpack it and add what is inside.",
            ) from error
        except _BROKEN as error:
            if is_of_system(error):
                raise
            raise _damaged() from error
        return target


class Archive(Protocol):
    remark: str
    """Why not all of it was listed, "" when all was."""

    def entries(self, workspace: Workspace) -> Iterator[Entry]:
        """The ordinary files inside. Raises `ReadFailure`."""

    def unpack(self, entry: Entry, workspace: Workspace, suffix: str) -> Path:
        """A new file with what `entry` holds. Raises `ReadFailure`."""


def open_archive(path: Path, workspace: Workspace) -> Archive | None:
    """The archive at `path`, None when it is none; closed with the workspace. Raises `ReadFailure`."""
    head = _head(path)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        container = workspace.closing.enter_context(zip_contents(path))
        return None if filetype.is_document(container, path) else _Zip(container, path)
    for magic, unpacked in _PACKED.items():
        if head.startswith(magic):
            path = workspace.unpack(partial(unpacked, path), path.stat().st_size)
            head = _head(path)
    if head[_TAR_MAGIC] == b"ustar":
        return _Tar(path, workspace)
    return _Mailbox(path, workspace) if filetype.is_mailbox(head) else None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(filetype.HEAD)


class _Zip:
    remark = ""

    def __init__(self, container: zipfile.ZipFile, path: Path) -> None:
        self._container = container
        packed = sum(info.compress_size for info in container.infolist())
        if packed > 2 * path.stat().st_size + MIB:
            raise too_large("Its files overlap, as in an attack, so it was not opened.")

    def entries(self, workspace: Workspace) -> Iterator[Entry]:
        for info in self._container.infolist():
            if info.is_dir() or stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
                continue
            workspace.list_one(info.file_size)
            locked = bool(info.flag_bits & _ENCRYPTED)
            check = f"{info.CRC:08x}"
            yield Entry(_zip_name(info), info.file_size, _utc_ns(info.date_time), check, locked, info)

    def unpack(self, entry: Entry, workspace: Workspace, suffix: str) -> Path:
        info = entry.key
        assert isinstance(info, zipfile.ZipInfo)
        return workspace.unpack(lambda: self._container.open(info), info.compress_size, suffix)


class _Tar:
    remark = ""

    def __init__(self, path: Path, workspace: Workspace) -> None:
        try:
            container = tarfile.TarFile.taropen(path)  # noqa: SIM115 - closed with the workspace
            self._container = workspace.closing.enter_context(container)
        except _BROKEN as error:
            if is_of_system(error):
                raise
            raise _damaged() from error

    def entries(self, workspace: Workspace) -> Iterator[Entry]:
        try:
            for info in self._container:
                if info.isreg():
                    workspace.list_one(info.size)
                    seconds = int(info.mtime) if 0 < info.mtime < _YEAR_2242 else 0
                    yield Entry(_tar_name(info.name), info.size, seconds * 10**9, "", locked=False, key=info)
        except _BROKEN as error:
            if is_of_system(error):
                raise
            raise _damaged() from error

    def unpack(self, entry: Entry, workspace: Workspace, suffix: str) -> Path:
        info = entry.key
        assert isinstance(info, tarfile.TarInfo)
        return workspace.unpack(lambda: self._container.extractfile(info), entry.size, suffix)


class _Mailbox:
    remark = ""

    def __init__(self, path: Path, workspace: Workspace) -> None:
        self._file = workspace.closing.enter_context(path.open("rb"))

    def entries(self, workspace: Workspace) -> Iterator[Entry]:
        """One for each of the newest messages; its name stays when others are deleted."""
        messages, count = newest_messages(self._file, max(workspace.room, 1))
        if len(messages) < count:
            self.remark = f"It holds {count:,} messages; the newest {len(messages):,} can be searched."
        for message in messages:
            workspace.list_one(0)  # it is there already
            check = f"{self._checksum(message):08x}"
            mark = f"{zlib.crc32(message.number):08x}" if message.number else check
            name = f"{_day(message.sent_ns)} {_name_part(message.subject) or 'No subject'} ({mark[:6]}).eml"
            size = message.end - message.start
            yield Entry(name.strip(), size, message.sent_ns, check, locked=False, key=message)

    def unpack(self, entry: Entry, workspace: Workspace, suffix: str) -> Path:
        message = entry.key
        assert isinstance(message, MailboxMessage)
        target = workspace.new_path(suffix)
        self._file.seek(message.start)
        target.write_bytes(_QUOTED_FROM.sub(rb"\1", self._file.read(entry.size)))
        return target

    def _checksum(self, message: MailboxMessage) -> int:
        self._file.seek(message.start)
        left, check = message.end - message.start, 0
        while left > 0 and (piece := self._file.read(min(left, _PIECE))):
            left -= len(piece)
            check = zlib.crc32(piece, check)
        return check


def _day(sent_ns: int) -> str:
    return datetime.fromtimestamp(sent_ns / 10**9, UTC).strftime("%Y-%m-%d") if sent_ns else ""


def _name_part(subject: str) -> str:
    return subject.translate(_UNFIT_FOR_NAMES)[:_LONGEST_SUBJECT].strip(" .")


def _damaged() -> ReadFailure:
    return ReadFailure(Verdict.damaged, "The archive is incomplete or damaged; try to get it again.")


def too_large(reason: str) -> ReadFailure:
    return ReadFailure(Verdict.too_large, reason)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 and do not say so; a name that is not UTF-8 hardly ever passes for it."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except ValueError:
        return info.filename


def _tar_name(name: str) -> str:
    """Bytes that are not UTF-8 come as lone surrogates."""
    data = name.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _utc_ns(date_time: tuple[int, int, int, int, int, int]) -> int:
    """A zip names no time zone; taken as UTC it is the same on every machine. 0 for an impossible date."""
    year, month, day, hour, minute, second = date_time
    if not (year > 1980 and 1 <= month <= 12 and 1 <= day <= 31):
        return 0
    return calendar.timegm((year, month, day, hour, minute, second)) * 10**9
