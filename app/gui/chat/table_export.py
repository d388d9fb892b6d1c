"""A table of answers as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from app.assistants.tables import Table
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs

_SUFFIX = ".csv"


@dataclass(frozen=True, slots=True)
class _Saving:
    path: Path
    table: Table


class TableExporter(QObject):
    """Asks where, writes on a thread, and says where the file is."""

    def __init__(self, jobs: Jobs, messages: MessageBar, window: QWidget) -> None:
        """The dialog belongs to `window`."""
        super().__init__(window)
        self._jobs = jobs
        self._messages = messages
        self._window = window

    @Slot(object)
    def save(self, table: Table) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save the table"),
            str(Path.home() / f"{self.tr('Answers')}{_SUFFIX}"),
            f"{self.tr('CSV tables')} (*{_SUFFIX})",
        )
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.casefold() != _SUFFIX:
            path = path.with_name(path.name + _SUFFIX)
            if path.exists():  # the dialog asked about another name
                taken = AppError(
                    self.tr("{file} is there already.").format(file=path.name),
                    self.tr("Choose another name."),
                )
                self._messages.show_error(taken)
                return
        self.write(path, table)

    def write(self, path: Path, table: Table) -> None:
        saving = _Saving(path, table)
        self._jobs.run(lambda token: _write(saving, token), on_event=self._saved, owner=self)

    def _saved(self, path: Path) -> None:
        from app.gui.viewer.outside import show_in_folder

        self._messages.show_note(
            self.tr("Saved as {file}").format(file=path),
            self.tr("Show in folder"),
            lambda: show_in_folder(str(path)),
        )


def _write(saving: _Saving, _cancel: CancelToken) -> Iterator[Path]:
    from app.assistants.ask_each.table_file import write_table

    write_table(saving.path, saving.table)
    yield saving.path
