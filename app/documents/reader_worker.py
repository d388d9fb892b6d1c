"""The reader process: one document at a time, within limits, answered over a pipe."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.base.worker_frames import Codec
from app.documents.document import ReadResult, Verdict
from app.documents.limited_serving import is_panic, path_from_text, resident_bytes, serve_within
from app.documents.limits import Limits


@dataclass(frozen=True, slots=True)
class Read:
    """Read the file at `path`, a name as `path_to_text` gives it."""

    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`resident_bytes` is the most memory this process has held so far, 0 where that is unknown."""

    result: ReadResult
    resident_bytes: int


CODEC = Codec(Read, Answer)


def main(arguments: Sequence[str]) -> None:
    """Serve until the parent goes. `arguments` is the JSON of `Limits`."""
    limits = Limits(**json.loads(arguments[0]))

    def answer(request: Read) -> Answer:
        return Answer(_read(path_from_text(request.path), limits), resident_bytes())

    serve_within(limits, CODEC, answer)


def _read(path: Path, limits: Limits) -> ReadResult:
    from app.documents.reading import read_document  # after the limits are set: it loads native code

    try:
        return read_document(path, limits)
    except BaseException as error:
        if not is_panic(error):
            raise
        return ReadResult(Verdict.damaged, "The file made the reader stop, so it is most likely damaged.")
