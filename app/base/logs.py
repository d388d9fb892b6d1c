"""Log files without any text of the person's documents, questions or answers."""

import logging
import logging.handlers
import tempfile
import time
import traceback
from pathlib import Path

_MAX_BYTES = 1_000_000


def start_logging(folder: Path, name: str) -> None:
    """Write this process's log records to `folder/name.log` (rotating, 1 MB, two old ones kept)."""
    root = logging.getLogger()
    logging.raiseExceptions = False  # a full disk must not print tracebacks for every record
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            folder / f"{name}.log", maxBytes=_MAX_BYTES, backupCount=2, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def describe_bug(error: BaseException) -> str:
    """Where an unexpected exception came from: types, files and lines, but no values.

    Exception messages are left out because they can quote a document or a question.
    """
    lines = [f"{type(error).__module__}.{type(error).__qualname__}"]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"  {frame.filename}:{frame.lineno} in {frame.name}")
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        lines.append("caused by " + describe_bug(cause))
    return "\n".join(lines)


def write_crash_report(folder: Path, error: BaseException) -> Path:
    """Save `describe_bug` as a file of its own, in the temporary folder if need be; returns its path."""
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}.txt"
    text = describe_bug(error)
    logging.getLogger(__name__).error("bug: %s", text)
    path = folder / name
    for path in (folder / name, Path(tempfile.gettempdir(), f"alcove-{name}")):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        except OSError:
            continue  # a full disk must not hide the first error
        break
    return path
