"""The segments of a translation as a table. Ten thousand rows filter here without a proxy."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.assistants.translate.events import TranslatedSegment
from app.documents.layout.tags import plain
from app.gui.translate.wording import finding_word, origin_word

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

ALL, TO_CHECK, EDITED = "all", "to check", "edited"
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


class ReviewModel(QAbstractTableModel):
    """Keeps all segments, in the order of the file, and shows those that pass the filter."""

    edited = Signal(object)
    """A `TranslatedSegment` with the person's target, not yet checked again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[TranslatedSegment] = []
        self._shown: list[int] = []
        self._filter = ALL
        self._words: list[str] = []

    @property
    def segments(self) -> Sequence[TranslatedSegment]:
        return tuple(self._all)

    def show_segments(self, segments: Iterable[TranslatedSegment]) -> None:
        self._all = list(segments)
        self._arrange()

    def show_only(self, choice: str, words: str) -> None:
        """Segments of this filter whose source or target hold every one of `words`."""
        self._filter, self._words = choice, words.casefold().split()
        self._arrange()

    def count(self, choice: str) -> int:
        return sum(_passes(each, choice) for each in self._all)

    def segment_at(self, row: int) -> TranslatedSegment:
        return self._all[self._shown[row]]

    def row_of(self, key: str) -> int:
        """Where a segment is shown; -1 when it is not."""
        return next((row for row, at in enumerate(self._shown) if self._all[at].key == key), -1)

    def next_flagged(self, row: int) -> int:
        """The first row after `row` that should be looked at, from the top again; -1 when there is none."""
        rows = [*range(row + 1, len(self._shown)), *range(min(row + 1, len(self._shown)))]
        return next((each for each in rows if self.segment_at(each).findings), -1)

    def put(self, segment: TranslatedSegment) -> None:
        """Show what became of a segment. A row stays where it is until the filter is chosen again."""
        place = next((at for at, each in enumerate(self._all) if each.key == segment.key), -1)
        if place < 0:
            return
        self._all[place] = segment
        row = self.row_of(segment.key)
        if row >= 0:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

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
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Source"), self.tr("Translation"), self.tr("Notes"))[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ROLES or not index.isValid() or index.row() >= len(self._shown):
            return None
        segment, column = self.segment_at(index.row()), index.column()
        if role == SEGMENT:
            return segment
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return (segment.source, segment.target, flags_of(segment))[column]
        if role == Qt.ItemDataRole.ToolTipRole and column == Column.FLAGS:
            return "\n".join(each.text for each in segment.findings) or segment.place or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return (plain(segment.source), plain(segment.target), flags_of(segment))[column]
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsEditable if index.column() == Column.TARGET else found

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != Column.TARGET or not index.isValid():
            return False
        return self.edit(self.segment_at(index.row()).key, str(value))

    def edit(self, key: str, target: str) -> bool:
        """A changed target is the person's; its findings wait for the check. False when nothing changed."""
        segment = next((each for each in self._all if each.key == key), None)
        if segment is None or segment.target == target:
            return False
        changed = replace(segment, target=target, origin="person")
        self.put(changed)
        self.edited.emit(changed)
        return True

    def _arrange(self) -> None:
        self.beginResetModel()
        self._shown = [
            at
            for at, each in enumerate(self._all)
            if _passes(each, self._filter)
            and (not self._words or _holds(f"{each.source}\n{each.target}".casefold(), self._words))
        ]
        self.endResetModel()


def flags_of(segment: TranslatedSegment) -> str:
    """What the table says of a segment: each kind of finding once, else where the target comes from."""
    kinds = list(dict.fromkeys(finding_word(each.kind) for each in segment.findings))
    word = origin_word(segment.origin)
    return " · ".join([*kinds, *([word] if word and word not in kinds else [])])


def _passes(segment: TranslatedSegment, choice: str) -> bool:
    if choice == TO_CHECK:
        return bool(segment.findings)
    return choice != EDITED or segment.origin == "person"


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)
