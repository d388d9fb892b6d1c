"""Tuning a model for this computer, as the person asked for it."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.assistants.tune_model import Tuned, tune_model
from app.backend import Backend
from app.engine.choose import models_folder
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.models.wording import gain_in_words
from app.gui.models.work_strip import WorkStrip
from app.gui.starter_tuning import warm_up_again
from app.models.installed import InstalledModel


class ModelTuning(QObject):
    """Works in `strip`, tells in `messages`."""

    changed = Signal(str)
    """The key of the model to show."""

    def __init__(
        self, backend: Backend, jobs: Jobs, strip: WorkStrip, messages: MessageBar, page: QWidget
    ) -> None:
        super().__init__(page)
        self._backend = backend
        self._jobs = jobs
        self._strip = strip
        self._messages = messages

    def tune(self, model: InstalledModel) -> None:
        """Keep a copy of it in the type that is fastest here; stopped, nothing is left."""
        folder = models_folder(self._backend.settings.current, self._backend.paths)
        self._strip.run(
            self.tr("Tuning {name}").format(name=model.name),
            lambda cancel: tune_model(model, paths=self._backend.paths, folder=folder, cancel=cancel),
            on_event=self._take,
        )

    def _take(self, event: object) -> None:
        """Of the results only the end is told."""
        if not isinstance(event, Tuned):
            return
        name, figures = event.model.name, event.tuning.figures
        if figures is None:
            text = self.tr("Nothing is clearly faster here and as good: “{name}” stays as it came.")
            if event.left_out:
                text += " " + self.tr("There was not enough free memory to try {kinds}.")
            self._messages.show_note(text.format(name=name, kinds=", ".join(event.left_out)))
        else:
            text = self.tr("“{name}” is tuned for this computer. {gain}")
            self._messages.show_note(text.format(name=name, gain=gain_in_words(figures)))
            warm_up_again(self._backend, self._jobs)
        self.changed.emit(f"installed:{event.model.file}")
