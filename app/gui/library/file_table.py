"""The table of files with its filters, and why the chosen file is not ready."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QWidget

from app.documents.document import Verdict
from app.gui.icons import icon
from app.gui.library.file_rows import Column, FileRow
from app.gui.library.files_model import FilesModel
from app.gui.library.states import can_be_read_again
from app.gui.row_delegate import ROW_HEIGHT
from app.gui.row_table import RowTable

_LETTERS = ((Column.FOLDER, 28), (Column.STATE, 24), (Column.PASSAGES, 12), (Column.SIZE, 13))
_NEEDED = ((Column.FOLDER, 680), (Column.PASSAGES, 520), (Column.SIZE, 420))  # width from which it is shown


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a reset would lose, as paths: the chosen files, the current one, the topmost and how far it is cut (pixels)."""

    chosen: list[str]
    current: str
    first: str
    offset: int


class FileTable(RowTable):
    """Rows are painted as they come into view. Enter or a double click opens, Del removes."""

    opened = Signal(str)
    reveal_wanted = Signal(str)
    retry_wanted = Signal(object)
    forget_wanted = Signal(object)
    archive_opened = Signal(str)
    chosen = Signal(object)
    """The `FileRow` when exactly one is selected, else None."""

    def __init__(self, model: FilesModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._model = model
        self.setAccessibleName(self.tr("Files"))
        self.setIconSize(QSize(16, 16))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.doubleClicked.connect(lambda index: self._open(self._model.row_at(index.row())))
        self.selectionModel().selectionChanged.connect(self._tell_chosen)
        self._kept = _Kept([], "", "", 0)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        model.dataChanged.connect(self._tell_chosen)
        self.set_widths(_LETTERS)
        self._set_up_header()

    def selected(self) -> list[FileRow]:
        chosen = self.selectionModel().selection()  # its ranges: an index for each of many rows takes seconds
        ranges = [chosen.at(number) for number in range(chosen.size())]
        numbers = {number for each in ranges for number in range(each.top(), each.bottom() + 1)}
        return [self._model.row_at(number) for number in sorted(numbers)]

    def select(self, paths: Sequence[str]) -> None:
        """Choose these files, as far as they are shown."""
        chosen = QItemSelection()
        for first, last in _runs(self._model.row_numbers(paths)):
            chosen.select(self._model.index(first, 0), self._model.index(last, len(Column) - 1))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _set_up_header(self) -> None:
        across = self.horizontalHeader()
        across.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        across.setSectionResizeMode(Column.FOLDER, QHeaderView.ResizeMode.Interactive)
        across.setSortIndicator(Column.NAME, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    @Slot()
    def _remember(self) -> None:
        paths = [row.file.path for row in self.selected()]
        current = self.currentIndex()
        at = self._model.row_at(current.row()).file.path if current.isValid() else ""
        scrolled = self.verticalScrollBar().value()
        top = self.rowAt(0) if scrolled else -1
        first = self._model.row_at(top).file.path if top >= 0 else ""
        self._kept = _Kept(paths, at, first, scrolled - max(0, top) * ROW_HEIGHT)

    @Slot()
    def _restore(self) -> None:
        """The same files stay chosen and in view although their rows moved."""
        kept = self._kept
        numbers = self._model.row_numbers([kept.current])
        if numbers:
            index = self._model.index(numbers[0], 0)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if kept.chosen:
            self.select(kept.chosen)
        first = self._model.row_numbers([kept.first])
        if first:
            self.updateGeometries()  # the range of the scroll bar
        self.verticalScrollBar().setValue(first[0] * ROW_HEIGHT + kept.offset if first else 0)
        self._tell_chosen()

    @Slot()
    def _tell_chosen(self) -> None:
        ranges = self.selectionModel().selection()
        first = ranges.first() if ranges.size() == 1 else None
        alone = first is not None and first.height() == 1
        self.chosen.emit(self._model.row_at(first.top()) if first is not None and alone else None)

    def _open(self, row: FileRow) -> None:
        """An archive opens as a folder does: what lies in it is listed."""
        if row.state == Verdict.archive:
            self.archive_opened.emit(row.file.path)
        else:
            self.opened.emit(row.file.path)

    @Slot()
    def _forget(self) -> None:
        rows = self.selected()
        if rows:
            self.forget_wanted.emit([row.file.path for row in rows])

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        rows = self.selected()
        if not rows:
            return
        menu = self.build_menu(rows)
        menu.exec(self.viewport().mapToGlobal(at))
        menu.deleteLater()

    def build_menu(self, rows: Sequence[FileRow]) -> QMenu:
        """What can be done with the chosen files."""
        menu = QMenu(self)
        if len(rows) == 1:
            only = rows[0]
            packed = only.state == Verdict.archive
            said = self.tr("Show what is in it\tEnter") if packed else self.tr("Open\tEnter")
            menu.addAction(icon("list" if packed else "eye"), said, lambda: self._open(only))
            menu.addAction(
                icon("folder"), self.tr("Show in folder"), lambda: self.reveal_wanted.emit(only.on_disk)
            )
        paths = list(dict.fromkeys(row.on_disk for row in rows))
        again = menu.addAction(icon("refresh"), self.tr("Read again"), lambda: self.retry_wanted.emit(paths))
        again.setEnabled(any(can_be_read_again(row.state) for row in rows))
        menu.addSeparator()
        menu.addAction(icon("trash"), self.tr("Remove from the index\tDel"), self._forget)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window, names and states are what matters."""
        super().resizeEvent(event)
        for column, width in _NEEDED:
            self.setColumnHidden(column, self.viewport().width() < width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = self.selected() if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) else []
        if rows:
            self._open(rows[0])
        elif event.matches(QKeySequence.StandardKey.Delete):
            self._forget()
        else:
            super().keyPressEvent(event)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring numbers, which ascend, as (first, last): a selection of everything is one range."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
