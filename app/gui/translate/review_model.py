"""The segments of a translation as a table."""

from collections.abc import Iterable
from dataclasses import replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.assistants.translate.events import TranslatedSegment
from app.documents.layout.tags import plain
from app.gui.labels import plain_tip
from app.gui.row_model import ROOT, Index, RowModel
from app.gui.translate.review_rows import ReviewRows
from app.gui.translate.wording import finding_word, origin_word

SEGMENT = Qt.ItemDataRole.UserRole
"""The role that gives a row's `TranslatedSegment`, in every column."""

_ROLES = frozenset(
    (
        SEGMENT,
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.EditRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
    )
)  # painting asks for many more


class Column(IntEnum):
    SOURCE = 0
    TARGET = 1
    FLAGS = 2


class ReviewModel(RowModel):
    """Says what `rows` hold in Qt's words, and takes edits."""

    edited = Signal(object)
    """A `TranslatedSegment` with the person's target, not yet checked again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.titles = (self.tr("Source"), self.tr("Translation"), self.tr("Notes"))
        self.rows = ReviewRows()
        """To be read; changed only through this model."""

    def show_segments(self, segments: Iterable[TranslatedSegment]) -> None:
        self.beginResetModel()
        self.rows.fill(segments)
        self.endResetModel()

    def show_only(self, choice: str, words: str) -> None:
        """As `ReviewRows.show_only`."""
        self.beginResetModel()
        self.rows.show_only(choice, words)
        self.endResetModel()

    def put(self, segment: TranslatedSegment) -> None:
        """Show what became of a segment."""
        self.rows.put(segment)
        row = self.rows.row_of(segment.key)
        if row >= 0:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ROLES or not index.isValid() or index.row() >= len(self.rows):
            return None
        segment, column = self.rows.at(index.row()), index.column()
        if role == SEGMENT:
            return segment
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return (segment.source, segment.target, flags_of(segment))[column]
        if role == Qt.ItemDataRole.ToolTipRole and column == Column.FLAGS:
            return plain_tip("\n".join(each.text for each in segment.findings) or segment.place) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return (plain(segment.source), plain(segment.target), flags_of(segment))[column]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsEditable if index.column() == Column.TARGET else found

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != Column.TARGET or not index.isValid():
            return False
        return self.edit(self.rows.at(index.row()).key, str(value))

    def edit(self, key: str, target: str) -> bool:
        """A changed target is the person's; its findings wait for the check. False when nothing changed."""
        segment = self.rows.find(key)
        if segment is None or segment.target == target:
            return False
        changed = replace(segment, target=target, origin="person")
        self.put(changed)
        self.edited.emit(changed)
        return True


def flags_of(segment: TranslatedSegment) -> str:
    """What the table says of a segment: each kind of finding once, else where the target comes from."""
    kinds = list(dict.fromkeys(finding_word(each.kind) for each in segment.findings))
    word = origin_word(segment.origin)
    return " · ".join([*kinds, *([word] if word and word not in kinds else [])])
