"""The dialogs of the Models page, each opened over it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.assistants.keep_kits import folder_models
from app.backend import Backend, ModelParts
from app.gui.jobs import Jobs
from app.gui.models.adapter_dialog import AdapterDialog
from app.gui.models.adding import Adding
from app.gui.models.discover_dialog import DiscoverDialog
from app.gui.models.hub_search import HubSearchDialog
from app.gui.models.keeping import Keeping
from app.gui.models.kit_dialog import KitDialog
from app.gui.models.quantise_dialog import QuantiseDialog
from app.gui.models.shelf import records_of

if TYPE_CHECKING:
    from app.models.installed import InstalledModel


class Dialogs(QObject):
    """What is chosen in a dialog goes where the work is done."""

    changed = Signal(str)
    """There are other models now; the key of the one to show, "" for none."""
    repository_chosen = Signal(str)
    """A repository of the hub, “owner/name”."""

    def __init__(
        self, backend: Backend, parts: ModelParts, jobs: Jobs, adding: Adding, keeping: Keeping, page: QWidget
    ) -> None:
        super().__init__(page)
        self._backend = backend
        self._parts = parts
        self._jobs = jobs
        self._adding = adding
        self._keeping = keeping
        self._page = page

    def discover(self) -> None:
        """Models of other apps."""
        dialog = DiscoverDialog(self._jobs, self._page)
        dialog.chosen.connect(self._adding.use_discovered)
        dialog.open()

    def export_kit(self, models: "Sequence[InstalledModel]") -> None:
        """Which of `models`, and of those that search and translate, go into an offline kit."""
        others = folder_models(records_of(self._backend).folder, self._parts.catalog)
        dialog = KitDialog([*(each for each in models if not each.missing), *others], self._page)
        dialog.chosen.connect(self._keeping.export)
        dialog.open()

    def search_hub(self) -> None:
        """Other repositories."""
        dialog = HubSearchDialog(self._backend, self._jobs, self._page)
        dialog.chosen.connect(self.repository_chosen)
        dialog.open()

    def quantise(self, model: "InstalledModel") -> None:
        """A smaller copy."""

        def show(name: str) -> None:
            self.changed.emit(f"installed:{records_of(self._backend).folder / f'{name}.gguf'}")

        dialog = QuantiseDialog(self._backend, self._parts, self._jobs, model, self._page)
        dialog.finished_model.connect(show)
        dialog.open()

    def change_adapters(self, model: "InstalledModel") -> None:
        """LoRA files of a model."""
        dialog = AdapterDialog(self._backend, self._parts, self._jobs, model, self._page)
        dialog.changed.connect(lambda: self.changed.emit(""))
        dialog.open()
