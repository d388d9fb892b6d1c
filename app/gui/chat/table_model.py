"""The rows of a table of answers, one a document: thousands of them are sorted here without a proxy."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont

from app.assistants.ask_each.table_file import harmless
from app.assistants.tables import Row, Table
from app.gui.labels import plain_tip
from app.gui.row_model import ROOT, Index, RowModel
from app.gui.text_format import doubt, file_name, source_place
from app.gui.theme import colours

_TIP = 600  # characters of a quote


class Column(IntEnum):
    DOCUMENT = 0
    PLACE = 1
    ANSWER = 2
    QUOTE = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """`sure` False: whether the document meets the condition cannot be told."""

    row: Row
    sure: bool


class TableModel(RowModel):
    """Rows are added as they are found; the finished table puts them in its own order until the person chooses another."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.titles = (self.tr("Document"), self.tr("Place"), self.tr("Answer"), self.tr("Quote"))
        self._rows: list[Shown] = []

    def row_at(self, number: int) -> Shown:
        return self._rows[number]

    @property
    def has_places(self) -> bool:
        return any(source_place(each.row.source) for each in self._rows)

    def add(self, row: Row, *, sure: bool) -> None:
        """Those that are not sure stay below the others."""
        at = len(self._rows) if not sure else sum(each.sure for each in self._rows)
        self.beginInsertRows(ROOT, at, at)
        self._rows.insert(at, Shown(row, sure))
        self.endInsertRows()

    def show_table(self, table: Table) -> None:
        self.beginResetModel()
        self._rows = [Shown(row, sure=True) for row in table.rows]
        self._rows += [Shown(row, sure=False) for row in table.unsure]
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Answers by date or number where they are one, which go before words."""
        if column < 0:
            return
        self.layoutAboutToBeChanged.emit()
        rows, kept = self._rows, self.persistentIndexList()
        numbers = sorted(
            range(len(rows)),
            key=lambda number: _key(rows[number], Column(column)),
            reverse=order == Qt.SortOrder.DescendingOrder,
        )
        numbers.sort(key=lambda number: not rows[number].sure)
        self._rows = [rows[number] for number in numbers]
        now = {before: after for after, before in enumerate(numbers)}
        moved = [self.index(now[each.row()], each.column()) for each in kept]
        self.changePersistentIndexList(kept, moved)  # the selection stays with its documents
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown, column = self._rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(shown, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(shown, column)
        if role == Qt.ItemDataRole.ForegroundRole and (column is Column.QUOTE or not shown.sure):
            return QColor(colours().muted)
        if role == Qt.ItemDataRole.FontRole and column is Column.ANSWER and shown.sure:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return None

    def as_lines(self, numbers: Iterable[int]) -> str:
        """The rows as they are shown, their cells apart by tabs, as spreadsheets take them from the clipboard."""
        rows = [self.titles]
        rows += [tuple(self._text(self._rows[number], each) for each in Column) for number in numbers]
        return "\n".join("\t".join(harmless(" ".join(cell.split())) for cell in row) for row in rows)

    def _text(self, shown: Shown, column: Column) -> str:
        row = shown.row
        if column is Column.DOCUMENT:
            return file_name(row.source.file)
        if column is Column.PLACE:
            return source_place(row.source)
        if column is Column.QUOTE:
            return " ".join(row.source.quote.split())
        answer = " ".join(row.answer.split())
        return answer if shown.sure else self.tr("Not sure: {answer}").format(answer=answer)

    def _tip(self, shown: Shown, column: Column) -> str:
        source = shown.row.source
        if column is Column.DOCUMENT:
            return plain_tip(source.file)
        quote = " ".join(source.quote.split())[:_TIP]
        return plain_tip("\n".join(filter(None, (f"“{quote}”", doubt(source)))))


def _key(each: Shown, column: Column) -> tuple[Any, ...]:
    source = each.row.source
    if column is Column.DOCUMENT:
        return (file_name(source.file).casefold(), source.file)
    if column is Column.PLACE:
        return (source.place.number, source.place.label)
    if column is Column.ANSWER:
        order = each.row.order
        return (order is None, order or 0.0, each.row.answer.casefold())
    return (source.quote.casefold(),)
