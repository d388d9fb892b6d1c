"""The Models page once its parts are open: machine, recommendation, downloads, list and detail put together."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from app.backend import Backend, ModelParts
from app.base.errors import AppError
from app.engine.choose import models_folder
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.models.adding import Adding
from app.gui.models.detail.pane import DetailPane
from app.gui.models.dialogs import Dialogs
from app.gui.models.downloads_panel import DownloadsPanel
from app.gui.models.entries import ModelEntry, installed_bytes, of_repository, offered
from app.gui.models.fetching import Fetching
from app.gui.models.judging import Picture, measure
from app.gui.models.keeping import Keeping
from app.gui.models.machine_card import MachineCard
from app.gui.models.model_list import ModelList
from app.gui.models.page_header import PageHeader
from app.gui.models.picture_loader import PictureLoader
from app.gui.models.recommendation import RecommendationCard
from app.gui.models.tuning import ModelTuning
from app.gui.models.work_strip import WorkStrip
from app.gui.theme import GRID
from app.models.installed import InstalledModel

if TYPE_CHECKING:
    from app.models.download.queue import Entry

_LOW = GRID * 70  # height below which the list needs the room


class Body(QWidget):
    """Connects the pieces; each does its own work."""

    def __init__(self, backend: Backend, parts: ModelParts, jobs: Jobs, messages: MessageBar) -> None:
        super().__init__()
        self._backend = backend
        self._parts = parts
        self._jobs = jobs
        self._messages = messages
        self._picture: Picture | None = None
        self._from_hub: dict[str, ModelEntry] = {}  # by repository, as long as the window is open
        self._wanted_key = ""  # to be chosen as soon as it is there
        self.header = PageHeader()
        self.strip = WorkStrip(jobs)
        self.machine = MachineCard()
        self.recommendation = RecommendationCard()
        self.downloads = DownloadsPanel(parts.downloads, jobs)
        self.list = ModelList()
        self.detail = DetailPane(backend, parts, jobs)
        self.loader = PictureLoader(backend, parts, jobs, self)
        self.adding = Adding(backend, parts, self.strip, messages, self)
        self.keeping = Keeping(backend, parts, jobs, self.strip, messages, self)
        self.tuning = ModelTuning(backend, jobs, self.strip, messages, self)
        self.fetching = Fetching(backend, parts, self.strip, messages, self)
        self.dialogs = Dialogs(backend, parts, jobs, self.adding, self.keeping, self)
        self._lay_out()
        self._connect_header()
        self._connect_models()

    def download(self, id: str) -> None:
        """Fetch this model of the catalogue as it is suggested. Raises `AppError` for one it does not have."""
        model = self._parts.catalog.model(id)
        self._choose_catalog_model(model.id)
        self.fetching.download(offered(model), "", "")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + GRID // 2)
        for each in (self.header, self.strip, self.machine, self.recommendation, self.downloads):
            column.addWidget(each)
        splitter = QSplitter(Qt.Orientation.Horizontal, handleWidth=1, childrenCollapsible=False)
        self.list.setMinimumWidth(GRID * 34)
        self.detail.setMinimumWidth(GRID * 38)
        left = QWidget()
        holder = QVBoxLayout(left)
        holder.setContentsMargins(0, 0, GRID, 0)
        holder.addWidget(self.list)
        splitter.addWidget(left)
        splitter.addWidget(self.detail)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([540, 540])
        column.addWidget(splitter, 1)

    def _connect_header(self) -> None:
        self.header.file_wanted.connect(self.adding.choose_files)
        self.header.discover_wanted.connect(self.dialogs.discover)
        self.header.kit_import_wanted.connect(self.adding.install_kit)
        self.header.kit_export_wanted.connect(lambda: self.dialogs.export_kit(self._installed()))
        self.header.verify_all_wanted.connect(lambda: self.keeping.verify(self._installed()))
        self.header.hub_wanted.connect(self.dialogs.search_hub)
        self.machine.measure_wanted.connect(
            lambda: self.strip.run(
                self.tr("Measuring this computer"),
                lambda cancel: measure(self._parts, cancel),
            )
        )
        # what was stopped or failed may have changed something too
        self.strip.ended.connect(self.loader.load)
        self.loader.painted.connect(self._show)

    def _connect_models(self) -> None:
        self.adding.changed.connect(self._changed)
        self.keeping.changed.connect(self._changed)
        self.tuning.changed.connect(self._changed)
        self.dialogs.changed.connect(self._changed)
        self.dialogs.repository_chosen.connect(self._show_repository)
        self.recommendation.chosen.connect(self.list.select)
        self.recommendation.download_wanted.connect(lambda entry: self.fetching.download(entry, "", ""))
        self.recommendation.use_wanted.connect(self._use)
        self.recommendation.try_wanted.connect(self.keeping.try_out)
        self.downloads.finished.connect(self._arrived)
        self.downloads.ended.connect(self.loader.load)
        self.list.chosen.connect(self._show_detail)
        self.list.opened.connect(self._enter_detail)
        self.detail.download_wanted.connect(self.fetching.download)
        self.detail.use_wanted.connect(self._use)
        self.detail.try_wanted.connect(self.keeping.try_out)
        self.keeping.tried.connect(self._offer)
        self.detail.remove_wanted.connect(self.keeping.remove)
        self.detail.verify_wanted.connect(lambda model: self.keeping.verify([model]))
        self.detail.quantise_wanted.connect(self.dialogs.quantise)
        self.detail.tune_wanted.connect(self.tuning.tune)
        self.detail.adapter_wanted.connect(self.dialogs.change_adapters)
        self.detail.instead_wanted.connect(self._choose_catalog_model)

    @Slot(object)
    def _show(self, picture: Picture) -> None:
        first, self._picture = self._picture is None, picture
        installed = [each.installed for each in picture.entries if each.installed is not None]
        self.header.show_facts(len(installed), installed_bytes(picture.entries))
        self.machine.show_picture(picture)
        self.recommendation.show_picture(picture)
        here = {each.repository.casefold() for each in picture.entries}
        found = [each for key, each in self._from_hub.items() if key.casefold() not in here]
        self.list.show_entries((*found, *picture.entries), picture.shelf.catalog)
        if first and not self._wanted_key:
            self._wanted_key = next((each.key for each in picture.entries if each.in_use), "")
        if self._wanted_key and self.list.select(self._wanted_key):
            self._wanted_key = ""

    @Slot(object)
    def _show_detail(self, entry: ModelEntry | None) -> None:
        self.detail.show_entry(entry, self._picture.machine if self._picture is not None else None)

    @Slot()
    def _enter_detail(self) -> None:
        """To the first thing that can be done with the chosen model."""
        for button in self.detail.findChildren(QPushButton):
            if button.isVisible() and button.isEnabled():
                button.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    @Slot(str)
    def _changed(self, key: str) -> None:
        self._wanted_key = key
        self.loader.load()

    @Slot(object)
    def _use(self, model: InstalledModel) -> None:
        entry = next((each for each in self._entries() if each.installed == model), None)
        if entry is None or entry.usable:
            self.keeping.use(model)
            return
        what = self.tr("“{name}” cannot answer: it only turns text into numbers for searching.")
        remedy = self.tr("Choose a model for chat.")
        if entry.untried:
            what = self.tr("“{name}” has not loaded on this computer yet.")
            remedy = self.tr("Press “Try it” first.")
        self._messages.show_error(AppError(what.format(name=model.name), remedy))

    @Slot(object)
    def _arrived(self, download: "Entry") -> None:
        """A download is whole, and it loads."""
        if download.file is None:
            return
        self._changed(f"installed:{download.file}")
        model = InstalledModel(download.file.stem, download.file, download.bytes_total, starter=False)
        text = self.tr("“{name}” has arrived and works.")
        folder = models_folder(self._backend.settings.current, self._backend.paths)
        if download.wanted.folder != folder:  # the settings were changed meanwhile
            text = self.tr("“{name}” has arrived in {folder}, where models were kept before, and works.")
        self._offer(model, text.format(name=model.name, folder=download.wanted.folder))

    def _offer(self, model: InstalledModel, text: str) -> None:
        """It has just loaded, which the list need not know yet."""

        def use() -> None:
            here = [each for each in self._entries() if each.installed and each.installed.file == model.file]
            if here and here[0].installed and not here[0].untried:
                self._use(here[0].installed)
            else:
                self.keeping.use(model)

        self._messages.show_note(text, self.tr("Use now"), use)

    @Slot(str)
    def _show_repository(self, repository: str) -> None:
        """A model of the hub; the catalogue's or an installed one where it is the same."""
        known = [each for each in self._entries() if each.repository.casefold() == repository.casefold()]
        entry = known[0] if known else self._from_hub.setdefault(repository, of_repository(repository))
        self._wanted_key = entry.key
        if self._picture is not None:
            self._show(self._picture)

    @Slot(str)
    def _choose_catalog_model(self, id: str) -> None:
        known = (each.key for each in self._entries() if each.catalog is not None and each.catalog.id == id)
        self._wanted_key = next(known, f"catalog:{id}")
        if self.list.select(self._wanted_key):
            self._wanted_key = ""

    def _entries(self) -> tuple[ModelEntry, ...]:
        return self._picture.entries if self._picture is not None else ()

    def _installed(self) -> list[InstalledModel]:
        return [each.installed for each in self._entries() if each.installed is not None]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen the list is what matters."""
        super().resizeEvent(event)
        self.recommendation.set_short(self.height() < _LOW)
