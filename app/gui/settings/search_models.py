"""What finds answers in the library: the search model, a reranker if wanted, and the reader."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPushButton, QVBoxLayout

from app.backend import Backend
from app.base.edition import need_other_models, runs_other_models
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Jobs
from app.gui.library.reembedding import Reembedding
from app.gui.settings.encoder_adding import EncoderAdding
from app.gui.settings.encoder_dialog import EncoderDialog
from app.gui.settings.preparing import Preparing
from app.gui.settings.section import Section
from app.gui.theme import GRID
from app.models.encoder_files import SETTINGS, Kind

_Installed = list[tuple[str, str]]
"""Kind and name of each model."""


class SearchModelsSection(Section):
    """Tells of each choice; the page saves it."""

    chosen = Signal(str, str)
    """Name of the setting, and its value."""

    failed = Signal(object)
    """An `AppError`."""

    def __init__(self, backend: Backend, jobs: Jobs, reembedding: Reembedding) -> None:
        super().__init__(self.tr("Searching documents"))
        self._backend, self._jobs = backend, jobs
        self.adding = EncoderAdding(backend, jobs, self)
        self.adding.added.connect(self._added)
        self.adding.failed.connect(self.failed)
        self.embedder, self.reranker, self.reader = QComboBox(), QComboBox(), QComboBox()
        self.preparing = Preparing(reembedding, self._model, self)
        about = self._about_embedders()
        self._add_choice("embedding", self.tr("&Search model"), self.embedder, about, self.preparing.go_on)
        self._add_choice("reranking", self.tr("&Reranker"), self.reranker, self._about_rerankers())
        self._add_choice("reading", self.tr("R&eader"), self.reader, self._about_readers())
        column = QVBoxLayout()
        column.setSpacing(GRID)
        if not runs_other_models():
            column.addWidget(self._about_edition())
        column.addWidget(self.preparing.line)
        column.addWidget(self.adding.line)
        self.add_row(column)
        self._fill([])
        self.preparing.show_now()

    @Slot()
    def refresh(self) -> None:
        """Look in the models folder again."""

        def work(_cancel: CancelToken) -> Iterator[_Installed]:
            from app.engine.choose import models_folder
            from app.models.encoders import Encoders

            encoders = Encoders(models_folder(self._backend.settings.current, self._backend.paths))
            yield [(each.card.kind, each.name) for each in encoders.installed()]

        self._jobs.run(work, on_event=self._fill, owner=self)

    def _add_choice(self, kind: Kind, label: str, box: QComboBox, hint: str, *buttons: QPushButton) -> None:
        box.setMinimumContentsLength(20)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        more = QPushButton(self.tr("Models…"))
        accessible = {
            "embedding": self.tr("Get or remove search models"),
            "reranking": self.tr("Get or remove rerankers"),
            "reading": self.tr("Get or remove readers"),
        }
        more.setAccessibleName(accessible[kind])
        more.clicked.connect(lambda: self._open_dialog(kind))
        box.activated.connect(lambda: self._pick(kind, box.currentData()))
        self.add(label, box, hint, (*buttons, more))

    def _about_edition(self) -> QLabel:
        return QLabel(
            self.tr(
                "This edition of Alcove runs only the search model and the reader it comes with. Install the full "
                "edition of Alcove for others, and for rerankers."
            ),
            wordWrap=True,
        )

    def _about_embedders(self) -> str:
        return self.tr(
            "Finds the passages that speak of your question. One made for many languages finds them for questions in "
            "another language, too. After a change the library is prepared for it in the background; until then "
            "searching goes on as before."
        )

    def _about_rerankers(self) -> str:
        return self.tr(
            "Reads the best passages once more beside your question and puts the most fitting first. It takes a "
            "moment for each question."
        )

    def _about_readers(self) -> str:
        return self.tr(
            "Marks the words in a passage that answer your question, and tells when none do. Larger ones are surer, "
            "and slower."
        )

    def _fill(self, installed: _Installed) -> None:
        settings = self._backend.settings.current
        for box, kind, default, now in (
            (
                self.embedder,
                "embedding",
                self.tr("Starter model (English, comes with Alcove)"),
                settings.embedder,
            ),
            (self.reranker, "reranking", self.tr("None"), settings.reranker),
            (self.reader, "reading", self.tr("Starter model (English, comes with Alcove)"), settings.reader),
        ):
            names = [name for each, name in installed if each == kind]
            with QSignalBlocker(box):
                box.clear()
                box.addItem(default, "")
                for name in sorted({*names, *([now] if now else [])}):
                    box.addItem(name, name)
                box.setCurrentIndex(max(0, box.findData(now)))

    def _pick(self, kind: Kind, name: str) -> None:
        if name:
            try:
                need_other_models()
            except AppError as error:
                self.failed.emit(error)
                self.refresh()
                return
        changed = name != getattr(self._backend.settings.current, SETTINGS[kind])
        self.chosen.emit(SETTINGS[kind], name)
        if changed and kind == "embedding":
            self.preparing.begin()

    def _model(self) -> str:
        return self.embedder.currentText() if self.embedder.currentData() else self.tr("the starter model")

    def _open_dialog(self, kind: Kind) -> None:
        dialog = EncoderDialog(self._backend, self._jobs, kind, self)
        dialog.fetch_wanted.connect(lambda model: self.adding.fetch(model, kind))
        dialog.import_wanted.connect(lambda: self._import(kind))
        dialog.removed.connect(self.refresh)
        dialog.show_busy(on=self.adding.running)
        self.adding.busy.connect(dialog.show_busy)
        dialog.open()

    def _import(self, kind: Kind) -> None:
        folder = QFileDialog.getExistingDirectory(
            self,
            self.tr("Folder of a question-answering model")
            if kind == "reading"
            else self.tr("Folder of a sentence-transformers model"),
        )
        if folder:
            self.adding.import_folder(Path(folder), kind)

    @Slot(str, str)
    def _added(self, kind: Kind, name: str) -> None:
        """Whoever gets a model wants to use it."""
        self._pick(kind, name)
        self.refresh()
