"""The layout process: reads and writes one file at a time, within limits, answered over a pipe."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.base.errors import AppError
from app.base.files import write_error
from app.base.logs import describe_bug
from app.base.worker_frames import Codec
from app.documents.document import ReadFailure, Verdict
from app.documents.layout import formats
from app.documents.layout.segment import Layout, Rebuilt
from app.documents.limited_serving import is_panic, path_from_text, resident_bytes, serve_within
from app.documents.limits import Limits

_log = logging.getLogger(__name__)
_DAMAGED = ReadFailure(Verdict.damaged, "The file is damaged; try to get it again or to save it anew.")
_TOO_LARGE = "Working on this file would need more memory than Alcove allows a file."
_REMEDIES = {
    Verdict.unsupported: "Save it as a kind of file that Alcove translates, for example docx or txt.",
    Verdict.locked: "Save a copy without a password and choose that.",
    Verdict.empty: "Choose a file with text in it.",
    Verdict.damaged: "Try to get it again or to save it anew.",
    Verdict.too_large: "Divide it into smaller files and try those.",
    Verdict.unreadable: "Check that you may read it, and choose it again.",
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Segments:
    """Cut the file at `path` into segments; names as `path_to_text` gives them."""

    path: str


@dataclass(frozen=True, slots=True)
class Write:
    """Write the file at `path` again at `out`, which nobody else uses, with `targets` in it."""

    path: str
    out: str
    targets: dict[str, str]
    language: str


@dataclass(frozen=True, slots=True)
class Cut:
    """`resident_bytes` is the most memory this process has held so far, 0 where that is unknown."""

    layout: Layout
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class Written:
    """See `Cut`."""

    rebuilt: Rebuilt
    resident_bytes: int


CODEC = Codec(Segments, Write, Cut, Written)


def main(arguments: Sequence[str]) -> None:
    """Serve until the parent goes. `arguments` is the JSON of `Limits`."""
    limits = Limits(**json.loads(arguments[0]))

    def answer(request: Segments | Write) -> Cut | Written:
        path = path_from_text(request.path)
        if isinstance(request, Segments):
            return Cut(_told(path, lambda: formats.read_layout(path, limits)), resident_bytes())
        out = path_from_text(request.out)

        def write() -> Rebuilt:
            return formats.write_layout(path, out, request.targets, request.language, limits)

        return Written(_told(path, write), resident_bytes())

    serve_within(limits, CODEC, answer)


def _told(path: Path, work: Callable[[], T]) -> T:
    """What `work` returns; whatever goes wrong in it becomes an `AppError`."""
    try:
        return work()
    except AppError:
        raise
    except ReadFailure as failure:
        raise _error(failure) from failure
    except FileNotFoundError as error:
        raise AppError(f"{path.name} is no longer there.", "Choose the file again.") from error
    except PermissionError as error:
        raise AppError(
            f"You have no permission to read {path.name}.", "Copy it to your own folder."
        ) from error
    except OSError as error:
        raise write_error(path, error) from error
    except (RecursionError, MemoryError) as error:
        raise _error(ReadFailure(Verdict.too_large, _TOO_LARGE)) from error
    except BaseException as error:  # broken files find errors in parsers that nobody knows of
        if not (isinstance(error, Exception) or is_panic(error)):
            raise
        _log.warning("unexpected: %s", describe_bug(error))
        raise _error(_DAMAGED) from error


def _error(failure: ReadFailure) -> AppError:
    """A failure's sentence holds the remedy after a semicolon, if it has one of its own."""
    what, _, remedy = failure.reason.partition("; ")
    remedy = remedy or _REMEDIES.get(failure.verdict, "Try another file.")
    return AppError(what.removesuffix(".") + ".", remedy[:1].upper() + remedy[1:])
