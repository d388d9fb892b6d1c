"""Looking for models that the catalogue does not know. Nothing leaves this computer before Search is pressed."""

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.choose import hub_endpoint
from app.gui.icons import icon
from app.gui.jobs import Job, Jobs
from app.gui.labels import WrappedLabel
from app.gui.models.hub_results import HubResults
from app.gui.theme import GRID, HALF, set_role
from app.gui.viewer.notice import Notice
from app.models.hub_search import HubRepository, host_of, repository_in, search_hub

_LONGEST = 200  # letters of a search; names at the hub have at most 96


class HubSearchDialog(QDialog):
    """Words are searched for; a repository's name or address is taken as it is, without a search."""

    chosen = Signal(str)
    """A repository “owner/name”."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._endpoint = hub_endpoint(backend.settings.current)
        self._host = host_of(self._endpoint)
        self._jobs = jobs
        self._job: Job | None = None
        self.setWindowTitle(self.tr("Find models at {host}").format(host=self._host))
        self.field = QLineEdit(maxLength=_LONGEST, clearButtonEnabled=True)
        self.field.setPlaceholderText(self.tr("Words, owner/name, or the address of a repository"))
        self.field.setAccessibleName(self.tr("What to look for"))
        self.search = QPushButton()
        self.hint = WrappedLabel()
        set_role(self.hint, "small")
        self.bar = QProgressBar(textVisible=False, maximum=0)
        self.bar.setAccessibleName(self.tr("Searching"))
        self.notice = Notice()
        self.results = HubResults()
        self.choose = QPushButton(self.tr("Choose"))
        self.close_button = QPushButton(self.tr("Close"))
        self._lay_out()
        self._connect()
        self._say_what_happens()
        self._say_nothing_asked()
        self.resize(840, 520)

    def done(self, result: int) -> None:
        self.stop()
        super().done(result)

    @Slot()
    def stop(self) -> None:
        """End the search that is under way; what was found before stays."""
        if self._job is not None:
            self._job.stop()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.field, 1)
        line.addWidget(self.search)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.notice)
        self._stack.addWidget(self.results)
        buttons = QHBoxLayout()  # a button box would make one of them the default
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        for button in (self.choose, self.close_button):
            buttons.addWidget(button)
        for button in (self.search, self.choose, self.close_button):
            button.setAutoDefault(False)  # Enter belongs to the field and to the list
        for button in (self.search, self.choose):
            set_role(button, "primary")
        keep = self.bar.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        keep.setVerticalPolicy(QSizePolicy.Policy.Fixed)
        self.bar.setSizePolicy(keep)
        self.bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        column.addLayout(line)
        column.addWidget(self.hint)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)
        column.addSpacing(HALF)
        column.addLayout(buttons)
        self._show_running(running=False)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._say_what_happens)
        self.field.returnPressed.connect(self._begin)
        self.search.clicked.connect(self._begin_or_stop)
        self.results.taken.connect(self._take)
        self.results.itemSelectionChanged.connect(self._show_choose)
        self.close_button.clicked.connect(self.reject)
        self.choose.clicked.connect(lambda: self._take(self.results.selected))

    @Slot()
    def _say_what_happens(self) -> None:
        """Below the field: where its words go, or that they go nowhere yet."""
        named = repository_in(self.field.text(), self._endpoint)
        if self._job is None:
            self.search.setText(self.tr("Open") if named else self.tr("Search"))
            self.search.setIcon(icon("open" if named else "search", "on_accent"))
        self.search.setEnabled(self._job is not None or bool(self.field.text().strip()))
        self.hint.setText(
            self.tr("This names a repository: {name}. It is taken without a search.").format(name=named)
            if named
            else self.tr("These words are sent to {host} when you press Search, not while you type.").format(
                host=self._host
            )
        )

    def _say_nothing_asked(self) -> None:
        self.notice.say(
            "search",
            self.tr("Models beyond the catalogue"),
            self.tr(
                "Search {host} for any model in the GGUF format. Only searching and downloading use the "
                "Internet; your access token is not sent with a search."
            ).format(host=self._host),
        )

    @Slot()
    def _begin_or_stop(self) -> None:
        if self._job is not None:
            self.stop()
        else:
            self._begin()

    @Slot()
    def _begin(self) -> None:
        text = self.field.text().strip()
        if self._job is not None or not text:
            return
        named = repository_in(text, self._endpoint)
        if named is not None:
            self._take(named)
            return

        def work(cancel: CancelToken) -> Iterator[tuple[HubRepository, ...]]:
            yield search_hub(text, endpoint=self._endpoint, cancel=cancel)

        self._job = self._jobs.run(
            work, on_event=self._show_found, on_done=self._end, on_error=self._fail, on_stopped=self._end
        )
        self._show_running(running=True)

    def _show_found(self, found: tuple[HubRepository, ...]) -> None:
        self.results.show_found(found)
        if found:
            self._stack.setCurrentWidget(self.results)
            self.results.setFocus()
            return
        title = self.tr("Nothing found")
        text = self.tr(
            "{host} has no GGUF repository with these words in its name. Try fewer words, or other ones."
        )
        self.notice.say("search", title, text.format(host=self._host))
        self._stack.setCurrentWidget(self.notice)

    def _fail(self, error: AppError) -> None:
        self.results.clear()
        self.notice.say("error", error.what, error.remedy)
        self._stack.setCurrentWidget(self.notice)
        self._end()

    def _end(self) -> None:
        self._job = None
        self._show_running(running=False)

    def _show_running(self, *, running: bool) -> None:
        self.bar.setVisible(running)
        self._show_choose()
        if running:
            self.search.setText(self.tr("Stop"))
            self.search.setIcon(icon("stop", "on_accent"))
        self._say_what_happens()

    @Slot()
    def _show_choose(self) -> None:
        self.choose.setEnabled(bool(self.results.selected))

    @Slot(str)
    def _take(self, repository: str) -> None:
        if repository:
            self.chosen.emit(repository)
            self.accept()
