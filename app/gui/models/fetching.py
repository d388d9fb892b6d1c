"""From “Download” to a row in the queue: ask the hub, say what does not fit, add it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.assistants.choose_model import explain
from app.assistants.fetch_model import FilesListed, Sized, look_up_model, wanted_of
from app.backend import Backend, ModelParts
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.choose import hub_endpoint, models_folder
from app.gui.errors import MessageBar
from app.gui.models.entries import ModelEntry
from app.gui.models.free_memory import free_for_models
from app.gui.models.questions import ask
from app.gui.models.work_strip import WorkStrip
from app.hardware.fit import Fit
from app.models.disk import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.models.catalog_refresh import GgufChoice


class Fetching(QObject):
    """Looks a model up and puts it into the queue of downloads."""

    def __init__(
        self, backend: Backend, parts: ModelParts, strip: WorkStrip, messages: MessageBar, page: QWidget
    ) -> None:
        super().__init__(page)
        self._backend = backend
        self._parts = parts
        self._strip = strip
        self._messages = messages
        self._page = page

    def download(self, entry: ModelEntry, quantisation: str, choice: str) -> None:
        """`choice`: a `GgufChoice` by its name, "" for one of `quantisation`; both "": as it is suggested."""
        settings, paths = self._backend.settings.current, self._backend.paths
        model = entry.origin or entry.catalog or entry.repository
        found: list[FilesListed | Sized] = []

        def work(cancel: CancelToken) -> "Iterator[FilesListed | Sized]":
            return look_up_model(
                model, quantisation=quantisation or None, choice_name=choice or None, endpoint=hub_endpoint(settings),
                lists=paths.file_lists, scratch=paths.cache, sizing=self._parts.sizing,
                speed=self._parts.measurements.speed, cancel=cancel, ram=free_for_models(self._backend),
            )  # fmt: skip

        self._strip.run(
            self.tr("Looking up {name} on the internet").format(name=entry.name),
            work,
            on_event=found.append,
            on_done=lambda: self._decide(entry, found),
        )

    def _decide(self, entry: ModelEntry, found: "list[FilesListed | Sized]") -> None:
        choice = next(each.choice for each in found if isinstance(each, FilesListed))
        fit = next((each.fit for each in found if isinstance(each, Sized)), None)
        if fit is None or fit.verdict != "too big":
            self._add(choice)
        else:
            self._ask(entry, choice, fit)

    def _ask(self, entry: ModelEntry, choice: "GgufChoice", fit: Fit) -> None:
        ask(
            self._page,
            self.tr(
                "“{name}” does not fit into the memory that is free now. Download it all the same?"
            ).format(name=entry.name),
            self.tr("{why} The download has {size}.").format(why=explain(fit), size=in_words(choice.bytes)),
            ((self.tr("Download anyway"), lambda: self._add(choice)),),
        )

    def _add(self, choice: "GgufChoice") -> None:
        folder: Path = models_folder(self._backend.settings.current, self._backend.paths)
        try:
            self._parts.downloads.add(wanted_of(choice, folder))
        except AppError as error:  # another download has a file of the same name
            self._messages.show_error(error)
