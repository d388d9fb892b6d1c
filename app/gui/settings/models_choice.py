"""Which of the installed models answers, or a GGUF file from anywhere."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QWidget

from app.backend import Backend
from app.base.jobs import CancelToken
from app.gui.jobs import Jobs


class ModelChoice(QWidget):
    """A list of models that is looked up in the background."""

    chosen = Signal(object)
    """The model's file, or None for the starter."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = backend.settings
        self._paths = backend.paths
        self._jobs = jobs
        self.box = QComboBox()
        self.box.setMinimumContentsLength(20)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.activated.connect(self._picked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.setFocusProxy(self.box)
        self._fill([])

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.box.setAccessibleName(name)

    def refresh(self) -> None:
        """Look in the model folder again."""
        folder = self._settings.current.models_folder or self._paths.models

        def work(_token: CancelToken) -> Iterator[list[tuple[str, Path]]]:
            from app.models.installed import installed_models

            yield [(each.name, each.file) for each in installed_models(folder) if not each.starter]

        self._jobs.run(work, on_event=self._fill, owner=self)

    def _fill(self, models: list[tuple[str, Path]]) -> None:
        now = self._settings.current.default_model
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.addItem(self.tr("Starter model (comes with Alcove)"), None)
            for name, file in models:
                self.box.addItem(name, file)
                self.box.setItemData(self.box.count() - 1, str(file), 3)  # tooltip
            if now is not None and now not in [file for _, file in models]:
                self.box.addItem(now.name, now)
            self.box.insertSeparator(self.box.count())
            self.box.addItem(self.tr("Choose a GGUF file…"), "choose")
            self._select(now)

    def _select(self, file: Path | None) -> None:
        for index in range(self.box.count()):
            if self.box.itemData(index) == file and self.box.itemText(index):
                self.box.setCurrentIndex(index)
                return

    @Slot(int)
    def _picked(self, index: int) -> None:
        data = self.box.itemData(index)
        if data != "choose":
            self.chosen.emit(data)
            return
        self._select(self._settings.current.default_model)
        file, _ = QFileDialog.getOpenFileName(
            self, self.tr("Choose a model"), "", self.tr("Models (*.gguf);;All files (*)")
        )
        if file:
            self.chosen.emit(Path(file))
