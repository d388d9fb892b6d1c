"""A table of answers as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.assistants.tables import Table
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.saving import ask_where, tell_saved

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
        usual = Path.home() / f"{self.tr('Answers')}{_SUFFIX}"
        kinds = {_SUFFIX: self.tr("CSV tables")}
        path = ask_where(self._window, self.tr("Save the table"), usual, kinds, self._messages.show_error)
        if path is not None:
            self.write(path, table)

    def write(self, path: Path, table: Table) -> None:
        saving = _Saving(path, table)
        self._jobs.run(
            lambda token: _write(saving, token),
            on_event=lambda path: tell_saved(path, self._messages),
            owner=self,
        )


def _write(saving: _Saving, _cancel: CancelToken) -> Iterator[Path]:
    from app.assistants.ask_each.table_file import write_table

    write_table(saving.path, saving.table)
    yield saving.path
