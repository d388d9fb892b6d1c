"""Files that the person asks for: where to write them, and where they are then."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from app.base.errors import AppError
from app.gui.errors import MessageBar


def ask_where(
    window: QWidget,
    title: str,
    usual: Path,
    kinds: Mapping[str, str],
    refuse: Callable[[AppError], object],
    *,
    accepted: Collection[str] = (),
) -> Path | None:
    """The file to write, or None. The dialog belongs to `window`, begins with `usual` and asks before one is replaced.

    `kinds`: the endings it offers, such as ".csv", and their words. A name with none of them nor of the other `accepted`
    ones gets the chosen one; `refuse` is told when such a file is there, about which the dialog did not ask.
    """
    filters = {f"{words} (*{ending})": ending for ending, words in kinds.items()}
    name, kind = QFileDialog.getSaveFileName(window, title, str(usual), ";;".join(filters))
    if not name:
        return None
    file = Path(name)
    if file.suffix.casefold() in {*kinds, *accepted}:
        return file
    file = file.with_name(file.name + filters.get(kind, next(iter(kinds))))
    if file.exists():
        there = QCoreApplication.translate("Saving", "{file} is there already.").format(file=file.name)
        refuse(AppError(there, QCoreApplication.translate("Saving", "Choose another name.")))
        return None
    return file


def tell_saved(file: Path, messages: MessageBar) -> None:
    """Where it is, with a button that shows it there."""
    from app.gui.viewer.outside import show_in_folder

    messages.show_note(
        QCoreApplication.translate("Saving", "Saved as {file}").format(file=file),
        QCoreApplication.translate("Saving", "Show in folder"),
        lambda: show_in_folder(str(file)),
    )
