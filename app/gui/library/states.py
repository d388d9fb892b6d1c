"""The states of files in words for people, with an icon and what to do about them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QCoreApplication, QLocale

from app.base.edition import recognises_text
from app.documents.document import Verdict
from app.storage.passages import IndexedFile

READY = str(Verdict.indexed)
READING = "reading"
UNFINISHED = "unfinished"
SCANS = "scans"  # pages wait to be recognised
NOT_RECOGNISED = "not-recognised"  # it has pages that are pictures, and they are not to be recognised
ATTENTION = "attention"  # a filter: what the person can do something about
PACKED = "packed"  # a filter: what lies in an archive
PACKED_IN = "packed-in:"  # a filter, before the path of one archive: what lies in that one

_WITH_TEXT = (Verdict.indexed, Verdict.partial)


@dataclass(frozen=True, slots=True)
class Reader:
    """What the state of a file depends on besides the file. `busy`: the indexer is at work."""

    busy: bool = False
    recognises: bool = True


@dataclass(frozen=True, slots=True)
class StateLook:
    """`role` is a colour of the theme."""

    icon: str
    role: str


_LOOKS = {
    READY: StateLook("check", "accent"),
    READING: StateLook("clock", "muted"),
    UNFINISHED: StateLook("pause", "warning"),
    Verdict.partial: StateLook("warning", "warning"),
    Verdict.locked: StateLook("lock", "warning"),
    Verdict.empty: StateLook("file", "muted"),
    Verdict.unsupported: StateLook("file-off", "muted"),
    Verdict.damaged: StateLook("error", "danger"),
    Verdict.too_large: StateLook("warning", "warning"),
    Verdict.timed_out: StateLook("clock", "warning"),
    Verdict.unreadable: StateLook("error", "danger"),
    Verdict.changed: StateLook("refresh", "warning"),
    Verdict.archive: StateLook("archive", "muted"),
    SCANS: StateLook("clock", "muted"),
    NOT_RECOGNISED: StateLook("eye", "muted"),
}
# As they are sorted: what needs the person first.
STATES: tuple[str, ...] = (
    Verdict.locked, Verdict.damaged, Verdict.unreadable, Verdict.timed_out, Verdict.too_large, Verdict.changed,
    Verdict.partial, UNFINISHED, NOT_RECOGNISED, SCANS, Verdict.empty, Verdict.unsupported, READING, Verdict.archive,
    READY,
)  # fmt: skip


def state_of(file: IndexedFile, reader: Reader) -> str:
    """Its verdict, or that its passages still wait for vectors, or its pages to be recognised."""
    if file.waiting and file.state in _WITH_TEXT:
        return READING if reader.busy else UNFINISHED
    if file.scans and file.state in (*_WITH_TEXT, Verdict.empty):
        return SCANS if reader.recognises else NOT_RECOGNISED
    return file.state


def look_of(state: str) -> StateLook:
    return _LOOKS.get(state, _LOOKS[Verdict.unreadable])


def word_for(state: str) -> str:
    return _words().get(state) or _words()[Verdict.unreadable]


def explanation(file: IndexedFile, state: str) -> str:
    """Why the file is not ready and what to do; "" for one that is."""
    if state == READY:
        return ""
    advice = _advice().get(state, "").format(n=QLocale().toString(file.scans))
    reason = file.reason if state not in (READING, UNFINISHED, SCANS, NOT_RECOGNISED) else ""
    return f"{reason} {advice}".strip()


_CALM = (READY, READING, SCANS, NOT_RECOGNISED, Verdict.empty, Verdict.unsupported, Verdict.archive)


def can_be_read_again(state: str) -> bool:
    """Whether another try may end better although the file did not change."""
    return state not in (READY, READING, SCANS, NOT_RECOGNISED, Verdict.partial, Verdict.archive)


def needs_attention(state: str) -> bool:
    """Pictures and programs among the documents are passed over calmly: there is nothing to mend."""
    return state not in _CALM


def wanted_by(choice: str) -> Callable[[IndexedFile, str], bool]:
    """What the state filter lets through, given a file and its state: "" for all, `ATTENTION`, `PACKED`, `PACKED_IN` + path, or a state."""
    if not choice:
        return lambda file, state: True
    if choice == ATTENTION:
        return lambda file, state: state not in _CALM
    if choice == PACKED:
        return lambda file, state: bool(file.container)
    if choice.startswith(PACKED_IN):
        return lambda file, state: file.container == choice.removeprefix(PACKED_IN)
    return lambda file, state: state == choice


@cache
def _words() -> dict[str, str]:
    """Asked for once the window's language is known."""
    return {
        READY: QCoreApplication.translate("FileState", "Ready"),
        READING: QCoreApplication.translate("FileState", "Reading…"),
        UNFINISHED: QCoreApplication.translate("FileState", "Not finished"),
        Verdict.partial: QCoreApplication.translate("FileState", "Partly read"),
        Verdict.locked: QCoreApplication.translate("FileState", "Password needed"),
        Verdict.empty: QCoreApplication.translate("FileState", "No text"),
        Verdict.unsupported: QCoreApplication.translate("FileState", "Not supported"),
        Verdict.damaged: QCoreApplication.translate("FileState", "Damaged"),
        Verdict.too_large: QCoreApplication.translate("FileState", "Too large"),
        Verdict.timed_out: QCoreApplication.translate("FileState", "Took too long"),
        Verdict.unreadable: QCoreApplication.translate("FileState", "Cannot be opened"),
        Verdict.changed: QCoreApplication.translate("FileState", "Keeps changing"),
        Verdict.archive: QCoreApplication.translate("FileState", "Archive"),
        SCANS: QCoreApplication.translate("FileState", "Scans waiting"),
        NOT_RECOGNISED: QCoreApplication.translate("FileState", "Scans not read"),
    }


