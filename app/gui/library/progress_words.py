"""What the indexer is doing, in words."""

from PySide6.QtCore import QCoreApplication, QLocale

from app.gui.text_format import file_name, time_left
from app.retrieval.protocol import IndexProgress, WaitReason


def stage_words(progress: IndexProgress) -> str:
    """ "Reading 12 of 340 · report.pdf", "Waiting for mains power…"."""
    if progress.stage == "waiting":
        return waiting_words(progress.reason)
    if progress.stage == "listing" or (progress.stage == "reading" and not progress.total):
        return QCoreApplication.translate("Progress", "Looking for files…")
    if progress.stage == "reading":
        said = QCoreApplication.translate("Progress", "Reading {done} of {total}").format(
            done=_number(progress.done), total=_number(progress.total)
        )
    elif progress.stage == "embedding":
        said = QCoreApplication.translate("Progress", "Understanding passages")
        if progress.passages_total:
            said = QCoreApplication.translate("Progress", "Understanding passages: {done} of {total}").format(
                done=_number(progress.passages), total=_number(progress.passages_total)
            )
    else:
        said = QCoreApplication.translate("Progress", "Reading scanned pages: {done} of {total}").format(
            done=_number(progress.pages), total=_number(progress.pages_total)
        )
    return f"{said} · {file_name(progress.file)}" if progress.file else said


def fact_words(progress: IndexProgress) -> str:
    """ "48 passages/s · 3 min left", and that words can be searched as soon as they can."""
    facts = []
    if progress.passages_per_s > 0 and progress.stage in ("reading", "embedding"):
        speed = QLocale().toString(max(1, round(progress.passages_per_s)))
        facts.append(QCoreApplication.translate("Progress", "{n} passages/s").format(n=speed))
    if progress.seconds_left is not None and progress.stage != "waiting":
        facts.append(time_left(progress.seconds_left))
    if progress.stage == "embedding":
        facts.append(QCoreApplication.translate("Progress", "Words can be searched already"))
    elif progress.stage == "recognising":
        facts.append(QCoreApplication.translate("Progress", "Everything else can be searched already"))
    elif progress.stage == "waiting" and progress.total > progress.done:
        facts.append(
            QCoreApplication.translate("Progress", "{done} of {total} files read").format(
                done=_number(progress.done), total=_number(progress.total)
            )
        )
    return " · ".join(facts)


def steps(progress: IndexProgress) -> tuple[int, int]:
    """How many steps of how many are done; (0, 0) while that is not known."""
    if progress.stage == "embedding" or (progress.stage == "waiting" and progress.done >= progress.total):
        return progress.passages, progress.passages_total
    if progress.stage == "recognising":
        return progress.pages, progress.pages_total
    return progress.done, progress.total


def is_work(progress: IndexProgress) -> bool:
    """Whether something is read, or will be; looking for changes is not worth a word."""
    if progress.stage == "waiting" and progress.reason not in ("", "answer"):
        return True
    left = (
        progress.total - progress.done,
        progress.passages_total - progress.passages,
        progress.pages_total - progress.pages,
    )
    return progress.stage != "listing" and any(each > 0 for each in left)


def waiting_words(reason: WaitReason) -> str:
    """What work on the library waits for."""
    return {
        "paused": QCoreApplication.translate("Progress", "Reading is paused"),
        "busy": QCoreApplication.translate("Progress", "Waiting until other programs are less busy…"),
        "battery": QCoreApplication.translate("Progress", "Waiting for mains power…"),
        "hot": QCoreApplication.translate("Progress", "Waiting until the computer has cooled down…"),
    }.get(
        reason, QCoreApplication.translate("Progress", "Waiting while an answer is written…")
    )  # fmt: skip


def _number(value: int) -> str:
    return QLocale().toString(value)
