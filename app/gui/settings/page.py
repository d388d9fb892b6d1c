"""The settings page: looks, models, downloads, data, and what Alcove is made of."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.backend import Backend
from app.base.errors import AppError
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.library.reembedding import Reembedding
from app.gui.settings.answers import AnswersSection
from app.gui.settings.card_choice import CardChoice
from app.gui.settings.downloads import DownloadsSection
from app.gui.settings.feedback import FeedbackSection
from app.gui.settings.kept_states import KeptStatesChoice
from app.gui.settings.licences import LicencesDialog
from app.gui.settings.models_choice import ModelChoice
from app.gui.settings.path_field import PathField
from app.gui.settings.reading import ReadingSection
from app.gui.settings.search_models import SearchModelsSection
from app.gui.settings.section import Section
from app.gui.settings.tuning_choice import TuningChoice
from app.gui.settings.updates import UpdateRow
from app.gui.theme import GRID, scrolled, set_role

_CONTEXTS = (2048, 4096, 8192, 16384, 32768)


class SettingsPage(QWidget):
    """There is no OK button: every change is saved at once, and an error says when it could not be."""

    theme_changed = Signal(str)
    download_limit_changed = Signal(object)
    """MiB a second, or None for no limit; downloads under way follow it."""

    reading_changed = Signal()
    """When to read documents, or which."""

    def __init__(
        self,
        backend: Backend,
        jobs: Jobs,
        messages: MessageBar,
        reembedding: Reembedding,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._settings = backend.settings
        self._paths = backend.paths
        self._jobs = jobs
        self._messages = messages
        self.theme = self._make_theme()
        self.models = ModelChoice(backend, jobs)
        self.models.chosen.connect(lambda file: self._change(default_model=file))
        self.context = self._make_context()
        self.models_folder = PathField()
        self.search = SearchModelsSection(backend, jobs, reembedding)
        self.search.chosen.connect(lambda name, value: self._change(**{name: value}))
        self.search.failed.connect(messages.show_error)
        self.reading = ReadingSection(backend.settings)
        self.reading.changed.connect(self._change_reading)
        self.answers = AnswersSection(backend.settings)
        self.answers.changed.connect(lambda name, value: self._change(**{name: value}))
        self.downloads = DownloadsSection(backend.settings, jobs)
        self.downloads.changed.connect(self._change_downloads)
        self.feedback = FeedbackSection(backend, jobs, messages)
        sections = (
            self._appearance(),
            self._model(backend),
            self.answers,
            self.reading,
            self.search,
            self.downloads,
            self.feedback,
            self._data(),
            self._about(backend),
        )
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(scrolled(_column(self.tr("Settings"), sections)))
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what holds now; the models are looked up in the background."""
        self.models_folder.show_path(self._models_path())
        self.models.refresh()
        self.kept_states.refresh()
        self.card.refresh()
        self.tuning.refresh()
        self.search.refresh()
        self.answers.refresh()
        self.reading.refresh()
        self.downloads.refresh()
        self.feedback.refresh()
        self.updates.refresh()

    def _make_theme(self) -> QComboBox:
        box = QComboBox()
        for value, text in (
            ("system", self.tr("Like the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark")),
        ):  # fmt: skip
            box.addItem(text, value)
        box.setCurrentIndex(box.findData(self._settings.current.theme))
        box.activated.connect(self._theme_chosen)
        return box

    def _make_context(self) -> QComboBox:
        box = QComboBox()
        now = self._settings.current.context_length
        for value in sorted({*_CONTEXTS, now}):
            box.addItem(self.tr("{n} tokens").format(n=f"{value:,}"), value)
        box.setCurrentIndex(box.findData(now))
        box.activated.connect(lambda: self._change(context_length=box.currentData()))
        return box

    def _appearance(self) -> Section:
        section = Section(self.tr("Appearance"))
        section.add(self.tr("&Theme"), self.theme)
        return section

    def _model(self, backend: Backend) -> Section:
        section = Section(self.tr("Model"))
        section.add(self.tr("&Model for answers"), self.models, self.tr("Used for every new answer."))
        hint = self.tr("How much the model can look at. More takes more memory and time.")
        section.add(self.tr("&Context length"), self.context, hint)
        choose = QPushButton(self.tr("Choose…"))
        choose.setAccessibleName(self.tr("Choose the model folder"))
        choose.clicked.connect(self._choose_models_folder)
        show = QPushButton(self.tr("Open"))
        show.setAccessibleName(self.tr("Open the model folder"))
        show.clicked.connect(lambda: self._open(self._models_path()))
        section.add(self.tr("Model &folder"), self.models_folder, buttons=(choose, show))
        self.card = CardChoice(backend, self._messages, section)
        self.card.changed.connect(lambda name, value: self._change(**{name: value}))
        self.tuning = TuningChoice(backend, section)
        self.tuning.changed.connect(lambda name, value: self._change(**{name: value}))
        self.kept_states = KeptStatesChoice(backend, section)
        self.kept_states.changed.connect(lambda name, value: self._change(**{name: value}))
        return section

    def _data(self) -> Section:
        section = Section(self.tr("Data"))
        folder = PathField(self._paths.data)
        show = QPushButton(self.tr("Open"))
        show.setAccessibleName(self.tr("Open the data folder"))
        show.clicked.connect(lambda: self._open(self._paths.data))
        hint = self.tr(
            "Chats, collections and the index are kept here. To move them: quit, move the folder, and start "
            "Alcove with --home and the new place, or set ALCOVE_HOME to it."
        )
        section.add(self.tr("&Data folder"), folder, hint, buttons=(show,))
        return section

    def _about(self, backend: Backend) -> Section:
        section = Section(self.tr("About"))
        text = QLabel(
            self.tr("Alcove {version}. Free software under the Apache License 2.0. Everything runs on this "
                    "computer; nothing is sent anywhere, except where you search for or download a model, or check "
                    "for a newer version.").format(version=__version__),
            wordWrap=True,
        )  # fmt: skip
        licences = QPushButton(self.tr("Licences…"))
        licences.clicked.connect(lambda: LicencesDialog(self).open())
        row = QHBoxLayout()
        row.addWidget(text, 1)
        row.addWidget(licences, 0, Qt.AlignmentFlag.AlignTop)
        section.add_row(row)
        self.updates = UpdateRow(backend, self._jobs)
        section.add(self.tr("&Updates"), self.updates, tall=True)
        return section

    def _models_path(self) -> Path:
        return self._settings.current.models_folder or self._paths.models

    def _change(self, **changes: object) -> None:
        try:
            self._settings.change(**changes)
        except AppError as error:
            self._messages.show_error(error)
        self.refresh()

    @Slot(str, object)
    def _change_reading(self, name: str, value: object) -> None:
        self._change(**{name: value})
        self.reading_changed.emit()

    @Slot(str, object)
    def _change_downloads(self, name: str, value: object) -> None:
        try:
            self._settings.change(**{name: value})
        except AppError as error:
            self._messages.show_error(error)
        self.downloads.refresh()
        if name == "download_limit":
            self.download_limit_changed.emit(self._settings.current.download_limit)

    @Slot()
    def _theme_chosen(self) -> None:
        self._change(theme=self.theme.currentData())
        self.theme_changed.emit(self._settings.current.theme)

    @Slot()
    def _choose_models_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("Folder for models"), str(self._models_path())
        )
        if chosen:
            self._change(models_folder=Path(chosen))

    def _open(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._messages.show_error(
                AppError(
                    self.tr("No file manager could be opened."),
                    self.tr("The folder is {path}.").format(path=folder),
                )
            )


def _column(heading: str, sections: Iterable[Section]) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(GRID * 4, GRID * 3, GRID * 4, GRID * 4)
    column.setSpacing(GRID * 3)
    title = QLabel(heading)
    set_role(title, "heading")
    column.addWidget(title)
    for section in sections:
        column.addWidget(section)
    column.addStretch(1)
    holder.setMaximumWidth(760)
    return holder
