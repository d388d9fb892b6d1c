"""Translations of documents made earlier: review a finished one, continue an interrupted one."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.icons import icon
from app.gui.labels import plain_tip
from app.gui.row_delegate import RowDelegate
from app.gui.text_format import file_name
from app.gui.theme import GRID, set_role
from app.gui.translate.wording import day, pair_name, state_word
from app.storage.translation_jobs import Job

_ROW_HEIGHT = GRID * 4
_JOB = Qt.ItemDataRole.UserRole
_PICTURES = {"complete": ("check", "accent"), "failed": ("error", "danger")}


class JobsList(QWidget):
    """Hidden while there are none. Enter or a double click reviews, Del removes."""

    review_wanted = Signal(object)
    continue_wanted = Signal(object)
    remove_wanted = Signal(object)
    """Each with a `Job`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Earlier translations"))
        set_role(title, "title")
        self.tree = _Tree()
        self.tree.setAccessibleName(title.text())
        self.tree.deleted.connect(self._remove)
        self.tree.itemActivated.connect(self._review)
        self.tree.currentItemChanged.connect(self._refresh)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self.continue_button = QPushButton(icon("play"), self.tr("Continue"))
        self.continue_button.clicked.connect(self._continue)
        self.review_button = QPushButton(icon("eye"), self.tr("Review"))
        self.review_button.clicked.connect(self._review)
        self.remove_button = QPushButton(icon("trash"), self.tr("Remove"))
        self.remove_button.setToolTip(self.tr("Forget this translation (Del). Files are not touched."))
        self.remove_button.clicked.connect(self._remove)
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(title, 1)
        for each in (self.continue_button, self.review_button, self.remove_button):
            head.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.tree, 1)
        self.hide()

    @property
    def chosen(self) -> Job | None:
        item = self.tree.currentItem()
        found = item.data(0, _JOB) if item is not None else None
        return found if isinstance(found, Job) else None

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Newest first; what was chosen stays chosen."""
        before = self.chosen
        self.tree.clear()
        for job in jobs:
            words = (file_name(job.file), pair_name(job.source_language, job.target_language))
            item = QTreeWidgetItem([*words, state_word(job.state), day(job.changed)])
            item.setIcon(0, icon("file", "muted"))
            item.setIcon(2, icon(*_PICTURES.get(job.state, ("pause", "warning"))))
            item.setToolTip(0, plain_tip(job.file))
            item.setData(0, _JOB, job)
            self.tree.addTopLevelItem(item)
            if before is not None and job.id == before.id:
                self.tree.setCurrentItem(item)
        first = self.tree.topLevelItem(0)
        if self.tree.currentItem() is None and first is not None:
            self.tree.setCurrentItem(first)
        self.tree.widen()
        self.setVisible(bool(jobs))
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        job = self.chosen
        self.continue_button.setVisible(job is not None and job.state != "complete")
        self.review_button.setEnabled(job is not None and job.done > 0)
        self.remove_button.setEnabled(job is not None)

    @Slot()
    def _continue(self) -> None:
        if self.chosen is not None:
            self.continue_wanted.emit(self.chosen)

    @Slot()
    def _review(self) -> None:
        if self.chosen is not None and self.chosen.done:
            self.review_wanted.emit(self.chosen)

    @Slot()
    def _remove(self) -> None:
        if self.chosen is not None:
            self.remove_wanted.emit(self.chosen)

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        job = self.chosen
        if job is None or self.tree.itemAt(at) is None:
            return
        menu = QMenu(self)
        if job.state != "complete":
            menu.addAction(icon("play"), self.tr("Continue"), self._continue)
        menu.addAction(icon("eye"), self.tr("Review\tEnter"), self._review).setEnabled(job.done > 0)
        menu.addSeparator()
        menu.addAction(icon("trash"), self.tr("Remove\tDel"), self._remove)
        menu.exec(self.tree.viewport().mapToGlobal(at))
        menu.deleteLater()


class _Tree(QTreeWidget):
    """Rows as those of the library."""

    deleted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._delegate = RowDelegate(self, _ROW_HEIGHT)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        set_role(self, "rows")
        self.setColumnCount(4)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIconSize(QSize(16, 16))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, self.header().ResizeMode.Stretch)

    def widen(self) -> None:
        """The columns as wide as their words, with room between them."""
        for column in range(1, self.columnCount()):
            self.resizeColumnToContents(column)
            self.setColumnWidth(column, self.columnWidth(column) + 2 * GRID)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete):
            self.deleted.emit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._delegate.leave()
