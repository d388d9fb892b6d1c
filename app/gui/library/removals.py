"""Taking things out of the library in a way that can be undone.

What is removed disappears from the page at once. The index forgets it soon, so that no question finds it, also while the
offer to undo stays; what is brought back after that is read again.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.base.jobs import CancelToken
from app.documents.archive_names import is_archive
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.text_format import file_name
from app.retrieval.client import Library
from app.storage.collections import Collection, Collections

_FORGET_MS = 10_000  # brought back by then, nothing has to be read again


class Removals(QObject):
    """Collections, folders and files; the person's own files are never touched."""

    changed = Signal()
    """Collections or hidden files are not what they were."""

    forgotten = Signal(object)
    """The index forgot something; these folders and files still belong to a collection, or do again, and must be read."""

    def __init__(
        self, collections: Collections, library: Library, jobs: Jobs, messages: MessageBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.hidden: frozenset[str] = frozenset()
        self._collections = collections
        self._library = library
        self._jobs = jobs
        self._messages = messages

    def remove_collection(self, collection: Collection) -> None:
        self._collections.remove(collection.name)
        self.changed.emit()
        self._offer(
            self.tr("The collection “{name}” was removed. Your files were not touched.").format(
                name=collection.name
            ),
            lambda: self._put_back(collection.name, collection.folders),
            collection.folders,
            lambda: self._forget_folders(collection.folders),
        )

    def remove_folder(self, collection: str, folder: str) -> None:
        self._collections.remove_folder(collection, folder)
        self.changed.emit()
        self._offer(
            self.tr("“{folder}” was removed from “{name}”. Your files were not touched.").format(
                folder=file_name(folder) or folder, name=collection
            ),
            lambda: self._put_back(collection, (folder,)),
            (folder,),
            lambda: self._forget_folders((folder,)),
        )

    def remove_files(self, paths: Sequence[str], collection: Collection | None) -> None:
        """Out of the index; files that were added one by one also leave their collection."""
        alone = [path for path in paths if collection is not None and path in collection.folders]
        name = collection.name if collection is not None else ""
        for path in alone:
            self._collections.remove_folder(name, path)
        hidden = frozenset(paths)
        self.hidden |= hidden
        self.changed.emit()
        if len(paths) == 1:
            said = self.tr("“{name}” was removed from the index.").format(name=file_name(paths[0]))
        else:
            said = self.tr("{n} files were removed from the index.").format(n=len(paths))
        if len(alone) < len(paths):
            said += " " + self.tr(
                "The next look into the folder adds it again, unless the settings name it under “Not to be read”."
            )
        self._offer(
            said,
            lambda: self._show_again(hidden, name, alone),
            tuple(dict.fromkeys(_on_disk(path) for path in paths)),
            lambda: self._forget(tuple(paths), lambda: self._show(hidden)),
        )

    def _offer(
        self, said: str, undo: Callable[[], object], paths: Sequence[str], go: Callable[[], object]
    ) -> None:
        """`go` has the index forget; after that, `paths` are read again when they are brought back."""
        wait = QTimer(self, singleShot=True, interval=_FORGET_MS)
        wait.timeout.connect(go)

        def bring_back() -> None:
            forgotten = not wait.isActive()
            wait.stop()
            wait.deleteLater()
            undo()
            if forgotten:
                self.forgotten.emit(tuple(paths))

        def end() -> None:
            if wait.isActive():
                go()
            wait.deleteLater()

        self._messages.show_note(said, self.tr("Undo"), bring_back, end)
        wait.start()

    def _put_back(self, name: str, folders: Sequence[str]) -> None:
        if name:
            self._collections.add(name, [Path(folder) for folder in folders])
        self.changed.emit()

    def _show_again(self, paths: frozenset[str], name: str, alone: Sequence[str]) -> None:
        self.hidden -= paths
        self._put_back(name, alone)

    def _show(self, paths: frozenset[str]) -> None:
        self.hidden -= paths
        self.changed.emit()

    def _forget_folders(self, folders: Sequence[str]) -> None:
        """Not what another collection holds as well."""
        kept = self._collections.folders()
        gone = tuple(each for each in folders if not any(_lies_in(each, other) for other in kept))
        again = tuple(other for other in kept if any(_lies_in(other, each) for each in gone))
        if gone:
            self._forget(gone, lambda: self.forgotten.emit(again))

    def _forget(self, paths: tuple[str, ...], then: Callable[[], object]) -> None:
        def work(token: CancelToken) -> tuple[()]:
            self._library.forget(paths)
            return ()

        self._jobs.run(work, on_done=then, owner=self)


def _on_disk(path: str) -> str:
    """The file itself, or the archive that the document lies in."""
    around = [each for each in Path(path).parents if is_archive(each.name)]
    return str(around[-1]) if around else path


def _lies_in(path: str, folder: str) -> bool:
    base = folder.rstrip("/\\") or folder
    return path.rstrip("/\\") == base or path.startswith((base + "/", base + "\\"))
