"""The chat page: the list of conversations, the one in view, its sources, and the field to ask in."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.assistants.events import Source
from app.backend import Backend
from app.base.errors import AppError
from app.gui.chat.answers import Answerer, Answers, LiveAnswer, Request, answerer_of
from app.gui.chat.columns import ChatColumns
from app.gui.chat.composer import Composer
from app.gui.chat.conversation_list import ConversationList
from app.gui.chat.conversation_view import ConversationView
from app.gui.chat.draft_keeper import DraftKeeper
from app.gui.chat.head import ChatHead
from app.gui.chat.model_picker import ModelPicker
from app.gui.chat.sources_panel import SourcesPanel
from app.gui.chat.table_export import TableExporter
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.theme import GRID, set_role
from app.storage.collections import DEFAULT_COLLECTION
from app.storage.drafts import Drafts
from app.storage.feedback import Feedback


class ChatPage(QWidget):
    """Shows one conversation. Answers of others go on being written and saved meanwhile."""

    citations_opened = Signal(object)
    """`Citations` to show in the viewer."""

    documents_wanted = Signal()
    models_wanted = Signal()
    summary_wanted = Signal()

    def __init__(
        self, backend: Backend, jobs: Jobs, messages: MessageBar, answerer: Answerer | None = None,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._store = backend.conversations
        self._collections = backend.collections
        self._messages = messages
        self._exporter = TableExporter(jobs, messages, self)
        self.answers = Answers(answerer or answerer_of(backend), jobs, self)
        self.conversations = ConversationList(self._store, jobs, messages)
        self.view = ConversationView(self._store, Feedback(backend.user_db), self.answers)
        self.composer = Composer()
        saved = not backend.user_db.read_only
        self.drafts = DraftKeeper(Drafts(backend.user_db), self.composer.field, saved=saved, parent=self)
        self.sources = SourcesPanel()
        middle = QWidget()
        self.columns = ChatColumns(self.conversations, middle, self.sources)
        self.model = ModelPicker(backend, jobs, self.answers, messages)
        self.head = ChatHead(self.columns.list_button, self.model, self.columns.sources_button)
        self._lay_out(middle)
        self._connect()
        self.refresh_scopes()
        self.new_conversation()

    @Slot()
    def new_conversation(self) -> None:
        """Begin afresh. It is saved with its first question."""
        self.open_conversation(None)
        self.composer.setFocus()

    def open_conversation(self, number: int | None) -> None:
        self.composer.each = False
        self.view.show_conversation(number)
        self.drafts.open(number)
        self.refresh_scopes()
        self._refresh()

    def ask(self, question: str, scope: str | None = None, *, each: bool = False) -> None:
        """Ask in the conversation in view; `scope` changes what is asked over first. `each`: every document by itself."""
        if self.answers.live(self.view.current) is not None:
            return
        if scope is not None:
            self.refresh_scopes(scope)
        self.columns.fold_list()
        number = self.view.current
        if number is None:
            number = self._store.start(scope=self.composer.scope).id
        self.view.ask(number, question, self.composer.scope, each=each)
        self.drafts.began(number)
        self._refresh()

    @Slot(str)
    def _ask_each(self, question: str) -> None:
        """An offer below an answer was taken; why nothing comes of it is said."""
        if self.answers.live(self.view.current) is not None:
            self._messages.show_note(self.tr("Wait until the answer is finished, or stop it first."))
        elif not self.composer.scope:
            self._messages.show_note(self.tr("Choose the documents to ask first, below your question."))
        else:
            self.ask(question, each=True)

    def stop(self) -> bool:
        """Stop the answer in view; false when none is being written."""
        running = self.answers.live(self.view.current) is not None
        if running:
            self.answers.stop(self.view.current)
            self.view.show_stopping()
        return running

    def refresh_scopes(self, chosen: str | None = None) -> None:
        """Read the collections again (one was added, renamed or emptied)."""
        names = [each.name for each in self._collections.all() if each.folders]
        if chosen is None:
            chosen = self._scope_now(names)
        self.composer.show_scopes(names, chosen)
        self.view.empty.show_for(self.composer.scope, bool(names))

    def _lay_out(self, middle: QWidget) -> None:
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusProxy(self.composer)
        foot = QHBoxLayout()
        foot.setContentsMargins(GRID * 3, 0, GRID * 3, GRID * 2)
        foot.addStretch(1)
        foot.addWidget(self.composer, 1000)
        foot.addStretch(1)
        self.composer.setMaximumWidth(760 + 2 * GRID)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.head)
        column.addWidget(self.view, 1)
        column.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.columns)

    def _connect(self) -> None:
        self.conversations.chosen.connect(self.open_conversation)
        self.conversations.new_wanted.connect(self.new_conversation)
        self.conversations.renamed.connect(self._refresh, Qt.ConnectionType.QueuedConnection)
        self.conversations.deleted.connect(self._deleted)
        self.conversations.gone.connect(self.answers.forget)
        self.view.listed.opened.connect(self._open_source)
        self.view.listed.changed.connect(self.sources.show_sources)
        self.view.returned.connect(self._give_back)
        self.view.noticed.connect(self._messages.show_note)
        ratings = self.view.ratings
        ratings.failed.connect(self._messages.show_error)
        dropped, undo = self.tr("Your correction was taken back."), self.tr("Undo")
        ratings.withdrawn.connect(
            lambda rating: self._messages.show_note(dropped, undo, lambda: ratings.restore(rating))
        )
        self.view.empty.documents_wanted.connect(self.documents_wanted)
        self.composer.sent.connect(lambda question: self.ask(question, each=self.composer.each))
        self.view.transcript.each_wanted.connect(self._ask_each)
        self.view.transcript.summary_wanted.connect(self.summary_wanted)
        self.view.transcript.export_wanted.connect(self._exporter.save)
        self.composer.stopped.connect(self.stop)
        self.composer.scope_changed.connect(self._scope_changed)
        self.composer.documents_wanted.connect(self.documents_wanted)
        self.model.models_wanted.connect(self.models_wanted)
        self.sources.opened.connect(self._open_source)
        self.answers.arrived.connect(self._arrived)
        self.answers.ended.connect(self._ended)
        QShortcut(QKeySequence("Ctrl+L"), self, self.composer.setFocus)
        find = QShortcut(QKeySequence("Ctrl+F"), self, self.columns.show_list)
        find.activated.connect(self.conversations.focus_search)

    def _scope_now(self, names: list[str]) -> str:
        """The conversation's own; a new one is asked over what was chosen last, or the first collection."""
        if self.view.current is not None:
            return self._store.get(self.view.current).scope
        if self.composer.scope in names:
            return self.composer.scope
        return DEFAULT_COLLECTION if DEFAULT_COLLECTION in names else next(iter(names), "")

    @Slot()
    def _refresh(self) -> None:
        """The list, the title and the button say how things stand."""
        number = self.view.current
        self.conversations.refresh(number, self.answers.running())
        title = "" if number is None else self._store.get(number).title
        self.head.title.setText(title or self.tr("New chat"))
        self.composer.set_running(self.answers.live(number) is not None)

    @Slot(int)
    def _deleted(self, number: int) -> None:
        if number == self.view.current:
            self.new_conversation()
        else:
            self._refresh()

    @Slot(str)
    def _scope_changed(self, scope: str) -> None:
        if self.view.current is not None:
            self._store.set_scope(self.view.current, scope)
        self.refresh_scopes(scope)

    @Slot(object)
    def _open_source(self, source: Source) -> None:
        self.sources.mark(source.number)
        self.citations_opened.emit(self.view.listed.citations(source))

    @Slot(object)
    def _give_back(self, request: Request) -> None:
        """The question was not accepted; a conversation begun for it goes away again."""
        if not self._store.messages(request.conversation):
            self._store.delete(request.conversation)
        if request.conversation == self.view.current:
            typed = self.composer.field.toPlainText()
            if request.after == 0:
                self.open_conversation(None)
            self.composer.give_back(typed if typed.strip() else request.question)

    @Slot(int, object)
    def _arrived(self, number: int, _event: object) -> None:
        """A new conversation has its title once the question is saved."""
        if number == self.view.current and self.head.title.text() == self.tr("New chat"):
            self._refresh()

    @Slot(object, object)
    def _ended(self, _live: LiveAnswer, error: AppError | None) -> None:
        self._refresh()
        if error is not None:
            self._messages.show_error(error)
