"""The reader process: one document at a time, within limits, answered over a pipe."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.base.worker_frames import Codec
from app.documents.document import Member, Place, PlaceText, ReadFailure, ReadResult, Verdict
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
    """`verdict` is `archive`, or why nothing could be listed; `reason` as in `ReadResult`."""

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
    """The page, in state `recognised` or `picture`."""

    page: PlaceText
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
    from app.documents.reading import read_document

    try:
        if not member:
            return read_document(path, limits)
        with member_file(path, member, limits) as inside:
            return read_document(inside, limits)
    except ReadFailure as failure:
        return ReadResult(failure.verdict, failure.reason)
    except BaseException as error:
        if not is_panic(error):
            raise
        return ReadResult(Verdict.damaged, "The file made the reader stop, so it is most likely damaged.")


def _list(path: Path, limits: Limits) -> Listed:
    from app.documents.archives import members

    try:
        return Listed(members(path, limits), Verdict.archive, "", resident_bytes())
    except ReadFailure as failure:
        return Listed((), failure.verdict, failure.reason, resident_bytes())


def _recognise(path: Path, member: str, number: int, limits: Limits) -> PlaceText:
    from app.documents.archives import member_file
    from app.documents.recognising import recognise

    try:
        if not member:
            return recognise(path, number, limits)
        with member_file(path, member, limits) as inside:
            return recognise(inside, number, limits)
    except ReadFailure:  # the file has changed since its pages were counted
        return PlaceText(Place("page", number), "", (), "picture", 0.0)
