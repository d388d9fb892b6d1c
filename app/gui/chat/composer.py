"""The field to type in: grows with the text, says what is asked over, and turns Send into Stop."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.labels import plain_tip
from app.gui.theme import GRID, HALF, reading_font, set_look, set_role

_MOST_LINES = 9
_AROUND = 5 * GRID  # icon, padding and border of a button with a text


class QuestionField(QPlainTextEdit):
    """Enter sends, Shift+Enter begins a new line."""

    entered = Signal()
    focused = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "bare")
        reading_font(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)  # dropped files are for the library, the window takes them
        self.setAccessibleName(self.tr("Your question"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(self.hasFocus())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(self.hasFocus())

    @Slot()
    def _grow(self) -> None:
        lines = max(1, min(_MOST_LINES, round(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2 * HALF)
        wanted = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(wanted if lines == _MOST_LINES else off)


class Composer(QFrame):
    """Question, scope, and Send or Stop."""

    sent = Signal(str)
    stopped = Signal()
    scope_changed = Signal(str)
    """A collection's name; "" for plain chat."""

    documents_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "composer")
        self._scope = ""
        self._running = False
        self.field = QuestionField()
        self.field.entered.connect(self._send)
        self.field.textChanged.connect(self._refresh)
        self.field.focused.connect(self._show_focus)
        self._menu = QMenu(self)
        self._chooser = QToolButton()
        self._chooser.setMenu(self._menu)
        self._chooser.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._chooser.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._chooser.setIconSize(QSize(16, 16))
        set_role(self._chooser, "chooser")
        self._button = icon_button("send", self.tr("Send (Enter)"), role="on_accent")
        set_role(self._button, "primary")
        self._button.clicked.connect(self._clicked)
        self._each = QToolButton()
        self._each.setCheckable(True)
        set_role(self._each, "chip")
        self._each.setText(self.tr("Each document"))
        self._each.setIconSize(QSize(16, 16))
        self._each.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._each.setAccessibleName(self.tr("Ask each document by itself"))
        self._each.setShortcut(QKeySequence("Ctrl+E"))
        self._each.setToolTip(self.tr("Ask each document by itself, for a table of answers (Ctrl+E)"))
        self._each.toggled.connect(self._show_hint)
        row = QHBoxLayout()
        row.setSpacing(HALF)
        row.addWidget(self._chooser)
        row.addWidget(self._each)
        row.addStretch(1)
        row.addWidget(self._button)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(GRID + HALF, GRID + HALF, GRID, GRID)
        column.setSpacing(HALF)
        column.addWidget(self.field)
        column.addLayout(row)
        self.setFocusProxy(self.field)
        self.show_scopes((), "")

    @property
    def scope(self) -> str:
        return self._scope

    @property
    def each(self) -> bool:
        """Whether each document is to be asked by itself."""
        return self._each.isChecked() and bool(self._scope)

    @each.setter
    def each(self, wanted: bool) -> None:
        self._each.setChecked(wanted)

    def show_scopes(self, names: Sequence[str], chosen: str) -> None:
        """Offer these collections; `chosen` falls back to plain chat when it is not among them."""
        self._menu.clear()
        group = QActionGroup(self._menu)
        for name in names:
            self._offer(group, name, name, "folder")
        self._offer(group, "", self.tr("No documents, just chat"), "chat")
        self._menu.addSeparator()
        add = self._menu.addAction(icon("folder-plus"), self.tr("Add documents…"))
        add.triggered.connect(self.documents_wanted)
        self._choose(chosen if chosen in names else "")

    def set_running(self, running: bool) -> None:
        """While an answer is written, the button stops it."""
        self._running = running
        self._button.setIcon(icon("stop" if running else "send", "on_accent"))
        name = self.tr("Stop (Esc)") if running else self.tr("Send (Enter)")
        self._button.setToolTip(name)
        self._button.setAccessibleName(name)
        self._refresh()

    def give_back(self, text: str) -> None:
        """Put a question that could not be asked back, unless another was begun."""
        if not self.field.toPlainText().strip():
            self.field.setPlainText(text)
            self.field.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The names of the collection and of the button beside it; where only one has room, the collection's."""
        margins = self.contentsMargins() + self._column.contentsMargins()
        room = self.width() - margins.left() - margins.right() - 3 * HALF
        room -= self._chooser.sizeHint().width() + self._button.sizeHint().width()
        text = self._each.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self._each.text()).width()
        named, bare = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self._each.setToolButtonStyle(named if room >= text + _AROUND else bare)

    def _offer(self, group: QActionGroup, scope: str, text: str, picture: str) -> None:
        action = QAction(icon(picture), text.replace("&", "&&"), group, checkable=True)
        action.setData(scope)
        action.triggered.connect(lambda: self._choose(scope, by_person=True))
        self._menu.addAction(action)

    def _choose(self, scope: str, *, by_person: bool = False) -> None:
        self._scope = scope
        name = scope or self.tr("No documents, just chat")
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, GRID * 25)
        self._chooser.setText(short.replace("&", "&&"))
        self._chooser.setIcon(icon("folder" if scope else "chat", "muted"))
        self._chooser.setAccessibleName(self.tr("Asked over: {scope}").format(scope=name))
        self._chooser.setToolTip(plain_tip("\n".join([self.tr("What the question is asked over"), name])))
        self._each.setVisible(bool(scope))
        self._fit()
        self._show_hint()
        for action in self._menu.actions():
            if action.isCheckable():
                action.setChecked(action.data() == scope)
        if by_person:
            self.scope_changed.emit(scope)

    @Slot()
    def _show_hint(self) -> None:
        self._each.setIcon(icon("list", "accent" if self._each.isChecked() else "muted"))
        if self.each:
            hint = self.tr("Ask each document in {scope}").format(scope=self._scope)
        elif self._scope:
            hint = self.tr("Ask about {scope}").format(scope=self._scope)
        else:
            hint = self.tr("Message the model")
        self.field.setPlaceholderText(hint)

    @Slot(bool)
    def _show_focus(self, focused: bool) -> None:
        set_look(self, "active", "true" if focused else "false")

    @Slot()
    def _refresh(self) -> None:
        self._button.setEnabled(self._running or bool(self.field.toPlainText().strip()))

    @Slot()
    def _clicked(self) -> None:
        if self._running:
            self.stopped.emit()
        else:
            self._send()

    @Slot()
    def _send(self) -> None:
        text = self.field.toPlainText().strip()
        if text and not self._running:
            self.field.clear()
            self.sent.emit(text)
