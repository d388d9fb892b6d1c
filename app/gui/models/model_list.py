"""The list of models with its search and filters."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QListView, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.gui.models.entries import ModelEntry
from app.gui.models.filters import FilterBar, passing
from app.gui.models.model_rows import ModelRows
from app.gui.models.row_delegate import ModelRowDelegate
from app.gui.theme import GRID, set_role
from app.models.catalog import Catalog


class _View(QListView):
    """Enter opens."""

    opened = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class ModelList(QWidget):
    """Shows what passes the filters; the chosen model stays chosen while its facts change."""

    chosen = Signal(object)
    """A `ModelEntry`, None when none is chosen."""

    opened = Signal()
    """Enter was pressed on the chosen model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog: Catalog | None = None
        self._entries: Sequence[ModelEntry] = ()
        self._key = ""
        self._quiet = False  # while rows change by themselves
        self.filters = FilterBar()
        self.filters.changed.connect(self._arrange)
        self.rows = ModelRows(self)
        self.view = self._make_view()
        self._nothing = QWidget()
        self._nothing_text = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.clear_button = QPushButton(self.tr("Show all models"))
        self.clear_button.clicked.connect(self.filters.clear)
        self._lay_out()
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.filters.focus_search)
        find.setContext(Qt.ShortcutContext.WindowShortcut)
        down = QShortcut(QKeySequence("Down"), self.filters.field, self.view.setFocus)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)

    @property
    def current(self) -> ModelEntry | None:
        return self.rows.entry_at(self.view.currentIndex().row())

    def show_entries(self, entries: Sequence[ModelEntry], catalog: Catalog) -> None:
        self._entries, self._catalog = entries, catalog
        self._arrange()

    def select(self, key: str) -> bool:
        """Choose a model, past the filters if they hide it; false when there is none of that key."""
        if not any(each.key == key for each in self._entries):
            return False
        self._key = key
        if self.rows.row_of(key) < 0:
            self.filters.clear()
        self._choose_again()
        self.view.scrollTo(self.view.currentIndex())
        return True

    def _make_view(self) -> _View:
        view = _View()
        set_role(view, "side")
        view.setAccessibleName(self.tr("Models"))
        view.setModel(self.rows)
        view.setItemDelegate(ModelRowDelegate(view))
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.selectionModel().currentChanged.connect(self._tell)
        view.opened.connect(self.opened)
        return view

    def _lay_out(self) -> None:
        set_role(self._nothing_text, "muted")
        middle = QVBoxLayout(self._nothing)
        middle.setSpacing(GRID * 2)
        middle.addSpacing(GRID * 4)
        middle.addWidget(self._nothing_text)
        middle.addWidget(self.clear_button, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.filters)
        column.addWidget(self._stack, 1)

    @Slot()
    def _arrange(self) -> None:
        if self._catalog is None:
            return
        wanted = self.filters.wanted
        shown = passing(self._entries, wanted, self._catalog)
        scrolled = self.view.verticalScrollBar().value()
        self._quiet = True
        self.rows.show_entries(shown)
        self._choose_again()
        self.view.verticalScrollBar().setValue(scrolled)
        if not shown:
            self._nothing_text.setText(
                self.tr("No model here is described by these words. “Search online…” above looks further.")
                if wanted.text.strip()
                else self.tr("No model passes these filters.")
            )
        self._stack.setCurrentWidget(self.view if shown else self._nothing)

    def _choose_again(self) -> None:
        """After a reset the same model is chosen; what is known of it may have changed, so it is told again."""
        row = self.rows.row_of(self._key) if self._key else -1
        index = self.rows.index(row) if row >= 0 else QModelIndex()
        self._quiet = True
        self.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._quiet = False
        self.chosen.emit(self.current)

    @Slot(QModelIndex)
    def _tell(self, index: QModelIndex) -> None:
        if self._quiet:
            return
        entry = self.rows.entry_at(index.row())
        if entry is not None:
            self._key = entry.key
        self.chosen.emit(entry)
