"""Ways for a model to come into the library: a file, another app, an offline kit. Each is tried once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from app.assistants.keep_kits import install_kit
from app.assistants.keep_models import Added, add_model
from app.backend import Backend, ModelParts, open_kits
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.models.questions import ask
from app.gui.models.shelf import records_of
from app.gui.models.work_strip import WorkStrip
from app.models.copying import FileProgress
from app.models.importing import Imported, import_model
from app.models.installed import PLACE
from app.models.kit import KitModel

if TYPE_CHECKING:
    from app.engine.protocol import LoadProgress
    from app.models.discover import Discovered

Importing = Callable[[CancelToken], Iterable[FileProgress | Imported]]


class Adding(QObject):
    """Asks what has to be asked, works in `strip`, tells in `messages`."""

    changed = Signal(str)
    """There are other models now; the key of the one to show, "" for none."""

    def __init__(
        self, backend: Backend, parts: ModelParts, strip: WorkStrip, messages: MessageBar, page: QWidget
    ) -> None:
        super().__init__(page)
        self._backend = backend
        self._sizing = parts.sizing
        self._strip = strip
        self._messages = messages
        self._page = page

    @Slot()
    def choose_files(self) -> None:
        """Let the person choose GGUF files, then `import_files`."""
        chosen, _ = QFileDialog.getOpenFileNames(
            self._page, self.tr("Import a model"), "", self.tr("Models (*.gguf)")
        )
        if chosen:
            self.import_files([Path(each) for each in chosen])

    def import_files(self, files: Sequence[Path]) -> None:
        """Ask whether to copy them or to use them where they are, and add them."""
        what = self.tr("“{name}”").format(name=files[0].name)
        if len(files) > 1:
            what = self.tr("{n} models").format(n=len(files))
        ask(
            self._page,
            self.tr("Add {what} to Alcove?").format(what=what),
            self.tr("Copying takes room on the disk and is safe against changes. Used in place, a model disappears "
                    "from Alcove when its file is moved or deleted."),
            (
                (self.tr("Copy"), lambda: self._import(files, copy=True)),
                (self.tr("Use in place"), lambda: self._import(files, copy=False)),
            ),
        )  # fmt: skip

    def use_discovered(self, found: "Sequence[Discovered]") -> None:
        """Use models of other apps where they lie."""

        def importing(each: "Discovered", cancel: CancelToken) -> Iterator[FileProgress | Imported]:
            return import_model(
                each.file, records_of(self._backend), copy=False, cancel=cancel, name=each.name,
                source=f"{PLACE}{each.app}", sha256=each.sha256,
            )  # fmt: skip

        self._add([partial(importing, each) for each in found])

    @Slot()
    def install_kit(self) -> None:
        """Ask for the folder of a kit and install what is in it."""
        chosen = QFileDialog.getExistingDirectory(self._page, self.tr("Folder of the kit"))
        if not chosen:
            return
        found: list[KitModel] = []
        self._strip.run(
            self.tr("Reading the kit"),
            lambda cancel: install_kit(Path(chosen), open_kits(self._backend, self._sizing), cancel),
            on_event=found.append,
            on_done=lambda: self._tell_installed(found),
        )

    def _import(self, files: Sequence[Path], *, copy: bool) -> None:
        def importing(file: Path, cancel: CancelToken) -> Iterator[FileProgress | Imported]:
            return import_model(file, records_of(self._backend), copy=copy, cancel=cancel)

        self._add([partial(importing, file) for file in files])

    def _add(self, importings: Sequence[Importing]) -> None:
        """One after the other; one that fails does not keep the others out."""
        results: list[Added | AppError] = []

        def work(cancel: CancelToken) -> "Iterator[FileProgress | LoadProgress | Added | AppError]":
            for importing in importings:
                try:
                    yield from add_model(importing(cancel), records_of(self._backend), self._sizing, cancel)
                except AppError as error:
                    yield error

        self._strip.run(
            self.tr("Looking at the file"),
            work,
            on_event=results.append,
            on_done=lambda: self._tell_added(results),
        )

    def _tell_added(self, results: Sequence[Added | AppError]) -> None:
        added = [each for each in results if isinstance(each, Added)]
        failed = [each for each in results if isinstance(each, AppError)]
        broken = [each for each in added if each.problem]
        if failed:
            self._messages.show_error(failed[0])
        elif broken:
            self._messages.show_error(AppError(broken[0].imported.detail, broken[0].problem))
        elif len(added) == 1:
            self._messages.show_note(added[0].imported.detail)
        else:
            self._messages.show_note(self.tr("{n} models were added.").format(n=len(added)))
        self.changed.emit(f"installed:{added[-1].imported.file}" if added else "")

    def _tell_installed(self, found: Sequence[KitModel]) -> None:
        damaged = [each for each in found if each.outcome == "damaged"]
        unusable = [each for each in found if each.outcome == "unusable"]
        if unusable:
            self._messages.show_error(
                AppError(unusable[0].detail, self.tr("Remove it, or choose another model."))
            )
        elif damaged:
            remedy = self.tr("Get the kit again; what else it holds was installed.")
            self._messages.show_error(AppError(damaged[0].detail, remedy))
        elif not found:
            self._messages.show_note(self.tr("The kit is empty."))
        else:
            self._messages.show_note(" ".join(each.detail for each in found))
        self.changed.emit("")
