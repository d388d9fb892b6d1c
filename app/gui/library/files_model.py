"""The files of a collection as a table. Fifty thousand rows sort and filter here without a proxy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.gui.icons import icon
from app.gui.library.states import STATES, explanation, look_of, state_of, wanted_by, word_for
from app.gui.theme import colours
from app.storage.passages import IndexedFile

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ORDER = {state: number for number, state in enumerate(STATES)}


class Column(IntEnum):
    NAME = 0
    FOLDER = 1
    STATE = 2
    PASSAGES = 3
    SIZE = 4


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file with what sorting and filtering need; `state` is shown, `words` are compared."""

    file: IndexedFile
    name: str
    folder: str
    state: str
    words: str


def rows_of(files: Iterable[IndexedFile], home: str, *, busy: bool) -> list[FileRow]:
    """Called on a job's thread: fifty thousand take a moment. `home` is written "~"."""
    rows = []
    for file in files:
        path = PureWindowsPath(file.path) if "\\" in file.path else PurePosixPath(file.path)
        folder = str(path.parent)
        if home and (folder == home or folder.startswith((home + "/", home + "\\"))):
            folder = "~" + folder[len(home) :]
        state = state_of(file, busy=busy)
        rows.append(FileRow(file, path.name, folder, state, f"{path.name}\n{folder}".casefold()))
    return rows


_KEYS: dict[Column, Callable[[FileRow], Any]] = {
    Column.NAME: attrgetter("words"),
    Column.FOLDER: lambda row: (row.folder.casefold(), row.words),
    Column.STATE: lambda row: (_ORDER.get(row.state, -1), row.words),
    Column.PASSAGES: lambda row: (row.file.passages, row.words),
    Column.SIZE: lambda row: (row.file.size, row.words),
}


class FilesModel(QAbstractTableModel):
    """Keeps all rows and shows those that pass the filter, in the chosen order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[FileRow] = []
        self._shown: list[FileRow] = []
        self._words: list[str] = []
        self._state = ""
        self._column = Column.NAME
        self._descending = False

    @property
    def total(self) -> int:
        """How many files there are, shown or not."""
        return len(self._all)

    def row_at(self, row: int) -> FileRow:
        return self._shown[row]

    def row_numbers(self, paths: Iterable[str]) -> list[int]:
        """Where these files are shown."""
        wanted = set(paths)
        return [number for number, row in enumerate(self._shown) if row.file.path in wanted]

    def count(self, choice: str) -> int:
        """How many files the state filter `choice` lets through."""
        wanted = wanted_by(choice)
        return sum(wanted(row.state) for row in self._all)

    def passages(self) -> int:
        return sum(row.file.passages for row in self._all)

    def show_rows(self, rows: Sequence[FileRow]) -> None:
        self._all = list(rows)
        self._arrange()

    def show_only(self, words: str, state: str) -> None:
        """Files whose name or folder hold every one of `words`, in this state ("" for any)."""
        self._words, self._state = words.casefold().split(), state
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._descending = Column(column), order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        """A reset only when other rows are shown; else what changed is painted anew."""
        wanted = wanted_by(self._state)
        rows = [
            row for row in self._all if wanted(row.state) and all(word in row.words for word in self._words)
        ]
        rows.sort(key=_KEYS[self._column], reverse=self._descending)
        same = len(rows) == len(self._shown) and all(
            new.file.path == old.file.path for new, old in zip(rows, self._shown, strict=True)
        )
        if same:
            self._shown = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(Column) - 1))
            return
        self.beginResetModel()
        self._shown = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        names = (self.tr("Name"), self.tr("Folder"), self.tr("State"), self.tr("Passages"), self.tr("Size"))
        return names[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        row, column = self._shown[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                explanation(row.file, row.state) or row.file.path if column == Column.STATE else row.file.path
            )
        if role == Qt.ItemDataRole.DecorationRole:
            return _picture(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and column != Column.NAME:
            return _colour(row, column)
        return None


def _text(row: FileRow, column: int) -> str:
    if column == Column.NAME:
        return row.name
    if column == Column.FOLDER:
        return row.folder
    if column == Column.STATE:
        return word_for(row.state)
    if column == Column.PASSAGES:
        return QLocale().toString(row.file.passages) if row.file.passages else "–"
    return QLocale().formattedDataSize(row.file.size, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def _picture(row: FileRow, column: int) -> Any:
    if column == Column.NAME:
        return icon("file", "muted")
    if column == Column.STATE:
        look = look_of(row.state)
        return icon(look.icon, look.role)
    return None


def _colour(row: FileRow, column: int) -> QColor:
    now = colours()
    if column == Column.STATE and look_of(row.state).role in ("danger", "warning"):
        return QColor(getattr(now, look_of(row.state).role))
    return QColor(now.text if column == Column.STATE else now.muted)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column >= Column.PASSAGES else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
