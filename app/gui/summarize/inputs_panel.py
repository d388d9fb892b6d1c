"""The list of what is to be summarised."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel, icon_button
from app.gui.labels import ElidedLabel
from app.gui.summarize.entries import PICTURES, Entry
from app.gui.theme import GRID, HALF, scrolled, set_role

_SHOWN_AT_ONCE = 3


class EntryRow(QWidget):
    """One entry: its name, what it is, and a way to take it out again."""

    removed = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._picture = IconLabel(PICTURES[entry.kind])
        self._name = ElidedLabel(entry.name)
        self._detail = ElidedLabel(entry.detail)
        set_role(self._detail, "muted")
        self.remove = icon_button("close", self.tr("Remove {name}").format(name=entry.name))
        self.remove.clicked.connect(lambda: self.removed.emit(entry))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self._picture)
        row.addWidget(self._name, 3)
        row.addWidget(self._detail, 2)
        row.addWidget(self.remove)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return f"{self._name.text()} {self._detail.text()}".strip()

    def show_detail(self, text: str) -> None:
        self._detail.setText(text)

    def show_failure(self, text: str) -> None:
        """Why it was not summarised; "" once that is over."""
        self._picture.show_icon("error" if text else PICTURES[self.entry.kind], "danger" if text else "muted")
        set_role(self._detail, "failure" if text else "muted")
        self._detail.setText(text or self.entry.detail)


class InputsPanel(QFrame):
    """Rows of entries, each once; more than a few of them scroll."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[EntryRow] = []
        holder = QWidget()
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(HALF)
        self._column.addStretch(1)
        self._area = scrolled(holder)
        self._area.setAccessibleName(self.tr("Chosen to summarise"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._area)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(row.entry for row in self._rows)

    @property
    def rows(self) -> tuple[EntryRow, ...]:
        return tuple(self._rows)

    def add(self, entries: Sequence[Entry]) -> None:
        """Those that are not there yet."""
        known = {(each.kind, each.value) for each in self.entries}
        for entry in entries:
            if (entry.kind, entry.value) not in known:
                known.add((entry.kind, entry.value))
                row = EntryRow(entry)
                row.removed.connect(self._remove)
                self._column.insertWidget(len(self._rows), row)
                self._rows.append(row)
        self._changed()

    def clear(self) -> None:
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        self._changed()

    def row_of(self, entry: Entry) -> EntryRow | None:
        return next((row for row in self._rows if row.entry is entry), None)

    def show_failures(self, failures: dict[str, str]) -> None:
        """Why files were not summarised, by path."""
        for row in self._rows:
            if row.entry.kind == "file":
                row.show_failure(failures.get(row.entry.value, ""))

    def _remove(self, entry: Entry) -> None:
        row = self.row_of(entry)
        if row is not None:
            self._rows.remove(row)
            row.hide()
            row.deleteLater()
            self._changed()

    def _changed(self) -> None:
        height = self._rows[0].sizeHint().height() if self._rows else 0
        shown = min(len(self._rows), _SHOWN_AT_ONCE)
        half = height // 2 if len(self._rows) > _SHOWN_AT_ONCE else 0  # half a row says that there are more
        self._area.setFixedHeight(shown * height + max(0, shown - 1) * HALF + half)
        self.changed.emit()
