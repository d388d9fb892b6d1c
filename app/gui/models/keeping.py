"""What can be done with the models on this computer; the work itself lies below the window."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.assistants.keep_models import remove_model, try_model
from app.backend import Backend, ModelParts
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.choose import model_to_use
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.models.questions import ask
from app.gui.models.shelf import records_of
from app.gui.models.work_strip import WorkStrip
from app.models.disk import in_words
from app.models.installed import PLACE, InstalledModel
from app.models.kit import export_kit
from app.models.kit_folders import FolderModel, export_folders
from app.models.licences import licence_of
from app.models.verifying import Verified, verify


class Keeping(QObject):
    """Asks before something is lost, works in `strip`, tells in `messages`."""

    changed = Signal(str)
    """Models went or took turns; the key of the one to show, "" for none."""

    tried = Signal(object, str)
    """An `InstalledModel` that has loaded for once, and a sentence that says so."""

    def __init__(
        self,
        backend: Backend,
        parts: ModelParts,
        jobs: Jobs,
        strip: WorkStrip,
        messages: MessageBar,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._backend = backend
        self._parts = parts
        self._jobs = jobs
        self._strip = strip
        self._messages = messages
        self._page = page

    def use(self, model: InstalledModel) -> None:
        """Let this model answer from now on; conversations stay as they are."""
        try:
            self._backend.settings.change(default_model=None if model.starter else model.file)
        except AppError as error:
            self._messages.show_error(error)
            return
        self._warm_up()
        self._messages.show_note(
            self.tr("“{name}” answers from now on. Your chats go on with it.").format(name=model.name)
        )
        self.changed.emit(f"installed:{model.file}")

    def try_out(self, model: InstalledModel) -> None:
        """Load it for once; from then on it is offered."""
        loaded = self.tr("“{name}” has loaded: it can be used.").format(name=model.name)
        self._strip.run(
            self.tr("Trying {name}").format(name=model.name),
            lambda cancel: try_model(model.file, records_of(self._backend), self._parts.sizing, cancel),
            on_done=lambda: self.tried.emit(replace(model, loads=True), loaded),
        )

    def remove(self, model: InstalledModel) -> None:
        """Ask, then delete Alcove's own file or forget another app's."""
        forgotten = model.source.startswith(PLACE) or (model.source == "import" and not model.owned)
        if not model.owned and not forgotten:
            self._remove(model)  # nothing to ask: it says why it cannot be removed
            return
        if model.owned:
            question, accept = self.tr("Delete “{name}”?"), self.tr("Delete")
            detail = self.tr("{size} on the disk will be free again.").format(size=in_words(model.bytes))
        else:
            question, accept = self.tr("Stop using “{name}”?"), self.tr("Stop using it")
            detail = self.tr("The file stays where it is: {file}").format(file=model.file)
        if self._backend.settings.current.default_model == model.file:
            detail += "\n" + self.tr("The starter model will answer instead.")
        ask(self._page, question.format(name=model.name), detail, ((accept, lambda: self._remove(model)),))

    def verify(self, models: Sequence[InstalledModel]) -> None:
        """Compare files with their checksums."""
        found: list[Verified] = []
        self._strip.run(
            self.tr("Checking files"),
            lambda cancel: verify(models, records_of(self._backend), cancel),
            on_event=found.append,
            on_done=lambda: self._tell_verified(found),
        )

    def export(self, chosen_models: "Sequence[InstalledModel | FolderModel]") -> None:
        """Ask for a folder and write an offline kit into it."""
        chosen = QFileDialog.getExistingDirectory(self._page, self.tr("Folder or stick for the kit"))
        if not chosen:
            return
        folder = Path(chosen)
        models = [each for each in chosen_models if isinstance(each, InstalledModel)]
        others = [each for each in chosen_models if isinstance(each, FolderModel)]
        licences = {each.name: licence_of(each, self._parts.catalog) for each in models}
        done = self.tr(
            "The kit is in {folder}. On the other computer: Add model, Install from an offline kit."
        )
        self._strip.run(
            self.tr("Writing the kit"),
            lambda cancel: chain(
                export_kit(models, folder, records_of(self._backend), cancel, licences=licences),
                export_folders(others, folder, cancel),
            ),
            on_done=lambda: self._messages.show_note(done.format(folder=folder)),
        )

    def _remove(self, model: InstalledModel) -> None:
        in_use = self._backend.settings.current.default_model == model.file

        def work(cancel: CancelToken) -> Iterator[str]:
            try:
                removed = remove_model(model, records_of(self._backend), self._backend.settings)
            except AppError:
                if not (in_use and model.owned):
                    raise
                self._backend.engine.restart(cancel)  # some systems do not delete a file that is open
                removed = remove_model(model, records_of(self._backend), self._backend.settings)
            freed = (
                self.tr("{size} are free again.").format(size=in_words(removed.freed))
                if removed.freed
                else ""
            )
            yield f"{removed.detail} {freed}".rstrip()

        def removed(detail: str) -> None:
            self._messages.show_note(detail)
            if in_use:
                self._warm_up()
            self.changed.emit("")

        self._strip.run(self.tr("Removing {name}").format(name=model.name), work, on_event=removed)

    def _warm_up(self) -> None:
        """The next answer need not wait for the model; what is wrong with it is told then."""

        def work(_cancel: CancelToken) -> Iterator[None]:
            self._backend.engine.warm_up(model_to_use(self._backend.settings.current, self._backend.paths))
            return iter(())

        self._jobs.run(work, on_error=lambda _error: None, owner=self)

    def _tell_verified(self, found: Sequence[Verified]) -> None:
        wrong = [each for each in found if each.verdict == "wrong"]
        if wrong:
            damaged = (
                self.tr("A copy of “{name}” was damaged.")
                if wrong[0].copy
                else self.tr("“{name}” is damaged.")
            )
            self._messages.show_error(AppError(damaged.format(name=wrong[0].model.name), wrong[0].detail))
        elif len(found) == 1:
            intact = self.tr("“{name}” is intact: {detail}.")
            text = intact.format(name=found[0].model.name, detail=found[0].detail)
            self._messages.show_note(text if found[0].verdict == "ok" else found[0].detail)
        else:
            self._messages.show_note(
                self.tr("{n} models were checked; none is damaged.").format(n=len(found))
            )
        self.changed.emit("")
