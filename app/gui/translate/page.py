"""The page Translate: texts and documents, and what is known of terms and earlier translations."""

from pathlib import Path

from PySide6.QtCore import QLocale, QSettings, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.backend import Backend
from app.gui.errors import MessageBar
from app.gui.icons import icon
from app.gui.jobs import Jobs
from app.gui.switch import Switch
from app.gui.theme import GRID, set_role
from app.gui.translate.document_pane import DocumentPane
from app.gui.translate.model_adding import ModelAdding
from app.gui.translate.text_pane import TextPane
from app.gui.translate.wishes import EngineFacts
from app.gui.translate.work import Work

TEXT, DOCUMENTS = "text", "documents"


class TranslatePage(QWidget):
    """Messages go to `messages`, or to a bar of its own."""

    models_wanted = Signal()

    def __init__(
        self,
        backend: Backend,
        jobs: Jobs,
        messages: MessageBar | None = None,
        parent: QWidget | None = None,
        *,
        work: Work | None = None,
    ) -> None:
        """`work`: what translates, if not the models of this computer."""
        super().__init__(parent)
        self._backend = backend
        self._jobs = jobs
        self._own_bar = messages is None
        self._work = work or Work(backend)
        self._places = QSettings(str(backend.paths.config / "window.ini"), QSettings.Format.IniFormat)
        self.messages = messages if messages is not None else MessageBar()
        self.switch = Switch(
            self.tr("What to translate"), ((TEXT, self.tr("Text")), (DOCUMENTS, self.tr("Documents")))
        )
        self.glossaries_button = QPushButton(icon("library"), self.tr("Glossaries and memory…"))
        self.adding = ModelAdding(self._work, backend.settings, jobs, self)
        self.text = TextPane(self._work, jobs)
        self.documents = DocumentPane(self._work, jobs, self.messages)
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._choose_target()
        self.refresh()

    @Slot(object)
    def take_files(self, paths: list[Path]) -> None:
        """Files that were dropped: the first one is taken, one document at a time."""
        if not paths:
            return
        self.show_pane(DOCUMENTS)
        if self.documents.take_file(paths[0]) and len(paths) > 1:
            self.messages.show_note(
                self.tr("One document is translated at a time, so {name} was taken.").format(
                    name=paths[0].name
                )
            )

    def stop(self) -> bool:
        """Stop what is being translated; false when nothing is."""
        panes = (self.text, self.documents) if self.switch.choice == TEXT else (self.documents, self.text)
        return any(each.stop() for each in (*panes, self.adding))

    @Slot()
    def refresh(self) -> None:
        """Models, glossaries and earlier translations may have changed."""
        self.text.look()
        self.documents.start_page.refresh()

    def close_parts(self) -> None:
        """End what the page opened, once all jobs have ended."""
        self._work.close()

    @Slot(str)
    def show_pane(self, name: str) -> None:
        self.switch.choose(name)
        self._stack.setCurrentWidget(self.text if name == TEXT else self.documents)

    def _lay_out(self) -> None:
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(self.tr("Translate"))
        set_role(title, "heading")
        head = QHBoxLayout()
        head.setSpacing(GRID * 2)
        head.addWidget(title)
        head.addWidget(self.switch)
        head.addStretch(1)
        head.addWidget(self.glossaries_button)
        for pane in (self.text, self.documents):
            self._stack.addWidget(pane)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        if self._own_bar:
            column.addWidget(self.messages)
        column.addLayout(head)
        column.addWidget(self.adding.line)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.switch.chosen.connect(self.show_pane)
        self.glossaries_button.clicked.connect(self.open_glossaries)
        self.documents.form.glossaries.dialog_wanted.connect(self.open_glossaries)
        self.text.noted.connect(self.messages.show_note)
        for pane in (self.text, self.documents):
            pane.failed.connect(self.messages.show_error)
        for refusal in (self.text.refusal, self.documents.form.refusal):
            refusal.models_wanted.connect(self.models_wanted)
            refusal.folder_chosen.connect(self.adding.import_folder)
            refusal.fetch_wanted.connect(self._fetch_models)
        for engine in (self.text.engine, self.documents.start_page.engine):
            engine.found.connect(self._say_once)
        self.adding.failed.connect(self.messages.show_error)
        self.adding.added.connect(self._added)
        self.text.target_chosen.connect(self._keep_target)
        self.documents.form.target_box.language_chosen.connect(self._keep_target)

    def _choose_target(self) -> None:
        """As the last time; at first the person's own language."""
        own = QLocale().name().partition("_")[0]
        code = str(self._places.value("translate/target", own))
        for box in (self.text.target_box, self.documents.form.target_box):
            box.choose("en")
            box.choose(code)

    @Slot(str)
    def _keep_target(self, code: str) -> None:
        self._places.setValue("translate/target", code)

    @Slot()
    def open_glossaries(self) -> None:
        from app.gui.translate.glossaries_dialog import GlossariesDialog

        names = [each.name for each in self._backend.collections.all()]
        dialog = GlossariesDialog(self._work, self._jobs, names, self.text.target_box.code, self)
        dialog.finished.connect(self.documents.start_page.refresh)
        dialog.open()

    @Slot(object)
    def _say_once(self, facts: EngineFacts) -> None:
        """A refusal stands in its pane, with buttons; the bar need not say the same."""
        error = facts.refusal
        if error is not None and self.messages.text == f"{error.what} {error.remedy}".strip():
            self.messages.dismiss()

    @Slot()
    def _fetch_models(self) -> None:
        """For the languages of the pane in view."""
        if self.switch.choice == TEXT:
            source, target = self.text.source_code, self.text.target_box.code
        else:
            source, target = self.documents.form.source_code, self.documents.form.target_box.code
        if source:
            self.adding.fetch(source, target)
        else:
            self.messages.show_note(
                self.tr(
                    "Choose the language to translate from first: the models are made for pairs of languages."
                )
            )

    @Slot(str)
    def _added(self, names: str) -> None:
        self.messages.show_note(self.tr("Ready to translate: {names}.").format(names=names))
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """What failed here does not follow to another page."""
        super().hideEvent(event)
        if not event.spontaneous() and self.messages.property("role") == "error":
            self.messages.dismiss()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or not self.stop():
            super().keyPressEvent(event)
