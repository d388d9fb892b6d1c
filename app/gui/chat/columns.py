"""The columns of the chat page: conversations, the one in view, its sources. They share a narrow window."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QToolButton, QWidget

from app.gui.buttons import icon_button
from app.gui.chat.conversation_list import ConversationList
from app.gui.chat.sources_panel import SourcesPanel
from app.gui.theme import NARROW

_LIST = 240
_SOURCES = 320
_SOURCES_IF_NARROW = 280
_LEAST = (180, 320, 220)
_TIGHT = 800  # a page less wide beside the viewer leaves the list no more than it needs


class ChatColumns(QSplitter):
    """In a narrow window the list of conversations gives way to the sources or the viewer.

    `list_button` brings it back; then the others give way, until one of them is asked for again. `sources_button` is
    there while there are sources, and the viewer does not stand in their place.
    """

    room_wanted = Signal()
    """The list was asked for, and the viewer stands in its way."""

    def __init__(
        self, conversations: ConversationList, middle: QWidget, sources: SourcesPanel,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(Qt.Orientation.Horizontal, parent, handleWidth=1, childrenCollapsible=False)
        self._conversations = conversations
        self._sources = sources
        self._viewer_open = False
        self._list_wanted = False
        self._shown = (False, True, False, False)  # narrow, with the list, with the sources, tight
        self.list_button: QToolButton = icon_button("list", self.tr("Show or hide the chats"))
        self.list_button.setVisible(False)
        self.list_button.clicked.connect(self._toggle_list)
        self.sources_button = icon_button("sidebar", self.tr("Show or hide the sources"), shortcut="F9")
        self.sources_button.clicked.connect(sources.toggle)
        for least, each in zip(_LEAST, (conversations, middle, sources), strict=True):
            each.setMinimumWidth(least)
            self.addWidget(each)
        self.setStretchFactor(1, 1)
        self.setSizes([_LIST, 600, _SOURCES])
        self._list_width, self._sources_width = _LIST, _SOURCES
        self.splitterMoved.connect(self._remember)
        sources.changed.connect(self._arrange)
        sources.asked_for.connect(self.fold_list)

    def set_viewer_open(self, viewer_open: bool) -> None:
        """The viewer stands beside the page, in the place of the sources."""
        self._viewer_open = viewer_open
        self._list_wanted = self._list_wanted and not viewer_open
        self._arrange()

    @Slot()
    def show_list(self) -> None:
        self._list_wanted = True
        if self._viewer_open and self._conversations.isHidden():
            self.room_wanted.emit()
        self._arrange()

    @Slot()
    def fold_list(self) -> None:
        """Something else matters more now, if there is no room for both."""
        self._list_wanted = False
        self._arrange()

    @Slot()
    def _toggle_list(self) -> None:
        if self._conversations.isHidden():
            self.show_list()
        else:
            self.fold_list()

    @Slot()
    def _remember(self) -> None:
        """The widths that the person chose."""
        left, _, right = self.sizes()
        self._list_width, self._sources_width = left or self._list_width, right or self._sources_width

    @Slot()
    def _arrange(self) -> None:
        narrow = self.window().width() < NARROW
        taken = self._viewer_open or self._sources.wanted
        with_list = not narrow or not taken or self._list_wanted
        self._sources.set_covered(self._viewer_open or (narrow and self._list_wanted))
        self.list_button.setVisible(narrow and taken)
        self.sources_button.setVisible(bool(self._sources.sources) and not self._viewer_open)
        tight = self._viewer_open and self.width() < _TIGHT
        before, self._shown = self._shown, (narrow, with_list, not self._sources.isHidden(), tight)
        if self._shown == before:
            return
        self._conversations.setVisible(with_list)
        left = (min(self._list_width, _LEAST[0]) if tight else self._list_width) * with_list
        right = min(self._sources_width, _SOURCES_IF_NARROW if narrow else self.width()) * self._shown[2]
        self.setSizes([left, max(1, self.width() - left - right), right])
        self.refresh()  # at once: whoever shares out the window asks how little is enough

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()
