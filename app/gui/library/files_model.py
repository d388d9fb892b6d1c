"""The files of a collection as a table. Fifty thousand rows sort and filter here without a proxy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QLocale, QObject, Qt, Signal
from PySide6.QtGui import QColor

from app.documents.document import Verdict
from app.gui.icons import icon
from app.gui.jobs import Job, Jobs
from app.gui.labels import plain_tip
from app.gui.library.file_rows import Arrangement, Column, FileRow, arrange
from app.gui.library.states import explanation, look_of, word_for
from app.gui.row_model import ROOT, Index, RowModel
from app.gui.theme import colours

_FEW = 2000  # arranged within a frame


@dataclass(frozen=True, slots=True)
class _Arranged:
    """Rows in the wanted order. `same`: these files were shown `before`, in this order."""

    before: Sequence[FileRow]
    found: list[FileRow]
    numbers: dict[str, int]
    changed: tuple[int, int] | None
    same: bool


class FilesModel(RowModel):
    """Keeps all rows and shows those that pass the filter, in the chosen order.

    Many rows are arranged on a job's thread; the newest wish counts.
    """

    arranged = Signal()
    """What is shown is what was asked for last."""

    def __init__(self, jobs: Jobs | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.titles = (
            self.tr("Name"),
            self.tr("Folder"),
            self.tr("State"),
            self.tr("Passages"),
            self.tr("Size"),
        )
        self._jobs = jobs
        self._job: Job | None = None
        self._all: Sequence[FileRow] = ()
        self._shown: list[FileRow] = []
        self._numbers: dict[str, int] = {}
        self._by = Arrangement()

    @property
    def total(self) -> int:
        """How many files there are, shown or not."""
        return len(self._all)

    def row_at(self, row: int) -> FileRow:
        return self._shown[row]

    def row_numbers(self, paths: Iterable[str]) -> list[int]:
        """Where these files are shown, ascending."""
        return sorted(self._numbers[path] for path in paths if path in self._numbers)

    def show_rows(self, rows: Sequence[FileRow]) -> None:
        """`rows` are sorted by name (see `rows_of`)."""
        self._all = rows
        self._arrange()

    def show_only(self, words: str, state: str) -> None:
        """Files whose name or folder hold every one of `words`, in this state ("" for any)."""
        self._by = replace(self._by, words=tuple(words.casefold().split()), state=state)
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._by = replace(self._by, column=Column(column), descending=order == Qt.SortOrder.DescendingOrder)
        self._arrange()

    def _arrange(self) -> None:
        rows, by, shown = self._all, self._by, self._shown
        if self._jobs is None or max(len(rows), len(shown)) <= _FEW:
            self._take(_arranged(rows, by, shown))
            self.arranged.emit()
        elif self._job is None:
            self._job = self._jobs.run(
                lambda token: [_arranged(rows, by, shown)],
                on_event=self._take, on_done=lambda: self._ended(rows, by), owner=self,
            )  # fmt: skip

    def _ended(self, rows: Sequence[FileRow], by: Arrangement) -> None:
        """What was wanted meanwhile comes now."""
        self._job = None
        if rows is self._all and by == self._by:
            self.arranged.emit()
        else:
            self._arrange()

    def _take(self, new: _Arranged) -> None:
        """A reset only when other rows are shown; else what changed is painted anew."""
        if new.before is not self._shown:
            return  # few rows took the place of many meanwhile
        if not new.same:
            self.beginResetModel()
            self._shown, self._numbers = new.found, new.numbers
            self.endResetModel()
            return
        self._shown = new.found
        if new.changed is not None:
            first, last = new.changed
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column >= Column.PASSAGES else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        row, column = self._shown[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            said = explanation(row.file, row.state) if column == Column.STATE else ""
            return plain_tip(said or row.file.path)
        if role == Qt.ItemDataRole.DecorationRole:
            return _picture(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and column != Column.NAME:
            return _colour(row, column)
        return None


def _arranged(rows: Sequence[FileRow], by: Arrangement, shown: Sequence[FileRow]) -> _Arranged:
    found = arrange(rows, by)
    numbers = {row.file.path: number for number, row in enumerate(found)}
    same = len(found) == len(shown) and all(
        new.file.path == old.file.path for new, old in zip(found, shown, strict=True)
    )
    changed = None
    if same:
        differ = [number for number, (new, old) in enumerate(zip(found, shown, strict=True)) if new != old]
        changed = (differ[0], differ[-1]) if differ else None
    return _Arranged(shown, found, numbers, changed, same)


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
        return icon("archive" if row.state == Verdict.archive else "file", "muted")
    if column == Column.FOLDER and row.file.container:
        return icon("archive", "muted")
    if column == Column.STATE:
        look = look_of(row.state)
        return icon(look.icon, look.role)
    return None


def _colour(row: FileRow, column: int) -> QColor:
    now = colours()
    if column == Column.STATE and look_of(row.state).role in ("danger", "warning"):
        return QColor(getattr(now, look_of(row.state).role))
    return QColor(now.text if column == Column.STATE else now.muted)
