"""The reader process: one document at a time, within limits, answered over a pipe."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.base.edition import FULL_EDITION, recognises_text
from app.base.errors import AppError
from app.base.worker_frames import Codec
from app.documents.document import Member, PlaceText, ReadFailure, ReadResult, Verdict
from app.documents.limited_serving import is_panic, path_from_text, resident_bytes, serve_within
from app.documents.limits import Limits


@dataclass(frozen=True, slots=True)
class Read:
    """Read the file at `path`, a name as `path_to_text` gives it; `member` names a file inside, when it is an archive."""

    path: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`resident_bytes` is the most memory this process has held so far, 0 where that is unknown."""

    result: ReadResult
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class List:
    """List the documents in the archive at `path`. Answered by `Listed`."""

    path: str


@dataclass(frozen=True, slots=True)
class Listed:
    """`verdict` is `archive`, or why nothing could be listed; `reason` as in `ReadResult`, or why not all was listed."""

    members: tuple[Member, ...]
    verdict: Verdict
    reason: str
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class Recognise:
    """Recognise the text of page `number` (from 1) of the file at `path`. Answered by `Recognised`."""

    path: str
    member: str
    number: int


@dataclass(frozen=True, slots=True)
class Recognised:
    """The page, in state `recognised` or `picture`; None when its file cannot be reached now."""

    page: PlaceText | None
    resident_bytes: int


CODEC = Codec(Read, Answer, List, Listed, Recognise, Recognised)


def main(arguments: Sequence[str]) -> None:
    """Serve until the parent goes. `arguments` is the JSON of `Limits`."""
    limits = Limits(**json.loads(arguments[0]))

    def answer(request: Read | List | Recognise) -> Answer | Listed | Recognised:
        path = path_from_text(request.path)
        match request:
            case Read():
                return Answer(_read(path, request.member, limits), resident_bytes())
            case List():
                return _list(path, limits)
            case Recognise():
                return Recognised(_recognise(path, request.member, request.number, limits), resident_bytes())

    serve_within(limits, CODEC, answer)


# Modules that load native code are imported after the limits are set.


def _read(path: Path, member: str, limits: Limits) -> ReadResult:
    from app.documents.archives import member_file
    from app.documents.reading import read_document, why_unread

    try:
        return read_document(member_file(path, member, limits) if member else path, limits)
    except Exception as error:  # of the archive
        failure = why_unread(error)
        return ReadResult(failure.verdict, failure.reason)
    except BaseException as error:
        if not is_panic(error):
            raise
        return ReadResult(Verdict.damaged, "The file made the reader stop, so it is most likely damaged.")


def _list(path: Path, limits: Limits) -> Listed:
    from app.documents.archives import members, remark
    from app.documents.reading import why_unread

    try:
        return Listed(members(path, limits), Verdict.archive, remark(path, limits), resident_bytes())
    except Exception as error:
        failure = why_unread(error)
        return Listed((), failure.verdict, failure.reason, resident_bytes())


def _recognise(path: Path, member: str, number: int, limits: Limits) -> PlaceText | None:
    from app.documents.archives import member_file

    if not recognises_text():
        raise AppError("This edition of Alcove cannot recognise text in pictures.", FULL_EDITION)
    try:
        from app.documents.recognising import recognise
    except ImportError as error:
        raise AppError(
            "Text in pictures cannot be recognised: a part of Alcove is missing.", "Install Alcove again."
        ) from error
    try:
        inside = member_file(path, member, limits) if member else path
    except (ReadFailure, OSError):  # it has changed since its pages were counted, or cannot be reached
        return None
    return recognise(inside, number, limits)
