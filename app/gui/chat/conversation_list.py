"""The list of conversations: newest first, searched in full text, renamed in place."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app.base.jobs import CancelToken
from app.gui.buttons import icon_button
from app.gui.chat.conversation_delegate import ID, RUNNING, SNIPPET, ConversationDelegate
from app.gui.errors import MessageBar
from app.gui.icons import icon
from app.gui.jobs import Job, Jobs
from app.gui.labels import plain_tip
from app.gui.theme import GRID, HALF, set_role
from app.storage.conversations import Conversation, Conversations, Found

_PAUSE_MS = 150  # after the last key, before searching


class ConversationList(QWidget):
    """Chooses, renames, and deletes in a way that can be undone for a while."""

    chosen = Signal(int)
    new_wanted = Signal()
    renamed = Signal(int)
    deleted = Signal(int)
    """Out of sight; it can still be brought back."""

    gone = Signal(int)
    """About to be deleted for good."""

    def __init__(
        self, conversations: Conversations, jobs: Jobs, messages: MessageBar, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._conversations = conversations
        self._jobs = jobs
        self._search_job: Job | None = None
        self._current: int | None = None
        self._running: set[int] = set()
        self._messages = messages
        self._deleted: set[int] = set()
        self.search_field = self._make_search_field()
        new = icon_button("new-chat", self.tr("New chat"), role="text")
        new.setToolTip(self.tr("New chat (Ctrl+N)"))
        new.clicked.connect(self.new_wanted)
        self.list = self._make_list()
        self._empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignHCenter)
        set_role(self._empty, "muted")
        head = QHBoxLayout()
        head.setSpacing(HALF)
        head.addWidget(self.search_field, 1)
        head.addWidget(new)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)

    def refresh(self, current: int | None, running: set[int]) -> None:
        """Read the store again; `current` is in view, `running` are being answered."""
        self._current, self._running = current, running
        if self.search_field.text().strip():
            self._search()
        else:
            self._fill([Found(each, "") for each in self._conversations.all()])

    @Slot()
    def focus_search(self) -> None:
        self.search_field.setFocus()
        self.search_field.selectAll()

    def delete(self, number: int) -> None:
        """Take a conversation out of the list; it is deleted once the chance to undo that has passed."""
        title = self._conversations.get(number).title
        self._messages.show_note(
            self.tr(
                "“{title}” was deleted. You can bring it back until you close this message, delete something else or quit."
            ).format(title=title),
            self.tr("Undo"),
            partial(self._undo, number),
            partial(self._delete_for_good, number),
        )
        self._deleted.add(number)
        self.deleted.emit(number)

    def _make_search_field(self) -> QLineEdit:
        field = QLineEdit(placeholderText=self.tr("Search chats"), clearButtonEnabled=True)
        set_role(field, "search")
        field.setAccessibleName(self.tr("Search chats"))
        field.setToolTip(self.tr("Search all messages (Ctrl+F)"))
        field.setAcceptDrops(False)
        field.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        pause.timeout.connect(self._searched)
        field.textChanged.connect(lambda: pause.start())
        return field

    def _make_list(self) -> QListWidget:
        view = QListWidget()
        set_role(view, "side")
        view.setAccessibleName(self.tr("Chats"))
        view.setItemDelegate(ConversationDelegate(view))
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)  # F2
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show_menu)
        view.currentItemChanged.connect(self._choose)
        view.itemChanged.connect(self._rename)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), view, self._delete_current)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        return view

    def _fill(self, found: Sequence[Found]) -> None:
        shown = [each for each in found if each.conversation.id not in self._deleted]
        with QSignalBlocker(self.list):
            if [each.conversation.id for each in shown] != self._numbers():
                self.list.clear()
                self.list.addItems([""] * len(shown))
            for row, each in enumerate(shown):
                self._write(self.list.item(row), each.conversation, each.snippet)
            if self._current not in self._numbers():
                self.list.setCurrentRow(-1)
        searching = bool(self.search_field.text().strip())
        nothing = (
            self.tr("No chat holds these words.") if searching else self.tr("Your chats will be listed here.")
        )
        self._empty.setText(nothing)
        self._empty.setVisible(self.list.count() == 0)

    def _numbers(self) -> list[int]:
        return [self.list.item(row).data(ID) for row in range(self.list.count())]

    def _write(self, item: QListWidgetItem, conversation: Conversation, snippet: str) -> None:
        item.setText(conversation.title or self.tr("New chat"))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        item.setToolTip(plain_tip(item.text()))
        item.setData(ID, conversation.id)
        item.setData(SNIPPET, " ".join(snippet.split()))
        item.setData(RUNNING, conversation.id in self._running)
        if conversation.id == self._current:
            self.list.setCurrentItem(item)

    @Slot()
    def _searched(self) -> None:
        self.refresh(self._current, self._running)

    def _search(self) -> None:
        if self._search_job is not None:
            self._search_job.stop()
        words = self.search_field.text()

        def work(token: CancelToken) -> list[list[Found]]:
            found = self._conversations.search(words)
            token.raise_if_cancelled()
            return [found]

        def show(found: list[Found]) -> None:
            if words == self.search_field.text():
                self._fill(found)

        self._search_job = self._jobs.run(work, on_event=show, owner=self)

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None:
            return
        menu = QMenu(self)
        menu.addAction(icon("edit"), self.tr("Rename\tF2"), lambda: self.list.editItem(item))
        menu.addAction(icon("trash"), self.tr("Delete\tDel"), partial(self.delete, int(item.data(ID))))
        menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()

    @Slot(QListWidgetItem)
    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._current = int(item.data(ID))
            self.chosen.emit(self._current)

    @Slot(QListWidgetItem)
    def _rename(self, item: QListWidgetItem) -> None:
        number = int(item.data(ID))
        if item.text().strip():
            self._conversations.rename(number, item.text())
        self.renamed.emit(number)

    @Slot()
    def _delete_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.delete(int(item.data(ID)))

    def _undo(self, number: int) -> None:
        self._deleted.discard(number)
        self.chosen.emit(number)

    def _delete_for_good(self, number: int) -> None:
        self._deleted.discard(number)
        self.gone.emit(number)
        self._conversations.delete(number)
