"""Collections and their folders, as a tree at the left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.labels import plain_tip
from app.gui.row_delegate import RowDelegate, soften
from app.gui.text_format import file_name
from app.gui.theme import GRID, set_role
from app.storage.collections import Collection

_CHOICE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen in the tree: everything that is indexed, a collection, or one of its folders."""

    collection: str = ""
    folder: str = ""


class _Tree(QTreeWidget):
    """Paints the ground of a chosen row softly from edge to edge, also below the arrows."""

    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._delegate = RowDelegate(self, GRID * 4 - 2)
        self.setItemDelegate(self._delegate)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._delegate.leave()

    def initViewItemOption(self, option: QStyleOptionViewItem) -> None:
        super().initViewItemOption(option)
        soften(option)


class CollectionsPanel(QWidget):
    """Shows and edits names; what happens to collections is decided by who listens."""

    chosen = Signal(object)
    """A `Choice`."""

    create_wanted = Signal()
    create_undone = Signal(str)
    """Esc was pressed instead of a name for the new collection."""

    renamed = Signal(str, str)
    remove_wanted = Signal(object)
    folder_wanted = Signal()
    refresh_wanted = Signal()
    reveal_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(self.tr("Collections"))
        set_role(title, "title")
        create = icon_button("plus", self.tr("New collection"), shortcut="Ctrl+Shift+N", role="text")
        create.clicked.connect(self.create_wanted)
        self._fresh = ""  # the new collection that is being named
        self.tree = self._make_tree()
        head = QHBoxLayout()
        head.setContentsMargins(GRID, 0, 0, 0)
        head.addWidget(title, 1)
        head.addWidget(create)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.tree, 1)

    @property
    def choice(self) -> Choice:
        item = self.tree.currentItem()
        found = item.data(0, _CHOICE) if item is not None else None
        return found if isinstance(found, Choice) else Choice()

    def show_collections(self, collections: Sequence[Collection], choose: Choice) -> None:
        """Fill the tree anew; what was closed stays closed. Says nothing about the choice."""
        self._fresh = ""
        closed = {item.text(0) for item in self._items() if item.childCount() and not item.isExpanded()}
        with QSignalBlocker(self.tree):
            self.tree.clear()
            for each in collections:
                item = self._collection_item(each)
                self.tree.addTopLevelItem(item)
                item.setExpanded(each.name not in closed)
            everything = QTreeWidgetItem([self.tr("Everything indexed")])
            everything.setIcon(0, icon("list", "muted"))
            everything.setData(0, _CHOICE, Choice())
            self.tree.addTopLevelItem(everything)
            chosen = self._find(choose) or self._find(Choice(choose.collection)) or self._items()[0]
            self.tree.setCurrentItem(chosen)

    def show_missing(self, folders: frozenset[str]) -> None:
        """Folders that cannot be found look so."""
        with QSignalBlocker(self.tree):
            for item in self._items():
                choice = item.data(0, _CHOICE)
                if choice.folder:
                    _show_folder(item, choice.folder, gone=choice.folder in folders, tell=self._tell_gone)

    def name_new(self, name: str) -> None:
        """Let the person type over the name of this collection, which was made just now."""
        item = self._find(Choice(name))
        if item is not None:
            self.tree.setCurrentItem(item)
            self.tree.editItem(item)
            self._fresh = name

    def _make_tree(self) -> _Tree:
        tree = _Tree()
        tree.setAccessibleName(self.tr("Collections and folders"))
        tree.setHeaderHidden(True)
        tree.setFrameShape(QTreeWidget.Shape.NoFrame)
        set_role(tree, "rows")
        tree.viewport().setAutoFillBackground(False)
        tree.setUniformRowHeights(True)
        tree.setIndentation(GRID * 2)
        tree.setIconSize(QSize(16, 16))
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._show_menu)
        tree.currentItemChanged.connect(lambda: self.chosen.emit(self.choice))
        tree.itemChanged.connect(self._take_name)
        tree.delete_pressed.connect(self._remove)
        tree.itemDelegate().closeEditor.connect(self._end_naming)
        return tree

    def _collection_item(self, collection: Collection) -> QTreeWidgetItem:
        item = QTreeWidgetItem([collection.name])
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        item.setIcon(0, icon("library", "accent"))
        item.setToolTip(0, plain_tip(collection.name))
        item.setData(0, _CHOICE, Choice(collection.name))
        for folder in collection.folders:
            child = QTreeWidgetItem([file_name(folder) or folder])
            child.setData(0, _CHOICE, Choice(collection.name, folder))
            _show_folder(child, folder, gone=False, tell=self._tell_gone)
            item.addChild(child)
        return item

    def _tell_gone(self, folder: str) -> str:
        return self.tr(
            "{folder}\nThis cannot be found. Connect its drive, or remove it from the collection."
        ).format(folder=folder)

    def _items(self) -> list[QTreeWidgetItem]:
        """All of them, in the order they are seen."""
        tops = [self.tree.topLevelItem(number) for number in range(self.tree.topLevelItemCount())]
        found: list[QTreeWidgetItem] = []
        for top in tops:
            if top is not None:
                below = (top.child(number) for number in range(top.childCount()))
                found += [top, *(each for each in below if each is not None)]
        return found

    def _find(self, choice: Choice) -> QTreeWidgetItem | None:
        return next((item for item in self._items() if item.data(0, _CHOICE) == choice), None)

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        item = self.tree.itemAt(at)
        choice = self.choice
        if item is None or not choice.collection:
            return
        menu = QMenu(self)
        if choice.folder:
            menu.addAction(
                icon("folder"),
                self.tr("Show in file manager"),
                lambda: self.reveal_wanted.emit(choice.folder),
            )
        else:
            menu.addAction(icon("folder-plus"), self.tr("Add folder…"), self.folder_wanted.emit)
            menu.addAction(icon("edit"), self.tr("Rename\tF2"), lambda: self.tree.editItem(item))
        menu.addAction(icon("refresh"), self.tr("Refresh\tF5"), self.refresh_wanted.emit)
        menu.addSeparator()
        removed = (
            self.tr("Remove from the collection\tDel") if choice.folder else self.tr("Remove collection\tDel")
        )
        menu.addAction(icon("trash"), removed, self._remove)
        menu.exec(self.tree.viewport().mapToGlobal(at))
        menu.deleteLater()

    @Slot(QTreeWidgetItem)
    def _take_name(self, item: QTreeWidgetItem) -> None:
        before = item.data(0, _CHOICE)
        if isinstance(before, Choice) and not before.folder and item.text(0) != before.collection:
            after = item.text(0)
            # later: whoever listens fills the tree anew, and the item is still being edited
            QTimer.singleShot(0, self, lambda: self.renamed.emit(before.collection, after))

    @Slot(QWidget, QAbstractItemDelegate.EndEditHint)
    def _end_naming(self, _editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        fresh, self._fresh = self._fresh, ""
        if fresh and hint == QAbstractItemDelegate.EndEditHint.RevertModelCache:
            # later: as for a new name
            QTimer.singleShot(0, self, lambda: self.create_undone.emit(fresh))

    @Slot()
    def _remove(self) -> None:
        if self.choice.collection:
            self.remove_wanted.emit(self.choice)


def _show_folder(item: QTreeWidgetItem, folder: str, *, gone: bool, tell: Callable[[str], str]) -> None:
    item.setIcon(0, icon("folder-off", "warning") if gone else icon("folder", "muted"))
    item.setToolTip(0, plain_tip(tell(folder) if gone else folder))
