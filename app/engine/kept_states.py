"""What models have read, kept on disk: states of their memory, each with the tokens it holds.

A state saves reading a conversation or a document again when it is opened again. All of them are a cache: they hold
the person's words, so they go when those are to go (`forget_states`), and nothing is lost with them.

A file is the state as llama.cpp writes it, the tokens, and a footer with a checksum: llama.cpp ends its process over a
state that was cut off, and computes with a damaged one as if it were sound.
"""

import logging
import math
import os
import shutil
import struct
import time
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.base.jobs import CancelToken

MOST_BYTES = 1 << 30
_PART_OF_FREE = 10  # of the disk space left, states take no more than a tenth
_FOOTER = struct.Struct("<8sQII")  # what it is, bytes of the state, number of tokens, CRC-32 of all before it
_MAGIC = b"alcove-1"
_STATE, _ASIDE, _LOADING = ".state", ".part", ".loading"
_ABANDONED_S = 60.0  # since it was last written to, or since loading began
_CLOCKS_S = 60.0  # by which the clock of a disk may differ from this machine's
_CHUNK_BYTES = 4 << 20
_ERA = "era"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptState:
    """A file and the tokens that were read, from the first on."""

    file: Path
    tokens: "array[int]"


class KeptStates:
    """The states in `folder` that this version of the engine wrote. What cannot be read or written is done without.

    `engine` changes when the format of states does. States take up to `most_bytes` (a tenth of the free space if that is
    less); those not used for longest go first.
    """

    def __init__(self, folder: Path, engine: str, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._engine = _digest(engine)
        self._most_bytes = most_bytes
        self._tokens: dict[str, array[int]] = {}  # by file name, which is never used twice

    def key(self, facts: object) -> str:
        """For the states of one model, loaded in one way; `facts` by what is printed of them."""
        return f"{self._engine}-{_digest(repr(facts))}"

    def of(self, key: str) -> list[KeptState]:
        """Those that look sound; `checked` looks at every byte."""
        found: list[KeptState] = []
        with suppress(OSError):
            for file in self._folder.glob(f"{key}-*{_STATE}"):
                if tokens := self._tokens_of(file):
                    found.append(KeptState(file, tokens))
        return found

    def checked(self, state: KeptState, cancel: CancelToken) -> bool:
        """Whether no byte of it has changed; if one has, the file is removed. Raises `Cancelled`."""
        try:
            with state.file.open("rb") as stream:
                length = os.fstat(stream.fileno()).st_size - _FOOTER.size
                crc = _checksum(stream, length, cancel)
                if _FOOTER.unpack(stream.read())[3] == crc:
                    return True
            _log.warning("a kept state is damaged and was removed")
        except (OSError, struct.error) as error:
            _log.warning("a kept state cannot be read: %s", error)
        _remove(state.file)
        return False

    @contextmanager
    def loading(self, state: KeptState, era: str) -> Iterator[Path]:
        """The file under another name, so that a state over which the process ends is never tried again.

        It comes back, as the one used last, unless the body raises or all was forgotten since `era`. Raises `OSError` when
        it has gone.
        """
        file = state.file.with_suffix(_LOADING)
        os.utime(state.file)
        state.file.replace(file)
        try:
            yield file
        except BaseException:
            _remove(file)
            raise
        if era != _read_era(self._folder):
            _remove(file)  # forgotten meanwhile; not every system removes a file that is open
            return
        with suppress(OSError):
            file.replace(state.file)

    def used(self, state: KeptState) -> None:
        """It is the last to go now."""
        with suppress(OSError):
            os.utime(state.file)

    def save(
        self,
        key: str,
        tokens: Sequence[int],
        write: Callable[[Path], None],
        *,
        size: int,
        era: str,
        instead_of: Sequence[KeptState] = (),
        cancel: CancelToken,
    ) -> bool:
        """Keep a state of about `size` bytes that `write` writes into a file; whether it is there now.

        It replaces the states `instead_of`. `era`: when its tokens were asked for; if anything was forgotten since, it is not
        kept. Raises `Cancelled`; nothing has changed then.
        """
        name = f"{key}-{os.urandom(8).hex()}"
        aside, target = self._folder / (name + _ASIDE), self._folder / (name + _STATE)
        try:
            if era != _read_era(self._folder) or not self._make_room(size, instead_of):
                return False
            write(aside)
            _seal(aside, tokens, cancel)
            aside.replace(target)
        except OSError as error:
            _log.warning("a state was not kept: %s", error)
            return False
        finally:
            _remove(aside)
        if era != _read_era(self._folder):  # forgotten while it was written
            _remove(target)
            return False
        for each in instead_of:
            _remove(each.file)
        return True

    def _make_room(self, size: int, first: Sequence[KeptState]) -> bool:
        """Remove what is foreign or abandoned, then `first` and the longest unused until `size` bytes fit.

        False where one state would take more than half of all room: the others are worth more.
        """
        ours = {file: file.stat() for file in self._tidied()}
        used = sum(facts.st_size for facts in ours.values())
        room = min(self._most_bytes, (shutil.disk_usage(self._folder).free + used) // _PART_OF_FREE)
        fits = size <= room // 2
        wanted = size if fits else 0
        replaced = {each.file for each in first}
        for file in sorted(ours, key=lambda each: (each not in replaced, ours[each].st_mtime_ns)):
            if used + wanted <= room:
                break
            _remove(file)
            used -= ours[file].st_size
        return fits

    def _tidied(self) -> list[Path]:
        """The files of this engine."""
        ours: list[Path] = []
        for file in list(self._folder.iterdir()):
            if file.suffix == _STATE:
                if file.name.startswith(self._engine) and self._tokens_of(file):
                    ours.append(file)
                else:
                    _remove(file)
            elif file.suffix in (_ASIDE, _LOADING) and time.time() - file.stat().st_mtime > _ABANDONED_S:
                _remove(file)
        return ours

    def _tokens_of(self, file: Path) -> "array[int] | None":
        """None for a file that cannot be a whole state."""
        if file.name not in self._tokens:
            try:
                self._tokens[file.name] = _read_tokens(file)
            except (OSError, ValueError, struct.error):
                return None
        return self._tokens[file.name]


def current_era(folder: Path) -> str:
    """Changes when something is forgotten, even by another process; "" where nothing can be kept."""
    with suppress(OSError):
        if found := _read_era(folder):
            return found
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_era(folder, os.urandom(8).hex())
        return _read_era(folder)
    return ""


def all_forgotten(before: str, now: str) -> bool:
    """Whether everything was forgotten between two eras, so that memory has to be emptied too."""
    return before.partition(".")[0] != now.partition(".")[0]


def forget_states(folder: Path, since: float = 0.0) -> None:
    """Remove all, also what a running engine still has in its memory: it notices before its next answer.

    `since` (seconds, Unix): remove only what may hold words that are no older, so not what was last used before. A running
    engine then keeps nothing of what it has in its memory, but may go on with it: the next answer cuts it back to what is
    still asked.
    """
    if since > time.time():
        since = 0.0  # this clock was changed
    if not since or not _begin_part(folder):
        _remove(folder / _ERA)
    for file in _files(folder):
        if not since or _last_used(file) >= since - _CLOCKS_S:
            _remove(file)


def kept_bytes(folder: Path) -> int:
    """What all states take on the disk."""
    total = 0
    for file in _files(folder):
        with suppress(OSError):
            total += file.stat().st_size
    return total


def _read_era(folder: Path) -> str:
    with suppress(OSError):
        return (folder / _ERA).read_text(encoding="ascii", errors="replace")
    return ""


def _begin_part(folder: Path) -> bool:
    """Another era in which memory need not be emptied; whether that was possible."""
    known = _read_era(folder).partition(".")[0]
    with suppress(OSError):
        if known:
            _write_era(folder, f"{known}.{os.urandom(8).hex()}")
            return True
    return False


def _write_era(folder: Path, era: str) -> None:
    """Written aside, so that a power cut or a full disk leaves none that is empty. Raises `OSError`."""
    aside = folder / (os.urandom(8).hex() + _ASIDE)
    try:
        aside.write_text(era, encoding="ascii")
        aside.replace(folder / _ERA)
    finally:
        _remove(aside)


def _last_used(file: Path) -> float:
    """Unix time; the end of all times where it cannot be seen."""
    try:
        return file.stat().st_mtime
    except OSError:
        return math.inf


def _files(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [file for file in folder.iterdir() if file.suffix in (_STATE, _ASIDE, _LOADING)]
    return []


def _seal(file: Path, tokens: Sequence[int], cancel: CancelToken) -> None:
    """Add tokens and footer to a state. Not synced: what a power cut leaves of it does not pass its checksum. Raises
    `Cancelled`.
    """
    with file.open("r+b") as stream:
        size = os.fstat(stream.fileno()).st_size
        crc = _checksum(stream, size, cancel)
        stored = array("i", tokens).tobytes()
        stream.write(stored + _FOOTER.pack(_MAGIC, size, len(tokens), zlib.crc32(stored, crc)))


def _read_tokens(file: Path) -> "array[int]":
    """Raises `OSError`, `ValueError` and `struct.error` for anything but a file that `_seal` wrote."""
    tokens = array("i")
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        stream.seek(size - _FOOTER.size)
        magic, state, count, _ = _FOOTER.unpack(stream.read())
        if magic != _MAGIC or state + count * tokens.itemsize + _FOOTER.size != size:
            raise ValueError("not a whole state")
        stream.seek(state)
        tokens.frombytes(stream.read(count * tokens.itemsize))
    return tokens


def _checksum(stream: BinaryIO, length: int, cancel: CancelToken) -> int:
    """CRC-32 of the next `length` bytes. Raises `Cancelled`."""
    crc = 0
    while length > 0 and (chunk := stream.read(min(length, _CHUNK_BYTES))):
        cancel.raise_if_cancelled()
        crc = zlib.crc32(chunk, crc)
        length -= len(chunk)
    return crc


def _digest(text: str) -> str:
    import hashlib  # loads OpenSSL, which the window does not need to start

    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink(missing_ok=True)
