"""The states of files in words for people, with an icon and what to do about them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QCoreApplication

from app.documents.document import Verdict
from app.storage.passages import IndexedFile

READY = str(Verdict.indexed)
READING = "reading"
UNFINISHED = "unfinished"
ATTENTION = "attention"  # a filter: what the person can do something about


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
}
# As they are sorted: what needs the person first.
STATES: tuple[str, ...] = (
    Verdict.locked, Verdict.damaged, Verdict.unreadable, Verdict.timed_out, Verdict.too_large, Verdict.partial,
    UNFINISHED, Verdict.empty, Verdict.unsupported, READING, READY,
)  # fmt: skip


def state_of(file: IndexedFile, *, busy: bool) -> str:
    """Its verdict, or that its passages still wait for vectors. `busy`: the indexer is at work."""
    if file.waiting and file.state in (Verdict.indexed, Verdict.partial):
        return READING if busy else UNFINISHED
    return file.state


def look_of(state: str) -> StateLook:
    return _LOOKS.get(state, _LOOKS[Verdict.unreadable])


def word_for(state: str) -> str:
    return _words().get(state) or _words()[Verdict.unreadable]


def explanation(file: IndexedFile, state: str) -> str:
    """Why the file is not ready and what to do; "" for one that is."""
    if state == READY:
        return ""
    advice = _advice().get(state, "")
    reason = file.reason if state not in (READING, UNFINISHED) else ""
    return f"{reason} {advice}".strip()


def can_be_read_again(state: str) -> bool:
    """Whether another try may end better although the file did not change."""
    return state not in (READY, READING, Verdict.partial)


def needs_attention(state: str) -> bool:
    """Pictures and programs among the documents are passed over calmly: there is nothing to mend."""
    return state not in (READY, READING, Verdict.empty, Verdict.unsupported)


def wanted_by(choice: str) -> Callable[[str], bool]:
    """What the state filter lets through: "" for all, `ATTENTION`, or one state."""
    if not choice:
        return lambda state: True
    if choice == ATTENTION:
        return needs_attention
    return lambda state: state == choice


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
        Verdict.empty: QCoreApplication.translate("FileState", "Add a version whose text can be selected."),
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
    }
