"""The rows of the list as a Qt model: two sections, each with a heading and its models."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QLocale, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.gui.labels import plain_tip
from app.gui.models.entries import ModelEntry
from app.gui.models.wording import explanation, spoken

ENTRY = Qt.ItemDataRole.UserRole
"""The `ModelEntry` of a row, None for a heading."""
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class ModelRows(QAbstractListModel):
    """Headings cannot be chosen. A change of what is told of the same models keeps choice and place."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ModelEntry | str] = []

    def show_entries(self, entries: Sequence[ModelEntry]) -> None:
        rows = self._sections(entries)
        if [_key(each) for each in rows] == [_key(each) for each in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def entry_at(self, row: int) -> ModelEntry | None:
        entry = self._rows[row] if 0 <= row < len(self._rows) else None
        return entry if isinstance(entry, ModelEntry) else None

    def row_of(self, key: str) -> int:
        """-1 when it is not shown."""
        keys = [_key(each) for each in self._rows]
        return keys.index(key) if key in keys else -1

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if self.entry_at(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if isinstance(row, str):
            return row if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{row.name}\n{explanation(row)}")
        return row if role == ENTRY else None

    def _sections(self, entries: Sequence[ModelEntry]) -> list[ModelEntry | str]:
        rows: list[ModelEntry | str] = []
        for title, kind in (
            (self.tr("On this computer"), "installed"),
            (self.tr("Found online"), "hub"),
            (self.tr("Catalogue"), "catalog"),
        ):
            section = [each for each in entries if each.key.startswith(f"{kind}:")]
            if section:
                rows += [f"{title} ({QLocale().toString(len(section))})", *section]
        return rows


def _key(row: ModelEntry | str) -> str:
    return row if isinstance(row, str) else row.key
