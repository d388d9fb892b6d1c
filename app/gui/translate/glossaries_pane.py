"""The glossaries, and the terms of the chosen one."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QLabel,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.theme import GRID, set_role
from app.gui.translate.glossary_import import GlossaryImport, ImportWish
from app.gui.translate.glossary_list import GlossaryList
from app.gui.translate.terms_pane import TermsPane
from app.gui.translate.work import Work
from app.storage.glossaries import Glossaries, Glossary, Term


class GlossariesPane(QWidget):
    """Every change counts at once."""

    def __init__(
        self,
        work: Work,
        jobs: Jobs,
        messages: MessageBar,
        collections: Sequence[str],
        target: str,
        parent: QWidget | None = None,
    ) -> None:
        """`collections`: names that a glossary can belong to. `target`: what imported terms are likely translated into."""
        super().__init__(parent)
        self._work, self._jobs, self._collections, self._target = work, jobs, collections, target
        self._hidden: set[int] = set()  # removed, and could still be brought back
        self._wanted = 0  # the glossary to choose once it is listed
        self.messages = messages
        self.list = GlossaryList()
        self.terms = TermsPane(collections)
        self._nothing = QLabel(
            self.tr(
                "A glossary says how terms are to be translated.\nImport one from a CSV, TSV or TBX file."
            ),
            alignment=Qt.AlignmentFlag.AlignCenter,
            wordWrap=True,
        )
        set_role(self._nothing, "muted")
        self._right = QStackedWidget()
        self._lay_out()
        self._connect()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self._jobs.run(lambda _cancel: [self._work.parts.glossaries.all()], on_event=self._show)

    def import_file(self, wish: ImportWish) -> None:
        """Read a file of terms into a new glossary."""
        from app.assistants.keep_translations import GlossaryImported, import_glossary

        def imported(event: GlossaryImported) -> None:
            self._wanted = event.glossary.id
            self.messages.show_note(event.sentence)
            self.refresh()

        self._jobs.run(
            lambda _cancel: [
                import_glossary(
                    wish.file,
                    wish.name,
                    wish.source,
                    wish.target,
                    self._work.parts.glossaries,
                    wish.collection,
                )
            ],
            on_event=imported,
            on_error=self.messages.show_error,
            owner=self,
        )

    def _lay_out(self) -> None:
        self.list.setMinimumWidth(GRID * 22)
        self.terms.setContentsMargins(GRID, 0, 0, 0)
        self._right.addWidget(self._nothing)
        self._right.addWidget(self.terms)
        split = QSplitter(Qt.Orientation.Horizontal, handleWidth=1, childrenCollapsible=False)
        split.addWidget(self.list)
        split.addWidget(self._right)
        split.setStretchFactor(1, 1)
        split.setSizes([GRID * 28, GRID * 80])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)

    def _connect(self) -> None:
        self.list.chosen.connect(self._load)
        self.list.file_chosen.connect(self._ask)
        self.list.remove_wanted.connect(self._remove)
        self.terms.renamed.connect(self._rename)
        self.terms.collection_chosen.connect(self._set_collection)
        self.terms.terms_changed.connect(self._save)

    def _show(self, glossaries: list[Glossary]) -> None:
        shown = [each for each in glossaries if each.id not in self._hidden]
        self.list.show_glossaries(shown, self._wanted)
        self._wanted = 0
        self._right.setCurrentWidget(self.terms if shown else self._nothing)

    @Slot(object)
    def _load(self, glossary: Glossary | None) -> None:
        shown = self.terms.glossary
        if glossary is None:
            self.terms.show_glossary(None, ())
            return
        if shown is not None and shown.id == glossary.id:
            self.terms.show_details(glossary)
            return
        self._jobs.run(
            lambda _cancel: [self._work.parts.glossaries.terms(glossary.id)],
            on_event=lambda terms: self._show_terms(glossary, terms),
            owner=self,
        )

    def _show_terms(self, glossary: Glossary, terms: Sequence[Term]) -> None:
        if self.list.current is not None and self.list.current.id == glossary.id:
            self.terms.show_glossary(glossary, terms)

    @Slot(object)
    def _ask(self, file: Path) -> None:
        dialog = GlossaryImport(file, self._target, self._collections, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self.import_file)
        dialog.open()

    def _change(self, write: Callable[[Glossaries], None], *, reload: bool) -> None:
        """One write; the list is read again where it shows what was written, or the write failed."""

        def work(_cancel: CancelToken) -> Iterator[None]:
            write(self._work.parts.glossaries)
            yield None

        self._jobs.run(
            work,
            on_done=self.refresh if reload else None,
            on_error=self._failed,
            owner=self,
        )

    def _failed(self, error: AppError) -> None:
        self.messages.show_error(error)
        self.refresh()

    @Slot(object, str)
    def _rename(self, glossary: Glossary, name: str) -> None:
        self._change(lambda kept: kept.rename(glossary.id, name), reload=True)

    @Slot(object, str)
    def _set_collection(self, glossary: Glossary, collection: str) -> None:
        self._change(lambda kept: kept.set_collection(glossary.id, collection), reload=True)

    @Slot(object, object)
    def _save(self, glossary: Glossary, terms: Sequence[Term]) -> None:
        self._change(lambda kept: kept.replace_terms(glossary.id, terms), reload=False)

    @Slot(object)
    def _remove(self, glossary: Glossary) -> None:
        """Gone from view at once, deleted once the message that could bring it back is gone."""
        self.messages.dismiss()  # whatever was removed before
        self._hidden.add(glossary.id)
        self.refresh()

        def bring_back() -> None:
            self._hidden.discard(glossary.id)
            self._wanted = glossary.id
            self.refresh()

        self.messages.show_note(
            self.tr("“{name}” was removed.").format(name=glossary.name),
            self.tr("Undo"),
            bring_back,
            lambda: self._change(lambda kept: kept.remove(glossary.id), reload=False),
        )
