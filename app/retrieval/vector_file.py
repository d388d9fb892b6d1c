"""The vector index on disk: one immutable file beside `index.db`, which says which file is the right one.

FAISS loads a damaged file without complaint and then returns wrong neighbours, so every byte is checked before FAISS
sees it. The checksum is CRC-32, which misses no flipped bit and is eight times as fast as SHA-256; it protects
against accidents, not against somebody who could change `index.db` just as well.
"""

import json
import secrets
import time
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.base.files import replacing
from app.retrieval.vector_index import VectorIndex

FACT = "vector_file"
_PIECE_BYTES = 4 << 20
# A file that no database names may be one that another process is about to name.
_LEFT_ALONE_S = 3600.0


@dataclass(frozen=True, slots=True)
class VectorFile:
    """What `index.db` remembers of the file.

    `number`: the last row of `vector_changes` it covers. `trained`: how many vectors there were when its clusters were
    found. `checksum`: CRC-32 of its `size` bytes.
    """

    token: str
    number: int
    embedder: str
    dimensions: int
    count: int
    trained: int
    size: int
    checksum: int

    def fact(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_fact(cls, fact: str | None) -> "VectorFile | None":
        with suppress(ValueError, TypeError):
            return cls(**json.loads(fact or ""))
        return None


def write_file(index: VectorIndex, cache: Path, *, number: int, embedder: str, trained: int) -> VectorFile:
    """Write `index` under a new name, where nobody looks for it yet. Raises `AppError` when the disk is full."""
    token = secrets.token_hex(8)
    size = checksum = 0
    with replacing(path_of(cache, token)) as stream:

        def write(piece: bytes) -> None:
            nonlocal size, checksum
            stream.write(piece)
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)

        index.write(write)
    return VectorFile(token, number, embedder, index.dimensions, len(index), trained, size, checksum)


def is_sound(file: VectorFile, cache: Path) -> bool:
    """Whether every byte of the file is as it was written."""
    try:
        with path_of(cache, file.token).open("rb") as stream:
            size = checksum = 0
            while piece := stream.read(_PIECE_BYTES):
                size += len(piece)
                checksum = zlib.crc32(piece, checksum)
    except OSError:
        return False
    return (size, checksum) == (file.size, file.checksum)


def open_file(file: VectorFile, cache: Path) -> VectorIndex | None:
    """The index, mapped into memory; None when the file is missing or damaged."""
    if not is_sound(file, cache):
        return None
    with suppress(OSError, ValueError, RuntimeError):
        index = VectorIndex.mapped(np.memmap(path_of(cache, file.token), np.uint8, mode="r"))
        if (index.dimensions, len(index)) == (file.dimensions, file.count):
            return index
    return None


def remove_file(cache: Path, token: str) -> None:
    with suppress(OSError):  # Windows keeps a file that is mapped; it goes another time
        path_of(cache, token).unlink(missing_ok=True)


def remove_strays(cache: Path, token: str) -> None:
    """Files left by a crash and of earlier versions; not the one named `token`."""
    old = [cache, cache.with_suffix(".json")]
    unnamed = [
        *cache.parent.glob(f"{cache.stem}-*{cache.suffix}"),
        *cache.parent.glob(f".{cache.stem}-*.part"),
    ]
    for path in [*old, *unnamed]:
        with suppress(OSError):
            if path != path_of(cache, token) and (
                path in old or time.time() - path.stat().st_mtime > _LEFT_ALONE_S
            ):
                path.unlink(missing_ok=True)


def path_of(cache: Path, token: str) -> Path:
    return cache.with_name(f"{cache.stem}-{token}{cache.suffix}")
