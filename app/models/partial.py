"""The header of a model that is not downloaded, as a file llama.cpp can plan memory with: sparse, of the real length."""

from pathlib import Path

from app.base.errors import AppError
from app.base.files import write_error
from app.base.jobs import CancelToken
from app.models.download.remote import RemoteFile, read_start
from app.models.gguf import GgufFacts, read_facts

MIB = 1 << 20
# Headers hold the vocabulary: 2 MiB with 49,000 entries, 6 with 152,000, 16 with 262,000.
STEPS = (2 * MIB, 4 * MIB, 8 * MIB, 16 * MIB, 24 * MIB)


def fetch_header(
    remote: RemoteFile, file: Path, *, cancel: CancelToken, token: str | None = None
) -> GgufFacts:
    """Write `file` with the header of `remote`, fetching no more than that takes (24 MiB at most, each byte once).

    Raises `AppError` (no model, unreachable, full disk) and `Cancelled`.
    """
    start = b""
    for number, count in enumerate(STEPS, start=1):
        start = read_start(remote, count, start, cancel=cancel, token=token)
        _write_sparse(file, start, remote.bytes)
        try:
            return read_facts(file)
        except AppError:
            # a header that is cut off reads as a damaged one
            if number == len(STEPS) or count >= remote.bytes:
                file.unlink(missing_ok=True)
                raise
    raise AssertionError("unreachable")


def _write_sparse(file: Path, start: bytes, length: int) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            stream.write(start)
            stream.truncate(length)
    except OSError as error:
        file.unlink(missing_ok=True)
        raise write_error(file, error) from error