@cache
def _advice() -> dict[str, str]:
    """What to do, said after the reason that the reader gave."""
    return {
        READING: QCoreApplication.translate(
            "FileState", "Its words can be searched already; questions about its meaning find it in a moment."
        ),
        UNFINISHED: QCoreApplication.translate(
            "FileState", "Reading was stopped. Choose Refresh to finish it."
        ),
        Verdict.partial: QCoreApplication.translate(
            "FileState", "What was read can be searched. Open the file for the rest."
        ),
        Verdict.locked: QCoreApplication.translate("FileState", "Refresh the library when that is done."),
        Verdict.empty: QCoreApplication.translate(
            "FileState", "If it should hold text, open it and see what is missing."
        ),
        Verdict.unsupported: QCoreApplication.translate(
            "FileState", "If it holds text, save it as a PDF and add that."
        ),
        Verdict.damaged: QCoreApplication.translate("FileState", "Refresh the library once it is repaired."),
        Verdict.too_large: QCoreApplication.translate(
            "FileState", "Split it into smaller files and add those."
        ),
        Verdict.timed_out: QCoreApplication.translate(
            "FileState", "Choose Read again when the computer has less to do."
        ),
        Verdict.unreadable: QCoreApplication.translate(
            "FileState", "Check that it is still there and that you may open it, then choose Read again."
        ),
        Verdict.changed: QCoreApplication.translate(
            "FileState", "Save and close it where it is being written; it is read once it rests."
        ),
        Verdict.archive: QCoreApplication.translate(
            "FileState", "The documents in it are listed one by one. Press Enter to see only them."
        ),
        SCANS: QCoreApplication.translate(
            "FileState",
            "Pages that are pictures: {n}. Their text is recognised when everything else has been read.",
        ),
        NOT_RECOGNISED: QCoreApplication.translate(
            "FileState",
            "Pages that are pictures: {n}. Switch on recognising text in the settings to search them.",
        )
        if recognises_text()
        else QCoreApplication.translate(
            "FileState",
            "Pages that are pictures: {n}. This edition of Alcove cannot recognise their text; the full edition can.",
        ),
    }
