"""The terms of a glossary as a table to edit."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from app.gui.labels import plain_tip
from app.gui.row_model import ROOT, Index, RowModel
from app.storage.glossaries import Term

_FIELDS = ("source", "target", "locked", "note")


class TermColumn(IntEnum):
    SOURCE = 0
    TARGET = 1
    LOCKED = 2
    NOTE = 3


class TermsModel(RowModel):
    """Rows keep their places while they are edited; a new one comes last."""

    edited = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.titles = (self.tr("Term"), self.tr("Translation"), self.tr("Locked"), self.tr("Note"))
        self._terms: list[Term] = []
        self._shown: list[int] = []
        self._words: list[str] = []

    @property
    def terms(self) -> Sequence[Term]:
        """Those with a text on both sides; a row that was only begun is not a term yet."""
        return [each for each in self._terms if each.source.strip() and each.target.strip()]

    def show_terms(self, terms: Iterable[Term]) -> None:
        self._terms = list(terms)
        self._arrange()

    def show_only(self, words: str) -> None:
        self._words = words.casefold().split()
        self._arrange()

    def add(self) -> QModelIndex:
        """An empty row at the end; returns where to type."""
        row = len(self._shown)
        self.beginInsertRows(ROOT, row, row)
        self._shown.append(len(self._terms))
        self._terms.append(Term("", ""))
        self.endInsertRows()
        return self.index(row, TermColumn.SOURCE)

    def remove(self, rows: Iterable[int]) -> None:
        gone = {self._shown[row] for row in rows}
        if gone:
            self._terms = [each for at, each in enumerate(self._terms) if at not in gone]
            self._arrange()
            self.edited.emit()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.ToolTipRole and section == TermColumn.LOCKED:
            return self.tr("No other translation of a locked term is accepted.")
        return super().headerData(section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        term, column = self._terms[self._shown[index.row()]], index.column()
        if column == TermColumn.LOCKED:
            if role == Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if term.locked else Qt.CheckState.Unchecked
            return None
        said = str(getattr(term, _FIELDS[column]))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(said)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return said
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        locked = index.column() == TermColumn.LOCKED
        return found | (Qt.ItemFlag.ItemIsUserCheckable if locked else Qt.ItemFlag.ItemIsEditable)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid():
            return False
        column = index.column()
        if (role == Qt.ItemDataRole.CheckStateRole) != (column == TermColumn.LOCKED):
            return False
        locked = column == TermColumn.LOCKED
        new: object = Qt.CheckState(value) == Qt.CheckState.Checked if locked else str(value).strip()
        at = self._shown[index.row()]
        if getattr(self._terms[at], _FIELDS[column]) == new:
            return False
        self._terms[at] = replace(self._terms[at], **{_FIELDS[column]: new})  # type: ignore[arg-type]
        self.dataChanged.emit(index, index)
        self.edited.emit()
        return True

    def _arrange(self) -> None:
        self.beginResetModel()
        self._shown = [
            at
            for at, each in enumerate(self._terms)
            if not self._words
            or all(word in f"{each.source}\n{each.target}".casefold() for word in self._words)
        ]
        self.endResetModel()
