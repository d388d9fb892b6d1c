"""Origins, states and counts in words for people, and the direction in which a language is written."""

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from app.base.languages import language, language_name


def origin_word(origin: str) -> str:
    """Who wrote a target; "" for the engine, which is the rule."""
    return {
        "memory": QCoreApplication.translate("Translation", "From memory"),
        "copied": QCoreApplication.translate("Translation", "Copied"),
        "person": QCoreApplication.translate("Translation", "Edited"),
        "kept": QCoreApplication.translate("Translation", "Not translated"),
        "file": QCoreApplication.translate("Translation", "From the file"),
    }.get(origin, "")


def finding_word(kind: str) -> str:
    """A finding in one or two words, for the table."""
    return {
        "tags": QCoreApplication.translate("Translation", "Formatting"),
        "numbers": QCoreApplication.translate("Translation", "Numbers"),
        "placeholders": QCoreApplication.translate("Translation", "Placeholders"),
        "language": QCoreApplication.translate("Translation", "Wrong language"),
        "untranslated": QCoreApplication.translate("Translation", "Untranslated"),
        "length": QCoreApplication.translate("Translation", "Length"),
        "repetition": QCoreApplication.translate("Translation", "Repetition"),
        "glossary": QCoreApplication.translate("Translation", "Glossary"),
        "empty": QCoreApplication.translate("Translation", "Empty"),
        "kept": QCoreApplication.translate("Translation", "Not translated"),
    }.get(kind, kind)


def state_word(state: str) -> str:
    """The state of a translation of a file."""
    return {
        "writing": QCoreApplication.translate("Translation", "Interrupted"),
        "complete": QCoreApplication.translate("Translation", "Finished"),
        "stopped": QCoreApplication.translate("Translation", "Stopped"),
        "failed": QCoreApplication.translate("Translation", "Not finished"),
    }.get(state, state)


def pair_name(source: str, target: str) -> str:
    """“English to German”; "to German" is all there is to say while the source is not known."""
    if not source:
        return QCoreApplication.translate("Translation", "To {target}").format(target=language_name(target))
    return QCoreApplication.translate("Translation", "{source} to {target}").format(
        source=language_name(source), target=language_name(target)
    )


def direction_of(code: str) -> Qt.LayoutDirection:
    """How lines of this language run; left to right when it is not known."""
    found = language(code) if code else None
    rtl = found is not None and found.rtl
    return Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight


def counted(n: int, one: str, many: str) -> str:
    """`one` for 1, else `many` with its {n} in the person's way of writing numbers."""
    return one if n == 1 else many.format(n=QLocale().toString(n))


def day(seconds: float) -> str:
    """A moment in Unix seconds, as short as the person's language has it."""
    moment = QDateTime.fromSecsSinceEpoch(round(seconds))
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)
